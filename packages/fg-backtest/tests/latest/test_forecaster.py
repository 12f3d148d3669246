"""Today's forecast is the backtest's forecast at that origin, to the last bit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fg_backtest import WalkForwardBacktester, forecast
from fg_backtest.latest import LatestForecaster
from fg_backtest.series_block import SeriesBlock
from fg_core import (
    AgentRegistry,
    ConfigError,
    DataError,
    Dataset,
    Observation,
    SimulationConfig,
    default_agent_factory,
)
from fg_core.scoring import crps
from fg_core.testing.fakes import DrawingForecaster

MakeDataset = Callable[..., Dataset]


def first_rows(dataset: Dataset, n: int) -> Dataset:
    """Return the dataset with the first n rows of each series."""
    rows = [row for name in dataset.series_ids for row in dataset.series(name)[:n]]
    return replace(dataset, observations=tuple(rows))


SETTINGS: tuple[dict[str, Any], ...] = (
    {"refit_every": 4},
    {"refit_every": 3, "train_window": 30, "gap": 2},
    {"refit_every": 0},
)


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("last", [69, 80])
def test_it_is_the_backtests_forecast_at_that_origin(
    make_dataset: MakeDataset, settings: dict[str, Any], last: int
) -> None:
    dataset = make_dataset(100, ("a", "b"))
    # A multiple of 3 and 4, so that the last row is one where the game fits anew.
    begin = last - 36
    first = dataset.series("a")[begin].timestamp
    backtester = WalkForwardBacktester((1, 4), start=first, warmup=0, **settings)
    result = backtester.run(dataset)
    found = LatestForecaster((1, 4), warmup=36, **settings).run(first_rows(dataset, last + 1))
    for name in ("a", "b"):
        assert found[name].played_from == begin
        for h in (1, 4):
            (wanted,) = (o for o in result.cell(name, h).origins or () if o.origin == last)
            issued = found[name].at(h).issued
            assert issued.forecast.mean == wanted.ensemble.mean
            assert issued.forecast.variance == wanted.ensemble.variance
            assert issued.forecast.quantiles == wanted.ensemble.quantiles
            assert issued.p_bad == wanted.p_bad


def test_the_track_record_is_the_backtest_of_these_origins(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(80)
    found = LatestForecaster((1, 3), warmup=40).run(dataset)["a"]
    first = dataset.series("a")[found.played_from].timestamp
    result = WalkForwardBacktester((1, 3), start=first, warmup=0).run(dataset)
    for h in (1, 3):
        record, wanted = found.at(h).track_record, result.metrics("a", h)
        assert record is not None
        ours = wanted["ensemble"]
        assert record.n == ours.n_density
        assert record.crps == pytest.approx(ours.crps, rel=1e-12)
        assert record.skill == pytest.approx(ours.skill, rel=1e-12)
        assert record.coverage_80 == ours.coverage_80
        members = {name: wanted[name].crps for name in ("random_walk", "drift", "ar4", "ar")}
        assert record.best == min(members, key=members.__getitem__)  # type: ignore[arg-type]
        lead = members[record.best] - ours.crps
        assert record.lead.mean == pytest.approx(lead, rel=1e-9, abs=1e-12)


def test_series_do_not_hear_of_each_other(make_dataset: MakeDataset) -> None:
    both, alone = make_dataset(70, ("a", "b")), make_dataset(64, ("a",))
    mixed = replace(both, observations=(*alone.series("a"), *both.series("b")))
    together, apart = (
        LatestForecaster((1, 2)).run(mixed)["a"],
        LatestForecaster((1, 2)).run(alone)["a"],
    )
    for h in (1, 2):
        assert together.at(h).issued == apart.at(h).issued


def drawing(config: SimulationConfig) -> AgentRegistry:
    agents = default_agent_factory(config)
    return replace(agents, forecasters=(*agents.forecasters, DrawingForecaster(0.5)))


@pytest.mark.parametrize("factory", [default_agent_factory, drawing])
def test_series_of_other_lengths_begin_together_and_are_those_alone(
    make_dataset: MakeDataset, monkeypatch: pytest.MonkeyPatch, factory: Any
) -> None:
    begun: list[set[int]] = []
    groups = SeriesBlock.groups

    def counted(block: SeriesBlock) -> Any:
        found = groups(block)
        begun.append({one.initial.t for one in found})
        return found

    monkeypatch.setattr(SeriesBlock, "groups", counted)
    whole = make_dataset(90, ("a", "b", "c"))
    skipped = {"a": 0, "b": 9, "c": 20}
    rows = tuple(row for name, n in skipped.items() for row in whole.series(name)[n:])
    dataset = replace(whole, observations=rows)
    forecaster = LatestForecaster((1, 4), agent_factory=factory)
    found = forecaster.run(dataset)
    # Random numbers are drawn by period: with them each series counts from its own first row.
    assert begun[0] == ({49} if factory is default_agent_factory else {49, 40, 29})
    for name in skipped:
        alone = forecaster.run(dataset, name)[name]
        for h in (1, 4):
            assert found[name].at(h).issued == alone.at(h).issued
            one, other = found[name].at(h).track_record, alone.at(h).track_record
            assert one is not None
            assert other is not None
            assert (one.crps, one.lead) == (other.crps, other.lead)


def test_without_a_warm_up_nothing_is_learned_and_nothing_claimed(
    make_dataset: MakeDataset,
) -> None:
    found = LatestForecaster((1, 4), warmup=0).run(make_dataset(60))["a"]
    assert found.played_from == 59
    for one in found.horizons:
        assert one.track_record is None
        assert {*one.weights} == {"random_walk", "drift", "ar4", "ar"}
        assert sum(one.weights.values()) == pytest.approx(1.0)


def test_the_last_print_is_defended(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(90)
    *rows, last = dataset.series("a")
    jumped = replace(dataset, observations=(*rows, replace(last, value=last.value + 30.0)))
    calm, doubted = LatestForecaster().run(dataset)["a"], LatestForecaster().run(jumped)["a"]
    assert calm.p_bad < 0.1
    assert doubted.p_bad > 0.5
    far = last.value + 30.0 - doubted.at(1).forecast.mean
    assert far > 15.0


def test_periods_follow_the_last_row(make_dataset: MakeDataset) -> None:
    found = LatestForecaster((1, 2, 6)).run(make_dataset(60))["a"]
    days = [one.period.date().isoformat() for one in found.horizons]
    assert days == ["1965-01-01", "1965-04-01", "1966-04-01"]


@pytest.mark.parametrize("n", [21, 22, 30])
def test_a_short_series_is_forecast_from_as_many_origins_as_it_has(
    make_dataset: MakeDataset, n: int
) -> None:
    found = LatestForecaster().run(make_dataset(n))["a"]
    assert 20 <= found.played_from <= n - 1
    assert (n - 1 - found.played_from) % 4 == 0


def test_series_that_cannot_be_forecast_are_left_out_with_one_warning(
    make_dataset: MakeDataset,
) -> None:
    dataset = make_dataset(60, ("a", "b", "c", "d"))
    rows = [*dataset.series("a"), *dataset.series("b")[:15], *dataset.series("d")[:9]]
    rows += [replace(row, value=4.0) for row in dataset.series("c")]
    few = replace(dataset, observations=tuple(rows))
    with pytest.warns(UserWarning, match=r"left out 3 series: series 'b' has 15 rows; .* the same"):
        found = LatestForecaster().run(few)
    assert list(found) == ["a"]
    assert {name: why[:30] for name, why in found.left_out.items()} == {
        "b": "series 'b' has 15 rows; a fore",
        "c": "series 'c' does not move: all ",
        "d": "series 'd' has 9 rows; a forec",
    }
    assert found["a"].at(1).issued == LatestForecaster().run(dataset, "a")["a"].at(1).issued
    with pytest.raises(DataError, match="series 'b' has 15 rows"):
        LatestForecaster().run(few, strict=True)
    with pytest.raises(DataError, match=r"no forecast of series 'c': series 'c' does not move"):
        found.of("c")


def test_a_series_is_played_from_where_it_moves(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(90)
    rows: list[Observation] = [
        replace(row, value=0.0) if t < 70 else row for t, row in enumerate(dataset.series("a"))
    ]
    forecaster = LatestForecaster(refit_every=1, nonnegative=False)
    message = "begins in 1967Q3, after 70 rows of 0, and is played from 1967Q4"
    with pytest.warns(UserWarning, match=message):
        found = forecaster.run(replace(dataset, observations=tuple(rows)))
    assert found["a"].played_from == 71


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"warmup": -1}, "warmup must be"),
        ({"warmup": True}, "warmup must be"),
        ({"refit_every": 0.5}, "refit_every must be"),
        ({"horizons": ()}, "horizons"),
        ({"seed": -1}, "seed"),
    ],
)
def test_settings_outside_their_range_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        LatestForecaster(**settings)


def test_forecast_takes_a_table(make_dataset: MakeDataset) -> None:
    rows = make_dataset(60).series("a")
    table = {"ds": [row.timestamp.date() for row in rows], "y": [row.value for row in rows]}
    config = SimulationConfig(enable_refactor=False)
    found = forecast(table, horizons=(2, 1), agents="baselines", config=config, season_length=4)
    assert list(found) == ["y"]
    assert found.horizons == (1, 2)
    plain = Dataset(
        tuple(replace(row, macro_context={}, series_id="y") for row in rows),
        make_dataset(60).provenance,
        frequency="Q",
        season_length=4,
    )
    assert found["y"].at(1).issued == LatestForecaster((1, 2)).run(plain)["y"].at(1).issued


def test_a_forecast_is_no_score_of_its_own_target(make_dataset: MakeDataset) -> None:
    """Another value in the row that follows changes no forecast: there is none to see."""
    dataset = make_dataset(61)
    found = LatestForecaster().run(first_rows(dataset, 60))["a"].at(1)
    assert np.isfinite(crps(found.forecast, dataset.series("a")[60].value))


@pytest.mark.slow
def test_several_processes_give_the_same_bits(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(60, ("a", "b", "c"))
    told: list[tuple[int, int, str]] = []
    alone = LatestForecaster((1, 3)).run(dataset)
    many = LatestForecaster((1, 3)).run(dataset, None, lambda *said: told.append(said), jobs=2)
    assert list(many) == list(alone)
    for name in alone:
        for h in (1, 3):
            assert many[name].at(h).issued == alone[name].at(h).issued
            one, other = many[name].at(h).track_record, alone[name].at(h).track_record
            assert one is not None
            assert other is not None
            assert (one.crps, one.lead) == (other.crps, other.lead)
    assert told[0] == (0, 3, "a to b")
    assert told[-1] == (3, 3, "")
    result = WalkForwardBacktester((1, 3)).run(dataset, jobs=3)
    assert result.results_hash == WalkForwardBacktester((1, 3)).run(dataset).results_hash
    with pytest.raises(ConfigError, match="no lambda"):
        LatestForecaster(agent_factory=lambda config: default_agent_factory(config)).run(
            dataset, jobs=2
        )
