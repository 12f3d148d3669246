"""Conformance of aggregators: of what makes one forecast of many."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from fg_core.action import AgentAction
from fg_core.distributions import Mass, QuantileGrid, StatedDistribution
from fg_core.errors import ForecastGameError
from fg_core.forecast import ProbabilisticForecast
from fg_core.mixture import mixture_moments
from fg_core.protocols import Aggregator, RevealedForecast
from fg_core.state import ForecastState
from fg_core.testing._play import HORIZONS, Promises, bind, fingerprint
from fg_core.testing.examples import example_states, example_window
from fg_core.window import TrainingWindow

from ._panels import judge_panel_learning

__all__ = ["check_aggregator"]

_SHORT_AND_LONG = (1, 8)


def check_aggregator(aggregator: Aggregator, *, window: TrainingWindow | None = None) -> None:
    """Check an aggregator.

    `aggregate` is pure and returns a mixture with its components: weights that sum to one, the
    mean and variance of that mixture (within plus between, above 0), whatever the order of the
    forecasters, with one of them absent, with one that states a distribution, and with more
    variance, not another mean, if the input is uncertain. With all of them absent, it raises an
    error of ours. `start` and `update` leave the old one as it was, also after absurd targets, and
    so does `update_panel`, where it has that, which returns an aggregator per series.

    Args:
        aggregator: Aggregator that is checked.
        window: Window that it is started on; None: `example_window()`.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.testing.fakes import PlainAggregator
    >>> check_aggregator(PlainAggregator())
    """
    promises = Promises("Aggregator", aggregator)
    promises.members("start", "aggregate", "update")
    promises.named()
    promises.frozen(aggregator)
    window = example_window() if window is None else window
    states = example_states(window)
    names = ("north", "south", "west")
    pool = promises.call("start", aggregator.start, names, window, HORIZONS)
    again = promises.call("start", aggregator.start, names, window, HORIZONS)
    promises.members("aggregate", "update", of=pool)
    promises.frozen(pool)

    def plays(agent: Any) -> list[Callable[[], Any]]:
        return [
            bind(agent.aggregate, state, actions, horizon=horizon)
            for state in states[1:3]
            for horizon in _SHORT_AND_LONG
            for actions in _votes(names)[:2]
        ]

    before = promises.replay("aggregate", plays(pool))
    promises.require(
        before == promises.replay("aggregate", plays(again)),
        "start is pure: equal arguments give pools that behave alike",
        "two pools started alike differ",
    )
    _judge_pool(promises, pool, states, names)
    learned = pool
    for i in range(24):
        horizon = _SHORT_AND_LONG[i % 2]
        state = states[i % len(states)]
        # Every seventh target is absurd: likelihoods underflow there unless they are in logs.
        target = state.value + (1e4 if i % 7 == 6 else 0.3)
        actions = _votes(names)[i % 4]
        issued = promises.pure("aggregate", learned.aggregate, state, actions, horizon=horizon)
        outcome = RevealedForecast(state, horizon, actions, issued, target)
        old, old_plays = learned, plays(learned)
        old_answers = promises.replay("aggregate", old_plays)
        learned = promises.call("update", old.update, outcome)
        promises.members("aggregate", "update", of=learned)
        promises.frozen(learned)
        promises.unchanged("update", old_answers, old_plays)
        twin = promises.call("update", old.update, outcome)
        promises.require(
            promises.replay("aggregate", plays(learned))
            == promises.replay("aggregate", plays(twin)),
            "update is pure: equal arguments give pools that behave alike",
            "two pools with equal updates differ",
        )
        if i == 9 and hasattr(learned, "update_panel"):
            last = replace(outcome, target=outcome.target - 1.0)
            judge_panel_learning(promises, (old, pool, learned), (outcome, last, outcome), plays)
    _judge_pool(promises, learned, states, names)
    _judge_order(promises, aggregator, window, states, names)
    promises.unchanged("update", before, plays(pool))


def _votes(names: Sequence[str]) -> tuple[tuple[AgentAction | None, ...], ...]:
    """Return what forecasters might say: all of them, one absent, agreed, without scales."""
    first, second, third = names
    return (
        (
            AgentAction(first, 0.4, scale=0.5),
            AgentAction(second, -0.2, scale=0.8),
            AgentAction(third, 0.1, scale=0.6),
        ),
        (AgentAction(first, 0.4, scale=0.5), None, AgentAction(third, 0.1, scale=0.6)),
        tuple(AgentAction(name, 0.25, scale=0.5) for name in names),
        (AgentAction(first, 0.4), AgentAction(second, -0.2), AgentAction(third, 0.1)),
    )


def _stated(names: Sequence[str], state: ForecastState) -> tuple[AgentAction, ...]:
    """Return votes of which one is a quantile grid with a mass at the last value."""
    grid = QuantileGrid.around(state.value, (0.1, 0.5, 0.9), (-0.5, 0.2, 1.5))
    shape = StatedDistribution(grid, (Mass(state.value, 0.3),))
    return (
        AgentAction.stating(names[0], state.value, shape),
        AgentAction(names[1], -0.2, scale=0.8),
        AgentAction(names[2], 0.1, scale=0.6),
    )


def _judge_pool(
    promises: Promises, pool: Any, states: Sequence[ForecastState], names: Sequence[str]
) -> None:
    for i, state in enumerate(states):
        for horizon in HORIZONS if i == 0 else (1,):
            for actions in _votes(names):
                forecast = promises.pure(
                    "aggregate", pool.aggregate, state, actions, horizon=horizon
                )
                _judge_forecast(promises, forecast)
                if horizon == 1:
                    _judge_quantiles(promises, forecast)
    state, votes = states[0], _votes(names)[0]
    said = _stated(names, state)
    with_shape = promises.pure("aggregate", pool.aggregate, state, said)
    _judge_forecast(promises, with_shape)
    _judge_quantiles(promises, with_shape)
    plain = pool.aggregate(state, votes)
    unscaled = _votes(names)[3]
    promises.require(
        fingerprint([plain, pool.aggregate(state, unscaled)])
        == fingerprint([pool.aggregate(state, said, horizon=1) for said in (votes, unscaled)]),
        "aggregate looks one step ahead unless told",
        "without a horizon it returned something else than for horizon 1",
    )
    nobody = (None,) * len(names)
    try:
        found = pool.aggregate(state, nobody)
    except ForecastGameError:
        pass
    except Exception as error:  # noqa: BLE001 - a stranger's code may raise anything
        promises.broken(
            "where nobody has a forecast, aggregate raises an error of ours",
            f"it raised {type(error).__name__}: {error}",
            error,
        )
    else:
        promises.broken(
            "where nobody has a forecast, aggregate raises an error of ours", f"it gave {found!r}"
        )
    wide = promises.pure("aggregate", pool.aggregate, state, votes, inflation=(0.7, 0.7, 0.7))
    _judge_forecast(promises, wide)
    promises.require(
        wide.variance > plain.variance,
        "inflation adds to the uncertainty",
        f"variance {plain.variance} without, {wide.variance} with an inflation of 0.7",
    )
    promises.require(
        math.isclose(wide.mean, plain.mean, rel_tol=1e-9, abs_tol=1e-12),
        "inflation leaves the mean as it was",
        f"mean {plain.mean} without, {wide.mean} with an inflation of 0.7",
    )


def _judge_forecast(promises: Promises, forecast: Any) -> None:
    if not isinstance(forecast, ProbabilisticForecast):
        promises.broken("aggregate returns a ProbabilisticForecast", f"got {forecast!r}")
    mean = promises.number("mean", forecast.mean)
    variance = promises.number("variance", forecast.variance)
    promises.require(variance > 0.0, "the variance is above 0", f"got {variance!r}")
    parts = forecast.components
    if parts is None:
        promises.broken(
            "the forecast carries its components, so that scores can be recomputed",
            "components is None",
        )
    if parts.weights.min() < 0.0 or abs(float(parts.weights.sum()) - 1.0) > 1e-9:
        promises.broken("weights are at least 0 and sum to one", f"got {parts.weights}")
    low, high = float(parts.means.min()), float(parts.means.max())
    slack = 1e-9 * max(1.0, abs(low), abs(high))
    promises.require(
        low - slack <= mean <= high + slack,
        "the mean lies between the means of the components",
        f"mean {mean} outside [{low}, {high}]",
    )
    expected_mean, expected = (
        float(x) for x in mixture_moments(parts.weights, parts.means, parts.scales)
    )
    promises.require(
        math.isclose(mean, expected_mean, rel_tol=1e-9, abs_tol=1e-9)
        and math.isclose(variance, expected, rel_tol=1e-7, abs_tol=1e-12),
        "mean and variance are those of the mixture (variance within plus between components)",
        f"got {mean} and {variance}, the mixture has {expected_mean} and {expected}",
    )


def _judge_quantiles(promises: Promises, forecast: ProbabilisticForecast) -> None:
    quantiles = forecast.quantiles
    promises.require(
        all(math.isfinite(q) for q in quantiles) and list(quantiles) == sorted(quantiles),
        "quantiles are finite and never cross",
        f"got {quantiles}",
    )


def _judge_order(
    promises: Promises,
    aggregator: Any,
    window: TrainingWindow,
    states: Sequence[ForecastState],
    names: Sequence[str],
) -> None:
    """Start and teach a second pool with the forecasters in another order: the same forecasts."""
    order = (2, 0, 1)
    pool = aggregator.start(names, window, HORIZONS)
    other = aggregator.start(tuple(names[i] for i in order), window, HORIZONS)
    for i, state in enumerate(states):
        for votes in _votes(names):
            shuffled = tuple(votes[i] for i in order)
            one = pool.aggregate(state, votes, horizon=2)
            two = other.aggregate(state, shuffled, horizon=2)
            promises.require(
                math.isclose(one.mean, two.mean, rel_tol=1e-9, abs_tol=1e-9)
                and math.isclose(one.variance, two.variance, rel_tol=1e-7),
                "the order of the forecasters does not matter",
                f"({one.mean}, {one.variance}) and, reordered, ({two.mean}, {two.variance})",
            )
        votes = _votes(names)[i % 2]
        shuffled = tuple(votes[i] for i in order)
        target = state.value + 0.35
        issued = (
            pool.aggregate(state, votes, horizon=2),
            other.aggregate(state, shuffled, horizon=2),
        )
        pool = pool.update(RevealedForecast(state, 2, votes, issued[0], target))
        other = other.update(RevealedForecast(state, 2, shuffled, issued[1], target))
