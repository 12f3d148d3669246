"""Forecasters of one kind that are asked together: one call for all of them, in one game.

Dozens of forecasters that differ in their coefficients alone are one matrix. A class that knows
how to ask several of its forecasters at once says so by `act_together` (see `Forecaster`); what
it returns is what `act` of each returns, to the last bit. All others are asked one by one.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.batch import ActionArrays
from fg_core.batch.panel import is_current
from fg_core.errors import AgentError, ForecastGameError
from fg_core.frozen import made
from fg_core.reasons import in_short
from fg_core.state import ForecastState

from .agent_batch import AgentBatch
from .asking import ask

__all__ = ["Said", "ask_in_one_game", "families", "slopes_in_one_game"]

Array = NDArray[np.float64]
Families = tuple[tuple[Any, tuple[int, ...]], ...]


@dataclass(frozen=True, eq=False)
class Said:
    """What the forecasters say in one game.

    Args:
        numbers: Deltas and scales, shape (2, forecaster); NaN where there is none.
        reasons: By forecaster, why it has no forecast; "": it has one.
        actions: By forecaster, what it returned; None where it has no forecast, or was asked
            together with others.
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
            else made(
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
    """Return the kinds of which several forecasters can be asked together, and their places.

    Args:
        forecasters: Of the only lane, in the order of the registry.
    """
    found: dict[Any, list[int]] = {}
    for i, one in enumerate(forecasters):
        kind: Any = type(one.members[0])
        if one.draws is None and _has(kind, "act_together"):
            found.setdefault(kind, []).append(i)
    return tuple((kind, tuple(places)) for kind, places in found.items() if len(places) > 1)


def ask_in_one_game(
    forecasters: Sequence[AgentBatch], together: Families, state: ForecastState, horizon: int
) -> Said:
    """Return what the forecasters of the only lane say.

    Args:
        forecasters: In the order of the registry.
        together: `families` of them.
        state: What they act on.
        horizon: In rounds.
    """
    n, nan = len(forecasters), np.nan
    deltas, scales, reasons = [nan] * n, [nan] * n, [""] * n
    actions: list[AgentAction | None] = [None] * n
    asked = set[int]()
    for kind, places in together:
        agents = [forecasters[i].members[0] for i in places]
        found: Any = _together(kind, agents, state, horizon)
        rows = zip(places, found.delta.tolist(), found.scale.tolist(), found.reason, strict=True)
        for i, delta, scale, reason in rows:
            deltas[i], scales[i] = delta, scale
            if reason:
                reasons[i] = in_short(reason)
        asked.update(places)
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
        forecasters: In the order of the registry.
        together: `families` of them.
        present: Which of them have a forecast; the slope of the others is 0.
        state: What they act on.
        horizon: In rounds.
        step: Half the step of a finite difference, in the unit of the series.
    """
    slopes: list[float | None] = [None if here else 0.0 for here in present]
    for kind, places in together:
        wanted = [i for i in places if slopes[i] is None]
        if not wanted or not _has(kind, "slopes_together"):
            continue
        agents = [forecasters[i].members[0] for i in wanted]
        found = _called(kind, "slopes_together", agents, state, horizon)
        if np.shape(found) != (len(agents),) or not np.isfinite(found).all():
            raise AgentError(f"{kind.__name__}.slopes_together() returned {found!r}")
        for i, slope in zip(wanted, np.asarray(found).tolist(), strict=True):
            slopes[i] = slope
    return [
        one.slope_of_one(state, horizon, step) if slope is None else slope
        for one, slope in zip(forecasters, slopes, strict=True)
    ]


@lru_cache(maxsize=256)
def _has(kind: Hashable, method: str) -> bool:
    """Return whether a class has a method that is no older than the scalar form of it."""
    return hasattr(kind, method) and is_current(kind, method)


def _together(kind: Any, agents: Sequence[Any], state: Any, horizon: int) -> ActionArrays:
    """Return what forecasters of a kind say, one row each, checked."""
    found: Any = _called(kind, "act_together", agents, state, horizon)
    n = len(agents)
    given: Any = found
    right = (
        isinstance(found, ActionArrays)
        and np.shape(given.delta) == np.shape(given.scale) == (n,)
        and not isinstance(found.reason, str)
        and [bool(reason) for reason in found.reason] == np.isnan(given.delta).tolist()
    )
    if not right:
        raise AgentError(
            f"{kind.__name__}.act_together() returned {found!r}: a delta, a scale and a reason "
            "per forecaster are wanted, and a reason where the delta is NaN"
        )
    checked: ActionArrays = found
    return checked


def _called(kind: Any, what: str, agents: Sequence[Any], state: Any, horizon: int) -> Any:
    try:
        return getattr(kind, what)(agents, state, horizon)
    except ForecastGameError:
        raise
    except Exception as error:
        names = ", ".join(repr(agent.name) for agent in agents)
        raise AgentError(
            f"agents {names} failed in {what}(): {type(error).__name__}: {error}"
        ) from error
