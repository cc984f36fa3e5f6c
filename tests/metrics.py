"""Reading what `/metrics` tells."""

from prometheus_client.parser import text_string_to_metric_families

Metrics = dict[str, float]


def read_metrics(text: str) -> Metrics:
    """Every series by its name and labels: `turns_total{answered_by="gemini",outcome=…}`."""
    return {
        sample.name.removeprefix("au_guru_") + _labels(sample.labels): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _labels(labels: dict[str, str]) -> str:
    inner = ",".join(f'{name}="{value}"' for name, value in sorted(labels.items()))
    return f"{{{inner}}}" if inner else ""
