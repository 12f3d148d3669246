"""Linear forecasters that are asked together: their coefficients are one matrix.

Forecasts of many forecasters, in one game or in several, are sums of products of coefficients and
numbers that the state of the game shows or that are remembered. Here they are all taken at once,
term by term from left to right, so that each forecast is what `LinearForecaster.act` alone returns,
to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, chain
from operator import is_
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fg_core import AgentError, ForecastState, ForecastUnavailable
from fg_core.authoring import latest, require_fit
from fg_core.batch.lazy import lazy

from .fit import LinearFit
from .memory import Memory, Row

__all__ = [
    "AskedTogether",
    "Inputs",
    "JointForms",
    "Layout",
    "asked_together",
    "joint_forms",
    "numbers_of",
]

Array = NDArray[np.float64]

_REMEMBERED = 16
"""Sets of forecasters that are remembered: provisional and confirmed ones, by horizon."""


class Fitted(Protocol):
    """A linear forecaster."""

    @property
    def reason(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def fitted(self) -> LinearFit | None: ...
    @property
    def memory(self) -> Memory | None: ...


@dataclass(frozen=True)
class Layout:
    """Layout of the numbers in a row that forecasts are functions of.

    The row begins with 1; then come, game by game, the latest values and the rows of each memory.

    Args:
        n_games: Number of games.
        games: Number of the game of each forecaster, rising from 0; some games may have none.
        users: Number of the memory that each forecaster uses; those of a game follow each other.
        lags: Number of rows that are read of each memory.
        widths: Number of columns of each memory.
    """

    n_games: int
    games: tuple[int, ...]
    users: tuple[int, ...]
    lags: tuple[int, ...]
    widths: tuple[int, ...]

    @lazy
    def slots(self) -> tuple[range, ...]:
        """The memories of each game."""
        ends = [0] * self.n_games
        for game, slot in zip(self.games, self.users, strict=True):
            ends[game] = max(ends[game], slot + 1)
        ends = list(accumulate(ends, max))
        return tuple([range(*both) for both in zip([0, *ends[:-1]], ends, strict=True)])

    @lazy
    def orders(self) -> tuple[int, ...]:
        """Number of the latest values that are read, by game."""
        return tuple([max([self.lags[slot] for slot in own], default=0) for own in self.slots])

    @lazy
    def begins(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Places of the latest value by game, and of the latest row by memory."""
        values, rows, at = [], [], 1
        for order, own in zip(self.orders, self.slots, strict=True):
            values.append(at)
            at += order
            for slot in own:
                rows.append(at)
                at += self.lags[slot] * self.widths[slot]
        return tuple(values), tuple(rows)


