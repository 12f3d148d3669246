from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from fg_core import ConfigError, DataError, Dataset, Query
from fg_core.testing import check_data_source
from fg_data import HybridOptions, HybridSource, find_early_rows, hybrid_dataset, load_dataset
from fg_data.hybrid.counterparts import COUNTERPARTS, standard_path

SERIES = ("infl", "unemp", "tbilrate", "growth")
JOIN = datetime(1990, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def base() -> Dataset:
    return load_dataset("us_macro")


def values(dataset: Dataset, name: str) -> list[float]:
    return [row.value for row in dataset.series(name)]


@pytest.mark.slow
def test_it_conforms() -> None:
    check_data_source(HybridSource(), Query(options={"mode": "stress", "weight": "0.5"}))


@pytest.mark.parametrize("mode", ["extend", "stress"])
def test_rows_before_the_join_are_real_bit_for_bit(base: Dataset, mode: str) -> None:
    made = hybrid_dataset(base, HybridOptions(mode=mode, join=JOIN))
    for name in SERIES:
        real = [row for row in base.series(name) if row.timestamp < JOIN]
        ours = made.series(name)
        assert list(ours[: len(real)]) == real
        assert {row.source for row in ours[len(real) :]} == {"hybrid"}
        assert ours[len(real)].timestamp == JOIN


def test_an_extension_goes_on_where_history_ends(base: Dataset) -> None:
    made = hybrid_dataset(base, HybridOptions(periods=60))
    for name in SERIES:
        rows = made.series(name)
        assert len(rows) == len(base.series(name)) + 60
        for before, after in pairwise(rows):
            assert (after.timestamp - before.timestamp).days in (90, 91, 92)
        steps = [b - a for a, b in pairwise(values(base, name))]
        join = len(base.series(name))
        usual = statistics.stdev(values(base, name))
        assert abs(rows[join].value - rows[join - 1].value) < 2.5 * usual
        later = [b - a for a, b in pairwise(values(made, name)[join:])]
        assert 0.1 < statistics.stdev(later) / statistics.stdev(steps) < 3.0
    assert find_early_rows(made) == ()


def test_a_stress_is_on_top_of_what_happened_and_weighed(base: Dataset) -> None:
    def deviations(weight: float) -> list[float]:
        made = hybrid_dataset(base, HybridOptions(mode="stress", join=JOIN, weight=weight))
        pairs = zip(values(made, "unemp"), values(base, "unemp"), strict=True)
        return [ours - real for ours, real in pairs]

    assert max(map(abs, deviations(0.0))) < 1e-12
    once, twice = deviations(1.0), deviations(2.0)
    assert twice == pytest.approx([2.0 * d for d in once], abs=1e-9)
    past = [row.value for row in base.series("unemp") if row.timestamp < JOIN]
    after = once[len(past) :]
    assert 0.2 < statistics.stdev(after) / statistics.stdev(past) < 3.0
    moved = hybrid_dataset(base, HybridOptions(mode="stress", join=JOIN))
    moments = [row.available_at for row in moved.series("unemp")]
    assert moments == [row.available_at for row in base.series("unemp")]


def test_another_seed_is_another_path_and_a_longer_one_begins_with_the_shorter(
    base: Dataset,
) -> None:
    short = hybrid_dataset(base, HybridOptions(periods=10), seed=7)
    long = hybrid_dataset(base, HybridOptions(periods=300), seed=7)
    other = hybrid_dataset(base, HybridOptions(periods=10), seed=8)
    for name in SERIES:
        n = len(short.series(name))
        assert values(long, name)[:n] == values(short, name)
        assert values(other, name)[-10:] != values(short, name)[-10:]
    assert hybrid_dataset(base, HybridOptions(periods=10), seed=7) == short


def test_contexts_are_what_would_have_been_published(base: Dataset) -> None:
    made = hybrid_dataset(base, HybridOptions(periods=8))
    columns = {name: made.series(name) for name in SERIES}
    for row in made:
        if row.source != "hybrid":
            continue
        expected = {}
        for name, rows in columns.items():
            out = [r for r in rows if r.available_at <= row.available_at]
            if name != row.series_id:
                expected[name] = max(out, key=lambda r: r.timestamp).value
        assert row.macro_context == expected


def test_a_column_that_gives_the_value_away_stays_away() -> None:
    # Growth stands beside no other expenditure series; that must hold for made-up rows too.
    data = load_dataset("hybrid", series=["realgdp", "growth", "unemp"], options={"periods": "4"})
    for row in data.series("realgdp"):
        assert "growth" not in row.macro_context
    assert "unemp" in data.series("realgdp")[-1].macro_context
    assert all(value > 0.0 for value in values(data, "realgdp"))


def test_provenance_tells_weights_and_counts_and_is_flagged(base: Dataset) -> None:
    of = hybrid_dataset(base, HybridOptions(periods=5, weight=0.5, half_life=2.0)).provenance
    assert of.source == "hybrid"
    assert of.is_synthetic
    details = dict(of.details)
    wanted = {
        "base": "us_macro",
        "mode": "extend",
        "join": "2009-10-01",
        "weight": "0.5",
        "half_life": "2",
        "seed": 7,
        "real_rows": 810,
        "synthetic_rows": 20,
    }
    assert details == wanted
    assert "weight 0.5, half-life 2 periods, seed 7" in of.notices[0]
    assert set(base.provenance.notices) <= set(of.notices)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "mix"}, "mode is one of extend, stress"),
        ({"weight": "-1"}, "weight is from 0 to 10"),
        ({"weight": "nan"}, "weight is from 0 to 10"),
        ({"weight": "much"}, "option weight must be a number, got 'much'"),
        ({"periods": "0"}, "periods are from 1 to 1200"),
        ({"half_life": "0"}, "half_life is from 0.01"),
        ({"join": "soon"}, "option join must be a date such as 2005-01-01, got 'soon'"),
        ({"wieght": "1"}, r"no option 'wieght'; it has \(nearest first\) weight"),
        ({"base": "hybrid"}, "cannot be the base of a hybrid"),
        ({"like": "GNP"}, "like must be one of CPIAUCSL, GDP"),
    ],
)
def test_options_that_cannot_be(options: Mapping[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        HybridSource().fetch(Query(("unemp",), options=options))


def test_data_that_cannot_be_joined(base: Dataset) -> None:
    early = datetime(1962, 1, 1, tzinfo=UTC)
    with pytest.raises(DataError, match="too few to take mean and standard deviation"):
        hybrid_dataset(base, HybridOptions(join=early))
    before = datetime(1950, 1, 1, tzinfo=UTC)
    with pytest.raises(DataError, match="series 'infl' has no real rows before the join"):
        hybrid_dataset(base, HybridOptions(join=before))
    renamed = replace(
        base,
        observations=tuple(replace(r, series_id="sales") for r in base.series("unemp")),
        units={},
    )
    with pytest.raises(DataError, match=r"nothing says .* like 'sales': name one of CPIAUCSL"):
        hybrid_dataset(renamed, HybridOptions())
    assert hybrid_dataset(renamed, HybridOptions(like="GDP")).series_ids == ("sales",)
    with pytest.raises(DataError, match="made-up paths of frequency M, Q, Y, not of 'W'"):
        standard_path("GDP", 7, "W", 5, of_level=False)


def test_every_counterpart_has_a_path() -> None:
    for counterpart in set(COUNTERPARTS.values()):
        for of_level in (False, True):
            path = standard_path(counterpart, 3, "M", 239, of_level=of_level)
            assert abs(statistics.fmean(path)) < 0.01
            assert statistics.stdev(path) == pytest.approx(1.0, abs=0.01)
