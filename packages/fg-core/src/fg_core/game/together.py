"""Forecasters of one kind that are asked together: one call for all of them, game by game.

Dozens of forecasters that differ in their coefficients alone are one matrix. A class that knows
how to ask several of its forecasters at once says so by `act_together` (see `Forecaster`); what
it returns is what `act` of each returns, to the last bit. All others are asked one by one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.batch import ActionArrays, ForecastArrays, StateArrays
from fg_core.batch.forecast_arrays import is_current
from fg_core.errors import AgentError, ForecastGameError
from fg_core.frozen import construct_unchecked
from fg_core.reasons import in_short
from fg_core.state import ForecastState

from .agent_batch import AgentBatch
from .asking import ask

__all__ = [
    "LANES_TOGETHER",
    "Said",
    "ask_by_lane",
    "ask_in_one_game",
    "families",
    "is_asked_together",
    "slopes_by_lane",
    "slopes_in_one_game",
]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Family:
    """Forecasters of one kind, of which several can be asked together.

    Args:
        kind: Class of the forecasters.
        places: Places of the forecasters in the registry.
        members: Forecasters of each lane.
    """

    kind: Any
    places: tuple[int, ...]
    members: tuple[tuple[Any, ...], ...]


Families = tuple[Family, ...]

LANES_TOGETHER = 128
"""With more lanes than this, what is remembered of agents that are asked together takes too much
memory: they are asked one by one."""


@dataclass(frozen=True, eq=False)
class Said:
    """Expert forecasts in one game.

    Args:
        numbers: Deltas and scales, shape (2, forecaster); NaN where there is none.
        reasons: Reason of each forecaster that has no forecast; "": it has one.
        actions: Action of each forecaster; None where it has no forecast, or was asked together
            with others.
    """

    numbers: Array
    reasons: tuple[str, ...]
    actions: tuple[AgentAction | None, ...]

    def all_actions(self, names: Sequence[str]) -> tuple[AgentAction | None, ...]:
        """Return the action of each forecaster; None where it has no forecast."""
        deltas, scales = self.numbers.tolist()
        rows = zip(self.actions, self.reasons, names, deltas, scales, strict=True)
        return tuple(
            action
            if action is not None or reason
            else construct_unchecked(
                AgentAction,
                actor=name,
                delta=delta,
                scale=scale if scale == scale else None,
                p_bad=None,
                shape=None,
            )
            for action, reason, name, delta, scale in rows
        )


def families(forecasters: Sequence[AgentBatch]) -> Families:
    """Return the forecasters of which several can be asked together, by kind.

    Args:
        forecasters: Forecasters in the order of the registry; of several lanes, those that have an
            agent of their own in each lane, and there are not many lanes.

    Returns:
        Forecasters of one class each, with their places in the registry.
    """
    found: dict[Any, list[int]] = {}
    for i, one in enumerate(forecasters):
        kind: Any = type(one.members[0])
        known = (
            one.draws is None
            and is_asked_together(kind)
            and one.n <= LANES_TOGETHER
            and one.by_lane
        )
        if known and (one.n == 1 or {*map(type, one.members)} == {kind}):
            found.setdefault(kind, []).append(i)
    return tuple(
        Family(
            kind,
            tuple(places),
            tuple(zip(*[forecasters[i].members for i in places], strict=True)),
        )
        for kind, places in found.items()
        if len(places) > 1
    )


def ask_in_one_game(
    forecasters: Sequence[AgentBatch], together: Families, state: ForecastState, horizon: int
) -> Said:
    """Return the expert forecasts of the only lane.

    Args:
        forecasters: Forecasters in the order of the registry.
        together: Result of `families` for them.
        state: State that they act on.
        horizon: Horizon of the forecasts, in rounds.

    Returns:
        Changes, scales and reasons by forecaster, in the unit of the series, with the actions.
    """
    n, nan = len(forecasters), np.nan
    deltas, scales, reasons = [nan] * n, [nan] * n, [""] * n
    actions: list[AgentAction | None] = [None] * n
    asked = set[int]()
    for family in together:
        found: Any = _together(family, (state,), horizon)
        rows = zip(
            family.places, found.delta.tolist(), found.scale.tolist(), found.reason, strict=True
        )
        for i, delta, scale, reason in rows:
            deltas[i], scales[i] = delta, scale
            if reason:
                reasons[i] = in_short(reason)
        asked.update(family.places)
    for i, one in enumerate(forecasters):
        if i in asked:
            continue
        if one.draws is None:
            answer = ask(one.members[0], state, horizon)
        else:
            answer = one.ask_one(state, horizon)
        if isinstance(answer, str):
            reasons[i] = answer
            continue
        actions[i], deltas[i] = answer, answer.delta
        if answer.scale is not None:
            scales[i] = answer.scale
    return Said(np.array([deltas, scales]), tuple(reasons), tuple(actions))


def ask_by_lane(
    forecasters: Sequence[AgentBatch],
    together: Families,
    state: StateArrays,
    horizon: int,
    names: tuple[str, ...],
) -> ForecastArrays:
    """Return the expert forecasts of several lanes.

    Args:
        forecasters: Forecasters in the order of the registry.
        together: Result of `families` for them.
        state: States that they act on.
        horizon: Horizon of the forecasts, in rounds.
        names: Names of the forecasters.

    Returns:
        Changes and scales of shape (lane, forecaster), in the unit of the series.
    """
    said: list[Any] = [None] * len(forecasters)
    for family in together:
        for i in family.places:
            said[i] = _ELSEWHERE
    said = [
        one.ask(state, horizon) if answer is None else answer
        for one, answer in zip(forecasters, said, strict=True)
    ]
    return ForecastArrays.of(
        state, said, names, [_answers(family, state, horizon) for family in together]
    )


_ELSEWHERE = ActionArrays(np.nan)
"""Stands for what is said together with others."""


def _answers(
    family: Family, state: StateArrays, horizon: int
) -> tuple[list[int], Array, Array, list[Sequence[str]]]:
    """Return places, deltas and scales (forecaster, lane), and reasons by forecaster."""
    found: Any = _together(family, state.each, horizon)
    n = len(family.places)
    shape = state.n_games, n
    why = [found.reason[j::n] for j in range(n)] if any(found.reason) else [""] * n
    return list(family.places), found.delta.reshape(shape).T, found.scale.reshape(shape).T, why


def slopes_in_one_game(
    forecasters: Sequence[AgentBatch],
    together: Families,
    present: Sequence[bool],
    state: ForecastState,
    horizon: int,
    step: float,
) -> list[float]:
    """Return d(forecast of the level) / d(last value) of each forecaster that has a forecast.

    Args:
        forecasters: Forecasters of the only lane, in the order of the registry.
        together: Result of `families` for them.
        present: Whether each forecaster has a forecast; the slope of the others is 0.
        state: State that they act on.
        horizon: Horizon of the forecasts, in rounds.
        step: Half the step of a finite difference, in the unit of the series.

    Returns:
        Slopes in the order of the registry, without a unit.
    """
    slopes: list[float | None] = [None if here else 0.0 for here in present]
    for family in together:
        wanted = np.array([[slopes[i] is None for i in family.places]])
        if not _has(family.kind, "slopes_together") or not np.count_nonzero(wanted):
            continue
        found = _slopes(family, (state,), horizon, wanted)[0].tolist()
        for i, slope in zip(family.places, found, strict=True):
            slopes[i] = slope
    return [
        one.slope_of_one(state, horizon, step) if slope is None else slope
        for one, slope in zip(forecasters, slopes, strict=True)
    ]


def slopes_by_lane(
    together: Families, state: StateArrays, horizon: int, wanted: Mask
) -> Iterator[tuple[list[int], Array]]:
    """Yield d(forecast of the level) / d(last value) of forecasters that are asked together.

    Args:
        together: Result of `families` for the forecasters of several lanes.
        state: States that they act on.
        horizon: Horizon of the forecasts, in rounds.
        wanted: Whether a slope is needed, shape (lane, forecaster); others are 0.

    Yields:
        Places of forecasters, and their slopes, shape (lane, forecaster), without a unit.
    """
    for family in together:
        if not _has(family.kind, "slopes_together"):
            continue
        places = list(family.places)
        here = wanted[:, places]
        if np.count_nonzero(here):
            yield places, _slopes(family, state.each, horizon, here)
        else:
            yield places, np.zeros(here.shape)


def _slopes(family: Family, states: Sequence[Any], horizon: int, wanted: Mask) -> Array:
    """Return the slopes of forecasters of a kind, checked; 0 where none is wanted.

    Args:
        family: Forecasters of one kind.
        states: What they act on, by lane.
        horizon: In rounds.
        wanted: Shape (lane, forecaster).
    """
    found = _called(family, "slopes_together", states, horizon)
    right = np.shape(found) == (wanted.size,)
    slopes = np.where(wanted, np.reshape(found, wanted.shape), 0.0) if right else np.empty(0)
    if not right or np.count_nonzero(np.isfinite(slopes)) < slopes.size:
        raise AgentError(f"{family.kind.__name__}.slopes_together() returned {found!r}")
    return slopes


def is_asked_together(kind: Any) -> bool:
    """Return whether a class of forecasters says how several of them are asked at once.

    Args:
        kind: Class of forecasters.

    Returns:
        Whether it has `act_together`, no older than its scalar form.
    """
    return _has(kind, "act_together")


@lru_cache(maxsize=256)
def _has(kind: Hashable, method: str) -> bool:
    """Return whether a class has a method that is no older than the scalar form of it."""
    return hasattr(kind, method) and is_current(kind, method)


def _together(family: Family, states: Sequence[Any], horizon: int) -> ActionArrays:
    """Return what forecasters of a kind say, one row each, checked."""
    found: Any = _called(family, "act_together", states, horizon)
    n = len(states) * len(family.places)
    given: Any = found
    right = (
        isinstance(found, ActionArrays)
        and np.shape(given.delta) == np.shape(given.scale) == (n,)
        and not isinstance(found.reason, str)
        and list(map(bool, found.reason)) == np.isnan(given.delta).tolist()
    )
    if not right:
        raise AgentError(
            f"{family.kind.__name__}.act_together() returned {found!r}: a delta, a scale and a "
            "reason per forecaster are wanted, and a reason where the delta is NaN"
        )
    checked: ActionArrays = found
    return checked


def _called(family: Family, what: str, states: Sequence[Any], horizon: int) -> Any:
    try:
        return getattr(family.kind, what)(family.members, states, horizon)
    except ForecastGameError:
        raise
    except Exception as error:
        names = ", ".join(repr(agent.name) for agent in family.members[0])
        raise AgentError(
            f"agents {names} failed in {what}(): {type(error).__name__}: {error}"
        ) from error