@dataclass(frozen=True, eq=False)
class JointForms:
    """The forecasts of many forecasters for one horizon, as functions of one row of numbers.

    Args:
        weights: Weights of each term, shape (term, forecaster); where a forecaster has fewer terms,
            -0.0 at the place of the 1, which changes no sum.
        places: Place of each term's number in the row, same shape.
        scales: Standard deviations of the forecasts, shape (forecaster,).
        slopes: Derivatives of the forecasts by the last value alone, shape (forecaster,).
    """

    weights: Array
    places: NDArray[np.intp]
    scales: Array
    slopes: Array

    def changes(self, row: Array) -> Array:
        """Return the expected changes from the last value, shape (forecaster,).

        Args:
            row: The numbers, as `numbers_of` lays them out.

        Returns:
            Array in the units of the series; not finite where a forecast overflows.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            products = self.weights * row[self.places]
            total: Array = np.add.accumulate(products, axis=0)[-1]
            change: Array = total - row[self.places[1]]
        return change


@lru_cache(maxsize=64)
def joint_forms(fits: tuple[LinearFit, ...], layout: Layout, horizon: int) -> JointForms:
    """Return the forecasts of some fits for a horizon; those of the latest fits are remembered.

    Args:
        fits: Fits, one per forecaster.
        layout: Layout of the numbers that they are functions of.
        horizon: Steps ahead, in periods.

    Returns:
        Coefficients of shape (term, forecaster), scales and slopes of shape (forecaster,).
    """
    LinearFit.work_out(fits, horizon)
    forms = [fit.forms(horizon) for fit in fits]
    alike: dict[tuple[int, ...], list[int]] = {}
    for j, one in enumerate(forms):
        alike.setdefault(one.weights.shape[1:], []).append(j)
    terms = 1 + max([order * columns for order, columns in alike])
    weights = np.full((terms, len(fits)), -0.0)
    places = np.zeros((terms, len(fits)), dtype=np.intp)
    weights[0] = [one.offsets[horizon - 1] for one in forms]
    numbers = np.arange(terms)[:, np.newaxis]
    begins = layout.begins
    values = np.array(begins[0])[list(layout.games)]
    rows = np.array(begins[1])[list(layout.users)]
    for (order, columns), some in alike.items():
        own = np.stack([forms[j].weights[horizon - 1] for j in some], axis=2)
        middle, end = 1 + order, 1 + order * columns
        weights[1:middle, some] = own[:, 0]
        weights[middle:end, some] = own[:, 1:].reshape(-1, len(some))
        places[1:middle, some] = values[some] + numbers[:order]
        places[middle:end, some] = rows[some] + numbers[: end - middle]
    scales = np.array([fit.scales(horizon)[horizon - 1] for fit in fits])
    return JointForms(weights, places, scales, weights[1].copy())


def numbers_of(
    order: int, lags: Sequence[int], state: Any, rows: Sequence[Sequence[Row]]
) -> list[float]:
    """Return the numbers of one game that `JointForms` are functions of.

    Args:
        order: Number of the latest values.
        lags: Number of rows of each memory.
        state: State that the forecasters act on.
        rows: Rows of each memory, the latest first.

    Returns:
        The latest values, then the rows of each memory, without the 1 that begins a row.
    """
    past = state.history
    numbers = [state.value]
    numbers += past[len(past) - order + 1 :][::-1] if order > 1 else ()
    for own, n in zip(rows, lags, strict=True):
        for row in own[:n]:
            numbers += row
    return numbers


@dataclass(frozen=True, eq=False)
class Inputs:
    """Fitted forecasters, and what all of them read: the same for every horizon.

    Args:
        agents: The forecasters.
        places: Places of these forecasters among all that are asked.
        fits: Fits of these forecasters.
        memories: Memories that they use, each once per game.
        layout: Layout of the numbers that they read in a row.
    """

    agents: tuple[Fitted, ...]
    places: tuple[int, ...]
    fits: tuple[LinearFit, ...]
    memories: tuple[Memory, ...]
    layout: Layout
    _read: list[tuple[Sequence[ForecastState], Array, dict[int, str]]] = field(
        default_factory=list, init=False, repr=False
    )

    @classmethod
    def of(cls, games: Sequence[Sequence[Fitted]]) -> Inputs:
        """Return the inputs of these forecasters; those without a fit read nothing.

        Args:
            games: Forecasters of each game.

        Returns:
            Forecasters that have a fit, their memories, and the layout of the numbers that they
            read.

        Raises:
            AgentError: One was never fitted.
        """
        fits, users, own = [], [], []
        agents: list[Fitted] = []
        places: list[int] = []
        memories: list[Memory] = []
        lags: list[int] = []
        slots: dict[tuple[int, int, int], int] = {}
        each = [(game, agent) for game, some in enumerate(games) for agent in some]
        for place, (game, agent) in enumerate(each):
            if agent.reason:
                continue
            agents.append(agent)
            places.append(place)
            own.append(game)
            fitted = agent.fitted or require_fit(agent.name, agent.fitted)
            memory = agent.memory or require_fit(agent.name, agent.memory)
            order = fitted.order
            key = game, id(memory), order
            slot = slots.get(key)
            if slot is None:
                slot = slots[key] = len(memories)
                memories.append(memory)
                lags.append(order)
            fits.append(fitted)
            users.append(slot)
        widths = tuple([memory.width for memory in memories])
        layout = Layout(len(games), tuple(own), tuple(users), tuple(lags), widths)
        return cls(tuple(agents), tuple(places), tuple(fits), tuple(memories), layout)

    @lazy
    def at(self) -> slice | NDArray[np.intp]:
        """The places as an index: a slice where no forecaster is left out."""
        n = len(self.places)
        return slice(n) if self.places == tuple(range(n)) else np.array(self.places, dtype=np.intp)

    @lazy
    def with_segments(self) -> tuple[int, ...]:
        """Forecasters that have segments among their columns."""
        return tuple([i for i, fit in enumerate(self.fits) if fit.segments])

    def row(self, states: Sequence[ForecastState]) -> tuple[Array, dict[int, str]]:
        """Return the numbers that forecasts are functions of, and which forecasters lack some.

        What was read last is remembered: a round asks for one horizon after the other.

        Args:
            states: States that the forecasters act on, by game.

        Returns:
            The numbers; by place of a forecaster, why there is none.

        Raises:
            AgentError: A history that is too short, or a value that is not finite.
        """
        for known, row, lost in self._read:
            if known is states or all(map(_shows_the_same, known, states)):
                return row, lost
        row, lost = self._row(states)
        # One assignment, so that another thread sees the old list or the new one.
        self._read[:] = [(tuple(states), row, lost)]
        return row, lost

    def _row(self, states: Sequence[ForecastState]) -> tuple[Array, dict[int, str]]:
        layout, numbers = self.layout, [1.0]
        lost: dict[int, str] = {}
        for game, state in enumerate(states):
            order = layout.orders[game]
            if order == 0:
                continue
            # Most states show all that is needed; `latest` says for which forecasters they do not.
            if len(state.history) < order - 1 or not _finite(state, order):
                for agent, own in zip(self.agents, layout.games, strict=True):
                    if own == game:
                        latest(agent.name, state, require_fit(agent.name, agent.fitted).order)
            rows: list[Sequence[Row]] = []
            for slot in layout.slots[game]:
                memory, n = self.memories[slot], layout.lags[slot]
                try:
                    rows.append(memory.others(state, n))
                except ForecastUnavailable as error:
                    users = [i for i, own in enumerate(layout.users) if own == slot]
                    lost.update(dict.fromkeys(users, str(error)))
                    rows.append([(0.0,) * memory.width] * n)
                except AgentError as error:
                    name = self.agents[layout.users.index(slot)].name
                    raise AgentError(f"forecaster {name!r}: {error}") from error
            lags = [layout.lags[slot] for slot in layout.slots[game]]
            numbers += numbers_of(order, lags, state, rows)
        return np.array(numbers), lost


@dataclass(frozen=True, eq=False)
class AskedTogether:
    """Forecasters that are asked together for one horizon.

    Args:
        games: Forecasters of each game.
        horizon: Steps ahead, in periods.
        n: Number of forecasters, in all games.
        unfitted: Place and forecaster where a fit left none.
        inputs: Forecasters that have a fit, and what they read.
        forms: Forecasts as functions of the row; None: no forecaster has a fit.
    """

    games: tuple[tuple[Any, ...], ...]
    horizon: int
    n: int
    unfitted: tuple[tuple[int, Any], ...]
    inputs: Inputs
    forms: JointForms | None

    def are(self, games: Sequence[Sequence[Any]]) -> bool:
        """Return whether these are the very same forecasters.

        Returns:
            True where each forecaster is the same object, in the same order.
        """
        mine = self.games
        if games is mine:
            return True
        # The last one alone tells most sets apart.
        if games[-1][-1] is not mine[-1][-1] or len(games) != len(mine):
            return False
        if list(map(len, games)) != list(map(len, mine)):
            return False
        return all(map(is_, chain.from_iterable(games), chain.from_iterable(mine)))


_asked: list[AskedTogether] = []


def asked_together(games: Sequence[Sequence[Fitted]], horizon: int) -> AskedTogether:
    """Return the forecasts of these forecasters as functions; the latest result is remembered.

    In a round the same ones are asked for several horizons, from several states, and for how much
    their forecasts move with the last value.

    Args:
        games: Forecasters of each game; at least one.
        horizon: Steps ahead, in periods.

    Returns:
        Forecasters of all games, what they read, and their forecasts as functions of it.

    Raises:
        AgentError: One was never fitted.
    """
    other = None
    for one in _asked:
        if one.are(games):
            if one.horizon == horizon:
                return one
            other = one
    if other is None:
        each = [agent for some in games for agent in some]
        unfitted = tuple([(i, agent) for i, agent in enumerate(each) if agent.reason])
        inputs, n = Inputs.of(games), len(each)
    else:
        unfitted, inputs, n = other.unfitted, other.inputs, other.n
    forms = joint_forms(inputs.fits, inputs.layout, horizon) if inputs.fits else None
    kept = tuple(map(tuple, games)) if other is None else other.games
    found = AskedTogether(kept, horizon, n, unfitted, inputs, forms)
    # One assignment, so that another thread sees the old list or the new one.
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
