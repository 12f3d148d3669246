"""The backtest is the game, sees no future, and its figures are those of plain numpy."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np
import pytest

from fg_backtest import BacktestResult, WalkForwardBacktester, backtest, recompute, series_block
from fg_backtest.report import without_origins
from fg_backtest.schema import OriginRecord
from fg_core import (
    AgentAction,
    AgentError,
    AgentRegistry,
    ConfigError,
    DataError,
    Dataset,
    Drift,
    ForecastGame,
    ForecastUnavailable,
    Observation,
    RandomWalk,
    ReplayWorld,
    SimulationConfig,
    default_agent_factory,
)
from fg_core.pooling import SharedPoolAggregator
from fg_core.testing import PooledTrend

MakeDataset = Callable[..., Dataset]


@dataclass(frozen=True)
class Leader:
    """Regresses the next change on a context column: a forecaster that context can mislead."""

    name: str = "leader"
    slope: float = 0.0
    scale: float = 1.0

    def fit(self, window: Any) -> Leader:
        x = np.array([row["lead"] for row in window.contexts])[:-1] - window.values[:-1]
        y = np.diff(window.values)
        slope = float(x @ y / (x @ x))
        return replace(self, slope=slope, scale=float(np.std(y - slope * x)) or 1.0)

    def act(self, state: Any, horizon: int = 1) -> AgentAction:
        delta = self.slope * (state.macro_context["lead"] - state.value)
        return AgentAction(self.name, delta, scale=self.scale * math.sqrt(horizon))


def with_leader(config: SimulationConfig) -> AgentRegistry:
    agents = default_agent_factory(config)
    return replace(agents, forecasters=(*agents.forecasters, Leader()))


def forecasts(result: BacktestResult) -> list[OriginRecord]:
    """Return all forecasts, without what happened."""
    return [
        OriginRecord(o.origin, o.period, None, None, o.base, o.p_bad, o.claims, o.ensemble)
        for one in result.report.series.values()
        for cell in one.horizons.values()
        for o in cell.origins or ()
    ]


# ------------------------------------------------------------------------------- no future


LASTS = (60, 63, 71, 97)
SETTINGS = ({}, {"refit_every": 1, "train_window": 30, "gap": 2}, {"refit_every": 0})


@pytest.mark.parametrize(
    ("last", "settings"),
    [  # each place and each kind of fit in every run
        pytest.param(last, settings, marks=pytest.mark.slow if (i + j) % 2 else ())
        for i, last in enumerate(LASTS)
        for j, settings in enumerate(SETTINGS)
    ],
)
def test_garbage_after_an_origin_moves_no_bit_before_it(
    make_dataset: MakeDataset, last: int, settings: dict[str, Any]
) -> None:
    dataset = make_dataset()
    rng = np.random.default_rng(last)
    spoilt = replace(
        dataset,
        observations=tuple(
            row
            if t <= last
            else replace(row, value=float(rng.normal(0.0, 1e6)), macro_context={"lead": 1e9})
            for t, row in enumerate(dataset)
        ),
    )
    first, second = (
        forecasts(backtest(data, horizons=(1, 4), agent_factory=with_leader, **settings))
        for data in (dataset, spoilt)
    )
    until = [o for o in first if o.origin <= last]
    assert until
    assert until == [o for o in second if o.origin <= last]
    if last < 97:
        assert first != second


@pytest.mark.parametrize("last", [60, 75])
def test_context_published_later_moves_no_bit_before_it(
    make_dataset: MakeDataset, last: int
) -> None:
    dataset = make_dataset()
    revised = replace(
        dataset,
        observations=tuple(
            row if t <= last else replace(row, macro_context={"lead": -row.value})
            for t, row in enumerate(dataset)
        ),
    )
    first, second = (
        forecasts(backtest(data, horizons=(1, 4), agent_factory=with_leader))
        for data in (dataset, revised)
    )
    assert [o for o in first if o.origin <= last] == [o for o in second if o.origin <= last]
    after = [o for o in first if o.origin > last]
    assert all(a != b for a, b in zip(after, [o for o in second if o.origin > last], strict=True))


@dataclass(frozen=True)
class Planner:
    """Forecasts by the lead of the period that it forecasts, where that is known in advance."""

    name: str = "planner"

    def act(self, state: Any, horizon: int = 1) -> AgentAction:
        ahead = state.known_ahead[horizon - 1] if len(state.known_ahead) >= horizon else {}
        return AgentAction(self.name, 0.01 * ahead.get("lead", -100.0), scale=1.0)


def with_planner(config: SimulationConfig) -> AgentRegistry:
    agents = default_agent_factory(config)
    return replace(agents, forecasters=(*agents.forecasters, Planner()))


def test_columns_that_a_dataset_says_are_known_in_advance_are(make_dataset: MakeDataset) -> None:
    dataset = replace(make_dataset(), known_ahead=frozenset({"lead"}))
    changed = 75
    other = replace(
        dataset,
        observations=tuple(
            replace(row, macro_context={"lead": 50.0}) if t == changed else row
            for t, row in enumerate(dataset)
        ),
    )
    first, second = (
        forecasts(backtest(data, horizons=(1, 4), agent_factory=with_planner))
        for data in (dataset, other)
    )
    moved = [(a.origin, a.period) for a, b in zip(first, second, strict=True) if a != b]
    assert {origin for origin, _ in moved if origin < changed - 1} == {changed - 4}
    misspelt = replace(dataset, known_ahead=frozenset({"laed"}))
    with pytest.raises(DataError, match=r"laed: named as known in advance.*columns are lead"):
        backtest(misspelt)


# ------------------------------------------------------------------------- it is the game


def test_forecasts_and_scores_are_those_of_one_game(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    result = backtest(dataset, horizons=(1, 4))
    one = result.report.series["a"]
    world = ReplayWorld(dataset.series("a"))
    rounds = 98 - one.first_played + 1
    settings = {"horizon": rounds, "max_rounds": rounds, "horizons": (1, 4), "refit_every": 4}
    config = replace(WalkForwardBacktester().config, **settings)
    game = ForecastGame(config, seed=7)
    out = game.run(world.initial_state(one.first_played), world=world, disturbed=False)

    scored = {(s.issued.origin, s.issued.horizon): s for s in out.scored}
    for h in (1, 4):
        cell = result.cell("a", h)
        assert [o.origin for o in cell.origins] == list(range(60, 99))
        for record in cell.origins:
            if record.target is None:
                assert record.origin + h > 99
                continue
            item = scored[record.origin, h]
            assert record.target == item.target == dataset[record.origin + h].value
            assert record.ensemble.mean == item.issued.forecast.mean
            assert record.ensemble.quantiles == item.issued.forecast.quantiles
        of_game = [scored[o.origin, h].crps for o in cell.origins if o.target is not None]
        assert cell.contenders["ensemble"].crps == pytest.approx(np.mean(of_game), rel=1e-12)
        assert cell.weights == out.weights[h]


def test_series_do_not_touch_each_other(make_dataset: MakeDataset) -> None:
    both = make_dataset(names=("a", "b"))
    together, alone = backtest(both), backtest(both, "b")
    assert alone.report.provenance.series == ("b",)
    assert together.report.series["b"] == alone.report.series["b"]


def test_equal_runs_are_equal_and_another_seed_changes_nothing_here(
    make_dataset: MakeDataset,
) -> None:
    """Undisturbed, the default agents draw no random number; the seed is on record all the same."""
    dataset = make_dataset()
    first, second, other = backtest(dataset), backtest(dataset), backtest(dataset, seed=8)
    assert first.results_hash == second.results_hash == other.results_hash
    assert (first.report.seed, other.report.seed) == (7, 8)
    assert backtest(dataset, refit_every=1).results_hash != first.results_hash


# --------------------------------------------------------------------------- plain numpy


def crps_normal(mean: float, scale: float, y: float) -> float:
    z = (y - mean) / scale
    cdf = 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))
    pdf = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    return scale * (z * (2.0 * cdf - 1.0) + 2.0 * pdf - 1.0 / math.sqrt(math.pi))


def random_walk(train: np.ndarray, past: np.ndarray, h: int) -> tuple[float, float]:
    return past[-1], math.sqrt(h * np.mean(np.diff(train) ** 2))


def ar4(train: np.ndarray, past: np.ndarray, h: int) -> tuple[float, float]:
    design = np.column_stack(
        [np.ones(train.size - 4), *(train[4 - k : train.size - k] for k in range(1, 5))]
    )
    coefficients, *_ = np.linalg.lstsq(design, train[4:], rcond=None)
    residuals = train[4:] - design @ coefficients
    sigma = math.sqrt(residuals @ residuals / (residuals.size - 5))
    path, psi = list(past), [0.0, 0.0, 0.0, 1.0]
    for _ in range(h):
        path.append(coefficients[0] + sum(coefficients[k] * path[-k] for k in range(1, 5)))
        psi.append(sum(coefficients[k] * psi[-k] for k in range(1, 5)))
    return path[-1], sigma * math.sqrt(sum(w * w for w in psi[3 : 3 + h]))


@pytest.mark.parametrize(("name", "model"), [("random_walk", random_walk), ("ar4", ar4)])
@pytest.mark.parametrize(("train_window", "gap"), [(None, 0), (40, 3)])
def test_figures_of_a_forecaster_are_those_of_plain_numpy(
    make_dataset: MakeDataset,
    name: str,
    model: Callable[..., tuple[float, float]],
    train_window: int | None,
    gap: int,
) -> None:
    dataset = make_dataset(120)
    values = np.array([row.value for row in dataset])
    result = backtest(dataset, horizons=(1, 4), train_window=train_window, gap=gap)
    for h in (1, 4):
        errors, scores, covered = [], [], []
        for origin in range(72, 120 - h):
            fitted = origin - (origin - 72) % 4
            stop = fitted + 1 - gap
            train = values[0 if train_window is None else stop - train_window : stop]
            mean, scale = model(train, values[: origin + 1], h)
            errors.append(values[origin + h] - mean)
            scores.append(crps_normal(mean, scale, values[origin + h]))
            covered.append(abs(errors[-1]) <= 1.2815515655446004 * scale)
        found = result.metrics("a", h)[name]
        assert found.n == found.n_density == len(errors)
        assert found.mae == pytest.approx(np.mean(np.abs(errors)), abs=1e-9)
        assert found.rmse == pytest.approx(np.sqrt(np.mean(np.square(errors))), abs=1e-9)
        assert found.crps == pytest.approx(np.mean(scores), abs=1e-9)
        assert found.coverage_80 == np.mean(covered)


# ------------------------------------------------------------------------ windows, gaps


def test_windows_have_figures_of_their_own(make_dataset: MakeDataset) -> None:
    cell = backtest(make_dataset(), horizons=(1, 4), step=15).cell("a", 4)
    assert [(w.first_origin, w.last_origin) for w in cell.windows] == [(60, 74), (75, 89), (90, 98)]
    assert [w.contenders["ensemble"].n for w in cell.windows] == [15, 15, 6]
    assert cell.unscored == 3
    for name, total in cell.contenders.items():
        parts = [w.contenders[name] for w in cell.windows]
        assert sum(p.n * (p.crps or 0.0) for p in parts) == pytest.approx(total.n * total.crps)
        assert sum(p.n * (p.mae or 0.0) for p in parts) == pytest.approx(total.n * total.mae)


def test_a_window_without_targets_has_no_figures(make_dataset: MakeDataset) -> None:
    cell = backtest(make_dataset(), horizons=(8,), step=5, start=make_dataset()[84].timestamp)
    last = cell.cell("a", 8).windows[-1].contenders["random_walk"]
    assert (last.n, last.mae, last.crps, last.skill) == (0, None, None, None)


def test_an_earlier_end_still_scores_with_what_happened_later(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    early = backtest(dataset, horizons=(1, 4), end=dataset[80].timestamp)
    full = backtest(dataset, horizons=(1, 4))
    for h in (1, 4):
        assert early.cell("a", h).unscored == 0
        assert early.cell("a", h).origins == full.cell("a", h).origins[:21]


@dataclass(frozen=True)
class Moody:
    """Has no forecast at every third origin and no scale at every fifth."""

    name: str = "moody"

    def act(self, state: Any, horizon: int = 1) -> AgentAction:
        if state.t % 3 == 0:
            raise ForecastUnavailable("not today")
        return AgentAction(self.name, 0.1, scale=None if state.t % 5 == 0 else 1.0)


def test_a_forecaster_with_gaps_is_scored_on_what_it_has(make_dataset: MakeDataset) -> None:
    def agents(config: SimulationConfig) -> AgentRegistry:
        return AgentRegistry((RandomWalk(), Moody()))

    result = backtest(make_dataset(), agent_factory=agents)
    cell, found = result.cell("a"), result.metrics("a")["moody"]
    here = [t for t in range(60, 99) if t % 3]
    dense = [t for t in here if t % 5]
    assert (found.n, found.n_density) == (len(here), len(dense))
    assert cell.missing == {"random_walk": 0, "moody": 39 - len(here)}
    assert cell.missing_reasons == {"moody": {"not today": 39 - len(here)}}
    assert "Why moody had none: not today (" in result.table()
    assert BacktestResult(recompute(result.report)) == result
    by_origin = {o.origin: o for o in cell.origins}
    ours = np.mean([crps_normal(by_origin[t].base + 0.1, 1.0, by_origin[t].target) for t in dense])
    walk = [by_origin[t].claims["random_walk"] for t in dense]
    theirs = np.mean(
        [
            crps_normal(c.mean, c.scale, by_origin[t].target)
            for t, c in zip(dense, walk, strict=True)
        ]
    )
    assert found.crps == pytest.approx(ours, abs=1e-12)
    assert found.skill == pytest.approx(1.0 - ours / theirs, abs=1e-12)
    pool = cell.contenders["equal_weights"]
    assert pool.n == pool.n_density == 39


# ------------------------------------------------------------------- settings and errors


def test_settings_reach_the_game_and_the_report(make_dataset: MakeDataset) -> None:
    told = backtest(
        make_dataset(season_length=4),
        refit_every=2,
        train_window=30,
        gap=1,
        warmup=10,
        config=SimulationConfig(enable_refactor=True, lookback=16, attack_cap=math.inf),
    )
    configuration = told.report.configuration
    game = configuration["game"]
    assert game["refit_every"] == 2
    assert (game["train_window"], game["fit_gap"], game["season_length"]) == (30, 1, 4)
    assert (game["enable_refactor"], game["lookback"], game["attack_cap"]) == (True, 16, "inf")
    assert (configuration["gap"], configuration["warmup"], configuration["step"]) == (1, 10, 20)
    assert configuration["agent_factory"] == "AgentsWith(aggregator='pool', forecasters=())"
    assert configuration["line_up"] == "baselines"
    assert "seasonal_naive" in told.report.contenders
    assert told.report.agents["refactorer"].keys() == {"refactor"}


def test_progress_is_told_per_block_of_series(
    make_dataset: MakeDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int, str]] = []
    dataset = make_dataset(40, ("a", "b", "c"))
    together = backtest(dataset, progress=lambda *said: seen.append(said))
    assert seen == [(0, 3, "a to c"), (3, 3, "")]
    monkeypatch.setattr(series_block, "SERIES_PER_BLOCK", 2)
    seen.clear()
    in_blocks = backtest(dataset, progress=lambda *said: seen.append(said))
    assert seen == [(0, 3, "a to b"), (2, 3, "c"), (3, 3, "")]
    assert in_blocks.results_hash == together.results_hash


def test_origins_can_be_left_out(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(names=("a", "b"))
    whole, summary = backtest(dataset), backtest(dataset, summary_only=True)
    assert summary.report == msgspec.structs.replace(
        without_origins(whole.report), created=summary.report.created
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"step": 0}, "step must be a whole number >= 1, got 0"),
        ({"refit_every": -1}, "refit_every must be a whole number >= 0, got -1"),
        ({"gap": 1.5}, "gap must be a whole number >= 0, got 1.5"),
        ({"horizons": (0,)}, "horizons must be a whole number >= 1, got 0"),
        ({"horizons": (1, 1)}, "horizons must be distinct"),
        ({"horizons": ()}, "horizons must be distinct and not empty"),
        ({"train_window": 1}, "train_window must be a whole number >= 2, got 1"),
        ({"seed": -1}, "seed"),
        ({"start": 1985}, "start must be a datetime, got 1985"),
    ],
)
def test_bad_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        WalkForwardBacktester(**settings)


def test_unknown_series(make_dataset: MakeDataset) -> None:
    with pytest.raises(DataError, match="no series 'c'; it has a, b"):
        backtest(make_dataset(names=("a", "b")), ["a", "c"])
    with pytest.raises(DataError, match="no series was asked for"):
        backtest(make_dataset(), [])


def test_no_benchmark(make_dataset: MakeDataset) -> None:
    with pytest.raises(ConfigError, match="no forecaster is named 'random_walk'"):
        backtest(make_dataset(), agent_factory=lambda config: AgentRegistry((Drift(),)))


def test_an_error_in_a_game_names_the_series(make_dataset: MakeDataset) -> None:
    with pytest.raises(DataError) as caught:
        backtest(make_dataset(), train_window=2)
    assert caught.value.__notes__ == ["in the game on series 'a'"]


def test_the_look_back_suffices_for_a_season(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(250, season_length=100)
    result = backtest(dataset, horizons=(1,))
    assert result.report.configuration["game"]["lookback"] == 108
    claim = result.cell("a").origins[0].claims["seasonal_naive"]
    origin = result.cell("a").origins[0].origin
    assert claim.mean == pytest.approx(dataset[origin + 1 - 100].value, abs=1e-12)


def test_a_forecaster_that_never_has_a_forecast_is_a_row_without_figures(
    make_dataset: MakeDataset,
) -> None:
    class Silent:
        name = "silent"

        def act(self, state: Any, horizon: int = 1) -> AgentAction:
            raise ForecastUnavailable("has no model yet")

    result = backtest(
        make_dataset(), agent_factory=lambda c: AgentRegistry((RandomWalk(), Silent()))
    )
    assert result.metrics("a")["silent"].n == 0
    assert result.summary.contenders["silent"].mean_skill is None
    assert "Why silent had none: has no model yet (" in result.table()


def test_series_of_different_lengths_have_schedules_of_their_own(
    make_dataset: MakeDataset,
) -> None:
    long, short = make_dataset(100), make_dataset(60, ("b",))
    both = replace(long, observations=(*long, *short))
    result = backtest(both)
    assert result.report.series["a"].first_played == 20
    assert result.report.series["a"] == backtest(long).report.series["a"]
    assert result.report.series["b"] == backtest(short).report.series["b"]


def test_a_series_that_never_moves_is_an_error_that_says_so(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    flat = tuple(replace(row, value=1.0) for row in dataset)
    with pytest.raises(DataError, match="does not move"):
        backtest(replace(dataset, observations=flat))


def test_segments_of_a_series_go_into_the_game(make_dataset: MakeDataset) -> None:
    seen: list[dict[str, float]] = []

    @dataclass(frozen=True)
    class Watcher:
        name: str = "watcher"

        def act(self, state: Any, horizon: int = 1) -> AgentAction:
            seen.append(dict(state.segment_values))
            return AgentAction(self.name, 0.0, scale=1.0)

    def split(row: Observation) -> Observation:
        return replace(row, segment_values={"x": 0.25 * row.value, "y": 0.75 * row.value})

    dataset = make_dataset()
    dataset = replace(dataset, observations=tuple(split(row) for row in dataset))
    backtest(dataset, agent_factory=lambda c: AgentRegistry((RandomWalk(), Watcher())))
    assert seen
    assert all(set(segments) == {"x", "y"} for segments in seen)


# ------------------------------------------------------------------- agents that see all series


def with_panel(config: SimulationConfig) -> AgentRegistry:
    forecasters = (RandomWalk(), PooledTrend())
    return AgentRegistry(forecasters, aggregator=SharedPoolAggregator())


def test_a_pooled_forecaster_sees_all_series_up_to_the_origin_and_nothing_later(
    make_dataset: MakeDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = make_dataset(60, ("a", "b", "c"))
    backtester = WalkForwardBacktester(horizons=(1,), refit_every=2, agent_factory=with_panel)
    result = backtester.run(dataset)
    # Blocks of series cut no panel.
    monkeypatch.setattr(series_block, "SERIES_PER_BLOCK", 1)
    assert backtester.run(dataset).results_hash == result.results_hash

    def said(result: BacktestResult, series: str) -> dict[int, OriginRecord]:
        found = result.report.series[series].horizons["1"].origins or ()
        return {one.origin: one for one in found}

    changed = [
        replace(row, value=row.value + 30.0)
        if row.series_id == "b" and row.timestamp >= dataset.series("b")[45].timestamp
        else row
        for row in dataset
    ]
    other = backtester.run(replace(dataset, observations=tuple(changed)))
    before, after = (said(one, "a") for one in (result, other))
    assert before.keys() == after.keys()
    assert min(before) < 44 < max(before)
    for origin, one in before.items():
        same = msgspec.structs.replace(after[origin], target=one.target) == one
        assert same == (origin < 45), origin


def test_series_of_a_panel_may_begin_in_different_periods(make_dataset: MakeDataset) -> None:
    first, other = make_dataset(60), make_dataset(60, ("b",))
    settings = {
        "start": first[40].timestamp,
        "warmup": first[34].timestamp,
        "refit_every": 2,
        "train_window": 20,
        "config": SimulationConfig(enable_refactor=False, lookback=12, step_scale=1.0),
    }

    def played(*rows: Observation) -> dict[str, Any]:
        dataset = replace(first, observations=(*first, *rows))
        result = backtest(dataset, agent_factory=with_panel, horizons=(1,), **settings)
        return {
            name: {o.period: (o.ensemble, o.claims) for o in one.horizons["1"].origins or ()}
            for name, one in result.report.series.items()
        }

    # Where fits see 20 rows of each series, rows before them are of no matter.
    whole = played(*other)
    assert len(whole["a"]) == len(whole["b"]) == 19
    assert played(*tuple(other)[7:]) == whole


def test_series_that_are_no_panel_are_refused_by_name(make_dataset: MakeDataset) -> None:
    first, other = make_dataset(60), make_dataset(60, ("b",))

    def both(*rows: Observation, **settings: Any) -> BacktestResult:
        dataset = replace(first, observations=(*first, *rows))
        return backtest(dataset, agent_factory=with_panel, **settings)

    rows = tuple(other)
    why = "pooled_trend, shared_pool see all series at once"
    with pytest.raises(DataError, match=f"{why}.*'b' has no row for 1952Q3, and .*fill the gap"):
        both(*rows[:10], *rows[11:])
    with pytest.raises(DataError, match=r"'a' is played from \d+Q\d, and 'b' from .*set `start`"):
        both(*rows[:50])
    begin = rows[35].timestamp
    with pytest.raises(DataError, match=r"'a' is played to 1964Q3, and 'b' to 1962Q1; set `end`"):
        both(*rows[:50], start=begin)
    both(*rows[:50], start=begin, end=rows[48].timestamp)
    # Agents are shown as many earlier values of each series as the shortest has, which is told.
    result = both(*rows[5:], start=begin, warmup=begin)
    assert result.report.configuration["game"]["lookback"] == 29
    told = " ".join(result.table().split())
    assert "were shown 29 earlier values of each: b has no more at its first origin." in told


def test_an_error_in_a_panel_is_told_as_it_is(make_dataset: MakeDataset) -> None:
    class Wrong(PooledTrend):
        def fit_panel(self, windows: Any) -> Any:
            return super().fit_panel(windows)[1:]

    with pytest.raises(AgentError, match=r"returned 1 agents from fit_panel\(\) for 2 series"):
        backtest(
            make_dataset(60, ("a", "b")),
            agent_factory=lambda _: AgentRegistry((RandomWalk(), Wrong())),
        )
