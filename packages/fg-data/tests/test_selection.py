from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fg_core import DataError, Observation, Query
from fg_data.selection import chosen_series, known_rows

KNOWN = ("infl", "unemp", "tbilrate")


def moment(month: int, day: int = 1) -> datetime:
    return datetime(2020, month, day, tzinfo=UTC)


ROWS = tuple(
    Observation(moment(month), float(month), {}, moment(month + 1, 8), "x", "test")
    for month in (1, 2, 3, 4)
)


def test_series_are_chosen_once_in_the_order_asked_for() -> None:
    query = Query(series=("tbilrate", "infl", "tbilrate"))
    assert chosen_series(query, KNOWN, ("unemp",), source="test") == ("tbilrate", "infl")
    assert chosen_series(Query(), KNOWN, ("unemp",), source="test") == ("unemp",)


def test_an_unknown_series_is_one_clear_line_with_the_nearest_first() -> None:
    with pytest.raises(DataError) as caught:
        chosen_series(Query(series=("unemployment",)), KNOWN, KNOWN, source="test")
    message = str(caught.value)
    assert message == (
        "source 'test' has no series 'unemployment'; it has (nearest first) unemp, infl, tbilrate"
    )


def test_rows_by_period_and_by_what_was_known() -> None:
    def months(query: Query, as_of: datetime | None = None) -> list[int]:
        return [row.timestamp.month for row in known_rows(ROWS, query, as_of, source="test")]

    assert months(Query()) == [1, 2, 3, 4]
    assert months(Query(start=moment(2), end=moment(3))) == [2, 3]
    assert months(Query(start=moment(1, 2), end=moment(3, 31))) == [2, 3]
    assert months(Query(), moment(4, 8)) == [1, 2, 3]
    assert months(Query(), moment(4, 7)) == [1, 2]


def test_nothing_left_is_an_error_that_says_what_there_is() -> None:
    with pytest.raises(DataError) as caught:
        known_rows(ROWS, Query(start=moment(3)), moment(3, 1), source="test")
    assert str(caught.value) == (
        "source 'test' has no rows from 2020-03-01 known by 2020-02-29; its periods go from "
        "2020-01-01 to 2020-04-01, the first published on 2020-02-07"
    )


@pytest.mark.parametrize("which", ["start", "end", "as_of"])
def test_a_moment_without_a_time_zone_is_an_error(which: str) -> None:
    naive = datetime(2020, 2, 1)  # noqa: DTZ001
    query = Query(start=naive if which == "start" else None, end=naive if which == "end" else None)
    with pytest.raises(DataError, match=rf"{which} 2020-02-01 00:00:00 has no time zone"):
        known_rows(ROWS, query, naive if which == "as_of" else None, source="test")
