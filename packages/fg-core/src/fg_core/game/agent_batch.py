"""One agent in many games: asked once for all of them where it has an array form, else one by one.

A *lane* is a row of the arrays: a game, or a series that many games share. An agent of one lane is
asked by its scalar form, which an array form promises to equal to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.batch import ActionArrays, StateArrays, has_array_form
from fg_core.batch.handing import handed, handed_to
from fg_core.batch.lazy import lazy
from fg_core.distributions import ShapeArrays, pack
from fg_core.errors import AgentError, ForecastUnavailable
from fg_core.frozen import construct_unchecked
from fg_core.rng import AgentDraws
from fg_core.state import ForecastState

from .asking import (
    ask,
    call,
    is_per_lane,
    numerical_call,
    require_numbers,
    sensitivity,
    successor,
)
from .draws import LaneSeed
from .revealed_lanes import RevealedLanes

__all__ = ["AgentBatch"]

Array = NDArray[np.float64]
Lanes = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class AgentBatch:
    """An agent in each of many games.

    Args:
        members: Agent of each lane; one: that of all lanes.
        n: Number of lanes.
        method: Method of the array form that it is asked by.
        stacked: Agent that stands for all members; None: there is none.
        draws: Agent's random numbers, of all lanes (`StreamRuns`) or one `Stream` per lane;
            None: it draws none.
        late: Number of rounds from the states that it acts on to this one, where values come late;
            random numbers are those of this round.
    """

    members: tuple[Any, ...]
    n: int
    method: str
    stacked: Any = None
    draws: Any = None
    late: int = 0

    @classmethod
    def of(
        cls, members: Sequence[Any], n: int, method: str, *, stack_learners: bool = False
    ) -> Self:
        """Return the batch of these agents, one per lane or one for all.

        Args:
            members: Agents, one for all lanes or one per lane.
            n: Number of lanes.
            method: Method by which an array form is asked.
            stack_learners: Whether agents that learn become one agent as well; they cannot be
                fitted again then.
        """
        first = members[0]
        if all(one is first for one in members):
            return cls((first,), n, method)
        kind = type(first)
        learns = hasattr(first, "update")
        if (
            hasattr(kind, "stack")
            and (stack_learners or not learns)
            and all(type(one) is kind for one in members)
            and has_array_form(first, method)
        ):
            stacked = kind.stack(tuple(members))
            if learns and stacked is not None:
                return cls((stacked,), n, method)
            return cls(tuple(members), n, method, stacked)
        return cls(tuple(members), n, method)

    def drawing(self, role: str, seeds: LaneSeed) -> Self:
        """Return the batch with the random numbers that its agent may draw.

        Args:
            role: Stream of the agent's role.
            seeds: Source of the random numbers of the games.
        """
        if not hasattr(self.members[0], "with_draws"):
            return self
        made_of: Any = seeds.arrays if self.is_array else seeds.each
        return replace(self, draws=made_of(role, self.name))

    def bound(self, agent: Any, t: int, lane: int | None = None) -> Any:
        """Return an agent with its random numbers of a round, if it draws any.

        Args:
            agent: Agent of a lane, or of all lanes.
            t: Period of the state that it acts on.
            lane: Number of the lane; None: all.
        """
        if self.draws is None:
            return agent
        t += self.late
        drawn = self.draws.at(t) if lane is None else AgentDraws(self.draws[lane], t)
        return successor(agent, "with_draws", "act", drawn)

    @lazy
    def name(self) -> str:
        """Name of the agent."""
        return str(self.members[0].name)

    @lazy
    def is_array(self) -> bool:
        """Whether it is asked for several lanes at once."""
        if self.by_lane:
            return False
        if self.one is None and hasattr(self.members[0], "with_draws"):
            return False  # agents with random numbers of their own have them by lane
        return all(has_array_form(one, self.method) for one in self.distinct)

    @lazy
    def by_lane(self) -> bool:
        """Whether every lane has an agent of its own: no agent can be asked for several."""
        return self.n == 1 or (self.stacked is None and len(self.distinct) == self.n)

    @lazy
    def distinct(self) -> tuple[Any, ...]:
        """The agents of the lanes, each once."""
        return tuple({id(one): one for one in self.members}.values())

    @lazy
    def groups(self) -> tuple[tuple[Any, Lanes], ...]:
        """Lanes of each distinct agent."""
        lanes: dict[int, list[int]] = {}
        for lane, one in enumerate(self.members):
            lanes.setdefault(id(one), []).append(lane)
        return tuple((one, np.array(lanes[id(one)], dtype=np.intp)) for one in self.distinct)

    @property
    def each(self) -> tuple[Any, ...]:
        """The agent of each lane."""
        return self.members if len(self.members) == self.n else self.members * self.n

    @lazy
    def one(self) -> Any:
        """The agent that stands for all lanes, or None where lanes have agents of their own."""
        if self.stacked is not None:
            return self.stacked
        return self.members[0] if len(self.members) == 1 else None

    def take(self, lanes: Lanes) -> Self:
        """Return the agents of some lanes, in the order of `lanes`; lanes may repeat.

        An agent that stands for all lanes because it has learned as arrays is asked to `take`.
        """
        if len(self.members) > 1:
            return type(self).of(self._members_of(lanes), lanes.size, self.method)
        agent = self.members[0]
        if self.n > 1 and hasattr(agent, "take"):
            agent = call(agent, "take", handed(lanes))
        return type(self)((agent,), lanes.size, self.method)

    def _members_of(self, lanes: Lanes) -> list[Any]:
        """Return the agent of each of these lanes; one that has learned as arrays takes its own."""
        found = [self.members[i] for i in lanes.tolist()]
        if not any(hasattr(one, "take") for one in self.distinct):
            return found
        for agent, theirs in self.groups:
            # What one lane has learned fits any number of lanes that repeat it.
            if (theirs.size == 1 and lanes.size > 1) or not hasattr(agent, "take"):
                continue
            here = np.flatnonzero(np.isin(lanes, theirs))
            if here.size:
                own = call(agent, "take", np.searchsorted(theirs, lanes[here]))
                for place in here.tolist():
                    found[place] = own
        return found

    def lane_by_lane(self) -> tuple[Any, ...]:
        """Return the agent of each lane, as one of a single game."""
        if self.by_lane or not any(hasattr(one, "take") for one in self.distinct):
            return self.each
        found: list[Any] = [None] * self.n
        groups = self.groups
        if len(self.members) == 1:
            groups = ((self.members[0], np.arange(self.n, dtype=np.intp)),)
        for agent, lanes in groups:
            for place, lane in enumerate(lanes.tolist()):
                alone = np.array([place], dtype=np.intp)
                found[lane] = call(agent, "take", alone) if hasattr(agent, "take") else agent
        return tuple(found)

    # ------------------------------------------------------------------------------------- learning

    @lazy
    def learns(self) -> bool:
        """Whether it learns anything from a reveal."""
        return any(hasattr(one, "update") for one in self.distinct)

    @lazy
    def learns_from_values(self) -> bool:
        """Whether what it learns depends on revealed values alone, or it learns nothing."""
        return all(
            getattr(one, "learns_from_values", False) or not hasattr(one, "update")
            for one in self.distinct
        )

    def learned(self, revealed: RevealedLanes, own: Any = None) -> Self:
        """Return the agents after a reveal (or a reported value taken for one).

        Args:
            revealed: Reveals of every lane.
            own: Agent's own reward, shape (lane,); None: not known.
        """
        if self.n == 1:
            agent = self.members[0]
            if not hasattr(agent, "update"):
                return self
            new = successor(agent, "update", "act", revealed.with_own(own).each[0])
            return self._become(new)
        if not self.learns:
            return self
        told = revealed.with_own(own)
        if self.is_array:
            if len(self.members) == 1:
                new = successor(
                    self.members[0], "update_array", "act", handed_to(self.members[0], told.arrays)
                )
                return self._become(new)
            found: list[Any] = [None] * self.n
            for agent, lanes in self.groups:
                new = agent
                if hasattr(agent, "update"):
                    new = successor(
                        agent, "update_array", "act", handed_to(agent, told.take(lanes).arrays)
                    )
                for lane in lanes.tolist():
                    found[lane] = new
            return self.of_members(found)
        members = [
            successor(one, "update", "act", what) if hasattr(one, "update") else one
            for one, what in zip(self.each, told.each, strict=True)
        ]
        if self.by_lane and len(set(map(id, members))) == self.n:
            return self._become(*members)
        return self.of_members(members)

    def _become(self, *members: Any) -> Self:
        """Return the batch of what the only agent, or that of each lane, has become."""
        fields = {item: self.__dict__[item] for item in ("n", "method", "stacked", "draws")}
        return construct_unchecked(type(self), members=members, name=self.name, **fields)

    def of_members(self, members: Sequence[Any]) -> Self:
        """Return a batch of other agents, one per lane, with the same random numbers."""
        found = type(self).of(members, self.n, self.method)
        return found if self.draws is None else replace(found, draws=self.draws)

    # ------------------------------------------------------------------------------------- asking

    def ask(self, state: StateArrays, horizon: int) -> ActionArrays:
        """Return what a forecaster says in each lane."""
        if self.n > 1 and self.is_array:
            one = self.one
            if one is not None:
                return self.asked(self.bound(one, state.t), state, horizon)
            return self._scattered(state, lambda agent, part: self.asked(agent, part, horizon))
        said = [
            ask(self.bound(one, state.t, lane), s, horizon)
            for lane, (one, s) in enumerate(zip(self.each, state.each, strict=True))
        ]
        return ActionArrays(
            np.array([np.nan if isinstance(one, str) else one.delta for one in said]),
            np.array([np.nan if isinstance(one, str) else _number(one.scale) for one in said]),
            [one if isinstance(one, str) else "" for one in said],
            pack([None if isinstance(one, str) else one.shape for one in said]),
        )

    def ask_one(self, state: ForecastState, horizon: int) -> AgentAction | str:
        """Return what a forecaster says in the only lane, or why it says nothing."""
        agent = self.members[0]
        if self.draws is not None:
            agent = self.bound(agent, state.t, 0)
        return ask(agent, state, horizon)

    def slope_of_one(self, state: ForecastState, horizon: int, step: float) -> float:
        """Return d(forecast of the level) / d(last value) in the only lane."""
        agent = self.members[0]
        if self.draws is not None:
            agent = self.bound(agent, state.t, 0)
        return sensitivity(agent, state, horizon, step)

    def asked(self, agent: Any, state: StateArrays, horizon: int) -> ActionArrays:
        """Return what one agent says in all the lanes of a state by its array form, checked."""
        try:
            found = numerical_call(agent, "act_array", handed_to(agent, state), horizon)
        except ForecastUnavailable as reason:
            return ActionArrays(np.nan, reason=str(reason))
        if not isinstance(found, ActionArrays):
            raise AgentError(f"agent {self.name!r} returned no ActionArrays")
        n_games, scale = state.n_games, found.scale
        if not is_per_lane(found.delta, n_games):
            self._check_numbers("delta", found.delta, n_games)
        if scale is not None and not is_per_lane(scale, n_games):
            self._check_numbers("scale", scale, n_games)
        if found.shape is not None:
            self._check_shape(found.shape, n_games)
        return found

    def _check_numbers(self, what: str, numbers: Any, n_games: int) -> None:
        require_numbers(self.name, what, numbers)
        if np.shape(numbers) not in ((), (n_games,)):
            raise AgentError(
                f"agent {self.name!r} returned a {what} of shape {np.shape(numbers)} for "
                f"{n_games} games"
            )

    def _check_shape(self, shape: Any, n_games: int) -> None:
        if not isinstance(shape, ShapeArrays):
            raise AgentError(
                f"agent {self.name!r} returned a shape of type {type(shape).__name__}: ShapeArrays "
                "are wanted"
            )
        if shape.stated.shape not in ((), (n_games,)):
            raise AgentError(
                f"agent {self.name!r} returned distributions of leading axes {shape.stated.shape} "
                f"for {n_games} games"
            )

    def _scattered(
        self, state: StateArrays, ask_some: Callable[[Any, StateArrays], ActionArrays]
    ) -> ActionArrays:
        delta, scale = np.full((2, self.n), np.nan)
        reasons: list[str] = [""] * self.n
        shapes: list[ShapeArrays | None] = []
        for agent, lanes in self.groups:
            found = ask_some(agent, state.take(lanes))
            delta[lanes] = found.delta
            scale[lanes] = np.nan if found.scale is None else found.scale
            shapes.append(found.shape)
            why = found.reason
            for i, lane in enumerate(lanes.tolist()):
                reasons[lane] = why if isinstance(why, str) else why[i]
        return ActionArrays(delta, scale, reasons, self._gathered(shapes))

    def _gathered(self, shapes: Sequence[ShapeArrays | None]) -> ShapeArrays | None:
        """Return the distributions that groups of lanes state, one row per lane."""
        if shapes.count(None) == len(shapes):
            return None
        lanes = [own for _, own in self.groups]
        parts = [
            (ShapeArrays.nothing() if shape is None else shape).broadcast(own.size)
            for shape, own in zip(shapes, lanes, strict=True)
        ]
        return ShapeArrays.joined(parts, axis=0).take(np.argsort(np.concatenate(lanes)))


def _number(scale: float | None) -> float:
    return np.nan if scale is None else scale
