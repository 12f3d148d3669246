from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import ConfigError, DataError, Dataset, Observation, Provenance, Query
from fg_core.errors import PluginLoadError, UnknownPluginError
from fg_data import SyntheticSource, UsMacroSource, chronological_split, datasets, load_dataset

PROVENANCE = Provenance("test", "made up in a test", "none", "none", is_synthetic=True)


# -------------------------------------------------------------------------------- load_dataset


def test_by_default_the_synthetic_source() -> None:
    assert load_dataset() == SyntheticSource().fetch(Query(seed=7))
    assert load_dataset(seed=8) == SyntheticSource().fetch(Query(seed=8))


def test_a_query_reaches_the_source() -> None:
    start, end = datetime(1990, 1, 1, tzinfo=UTC), datetime(2000, 1, 1, tzinfo=UTC)
    as_of = datetime(1999, 6, 1, tzinfo=UTC)
    ours = load_dataset("us_macro", series=["infl", "unemp"], start=start, end=end, as_of=as_of)
    assert ours == UsMacroSource().fetch(Query(("infl", "unemp"), start, end), as_of)


def test_one_series_may_be_given_as_a_plain_name() -> None:
    assert load_dataset("us_macro", series="infl").series_ids == ("infl",)


def test_an_unknown_source_lists_the_known_ones() -> None:
    with pytest.raises(UnknownPluginError, match=r"us_macr.*us_macro"):
        load_dataset("us_macr")


def test_a_plugin_that_is_no_source_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Fake:
        def __init__(self, group: str) -> None:
            assert group == "fg_core.sources"

        def names(self) -> tuple[str, ...]:
            return ("odd",)

        def load(self, name: str) -> Callable[[], object]:
            return dict

    monkeypatch.setattr(datasets, "Registry", Fake)
    with pytest.raises(PluginLoadError, match=r"'odd' of fg_core.sources makes a dict, which is"):
        load_dataset("odd")


# ------------------------------------------------------------------------- chronological_split


def daily(series: str, first: int, n: int, lag: int) -> list[Observation]:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    return [
        Observation(
            start + timedelta(days=day),
            float(day),
            {},
            start + timedelta(days=day + 1 + lag),
            series,
            "test",
        )
        for day in range(first, first + n)
    ]


@given(
    spans=st.lists(
        st.tuples(st.integers(0, 5), st.integers(100, 110), st.integers(0, 12)),
        min_size=1,
        max_size=4,
    ),
    train=st.floats(0.4, 0.6),
    valid=st.floats(0.15, 0.2),
)
@settings(max_examples=settings.default.max_examples // 2, deadline=None)
def test_no_part_holds_anything_of_a_later_one(
    spans: list[tuple[int, int, int]], train: float, valid: float
) -> None:
    rows = [
        r for n, (first, size, lag) in enumerate(spans) for r in daily(f"s{n}", first, size, lag)
    ]
    data = Dataset(tuple(rows), PROVENANCE, frequency="D")
    bundle = chronological_split(data, train=train, valid=valid)
    for early, late in ((bundle.train, bundle.valid), (bundle.valid, bundle.test)):
        # Over all series together, not only each within itself: a context shows the others.
        assert max(r.timestamp for r in early) < min(r.timestamp for r in late)
        assert max(r.available_at for r in early) < min(r.available_at for r in late)
        assert set(early.series_ids) == set(late.series_ids) == set(data.series_ids)
    kept = [*bundle.train, *bundle.valid, *bundle.test]
    assert set(map(id, kept)) <= set(map(id, data))
    assert len(kept) == len(set(map(id, kept)))


@pytest.mark.parametrize("source", ["us_macro", "synthetic"])
def test_our_sources_split_without_a_loss(source: str) -> None:
    data = {"us_macro": UsMacroSource(), "synthetic": SyntheticSource()}[source].fetch(Query())
    bundle = chronological_split(data)
    assert len(bundle.train) + len(bundle.valid) + len(bundle.test) == len(data)
    for name in data.series_ids:
        share = len(bundle.train.series(name)) / len(data.series(name))
        assert share == pytest.approx(0.7, abs=0.01)
        share = len(bundle.valid.series(name)) / len(data.series(name))
        assert share == pytest.approx(0.15, abs=0.01)
    assert bundle.provenance == data.provenance
    assert bundle.train.frequency == data.frequency
    assert bundle.train.evaluation_start is None


def test_rows_published_after_the_next_part_began_are_left_out() -> None:
    data = Dataset((*daily("fast", 0, 100, 0), *daily("slow", 0, 100, 10)), PROVENANCE)
    bundle = chronological_split(data)
    assert len(bundle.train.series("fast")) == 70
    # "fast" of day 70 is out on day 71; "slow" of day d on day d + 11, so the last is of day 59.
    assert len(bundle.train.series("slow")) == 60


@pytest.mark.parametrize(("train", "valid"), [(0.0, 0.5), (0.9, 0.1), (0.5, 0.0), (1.2, -0.3)])
def test_shares_that_leave_a_part_nothing_are_an_error(train: float, valid: float) -> None:
    data = Dataset(tuple(daily("s", 0, 20, 0)), PROVENANCE)
    with pytest.raises(ConfigError, match=r"shares must be above 0 and leave something"):
        chronological_split(data, train=train, valid=valid)


def test_too_few_periods_are_an_error() -> None:
    data = Dataset(tuple(daily("s", 0, 2, 0)), PROVENANCE)
    with pytest.raises(DataError, match=r"2 periods are too few to split 0.7 / 0.15 / 0.15"):
        chronological_split(data)


def test_a_series_that_is_not_in_every_part_is_named() -> None:
    data = Dataset((*daily("long", 0, 100, 0), *daily("new", 80, 20, 0)), PROVENANCE)
    with pytest.raises(DataError, match=r"train has no row of series new; choose series"):
        chronological_split(data)
