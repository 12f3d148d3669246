"""Forecasts are the same arrays and the same records, wherever they come from."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from fg_backtest.schema import OriginRecord
from fg_backtest.series_forecasts import (
    SeriesForecasts,
    forecasts_of_batch,
    forecasts_of_game,
    forecasts_of_records,
)
from fg_backtest.stacked import solved_quantiles
from fg_backtest.support import Support
from fg_backtest.to_report import origins_of
from fg_core import (
    AgentAction,
    AgentRegistry,
    ConfigError,
    DataError,
    Dataset,
    ForecastGame,
    ForecastUnavailable,
    PoolAggregator,
    RandomWalk,
    ReplayWorld,
    SimulationConfig,
)
from fg_core.batch import BatchOutputs, HorizonArrays
from fg_core.batch.calibration import QuantileCalibration
from fg_core.testing import IntermittentForecaster

MakeDataset = Callable[..., Dataset]

HORIZONS = (1, 4)


@dataclass(frozen=True)
class Moody:
    """Has no forecast at every third origin, no scale at every fifth and certainty at some."""

    name: str = "moody"

    def act(self, state: Any, horizon: int = 1) -> AgentAction:
        if state.t % 3 == 0:
            raise ForecastUnavailable(f"not in period {state.t}")
        scale = None if state.t % 5 == 0 else 0.0 if state.t % 7 == 0 else 1.0
        return AgentAction(self.name, 0.1, scale=scale)


def records_of(
    forecasts: SeriesForecasts, n_rows: int, names: tuple[str, ...]
) -> tuple[OriginRecord, ...]:
    periods = [f"period {t}" for t in range(n_rows)]
    (quantiles,) = solved_quantiles([forecasts])
    return origins_of(forecasts, quantiles, periods, names)


def spoilt(dataset: Dataset) -> tuple[Any, ...]:
    """Return the rows of series a with a print that the default gate doubts."""
    rows = dataset.series("a")
    return tuple(replace(r, value=r.value + 25.0) if t == 80 else r for t, r in enumerate(rows))


@pytest.mark.parametrize("position", [0, 1])
def test_records_are_what_the_game_issued(make_dataset: MakeDataset, position: int) -> None:
    rows = spoilt(make_dataset())
    world = ReplayWorld(rows)
    config = SimulationConfig(horizon=39, max_rounds=39, horizons=HORIZONS, lookback=16)
    game = ForecastGame(config, registry=AgentRegistry((RandomWalk(), Moody())))
    out = game.run(world.initial_state(60), world=world, disturbed=False)
    values = np.array([row.value for row in rows])
    forecasts = forecasts_of_game(out, values, leave_out=4, position=position)
    found = records_of(forecasts, len(rows), game.registry.names)
    assert [record.origin for record in found] == list(range(64, 99))
    for step, record in zip(out.steps[4:], found, strict=True):
        issued = step.issued[position]
        at = issued.origin + issued.horizon
        assert record.target == (rows[at].value if at < len(rows) else None)
        assert record.target_period == (f"period {at}" if at < len(rows) else None)
        assert (record.period, record.base) == (f"period {issued.origin}", issued.base)
        assert record.p_bad == issued.p_bad
        assert record.unavailable == dict(issued.unavailable)
        assert record.ensemble.mean == issued.forecast.mean
        assert record.ensemble.variance == issued.forecast.variance
        assert record.ensemble.quantiles == issued.forecast.quantiles
        parts, told = issued.forecast.components, record.ensemble.components
        assert parts is not None
        assert told is not None
        assert told.labels == parts.labels
        assert told.weights == tuple(parts.weights.tolist())
        assert told.means == tuple(parts.means.tolist())
        assert told.scales == tuple(parts.scales.tolist())
        said = {
            name: (issued.base + action.delta, action.scale)
            for name, action in zip(game.registry.names, issued.actions, strict=True)
            if action is not None
        }
        assert {name: (c.mean, c.scale) for name, c in record.claims.items()} == said


def test_a_batch_gives_the_records_of_its_games(make_dataset: MakeDataset) -> None:
    rows = spoilt(make_dataset())
    world = ReplayWorld(rows)
    config = SimulationConfig(horizon=39, max_rounds=39, horizons=HORIZONS)
    game = ForecastGame(config)
    start = world.initial_state(60)
    out = game.run(start, world=world, disturbed=False)
    batch = game.run_batch(start, 2, world=world, disturbed=False, keep=("components", "claims"))
    assert batch.slow_agents == ()
    values = np.array([row.value for row in rows])
    for position, h in enumerate(HORIZONS):
        alone = forecasts_of_game(out, values, leave_out=4, position=position)
        for i in range(2):
            of_batch = forecasts_of_batch(batch, i, h, values, rounds=slice(4, 39), first_origin=64)
            expected = records_of(alone, len(rows), game.registry.names)
            assert records_of(of_batch, len(rows), game.registry.names) == expected
        assert max(one.p_bad for one in expected) > 0.5 > min(one.p_bad for one in expected)


def test_records_give_the_same_records_again(make_dataset: MakeDataset) -> None:
    rows = make_dataset().series("a")
    world = ReplayWorld(rows)
    config = SimulationConfig(horizon=39, max_rounds=39, horizons=HORIZONS)
    names = ("random_walk", "moody")
    game = ForecastGame(config, registry=AgentRegistry((RandomWalk(), Moody())))
    out = game.run(world.initial_state(60), world=world, disturbed=False)
    values = np.array([row.value for row in rows])
    first = records_of(forecasts_of_game(out, values, leave_out=0, position=1), 100, names)
    again = forecasts_of_records(first, names, 4)
    assert not np.isnan(again.quantiles).any()
    assert records_of(again, 100, names) == first


# --------------------------------------------------------------------- arrays of a batch, by hand


def made_batch(**arrays: Any) -> BatchOutputs:
    """Return two games of three rounds with two forecasters, one of which is silent at times."""
    shape = (2, 3)
    deltas = np.array([[0.5, 1.0]] * 6).reshape(2, 3, 2)
    deltas[0, 1, 1] = np.nan
    weights = np.zeros((2, 3, 4))
    means, scales = np.zeros((2, 3, 4)), np.ones((2, 3, 4))
    weights[..., :2] = 0.5
    means[..., :2], scales[..., :2] = (1.5, 2.0), (1.0, 2.0)
    weights[0, 1], means[0, 1, 1], scales[0, 1, 1] = (1.0, 0.0, 0.0, 0.0), 0.0, 1.0
    # A plain correction in round 2 of game 0: all weight is on the branch that replaces the print.
    weights[0, 2], means[0, 2, 2:] = (0.0, 0.0, 0.25, 0.75), (3.0, 4.0)
    found = {
        "mean": np.full(shape, 1.75),
        "variance": np.full(shape, 2.5),
        "score": np.full(shape, np.nan),
        "error": np.full(shape, np.nan),
        "weights": weights,
        "means": means,
        "scales": scales,
        "deltas": deltas,
        "stated_scales": np.where(np.isnan(deltas), np.nan, 1.0),
        "labels": ("a", "b", "a|replaced", "b|replaced"),
        **arrays,
    }
    plain = np.ones(shape)
    return BatchOutputs(
        plain,
        plain,
        plain,
        plain,
        plain,
        np.full(shape, 0.25),
        plain,
        horizons={2: HorizonArrays(**found)},  # type: ignore[arg-type]
        config=SimulationConfig(horizons=(2,)),
        seed=1,
        first_game=0,
        first_t=10,
        step_scale=1.0,
        reward="crps",
        attack_spent=np.zeros(2),
        prints_doubted=np.zeros(2),
        weights={},
        forecasters=("a", "b"),
    )


def test_a_component_that_is_filled_in_or_has_no_branch_is_no_component() -> None:
    reasons = {(0, 0): {"b": "too early"}, (0, 1): {"b": "no"}, (1, 2): {"a": "other game"}}
    found = forecasts_of_batch(
        made_batch(unavailable=reasons),
        0,
        2,
        np.arange(13.0),
        rounds=slice(1, 3),
        first_origin=11,
    )
    assert found.labels == [("a",), ("a|replaced", "b|replaced")]
    assert found.present.tolist() == [[True, False, False, False], [False, False, True, True]]
    assert found.unavailable == {0: {"b": "no"}}
    first, second = records_of(found, 13, ("a", "b"))
    assert first.claims.keys() == {"a"}
    assert first.unavailable == {"b": "no"}
    assert first.ensemble.components is not None
    assert first.ensemble.components.weights == (1.0,)
    assert second.ensemble.components is not None
    assert second.ensemble.components.means == (3.0, 4.0)
    assert (first.target, second.target) == (None, None)


def test_targets_are_the_values_ahead_as_far_as_they_are_known() -> None:
    found = forecasts_of_batch(
        made_batch(), 1, 2, np.arange(14.0), rounds=slice(0, 3), first_origin=10
    )
    assert found.targets[:2].tolist() == [12.0, 13.0]
    assert math.isnan(found.targets[2])
    assert found.reported.tolist() == [1.0, 1.0, 1.0]
    assert found.expert_means.tolist() == [[1.5, 2.0]] * 3


@dataclass(frozen=True)
class Wider:
    """Quantiles further out, by a parameter."""

    def levels(self, levels: np.ndarray, parameters: np.ndarray) -> np.ndarray:
        return np.clip(0.5 + parameters * (np.asarray(levels) - 0.5), 0.01, 0.99)

    def forecast(self, made: Any, plain: Any, parameters: np.ndarray) -> Any:
        return made


def test_quantiles_that_were_issued_are_kept() -> None:
    parameters = np.full((2, 3, 1), np.nan)
    parameters[1, 1] = 1.2
    batch = made_batch(calibration=QuantileCalibration(Wider(), parameters))
    found = forecasts_of_batch(batch, 1, 2, np.arange(14.0), rounds=slice(0, 3), first_origin=10)
    (solved,) = solved_quantiles([found])
    arrays = batch.horizons[2]
    assert solved.tolist() == arrays.quantiles()[1].tolist()
    assert solved[0].tolist() == solved[2].tolist() != solved[1].tolist()
    assert solved[1, 0] < solved[0, 0]
    assert solved[1, -1] > solved[0, -1]


def test_what_was_not_kept_is_an_error() -> None:
    options: dict[str, Any] = {"rounds": slice(0, 3), "first_origin": 10}
    with pytest.raises(ConfigError, match='keep=\\("components", "claims"\\)'):
        forecasts_of_batch(made_batch(deltas=None), 0, 2, np.arange(14.0), **options)
    one = np.ones((2, 3, 1))
    batch = made_batch(weights=one, means=one, scales=one, labels=("pool",))
    found = forecasts_of_batch(batch, 0, 2, np.arange(14.0), **options)
    assert found.labels == [("pool",)] * 3


@pytest.mark.parametrize("field", ["mean", "weights", "stated_scales"])
def test_a_forecast_that_is_not_finite_is_never_written(field: str) -> None:
    batch = made_batch()
    array = getattr(batch.horizons[2], field).copy()
    array[1, 2, ...] = np.inf
    found = forecasts_of_batch(
        made_batch(**{field: array}), 1, 2, np.arange(14.0), rounds=slice(0, 3), first_origin=10
    )
    with pytest.raises(DataError, match="from row 12, 2 steps ahead, is not finite"):
        origins_of(found, np.zeros((3, 5)), ["p"] * 14, ("a", "b"))


REFUSED = r"state a whole distribution \(intermittent\)"


def test_a_stated_distribution_is_refused_by_name(make_dataset: MakeDataset) -> None:
    rows = make_dataset().series("a")
    config = SimulationConfig(horizon=3, max_rounds=3)
    registry = AgentRegistry((RandomWalk(), IntermittentForecaster()), aggregator=PoolAggregator())
    game = ForecastGame(config, registry=registry)
    world, values = ReplayWorld(rows), np.array([row.value for row in rows])
    out = game.run(world.initial_state(60), world=world)
    with pytest.raises(DataError, match=REFUSED):
        forecasts_of_game(out, values, leave_out=0, position=0)
    batch = game.run_batch(world.initial_state(60), 2, world=world, keep=("components", "claims"))
    assert batch.first.stating == ("intermittent",)
    options: dict[str, Any] = {"rounds": slice(0, 3), "first_origin": 60}
    with pytest.raises(DataError, match=REFUSED):
        forecasts_of_batch(batch, 0, 1, values, **options, support=Support("log"))
    kept = forecasts_of_batch(batch, 0, 1, values, **options)
    assert kept.stated_shapes is not None
    assert kept.stated_shapes.stated.tolist() == [[False, True]] * 3
