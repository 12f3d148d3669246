"""Linear forecasters that are asked together: their coefficients are one matrix.

Forecasts of many forecasters from one state are sums of products of coefficients and numbers that
the state shows or that are remembered. Here they are all taken at once, term by term from left to
right, so that each forecast is what `LinearForecaster.act` alone returns, to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import is_
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fg_core import AgentError, ForecastState, ForecastUnavailable
from fg_core.authoring import latest, require_fit
from fg_core.batch.lazy import lazy

from .fit import LinearFit
from .memory import Memory, Row

__all__ = ["AskedTogether", "Inputs", "JointForms", "asked_together", "joint_forms", "numbers_of"]

Array = NDArray[np.float64]

_REMEMBERED = 16
"""Sets of forecasters that are remembered: provisional and confirmed ones, by horizon."""


class Fitted(Protocol):
    """A linear forecaster."""

    @property
    def name(self) -> str: ...
    @property
    def fitted(self) -> LinearFit | None: ...
    @property
    def memory(self) -> Memory | None: ...


@dataclass(frozen=True, eq=False)
class JointForms:
    """The forecasts of many forecasters for one horizon, as functions of one row of numbers.

    The row begins with 1; then come the latest values, and the rows of each memory, lag by lag.

    Args:
        weights: Of each term, shape (term, forecaster); where a forecaster has fewer terms, -0.0
            at the place of the 1, which changes no sum.
        places: Place of each term's number in the row, same shape.
        scales: Standard deviations of the forecasts, shape (forecaster,).
        slopes: How far each forecast moves with the last value alone, shape (forecaster,).
        order: How many of the latest values the row has.
        lags: How many rows are wanted of each memory.
    """

    weights: Array
    places: NDArray[np.intp]
    scales: Array
    slopes: Array
    order: int
    lags: tuple[int, ...]

    def changes(self, row: Array) -> Array:
        """Return the expected changes from the last value, shape (forecaster,).

        Args:
            row: The numbers, as `numbers_of` lays them out.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            products = self.weights * row[self.places]
            total: Array = np.add.accumulate(products, axis=0)[-1]
            change: Array = total - row[1]
        return change


@lru_cache(maxsize=64)
def joint_forms(
    fits: tuple[LinearFit, ...], memories: tuple[int, ...], widths: tuple[int, ...], horizon: int
) -> JointForms:
    """Return the forecasts of some fits for a horizon; those of the latest fits are remembered.

    Args:
        fits: One per forecaster.
        memories: Number of the memory that each forecaster uses.
        widths: How many columns each memory has.
        horizon: In periods.
    """
    LinearFit.work_out(fits, horizon)
    offsets, own, beside, lags = [], [], [], [0] * len(widths)
    for fit, memory in zip(fits, memories, strict=True):
        forms = fit.forms(horizon)
        offsets.append(forms.offsets[horizon - 1])
        weights = forms.weights[horizon - 1]
        own.append(weights[:, 0])
        beside.append(weights[:, 1:].ravel())
        lags[memory] = max(lags[memory], len(weights))
    order = max(lags)
    begins = 1 + order + np.cumsum([0, *(n * w for n, w in zip(lags, widths, strict=True))])
    terms = 1 + max([a.size + b.size for a, b in zip(own, beside, strict=True)])
    weights = np.full((terms, len(fits)), -0.0)
    places = np.zeros((terms, len(fits)), dtype=np.intp)
    weights[0] = offsets
    numbers = np.arange(terms)
    for j, (a, b, begin) in enumerate(
        zip(own, beside, begins[list(memories)].tolist(), strict=True)
    ):
        middle, end = 1 + a.size, 1 + a.size + b.size
        weights[1:middle, j], weights[middle:end, j] = a, b
        places[1:middle, j] = numbers[1:middle]
        places[middle:end, j] = begin + numbers[: b.size]
    scales = np.array([fit.scales(horizon)[horizon - 1] for fit in fits])
    return JointForms(weights, places, scales, weights[1].copy(), order, tuple(lags))


def numbers_of(order: int, lags: Sequence[int], state: Any, rows: Sequence[Sequence[Row]]) -> Array:
    """Return the row of numbers that `JointForms` are functions of.

    Args:
        order: How many of the latest values it has.
        lags: How many rows of each memory.
        state: What the forecasters act on.
        rows: Of each memory, the latest first.
    """
    past = state.history
    numbers = [1.0, state.value]
    numbers += past[len(past) - order + 1 :][::-1] if order > 1 else ()
    for own, n in zip(rows, lags, strict=True):
        for row in own[:n]:
            numbers += row
    return np.array(numbers)


