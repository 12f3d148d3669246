from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import DataError
from fg_data.vintages import KnownValue, Print, VintageHistory

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def day(number: int) -> datetime:
    return EPOCH + timedelta(days=number)


@st.composite
def histories(draw: st.DrawFn) -> VintageHistory:
    """Histories with gaps, missing marks, withdrawn figures and late first prints."""
    prints: list[Print] = []
    for period in sorted(draw(st.sets(st.integers(0, 12), max_size=6))):
        moments = sorted(draw(st.sets(st.integers(0, 30), max_size=8)))
        # Every moment begins a print; some end one without a successor.
        standing = [draw(st.sampled_from(["value", "missing", "gone"])) for _ in moments]
        for k, moment in enumerate(moments):
            if standing[k] == "gone":
                continue
            value = None if standing[k] == "missing" else float(draw(st.integers(-5, 5)))
            after = day(moments[k + 1]) if k + 1 < len(moments) else None
            prints.append(Print(day(30 * period), value, day(moment), after))
    return VintageHistory("X", "M", "units", tuple(prints))


MOMENTS = st.integers(-24, 24 * 32).map(lambda hours: EPOCH + hours * HOUR)


def known_by_definition(history: VintageHistory, moment: datetime) -> list[tuple[object, ...]]:
    return [
        (one.period, one.value, one.published)
        for one in history.prints
        if one.published <= moment
        and (one.superseded is None or moment < one.superseded)
        and one.value is not None
    ]


@given(histories(), MOMENTS)
def test_as_of_and_latest_are_their_definitions(history: VintageHistory, moment: datetime) -> None:
    expected = [KnownValue(*row) for row in known_by_definition(history, moment)]  # type: ignore[arg-type]
    assert list(history.as_of(moment)) == expected
    assert history.latest(moment) == (expected[-1] if expected else None)


@given(histories(), MOMENTS)
def test_what_is_published_later_changes_nothing_before(
    history: VintageHistory, moment: datetime
) -> None:
    until = history.until(moment)
    assert all(one.published <= moment for one in until.prints)
    for earlier in (moment, moment - HOUR, moment - 40 * HOUR):
        assert until.as_of(earlier) == history.as_of(earlier)
        assert until.latest(earlier) == history.latest(earlier)
    # And nothing more happens in it afterwards.
    assert until.as_of(moment + timedelta(days=999)) == history.as_of(moment)
    tampered = tuple(
        replace(one, value=99.0) if one.published > moment else one for one in history.prints
    )
    assert replace(history, prints=tampered).until(moment) == until


@given(histories())
def test_first_prints_are_the_first_that_anybody_saw(history: VintageHistory) -> None:
    firsts = history.first_prints()
    assert len({known.period for known in firsts}) == len(firsts)
    for known in firsts:
        assert known in history.as_of(known.available_at)
        before = history.as_of(known.available_at - timedelta(microseconds=1))
        assert known.period not in {one.period for one in before}
    everything = {one.period for one in history.prints if one.value is not None}
    assert {known.period for known in firsts} == everything


@given(histories())
def test_what_is_known_changes_on_vintage_dates_only(history: VintageHistory) -> None:
    dates = history.vintage_dates
    assert list(dates) == sorted(set(dates))
    for date in dates:
        for moment in (date + HOUR, date + 23 * HOUR):
            assert history.as_of(moment) == history.as_of(date)


def test_revisions_are_the_prints_of_a_period() -> None:
    first = Print(day(0), 1.0, day(40), day(70))
    second = Print(day(0), 1.5, day(70))
    history = VintageHistory("X", "M", "", (first, second, Print(day(31), 2.0, day(70))))
    assert history.revisions(day(0)) == (first, second)
    assert history.revisions(day(1)) == ()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"period": datetime(2020, 1, 1)}, "period must be in UTC"),  # noqa: DTZ001
        ({"published": datetime(2020, 1, 1, tzinfo=timezone(HOUR))}, "published must be in UTC"),
        ({"superseded": datetime(2020, 1, 1)}, "superseded must be in UTC"),  # noqa: DTZ001
        ({"value": float("nan")}, "nan is not a finite number; a missing figure is None"),
        ({"value": float("inf")}, "inf is not a finite number"),
        ({"superseded": day(5)}, "superseded at .* which is not after"),
        ({"superseded": day(4)}, "superseded at .* which is not after"),
    ],
)
def test_a_print_that_cannot_be_is_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(DataError, match=said):
        Print(**{"period": day(0), "value": 1.0, "published": day(5), **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("prints", "said"),
    [
        ((Print(day(31), 1.0, day(40)), Print(day(0), 1.0, day(40))), "2020-01-01 is out of order"),
        ((Print(day(0), 1.0, day(40)), Print(day(0), 2.0, day(50))), "two prints of 2020-01-01"),
        (
            (Print(day(0), 1.0, day(40), day(60)), Print(day(0), 2.0, day(50))),
            "two prints of 2020-01-01 hold at 2020-02-20",
        ),
        (
            (Print(day(0), 1.0, day(40), day(50)), Print(day(0), 2.0, day(30), day(40))),
            "two prints",
        ),
    ],
)
def test_prints_that_contradict_each_other_are_refused(
    prints: tuple[Print, ...], said: str
) -> None:
    with pytest.raises(DataError, match=said):
        VintageHistory("X", "M", "", prints)


def test_a_history_checks_frequency_and_zones() -> None:
    with pytest.raises(DataError, match="frequency is one of Y, Q, M, W, B, D, got 'A'"):
        VintageHistory("X", "A", "", ())
    with pytest.raises(DataError, match="assumed_before must be in UTC"):
        VintageHistory("X", "M", "", (), datetime(2020, 1, 1))  # noqa: DTZ001
    history = VintageHistory("X", "M", "", (Print(day(0), 1.0, day(40)),))
    for ask in (history.as_of, history.latest, history.until):
        with pytest.raises(DataError, match="has no time zone"):
            ask(datetime(2020, 1, 1))  # noqa: DTZ001


def test_an_empty_history_knows_nothing() -> None:
    history = VintageHistory("X", "M", "", ())
    assert history.as_of(EPOCH) == history.first_prints() == history.vintage_dates == ()
    assert history.latest(EPOCH) is None


def test_the_zone_of_the_question_does_not_matter() -> None:
    history = VintageHistory("X", "M", "", (Print(day(0), 1.0, day(40)),))
    there = timezone(timedelta(hours=-5))
    assert history.latest(day(40).astimezone(there)) is not None
    assert history.latest((day(40) - HOUR).astimezone(there)) is None
