"""The learners of many games as one frozen value: `Team` over arrays of games."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import MixtureArrays, Panel, StateArrays, has_array_form
from fg_core.batch.panel import columns
from fg_core.errors import AgentError
from fg_core.protocols import Revealed, RevealedForecast
from fg_core.window import TrainingWindow

from .array_agents import with_array_form
from .seats import RevealedGames, Seat
from .team import Team, call

__all__ = ["ArrayClaim", "ArrayTeam", "why_not"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ArrayClaim:
    """What the forecasters and the aggregator say in many games; see `Claim`."""

    state: StateArrays
    horizon: int
    actions: Panel
    forecast: MixtureArrays


def why_not(team: Team) -> tuple[str, ...]:
    """Return the agents that must be played game by game together with all others."""
    slow = []
    if not has_array_form(team.aggregator, "aggregate_array", "weights_array"):
        slow.append(team.aggregator.name)
    refactorer = with_array_form(team.refactorer)
    if refactorer is not None and not has_array_form(refactorer, "update_array"):
        slow.append(refactorer.name)
    return tuple(slow)


@dataclass(frozen=True, eq=False)
class ArrayTeam:
    """Forecasters, aggregator, defenders, adversaries and refactorer of many games."""

    forecasters: tuple[Seat, ...]
    aggregator: Any
    defenders: tuple[Seat, ...]
    adversaries: tuple[Seat, ...]
    refactorer: Any

    @classmethod
    def of(cls, team: Team, n_games: int) -> Self:
        """Return `team` for many games: they have one past, so one fit serves them all."""
        return cls(
            tuple(Seat.of(agent, n_games, "act_array") for agent in team.forecasters),
            team.aggregator,
            tuple(
                Seat.of(with_array_form(agent), n_games, "act_array") for agent in team.defenders
            ),
            tuple(Seat.of(agent, n_games, "delta") for agent in team.adversaries),
            with_array_form(team.refactorer),
        )

    @property
    def slow(self) -> tuple[str, ...]:
        """Names of the agents that are asked game by game."""
        seats = (*self.forecasters, *self.adversaries, *self.defenders)
        return tuple(seat.name for seat in seats if seat.games)

    def refitted(self, window: TrainingWindow, ready: Self | None = None) -> Self:  # noqa: ARG002
        """Refuse: fits within a game differ from game to game."""
        raise AgentError("forecasters are refitted: such games are played one by one, by `run`")

    def taught(self, revealed: Revealed) -> Self:
        """Return the team after a period's value became known to every agent."""
        games = RevealedGames(revealed)
        return type(self)(
            tuple(seat.learned(games) for seat in self.forecasters),
            self.aggregator,
            tuple(seat.learned(games) for seat in self.defenders),
            tuple(seat.learned(games) for seat in self.adversaries),
            self.refactorer,
        )

    @property
    def watches(self) -> bool:
        """Whether a forecaster learns anything from being shown a print."""
        return any(seat.learns for seat in self.forecasters)

    def shown(self, revealed: Revealed) -> Self:
        """Return the team after its forecasters saw a print."""
        games = RevealedGames(revealed)
        return replace(self, forecasters=tuple(seat.learned(games) for seat in self.forecasters))

    def judged(self, outcomes: Sequence[RevealedForecast]) -> Self:
        """Return the team after the aggregator and the refactorer learned from `outcomes`."""
        aggregator, refactorer = self.aggregator, self.refactorer
        for outcome in outcomes:
            aggregator = call(aggregator, "update_array", outcome)
            if refactorer is not None:
                refactorer = call(refactorer, "update_array", outcome)
        if not outcomes:
            return self
        return type(self)(
            self.forecasters, aggregator, self.defenders, self.adversaries, refactorer
        )

    def claims_as(self, other: ArrayTeam) -> bool:
        """Whether forecasters and aggregator are those of another team, the very objects."""
        pairs = zip(self.forecasters, other.forecasters, strict=True)
        return self.aggregator is other.aggregator and all(a is b for a, b in pairs)

    def bias(self, horizon: int) -> Any:
        """Return the refactorer's correction, shape (game,) or one number."""
        return 0.0 if self.refactorer is None else self.refactorer.bias(horizon)

    def claim(
        self,
        state: StateArrays,
        horizon: int,
        *,
        doubt_scale: Array | None = None,
        wanted: NDArray[np.bool_] | None = None,
    ) -> ArrayClaim:
        """Ask every forecaster, and pool what they say.

        Args:
            state: What they act on.
            horizon: In rounds.
            doubt_scale: Shape (game,), standard deviation of `state.value` itself; None: 0.
            wanted: Games whose claim is needed, shape (game,); None: all.

        Raises:
            AgentError: Nobody has a forecast in a game where one is wanted.
        """
        panel = Panel.of(state, [seat.ask(state, horizon) for seat in self.forecasters])
        if not panel.is_full:
            lost = ~panel.present.any(axis=1)
            if wanted is not None:
                lost &= wanted
            if lost.any():
                raise AgentError(
                    f"no forecaster has a forecast at t = {state.t}, horizon {horizon}, in "
                    f"{int(np.count_nonzero(lost))} games of the batch"
                )
        inflation = None
        if doubt_scale is not None:
            inflation = self._inflation(panel, horizon, doubt_scale, wanted)
        forecast = call(
            self.aggregator, "aggregate_array", panel, horizon=horizon, inflation=inflation
        )
        return ArrayClaim(state, horizon, panel, forecast)

    def _inflation(
        self, panel: Panel, horizon: int, step: Array, wanted: NDArray[np.bool_] | None
    ) -> Array:
        found = columns(panel.state.n_games, len(self.forecasters))
        needed = panel.present
        if any(seat.games for seat in self.forecasters):  # these are asked one by one
            doubtful = step > 0.0 if wanted is None else wanted & (step > 0.0)
            needed = needed & doubtful[:, np.newaxis]
        for i, seat in enumerate(self.forecasters):
            here = needed[:, i]
            if not panel.is_full and not panel.present[:, i].any():
                found[:, i] = 0.0  # who has no forecast need not say how it depends on the value
                continue
            slope: Any = seat.sensitivity(panel.state, horizon, step, here)
            found[:, i] = abs(slope) * step
        return found
