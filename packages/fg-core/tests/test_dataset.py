"""Datasets and bundles: data as they were known."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core.dataset import Dataset, DatasetBundle
from fg_core.errors import DataError
from fg_core.observation import Observation, Provenance
from fg_core.tables import dataset_from_table
from fg_core.testing import example_dataset
from fg_core.testing.strategies import observations

quiet = settings(derandomize=True, database=None, deadline=None)

START = datetime(2001, 1, 1, tzinfo=UTC)
PROVENANCE = Provenance("made_up", "rows for tests", "none", "made up", is_synthetic=True)


def row(t: int = 0, series: str = "infl", **changes: Any) -> Observation:
    start = START + timedelta(days=91 * t)
    base = Observation(start, 1.0 + t, {"unemp": 5.0}, start + timedelta(days=30), series, "test")
    return replace(base, **changes)


def dataset(*rows: Observation) -> Dataset:
    return Dataset(rows, PROVENANCE, frequency="Q")


def test_a_dataset_says_which_columns_are_known_in_advance() -> None:
    data = replace(dataset(row(0), row(1)), known_ahead={"unemp"})  # type: ignore[arg-type]
    assert data.known_ahead == frozenset({"unemp"})
    assert dataset(row(0)).known_ahead == frozenset()
    assert data.content_hash == dataset(row(0), row(1)).content_hash
    for wrong in ("unemp", [3]):
        with pytest.raises(DataError, match="known_ahead must be names of context columns"):
            replace(data, known_ahead=wrong)


def test_a_dataset_may_say_what_is_known_of_periods_after_its_last_row() -> None:
    plain, after = dataset(row(0), row(1)), START + timedelta(days=182)
    told = {"a": {after: {"unemp": 4.0, "rate": 1.0}}}
    series = plain.series_ids[0]
    data = replace(plain, future_context={series: told["a"]})
    assert data.future_context[series][after] == {"unemp": 4.0, "rate": 1.0}
    # It counts as far as it is known in advance: nothing else of it can move a figure.
    assert data.content_hash == plain.content_hash
    marked = replace(data, known_ahead=frozenset({"unemp"}))
    assert marked.content_hash != plain.content_hash
    other = {series: {after: {"unemp": 4.0, "rate": 9.0}}}
    assert replace(marked, future_context=other).content_hash == marked.content_hash
    # A series that is cut off takes what was known of it along.
    assert replace(marked, future_context={"nobody": told["a"]}).future_context == {}
    pickled = pickle.loads(pickle.dumps(marked))
    assert pickled == marked
    for wrong, message in (
        ({series: {row(1).timestamp: {"unemp": 4.0}}}, "after the last row"),
        ({series: {after.replace(tzinfo=None): {"unemp": 4.0}}}, "a time zone"),
        ({series: {after: {"unemp": math.nan}}}, "not a finite number"),
    ):
        with pytest.raises(DataError, match=message):
            replace(plain, future_context=wrong)


# ---------------------------------------------------------------------------------------- datasets


def test_a_dataset_is_a_sequence_of_its_rows() -> None:
    rows = (row(0), row(1), row(2))
    found = dataset(*rows)
    assert len(found) == 3
    assert tuple(found) == rows
    assert found[0] is rows[0]
    assert found[1:] == rows[1:]
    assert rows[2] in found


def test_no_rows_are_an_error() -> None:
    with pytest.raises(DataError, match="source 'made_up' has no observations"):
        dataset()


def test_a_period_twice_or_out_of_order_is_an_error_that_names_it() -> None:
    with pytest.raises(DataError, match="series 'infl': period 2001-01-01 appears twice"):
        dataset(row(0), row(0, value=2.0))
    with pytest.raises(DataError, match="series 'infl': period 2001-01-01 appears out of order"):
        dataset(row(1), row(0))


def test_series_may_be_mixed_in_any_order() -> None:
    found = dataset(row(1, "b"), row(0, "a"), row(2, "b"), row(1, "a"))
    assert found.series_ids == ("b", "a")
    assert [r.value for r in found.series("a")] == [1.0, 2.0]


def test_an_unknown_series_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(DataError, match=r"'made_up' has no series 'infla'; it has infl, unemp"):
        dataset(row(0), row(0, "unemp")).series("infla")


class PutBack(tzinfo):
    """A clock that shows every moment of summer once more, an hour later."""

    def utcoffset(self, moment: datetime | None) -> timedelta:
        return timedelta(hours=1 if moment is not None and moment.fold else 2)

    def dst(self, moment: datetime | None) -> timedelta:
        return timedelta()

    def tzname(self, moment: datetime | None) -> str:
        return "put back"


@quiet
@given(st.lists(observations(), min_size=1, max_size=4))
def test_the_hash_is_over_a_line_of_json_per_row(rows: list[Observation]) -> None:
    """As anybody else would write it, with the clock that is put back among the moments."""
    twice = datetime(2001, 10, 28, 2, 30, tzinfo=PutBack())
    rows = [
        *(replace(one, series_id=f"s{i}") for i, one in enumerate(rows)),
        *(
            row(series=f"fold {fold}", timestamp=twice, available_at=twice.replace(fold=fold))
            for fold in (0, 1)
        ),
    ]
    digest = hashlib.sha256()
    for one in rows:
        parts = (
            [one.series_id, one.segment_id],
            [m.astimezone(UTC).isoformat() for m in (one.timestamp, one.available_at)],
            float(one.value).hex(),
            [[k, float(v).hex()] for k, v in sorted(one.macro_context.items())],
            [[k, float(v).hex()] for k, v in sorted(one.segment_values.items())],
        )
        digest.update(json.dumps(parts).encode() + b"\n")
    assert dataset(*rows).content_hash == digest.hexdigest()


def test_the_hash_is_of_the_content_alone() -> None:
    found = example_dataset()
    assert found.content_hash == example_dataset().content_hash
    assert found.content_hash == replace(found, frequency="M").content_hash
    assert len(found.content_hash) == 64
    assert int(found.content_hash, 16) >= 0


@pytest.mark.parametrize(
    "changes",
    [
        {"value": 1.0 + 2.0**-52},
        {"value": -1.0},
        {"macro_context": {"unemp": 5.0 + 1e-15}},
        {"macro_context": {"unemp2": 5.0}},
        {"macro_context": {}},
        {"segment_values": {"a": 1.0}},
        {"segment_id": "north"},
        {"series_id": "cpi"},
        {"available_at": START + timedelta(days=31)},
        {"timestamp": START + timedelta(days=1)},
    ],
)
def test_whatever_changes_in_a_row_changes_the_hash(changes: dict[str, Any]) -> None:
    assert dataset(row()).content_hash != dataset(row(**changes)).content_hash


def test_the_order_of_columns_does_not_change_the_hash() -> None:
    one = row(macro_context={"a": 1.0, "b": 2.0})
    two = row(macro_context={"b": 2.0, "a": 1.0})
    assert dataset(one).content_hash == dataset(two).content_hash


def test_datasets_are_values() -> None:
    found = example_dataset()
    assert pickle.loads(pickle.dumps(found)) == found
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.frequency = "M"  # type: ignore[misc]


# ----------------------------------------------------------------------------------------- bundles


def part(*periods: int, series: str = "infl") -> Dataset:
    return dataset(*(row(t, series) for t in periods))


def test_a_chronological_split_is_fine() -> None:
    bundle = DatasetBundle(part(0, 1, 2), part(3, 4), part(5, 6), PROVENANCE)
    assert len(bundle.train) == 3


@pytest.mark.parametrize(
    ("train", "valid", "test", "message"),
    [
        ((0, 1, 3), (3, 4), (5,), "train leaks into valid: timestamp of series .infl. 2001-10-01"),
        ((0, 1, 4), (3,), (5,), "train leaks into valid"),
        ((0,), (3, 5), (5, 6), "valid leaks into test: timestamp of series .infl. 2002-04-01"),
        ((3,), (0,), (5,), "train leaks into valid"),
    ],
)
def test_parts_that_overlap_are_an_error(
    train: tuple[int, ...], valid: tuple[int, ...], test: tuple[int, ...], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        DatasetBundle(part(*train), part(*valid), part(*test), PROVENANCE)


def test_a_row_published_after_the_next_part_began_is_a_leak() -> None:
    late = dataset(row(0), row(1, available_at=START + timedelta(days=900)))
    with pytest.raises(DataError, match="available_at of series"):
        DatasetBundle(late, part(3), part(5), PROVENANCE)


def test_parts_may_not_overlap_across_series_either() -> None:
    with pytest.raises(DataError, match="train leaks into valid"):
        DatasetBundle(part(0, 4), part(3, series="other"), part(6), PROVENANCE)
    with pytest.raises(DataError, match="train leaks into test"):
        DatasetBundle(part(0, 4), part(7, series="other"), part(3), PROVENANCE)


def test_hashes_tell_columns_from_segments_and_not_time_zones_apart() -> None:
    plain = row(0)
    context = replace(plain, macro_context={"+s": 1.0})
    segment = replace(plain, segment_values={"s": 1.0})
    assert len({dataset(one).content_hash for one in (plain, context, segment)}) == 3
    east = timezone(timedelta(hours=9))
    moved = replace(
        plain,
        timestamp=plain.timestamp.astimezone(east),
        available_at=plain.available_at.astimezone(east),
    )
    assert dataset(moved).content_hash == dataset(plain).content_hash


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"frequency": "quarterly"}, "frequency is one of"),
        ({"season_length": 0}, "at least one period"),
        ({"evaluation_start": datetime(2001, 1, 1)}, "no time zone"),  # noqa: DTZ001
    ],
)
def test_datasets_say_what_they_are(bad: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        replace(dataset(row(0)), **bad)


# ------------------------------------------------------------------------ values that were revised


@st.composite
def revised(draw: st.DrawFn) -> Dataset:
    """Return a dataset whose periods have one to three values each."""
    rows, earlier = [], []
    for name in ("a", "b"):
        for t in range(draw(st.integers(1, 4))):
            days = draw(st.lists(st.integers(30, 400), min_size=1, max_size=3, unique=True))
            start = row(t).timestamp
            found = [
                row(t, name, value=draw(st.integers(0, 9)) / 2, available_at=start + timedelta(d))
                for d in sorted(days)
            ]
            rows.append(found[-1])
            earlier += found[:-1]
    return replace(dataset(*rows), earlier_values=tuple(draw(st.permutations(earlier))))


@quiet
@given(revised(), st.integers(0, 900))
def test_what_was_known_at_a_moment(data: Dataset, day: int) -> None:
    moment = START + timedelta(day)
    every = [one for name in data.series_ids for one in data.values_of(name)]
    known = [one for one in every if one.available_at <= moment]
    if not known:
        with pytest.raises(DataError, match="nothing of source"):
            data.as_of(moment)
        return
    latest = {(one.series_id, one.timestamp): one for one in known}  # the last one by then stays
    seen = data.as_of(moment)
    assert seen.observations == tuple(latest.values())
    assert sorted(map(repr, (*seen.observations, *seen.earlier_values))) == sorted(map(repr, known))
    assert data.as_of(max(one.available_at for one in every)).observations == data.observations


def test_earlier_values_count_in_the_hash_in_whatever_order() -> None:
    first, second = row(0, available_at=START + timedelta(1)), row(0, value=0.5)
    second = replace(second, available_at=START + timedelta(2))
    plain = dataset(row(0))
    one = replace(plain, earlier_values=(first, second))
    assert one.content_hash == replace(plain, earlier_values=(second, first)).content_hash
    assert one.content_hash != plain.content_hash


@pytest.mark.parametrize(
    ("earlier", "message"),
    [
        ((row(1),), "there is none that took its place"),
        ((row(0),), "together with or after"),
        ((row(0, available_at=START), row(0, available_at=START)), "together with or after"),
    ],
)
def test_an_earlier_value_came_before_the_one_that_took_its_place(
    earlier: tuple[Observation, ...], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        replace(dataset(row(0)), earlier_values=earlier)


def test_what_was_known_is_asked_for_with_a_zone() -> None:
    with pytest.raises(DataError, match="has no time zone"):
        dataset(row(0)).as_of(datetime(2001, 1, 1))  # noqa: DTZ001


def test_series_are_left_out_with_their_earlier_values() -> None:
    data = dataset_from_table(
        {
            "unique_id": ["a", "a", "a", "a", "b", "b", "b", "b"],
            "ds": ["2001", "2001", "2002", "2003"] * 2,
            "y": [1, 2, 3, 5, 2, 4, 6, 9],
            "available_at": ["2002-01-05", "2002-03-05", "2003-01-05", "2004-01-05"] * 2,
        }
    )
    left = data.without(["a"])
    assert left.series_ids == ("b",)
    assert {row.series_id for row in left.earlier_values} == {"b"}
    assert [row.value for row in left] == [row.value for row in data.series("b")]
    with pytest.raises(DataError, match=r"has no series 'c' to leave out; it has "):
        data.without(["c"])
