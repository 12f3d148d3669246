r"""Uncertainty that doubt about the latest values adds to the forecasts made from them.

A correction of size $\delta$ along a pattern $g$ (the $k$-th newest value moves by $\delta g_k$)
that has the standard deviation $v$ adds $(v G)^2$ to the variance of a forecast, where $G = \sum_k
g_k \partial f / \partial y_{-k}$ is the derivative of the forecast of the level along the pattern.
It is the forecaster's own where it states its `sensitivities`, else a central difference of `act`
with all values moved together. For the newest value alone it is its `sensitivity`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import ForecastArrays, StateArrays
from fg_core.batch.forecast_arrays import columns
from fg_core.batch.handing import handed_to
from fg_core.batch.sealing import read_only
from fg_core.errors import AgentError, ForecastUnavailable
from fg_core.frozen import replace_unchecked
from fg_core.transcendental import hypot

from .agent_batch import AgentBatch
from .asking import ask, numerical_call, require_numbers, sensitivity
from .together import Families, slopes_by_lane, slopes_in_one_game

__all__ = [
    "Spread",
    "inflation_along",
    "inflation_of_newest",
    "moved",
    "slope_along",
    "slope_of_newest",
]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Spread:
    """Uncertainty of the latest values along a pattern, in each of many games.

    Args:
        scale: Standard deviation of the size, shape (game,), in the unit of the series.
        pattern: Weights of the prints, shape (print, game), newest print first.
    """

    scale: Array
    pattern: Array


def moved(state: StateArrays, corrections: Array) -> StateArrays:
    """Return states with the latest values moved.

    Args:
        state: States that agents see.
        corrections: Changes, shape (print, game), newest print first, in the unit of the series;
            those of values further back than the states show are left out.

    Returns:
        States whose value and history are moved; all else is as it was.
    """
    alone = state.n_games == 1  # a game alone is shown to no agent as arrays
    history = list(state.history)
    for k, step in enumerate(corrections[1:], start=1):
        if k <= len(history):
            there = np.where(step == 0.0, history[-k], history[-k] + step)
            history[-k] = there if alone else read_only(there)
    value = state.value + corrections[0]
    return replace_unchecked(
        state, value=value if alone else read_only(value), history=tuple(history)
    )


def inflation_of_newest(
    forecasters: Sequence[AgentBatch],
    together: Families,
    forecast_arrays: ForecastArrays,
    horizon: int,
    step: Array,
    wanted: Mask | None,
) -> Array:
    """Return what the uncertainty of the newest value adds, shape (game, forecaster).

    Args:
        forecasters: Forecasters in the order of `forecast_arrays`.
        together: Forecasters that can be asked together.
        forecast_arrays: Expert forecasts, shape (game, forecaster).
        horizon: Horizon of the forecasts, in rounds.
        step: Standard deviation of the newest value, shape (game,), in the unit of the series.
        wanted: Games in which it is needed, shape (game,); None: all.

    Returns:
        Standard deviations, in the unit of the series.
    """
    if forecast_arrays.state.n_games == 1:
        seen, size = forecast_arrays.state.each[0], float(step[0])
        n = len(forecasters)
        present = [True] * n if forecast_arrays.is_full else forecast_arrays.present[0].tolist()
        slopes = slopes_in_one_game(forecasters, together, present, seen, horizon, size)
        return np.array([[abs(slope) * size for slope in slopes]])
    found = columns(forecast_arrays.state.n_games, len(forecasters))
    whole, needed = forecast_arrays.is_full, forecast_arrays.present
    doubtful = step > 0.0 if wanted is None else wanted & (step > 0.0)
    asked = needed & doubtful[:, np.newaxis] if together else needed
    known = set[int]()
    for places, each in slopes_by_lane(together, forecast_arrays.state, horizon, asked):
        found[:, places] = np.abs(each) * step[:, np.newaxis]
        known.update(places)
    for i, one in enumerate(forecasters):
        if i in known:
            continue
        if not whole and not needed[:, i].any():
            found[:, i] = 0.0  # who has no forecast need not say how it depends on the value
            continue
        slope: Any = slope_of_newest(
            one,
            forecast_arrays.state,
            horizon,
            step,
            doubtful if whole else needed[:, i] & doubtful,
        )
        found[:, i] = abs(slope) * step
    return found


def slope_of_newest(
    agents: AgentBatch, state: StateArrays, horizon: int, step: Array, wanted: Mask
) -> Array | float:
    """Return d(forecast of the level) / d(last value) of a forecaster, where it is needed.

    Args:
        agents: Forecaster in each game.
        state: States that it acts on.
        horizon: Horizon of the forecast, in rounds.
        step: Half the step of a finite difference, shape (game,), in the unit of the series.
        wanted: Games that need it, shape (game,).

    Returns:
        One number, or shape (game,); anything where it is not needed.
    """
    if agents.n > 1 and agents.is_array:
        one = agents.one
        if one is not None:
            own = agents.bound(one, state.t)
            return _array_slope_of_newest(agents, own, state, horizon, step, wanted)
        slopes = np.zeros(agents.n)
        for agent, lanes in agents.groups:
            part = state.take(lanes), horizon, step[lanes], wanted[lanes]
            slopes[lanes] = _array_slope_of_newest(agents, agent, *part)
        return slopes
    slopes = np.zeros(agents.n)
    each = agents.each
    for i in np.flatnonzero(wanted).tolist():
        agent = agents.bound(each[i], state.t, i)
        slopes[i] = sensitivity(agent, state.each[i], horizon, float(step[i]))
    return slopes


def _array_slope_of_newest(
    agents: AgentBatch,
    agent: Any,
    state: StateArrays,
    horizon: int,
    step: Array,
    wanted: Mask,
) -> Array | float:
    if hasattr(agent, "sensitivity_array"):
        try:
            found: Array | float = numerical_call(
                agent, "sensitivity_array", handed_to(agent, state), horizon
            )
        except ForecastUnavailable:
            return 1.0
        if type(found) is float and math.isfinite(found):
            return found
        require_numbers(agents.name, "sensitivity", found)
        if np.shape(found) not in ((), wanted.shape):
            raise AgentError(
                f"agent {agents.name!r} returned a sensitivity of shape {np.shape(found)} for "
                f"{wanted.size} games"
            )
        if np.count_nonzero(wanted & ~np.isfinite(found)):
            raise AgentError(f"agent {agents.name!r} returned a sensitivity that is not finite")
        return found
    low, high = (
        agents.asked(agent, replace(state, value=state.value + side * step), horizon).delta
        for side in (-1.0, 1.0)
    )
    with np.errstate(invalid="ignore", divide="ignore"):  # no step where there is no doubt
        rise = 1.0 + (high - low) / (2.0 * step)
    # It cannot say; a forecast that moves with the value is the cautious guess.
    return np.where(np.isnan(rise), 1.0, rise)


def inflation_along(
    forecasters: Sequence[AgentBatch],
    together: Families,
    forecast_arrays: ForecastArrays,
    horizon: int,
    spreads: Sequence[Spread],
    wanted: Mask | None,
) -> Array | None:
    """Return what several independent uncertainties add together, in quadrature.

    Args:
        forecasters: Forecasters in the order of `forecast_arrays`.
        together: Forecasters that can be asked together in one game.
        forecast_arrays: Expert forecasts, shape (game, forecaster).
        horizon: Horizon of the forecasts, in rounds.
        spreads: Uncertainties of the latest values.
        wanted: Games in which it is needed, shape (game,); None: all.

    Returns:
        Standard deviations, shape (game, forecaster), in the unit of the series; None: nothing is
        uncertain.
    """
    found: Array | None = None
    for spread in spreads:
        # Games that doubt the newest value alone have the numbers of a plain doubt.
        near = (spread.pattern[1:] == 0.0).all(axis=0)
        step = np.where(near, spread.scale * np.abs(spread.pattern[0]), 0.0)
        far = np.where(near, 0.0, spread.scale)
        parts = []
        if (step > 0.0).any():
            parts.append(
                inflation_of_newest(forecasters, together, forecast_arrays, horizon, step, wanted)
            )
        if (far > 0.0).any():
            parts.append(_along(forecasters, forecast_arrays, horizon, far, spread.pattern, wanted))
        for part in parts:
            found = part if found is None else hypot(found, part)
    return found


def _along(
    forecasters: Sequence[AgentBatch],
    forecast_arrays: ForecastArrays,
    horizon: int,
    scale: Array,
    pattern: Array,
    wanted: Mask | None,
) -> Array:
    found = columns(forecast_arrays.state.n_games, len(forecasters))
    doubtful = scale > 0.0 if wanted is None else wanted & (scale > 0.0)
    for i, one in enumerate(forecasters):
        needed = forecast_arrays.present[:, i] & doubtful
        if not needed.any():
            found[:, i] = 0.0
            continue
        slope = slope_along(one, forecast_arrays.state, horizon, scale, pattern, needed)
        found[:, i] = np.where(needed, np.abs(slope), 0.0) * scale
    return found


def slope_along(
    agents: AgentBatch,
    state: StateArrays,
    horizon: int,
    step: Array,
    pattern: Array,
    wanted: Mask,
) -> Array:
    """Return the derivative of a forecaster's level along a pattern, where it is needed.

    Args:
        agents: Forecaster in each game.
        state: States that it acts on.
        horizon: Horizon of the forecast, in rounds.
        step: Half the step of a finite difference, shape (game,), in the unit of the series.
        pattern: Weights of the prints, shape (print, game), newest print first.
        wanted: Games that need it, shape (game,).

    Returns:
        Shape (game,); anything where it is not needed.
    """
    if agents.n > 1 and agents.is_array:
        one = agents.one
        if one is not None:
            own = agents.bound(one, state.t)
            return _array_slope(agents, own, state, horizon, step, pattern, wanted)
        slopes = np.zeros(agents.n)
        for agent, lanes in agents.groups:
            part = state.take(lanes), horizon, step[lanes], pattern[:, lanes], wanted[lanes]
            slopes[lanes] = _array_slope(agents, agent, *part)
        return slopes
    slopes = np.zeros(agents.n)
    each = agents.each
    for i in np.flatnonzero(wanted).tolist():
        agent = agents.bound(each[i], state.t, i)
        slopes[i] = _slope(agent, state.each[i], horizon, float(step[i]), pattern[:, i].tolist())
    return slopes


def _slope(agent: Any, state: Any, horizon: int, step: float, pattern: Sequence[float]) -> float:
    if hasattr(agent, "sensitivities"):
        n = len(pattern)
        try:
            found = numerical_call(agent, "sensitivities", state, horizon, n)
        except ForecastUnavailable:
            return float(_unknown(pattern))
        numbers = np.asarray(found)
        require_numbers(agent.name, "sensitivities", numbers)
        if numbers.shape != (n,):
            raise AgentError(
                f"agent {agent.name!r} returned sensitivities of shape {numbers.shape}: {n} of "
                "them were asked for"
            )
        slope = 0.0
        for share, number in zip(pattern, numbers.tolist(), strict=True):
            slope = slope + share * number
        if not math.isfinite(slope):
            raise AgentError(f"agent {agent.name!r} returned sensitivities of {found}")
        return slope
    low, high = (ask(agent, _aside(state, side * step, pattern), horizon) for side in (-1.0, 1.0))
    if isinstance(low, str) or isinstance(high, str):
        return float(_unknown(pattern))
    return pattern[0] + (high.delta - low.delta) / (2.0 * step)


def _unknown(pattern: Any) -> Any:
    """Return the slope of a forecast that moves with the newest value as a whole.

    Of a forecaster that cannot say; where the pattern leaves the newest value alone, with an
    earlier one: the cautious guess.
    """
    largest: Any = 0.0
    for share in pattern:
        largest = np.maximum(largest, np.abs(share))
    return largest


def _aside(state: Any, size: float, pattern: Sequence[float]) -> Any:
    """Return a state with its latest values moved by `size` along a pattern."""
    history = list(state.history)
    for k, share in enumerate(pattern[1:], start=1):
        if k <= len(history):
            history[-k] = history[-k] + size * share
    return replace_unchecked(state, value=state.value + size * pattern[0], history=tuple(history))


def _array_slope(
    agents: AgentBatch,
    agent: Any,
    state: StateArrays,
    horizon: int,
    step: Array,
    pattern: Array,
    wanted: Mask,
) -> Array:
    n, games = pattern.shape
    if hasattr(agent, "sensitivities_array"):
        try:
            found = numerical_call(
                agent, "sensitivities_array", handed_to(agent, state), horizon, n
            )
        except ForecastUnavailable:
            return np.asarray(_unknown(pattern))
        numbers = np.asarray(found)
        require_numbers(agents.name, "sensitivities", numbers)
        if numbers.shape not in ((n,), (n, 1), (n, games)):
            raise AgentError(
                f"agent {agents.name!r} returned sensitivities of shape {numbers.shape} for "
                f"{games} games: {n} of them were asked for"
            )
        slope: Array = np.zeros(games)
        for share, number in zip(pattern, numbers, strict=True):
            slope = slope + share * number
        if not np.isfinite(slope[wanted]).all():
            raise AgentError(f"agent {agents.name!r} returned sensitivities that are not finite")
        return slope
    low, high = (
        agents.asked(agent, _states_aside(state, side * step, pattern), horizon).delta
        for side in (-1.0, 1.0)
    )
    with np.errstate(invalid="ignore", divide="ignore"):  # no step where there is no doubt
        rise = pattern[0] + (high - low) / (2.0 * step)
    return np.asarray(np.where(np.isnan(rise), _unknown(pattern), rise))


def _states_aside(state: StateArrays, size: Array, pattern: Array) -> StateArrays:
    history = list(state.history)
    for k, share in enumerate(pattern[1:], start=1):
        if k <= len(history):
            history[-k] = history[-k] + size * share
    return replace(state, value=state.value + size * pattern[0], history=tuple(history))
