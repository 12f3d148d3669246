"""Expert forecasts in many games."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.distributions import ShapeArrays, StatedDistribution
from fg_core.frozen import construct_unchecked, replace_unchecked
from fg_core.reasons import in_short

from .lazy import lazy
from .sealing import read_only
from .states import StateArrays

__all__ = ["ActionArrays", "ForecastArrays", "broadcast_to_games", "columns", "has_array_form"]

Array = NDArray[np.float64]


_SCALAR = {
    "act_array": "act",
    "act_together": "act",
    "aggregate_array": "aggregate",
    "delta": "act",
    "fit_together": "fit",
    "sensitivities_array": "sensitivities",
    "sensitivity_array": "sensitivity",
    "slopes_together": "sensitivity",
    "update_array": "update",
    "update_panel_array": "update_panel",
    "weights_array": "weights",
}

_WHERE_SCALAR = ("update_array", "update_panel_array", "sensitivity_array")
"""Methods that an array form has where the scalar form has its own."""


def has_array_form(agent: Any, *methods: str) -> bool:
    """Return whether an agent has these methods of an array form and stands by them.

    An agent that learns (has `update`) also needs `update_array`, one that learns from panels
    (`update_panel`) `update_panel_array`, one that states its sensitivity `sensitivity_array`, and
    to several values `sensitivities_array`. A class that overrides a scalar method and inherits the
    array form of the old one has no array form.

    Args:
        agent: Agent that is asked.
        methods: Names of methods of the array form, such as "act_array".

    Returns:
        Whether it has all of them, and none is older than its scalar form.
    """
    if not getattr(agent, "array_form", True):
        return False
    kind: Any = type(agent)
    for method in methods:
        if not (hasattr(agent, method) and is_current(kind, method)):
            return False
    for method in _WHERE_SCALAR:
        if hasattr(agent, _SCALAR[method]) and not (
            hasattr(agent, method) and is_current(kind, method)
        ):
            return False
    return True


@lru_cache(maxsize=1024)
def is_current(kind: Any, method: str) -> bool:
    """Return whether a class has a method, and overrides the scalar form of it no later.

    Args:
        kind: Class that is looked at.
        method: Name of a method that stands for a scalar one.

    Returns:
        Whether the method is there, defined no further up than its scalar form.
    """
    family = kind.__mro__

    def depth(name: str) -> int:
        return next((i for i, kind in enumerate(family) if name in vars(kind)), -1)

    scalar = depth(_SCALAR[method])
    return scalar < 0 or depth(method) <= scalar


@dataclass(frozen=True, eq=False)
class ActionArrays:
    """Forecasts of one forecaster in many games.

    Args:
        delta: Expected change, shape (game,) or one number; NaN where it has no forecast.
        scale: Standard deviation of the change, shape (game,) or one number; None or NaN where none
            is stated.
        reason: Why it has no forecast where it has none: what the scalar form says, or one text
            a game.
        shape: Distributions of the target's value that it states, leading axes (game,) or
            none; None: normals. `delta` and `scale` are then their means, less the last value, and
            their standard deviations; `stating` computes them.
    """

    delta: Array | float
    scale: Array | float | None = None
    reason: str | Sequence[str] = ""
    shape: ShapeArrays | None = None

    @classmethod
    def stating(
        cls, state: StateArrays, shape: ShapeArrays, reason: str | Sequence[str] = ""
    ) -> ActionArrays:
        """Return the actions of a forecaster that states distributions.

        Args:
            state: States that it acts on.
            shape: Distributions of the value that is forecast, leading axes (game,) or none, as
                `fg_core.distributions.stated_arrays` makes them; where nothing is stated it has no
                forecast.
            reason: Why it has none there.

        Returns:
            Actions whose changes and scales are the moments of the distributions, in the unit of
            the series.
        """
        mean, scale = shape.moments()
        delta = np.where(shape.stated, mean - state.value, np.nan)
        return cls(delta, np.where(shape.stated, scale, np.nan), reason, shape)


@dataclass(frozen=True, eq=False)
class ForecastArrays:
    """Expert forecasts from one state, for one horizon; arrays of shape (game, forecaster).

    Args:
        state: States that the forecasters acted on.
        deltas: Expected changes; NaN where a forecaster has no forecast.
        stated_scales: Standard deviations; NaN where none is stated.
        reasons: Reason of each forecaster where it has no forecast; as `ActionArrays`.
        names: Names of the forecasters, for aggregators that are asked game by game; empty: not
            known.
        shapes: Distributions that they state, leading axes (game, forecaster); None: none is
            stated.
    """

    state: StateArrays
    deltas: Array
    stated_scales: Array
    reasons: tuple[str | Sequence[str], ...] = ()
    names: tuple[str, ...] = ()
    shapes: ShapeArrays | None = None

    def __post_init__(self) -> None:
        for name in ("deltas", "stated_scales"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    @classmethod
    def of(
        cls,
        state: StateArrays,
        actions: Sequence[ActionArrays],
        names: tuple[str, ...] = (),
        together: Sequence[tuple[list[int], Array, Array, Sequence[str | Sequence[str]]]] = (),
    ) -> ForecastArrays:
        """Return the expert forecasts of these actions, one per forecaster.

        Args:
            state: States that the forecasters acted on.
            actions: Actions of each forecaster.
            names: Names of the forecasters; empty: not known.
            together: Answers of several forecasters at once in place of their actions: their
                places, deltas and scales of shape (forecaster, game), and reasons.

        Returns:
            Changes and scales of shape (game, forecaster), in the unit of the series.
        """
        # Forecaster by forecaster in memory, as `columns` has it.
        numbers = np.empty((2, len(actions), state.n_games))
        deltas, stated_scales = numbers
        for i, action in enumerate(actions):
            deltas[i] = action.delta
            stated_scales[i] = np.nan if action.scale is None else action.scale
        reasons = [action.reason for action in actions]
        for places, own_deltas, own_scales, why in together:
            deltas[places], stated_scales[places] = own_deltas, own_scales
            for i, reason in zip(places, why, strict=True):
                reasons[i] = reason
        return construct_unchecked(
            cls,
            state=state,
            deltas=deltas.T,
            stated_scales=stated_scales.T,
            reasons=tuple(reasons),
            names=names,
            shapes=_together([action.shape for action in actions], deltas.T),
        )

    @lazy
    def means(self) -> Array:
        """Forecast levels; NaN where a forecaster has no forecast."""
        found: Array = self.state.value[:, np.newaxis] + self.deltas
        return found

    @lazy
    def present(self) -> NDArray[np.bool_]:
        """Which forecasters have a forecast."""
        return np.asarray(~np.isnan(self.deltas), dtype=np.bool_)

    @lazy
    def is_full(self) -> bool:
        """Whether all forecasters have a forecast in all games."""
        return int(np.count_nonzero(self.present)) == self.present.size

    @lazy
    def absentees(self) -> tuple[int, ...]:
        """Which forecasters have no forecast in some game."""
        if self.is_full:
            return ()
        here = np.logical_and.reduce(self.present, axis=0)
        return tuple([i for i, everywhere in enumerate(here.tolist()) if not everywhere])

    @lazy
    def actions(self) -> tuple[tuple[AgentAction | None, ...], ...]:
        """Action of each forecaster in each game; None where it has no forecast.

        A stated distribution is shown as `StatedDistribution.of` puts it together.
        """
        if self.shapes is not None:
            return self._stating_actions(self.shapes)
        names = self.names or ("",) * self.deltas.shape[1]
        rows = zip(self.deltas.tolist(), self.stated_scales.tolist(), strict=True)
        return tuple(
            tuple(
                None
                if delta != delta
                else construct_unchecked(
                    AgentAction,
                    actor=name,
                    delta=delta,
                    scale=scale if scale == scale else None,
                    p_bad=None,
                    shape=None,
                )
                for name, delta, scale in zip(names, deltas, scales, strict=True)
            )
            for deltas, scales in rows
        )

    def _stating_actions(self, shapes: ShapeArrays) -> tuple[tuple[AgentAction | None, ...], ...]:
        plain = replace(self, shapes=None).actions
        return tuple(
            tuple(
                action
                if action is None or not shapes.stated[i, j]
                else replace_unchecked(action, shape=StatedDistribution.of(shapes, i, j))
                for j, action in enumerate(row)
            )
            for i, row in enumerate(plain)
        )

    def take(self, lanes: NDArray[np.intp]) -> ForecastArrays:
        """Return the expert forecasts of some of the games.

        Args:
            lanes: Numbers of the games, shape (new game,); a number may occur several times.

        Returns:
            Expert forecasts in the order of `lanes`.
        """
        reasons = tuple(
            one if isinstance(one, str) else [one[i] for i in lanes.tolist()]
            for one in self.reasons
        )
        # Forecaster by forecaster in memory, as `columns` has it.
        return construct_unchecked(
            ForecastArrays,
            state=self.state.take(lanes),
            deltas=self.deltas.T[:, lanes].T,
            stated_scales=self.stated_scales.T[:, lanes].T,
            reasons=reasons,
            names=self.names,
            shapes=None if self.shapes is None else self.shapes.take(lanes),
        )

    def why_absent(self, forecaster: int) -> dict[str, NDArray[np.bool_]]:
        """Return the games in which a forecaster has no forecast, by reason.

        Args:
            forecaster: Place of the forecaster.

        Returns:
            Whether a game lacks the forecast for this reason, shape (game,), by reason.
        """
        absent = ~self.present[:, forecaster]
        given = self.reasons[forecaster] if self.reasons else ""
        if isinstance(given, str):
            return {in_short(given): absent}
        places = absent.nonzero()[0].tolist()
        first = given[places[0]] if places else ""
        if all(given[i] == first for i in places):
            return {in_short(first): absent} if places else {}
        found: dict[str, NDArray[np.bool_]] = {}
        for i in places:
            games = found.setdefault(in_short(given[i]), np.zeros(absent.shape, dtype=np.bool_))
            games[i] = True
        return found


def _together(stated: Sequence[ShapeArrays | None], deltas: Array) -> ShapeArrays | None:
    """Return the distributions of all forecasters in one, leading axes (game, forecaster)."""
    if stated.count(None) == len(stated):
        return None
    n_games = deltas.shape[0]
    parts = []
    for one in stated:
        own = ShapeArrays.nothing() if one is None else one
        parts.append(own.broadcast(n_games).map(lambda array: array[:, np.newaxis]))
    whole = ShapeArrays.joined(parts, axis=1).where(~np.isnan(deltas))
    return whole if np.count_nonzero(whole.stated) else None


def columns(n_games: int, n_columns: int) -> Array:
    """Return an array of shape (game, column) whose columns lie in one piece each.

    Sums over the few columns are then sums of whole arrays, several times faster.

    Args:
        n_games: Number of games.
        n_columns: Number of columns.

    Returns:
        Array of shape (game, column), not filled in.
    """
    return np.empty((n_columns, n_games)).T


def broadcast_to_games(number: Any, n_games: int) -> Array:
    """Return an array of shape (game,) from one, or from one number for all games.

    Args:
        number: Number for all games, or array of shape (game,) or () in any unit.
        n_games: Number of games.

    Returns:
        Array of shape (game,), read-only where one number serves all games.
    """
    if isinstance(number, np.ndarray) and number.shape == (n_games,):
        return number
    return np.broadcast_to(np.asarray(number, dtype=np.float64), (n_games,))
