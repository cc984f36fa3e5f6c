"""Tests of `backend/services/knowledge/columns.py`."""

import numpy as np
import pytest

from backend.services.knowledge.columns import Column, Ints, Lists, distinct, pack, unpack


def ints(*numbers: int) -> Ints:
    return np.array(numbers, dtype=np.int64)


class TestPack:
    def test_puts_three_numbers_into_one_that_sorts_like_them(self) -> None:
        packed = pack(ints(5, 0, 3), ints(6, 0, 2), ints(7, 0, 1))

        assert packed.tolist() == [(5 << 40) + (6 << 16) + 7, 0, (3 << 40) + (2 << 16) + 1]

    def test_is_taken_back_whole(self) -> None:
        most = (1 << 23) - 1, (1 << 24) - 1, (1 << 16) - 1
        columns = [ints(0, 1, number) for number in most]

        packed = pack(*columns)

        assert packed.dtype == np.uint64
        assert [column.tolist() for column in unpack(packed)] == [
            column.tolist() for column in columns
        ]

    @pytest.mark.parametrize(
        ("weight", "kept"),
        [(65_534, 65_534), (65_535, 65_535), (65_536, 65_535), (1 << 20, 65_535)],
    )
    def test_a_weight_beyond_its_bits_is_the_greatest_one(self, weight: int, kept: int) -> None:
        tokens, entries, weights = unpack(pack(ints(2), ints(3), ints(weight)))

        assert (tokens.tolist(), entries.tolist(), weights.tolist()) == ([2], [3], [kept])


class TestDistinct:
    @pytest.mark.parametrize(
        ("values", "found"), [([], []), ([3], [3]), ([2, 1, 2, 2, 1, 5], [1, 2, 5]), ([0, 0], [0])]
    )
    def test_is_each_value_once_in_order(self, values: list[int], found: list[int]) -> None:
        assert distinct(ints(*values)).tolist() == found


class TestColumn:
    def test_grows_and_is_looked_up_many_at_once(self) -> None:
        column = Column()
        column.append(7)
        column.extend([8, 9])

        assert len(column) == 3
        assert column.values().tolist() == [7, 8, 9]
        assert column.take(ints(2, 0, 2)).tolist() == [9, 7, 9]


class TestLists:
    @pytest.fixture
    def lists(self) -> Lists:
        """Four lists in two steps, the second and the last one without a row."""
        lists = Lists("q", "d")
        lists.extend([[(1, 0.5), (2, 1.5)], []])
        lists.extend([[(3, 2.5)], []])
        return lists

    @pytest.mark.parametrize(
        ("asked", "places", "numbers", "shares"),
        [
            ([0], [0, 0], [1, 2], [0.5, 1.5]),
            ([1], [], [], []),
            ([2, 1, 0, 2], [0, 2, 2, 3], [3, 1, 2, 3], [2.5, 0.5, 1.5, 2.5]),
            ([3, 2], [1], [3], [2.5]),
            ([], [], [], []),
        ],
    )
    def test_are_looked_up_with_the_place_that_asked(
        self,
        lists: Lists,
        asked: list[int],
        places: list[int],
        numbers: list[int],
        shares: list[float],
    ) -> None:
        found, columns = lists.expand(ints(*asked))

        assert len(lists) == 4
        assert found.tolist() == places
        assert [column.tolist() for column in columns] == [numbers, shares]

    def test_may_be_none_at_all(self) -> None:
        found, columns = Lists("q").expand(ints())

        assert found.tolist() == []
        assert [column.tolist() for column in columns] == [[]]
