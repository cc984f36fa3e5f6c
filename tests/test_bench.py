"""What the bench reckons with: the simulation against what can be worked out on paper."""

import pytest

from tests.bench.capacity import Worker, time_at


class TestWorker:
    def test_few_clients_wait_for_gemini_alone(self) -> None:
        result = Worker(busy_seconds=0.004, upstream_seconds=1.0).serve(clients=4, turns=400)

        assert result.turns / result.seconds == pytest.approx(4 / 1.004, rel=0.02)
        assert result.percentile(0.5) == pytest.approx(1.004, rel=0.02)

    def test_many_clients_get_what_one_core_gives(self) -> None:
        result = Worker(busy_seconds=0.004, upstream_seconds=1.0).serve(clients=2_000, turns=20_000)

        assert result.turns / result.seconds == pytest.approx(250, rel=0.05)
        assert result.percentile(0.5) == pytest.approx(2_000 / 250, rel=0.1)


@pytest.mark.parametrize("load", [0.3, 0.6, 0.9])
def test_waiting_grows_with_the_load_as_queueing_theory_says(load: float) -> None:
    """Pollaczek and Khinchine: the mean of a single queue with random arrivals."""
    mean, _ = time_at(load)

    assert mean == pytest.approx(1 + load * (1 + 0.3**2) / (2 * (1 - load)), rel=0.1)