@dataclass(frozen=True, eq=False)
class Inputs:
    """Fitted forecasters, and what all of them read: the same for every horizon.

    Args:
        agents: The forecasters.
        fits: Their fits.
        memories: Those that they use, each once.
        users: Number of the memory that each forecaster uses.
        order: How many of the latest values are read.
        lags: How many rows are read of each memory.
    """

    agents: tuple[Fitted, ...]
    fits: tuple[LinearFit, ...]
    memories: tuple[Memory, ...]
    users: tuple[int, ...]
    order: int
    lags: tuple[int, ...]
    _read: list[tuple[ForecastState, Array, dict[int, str]]] = field(
        default_factory=list, init=False, repr=False
    )

    @classmethod
    def of(cls, agents: Sequence[Fitted]) -> Inputs:
        """Return what these forecasters read.

        Raises:
            AgentError: One is not fitted.
        """
        fits, users = [], []
        memories: list[Memory] = []
        lags: list[int] = []
        slots: dict[tuple[int, int], int] = {}
        for agent in agents:
            fitted = agent.fitted or require_fit(agent.name, agent.fitted)
            memory = agent.memory or require_fit(agent.name, agent.memory)
            order = fitted.order
            key = id(memory), order
            slot = slots.get(key)
            if slot is None:
                slot = slots[key] = len(memories)
                memories.append(memory)
                lags.append(order)
            fits.append(fitted)
            users.append(slot)
        return cls(
            tuple(agents), tuple(fits), tuple(memories), tuple(users), max(lags), tuple(lags)
        )

    @lazy
    def with_segments(self) -> tuple[int, ...]:
        """Which of the forecasters have segments among their columns."""
        return tuple([i for i, fit in enumerate(self.fits) if fit.segments])

    def row(self, state: ForecastState) -> tuple[Array, dict[int, str]]:
        """Return the numbers that forecasts from a state are functions of, and who lacks some.

        What was read last is remembered: a round asks for one horizon after the other.

        Args:
            state: What the forecasters act on.

        Returns:
            The numbers; by place of a forecaster, why there is none.

        Raises:
            AgentError: A history that is too short, or a value that is not finite.
        """
        for known, row, lost in self._read:
            if _shows_the_same(known, state):
                return row, lost
        row, lost = self._row(state)
        # One assignment, so that whoever else looks sees the old list or the new one.
        self._read[:] = [(state, row, lost)]
        return row, lost

    def _row(self, state: ForecastState) -> tuple[Array, dict[int, str]]:
        # Most states show all that anybody needs; `latest` says of whom they do not.
        if len(state.history) < self.order - 1 or not _finite(state, self.order):
            for agent in self.agents:
                latest(agent.name, state, require_fit(agent.name, agent.fitted).order)
        rows: list[Sequence[Row]] = []
        lost: dict[int, str] = {}
        for slot, (memory, n) in enumerate(zip(self.memories, self.lags, strict=True)):
            try:
                rows.append(memory.others(state, n))
            except ForecastUnavailable as error:
                lost.update({i: str(error) for i, own in enumerate(self.users) if own == slot})
                rows.append([(0.0,) * memory.width] * n)
            except AgentError as error:
                name = self.agents[self.users.index(slot)].name
                raise AgentError(f"forecaster {name!r}: {error}") from error
        return numbers_of(self.order, self.lags, state, rows), lost


@dataclass(frozen=True, eq=False)
class AskedTogether:
    """Fitted forecasters that are asked together for one horizon.

    Args:
        inputs: The forecasters, and what they read.
        horizon: In periods.
        forms: Their forecasts.
    """

    inputs: Inputs
    horizon: int
    forms: JointForms

    def row(self, state: ForecastState) -> tuple[Array, dict[int, str]]:
        """Return the numbers that forecasts from a state are functions of, and who lacks some.

        See `Inputs.row`.
        """
        return self.inputs.row(state)


_asked: list[AskedTogether] = []


def asked_together(agents: Sequence[Fitted], horizon: int) -> AskedTogether:
    """Return what these forecasters are asked by; what was worked out last is remembered.

    In a round the same ones are asked for several horizons, from several states, and for how much
    their forecasts move with the last value.

    Args:
        agents: Fitted forecasters.
        horizon: In periods.

    Raises:
        AgentError: One is not fitted.
    """
    inputs, last = None, agents[-1]
    for one in _asked:
        known = one.inputs.agents
        # The last one alone tells most sets apart.
        if known[-1] is last and len(known) == len(agents) and all(map(is_, known, agents)):
            if one.horizon == horizon:
                return one
            inputs = one.inputs
    inputs = inputs or Inputs.of(agents)
    widths = tuple([memory.width for memory in inputs.memories])
    forms = joint_forms(inputs.fits, inputs.users, widths, horizon)
    found = AskedTogether(inputs, horizon, forms)
    # One assignment, so that whoever else looks sees the old list or the new one.
    _asked[:] = [found, *_asked[: _REMEMBERED - 1]]
    return found


def _shows_the_same(a: ForecastState, b: ForecastState) -> bool:
    """Return whether two states show forecasters the same numbers, to the last bit.

    (Zeros of either sign are equal, but not the same. Other mappings are taken for other numbers.)
    """
    return a is b or (
        a.t == b.t
        and a.value == b.value != 0.0
        and a.macro_context is b.macro_context
        and a.segment_values is b.segment_values
        and (a.history is b.history or (a.history == b.history and 0.0 not in a.history))
    )


def _finite(state: ForecastState, order: int) -> bool:
    past = state.history
    return math.isfinite(state.value) and all(map(math.isfinite, past[len(past) - order + 1 :]))
