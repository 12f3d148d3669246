"""Hits of adversaries in a round of many games: cut to the budget, rounded as the series is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.batch import StateArrays
from fg_core.batch.forecast_arrays import broadcast_to_games
from fg_core.batch.sealing import read_only
from fg_core.config import SimulationConfig
from fg_core.frozen import construct_unchecked, frozen_mapping, replace_unchecked
from fg_core.protocols import AttackBudget
from fg_core.resolution import nearest_decimal, round_hit

from .adversary import Adversary
from .budget import cut
from .context_hits import ColumnUnits, ContextHits, ContextRound
from .ledger import Ledger

__all__ = ["Tampering"]

Array = NDArray[np.float64]
Lanes = NDArray[np.intp]

_NO_HITS: Mapping[str, float] = frozen_mapping()


@dataclass
class Tampering:
    """The adversaries' account of many games; `attack` books what they add in a round.

    Args:
        config: Settings of the games.
        ledger: Record of the games.
        path_of: Path of each game; None: each game has a path of its own.
        step_scale: One-step scale of the series, one number or shape (game,).
        decimals: Resolution of what is reported; None: as it is computed.
        spent: Units of attack used so far by all adversaries, one number or shape (game,).
        spent_by: Units of attack spent by each adversary, by name.
    """

    config: SimulationConfig
    ledger: Ledger
    path_of: Lanes | None
    step_scale: Any
    decimals: Any
    spent: Any
    spent_by: dict[str, Array]

    def __post_init__(self) -> None:
        n = self.ledger.n_games
        self._zeros: Array = read_only(np.zeros(n))
        self._cap: Array = read_only(np.full(n, float(self.config.attack_cap)))
        self.spent = self._zeros + self.spent
        self._columns = ColumnUnits(self.ledger.pasts, self.path_of, n)

    def attack(
        self,
        adversaries: Sequence[Adversary],
        state: StateArrays,
        value: Array,
        newest: int,
    ) -> tuple[
        tuple[tuple[str, Array], ...], Array, Array, tuple[AgentAction, ...], ContextHits | None
    ]:
        """Ask the adversaries, cut them to the budget, and return what they add.

        Args:
            adversaries: Adversaries in the order in which they act; none: nothing is tampered with.
            state: Worlds' states, one lane per path.
            value: True values, one per game.
            newest: Period that they are of, and whose context is hit.

        Returns:
            What each adversary adds, what all add, what is reported, their actions (where there is
            one game), and what they add to context columns, if they do.
        """
        if not adversaries:
            return (), self._zeros, value, (), None
        config = self.config
        hits: list[tuple[str, Array]] = []
        said: list[AgentAction] = []
        room: Any = self._cap
        seen = self._true_state(state)
        reported = value
        columns: ContextRound | None = None
        for agent in adversaries:
            left: Any = np.maximum(0.0, config.attack_total - self.spent)
            budget: Any = construct_unchecked(
                AttackBudget,
                scale=self.step_scale,
                cap=room,
                remaining=left,
                cost=config.attack_cost,
                draws=None,
                spent=self.spent_by.get(agent.name, self._zeros),
                game=0,
                context_scales=self._columns.scales,
            )
            wanted, actions, beside = agent.attack(seen, budget)
            affordable = cut(wanted, room, left, self.step_scale)
            delta, reported = self._report(value, reported, hits, affordable)
            room = self._charge(agent.name, np.abs(delta) / self.step_scale, room)
            hits.append((agent.name, delta))
            if beside:
                if columns is None:
                    shown = self.ledger.shown_contexts(newest)
                    columns = ContextRound(self._columns, newest, shown)
                left = np.maximum(0.0, config.attack_total - self.spent)
                room = self._charge(agent.name, columns.add(agent.name, beside, room, left), room)
            if self.ledger.n_games == 1:
                counted = columns.counted(agent.name, 0) if beside and columns else _NO_HITS
                said.append(_hit(actions[0], agent.name, float(delta[0]), counted))
        attack: Any = self._zeros
        for _, delta in hits:
            attack = attack + delta
        found = None if columns is None else columns.hits
        return tuple(hits), attack, reported, tuple(said), found

    def _charge(self, name: str, units: Array, room: Array) -> Array:
        """Book what an adversary has used, and return what is left of the cap of the round."""
        self.spent = self.spent + units
        used = self.spent_by.get(name, self._zeros)
        self.spent_by[name] = used + units
        left: Array = np.maximum(0.0, room - units)
        return left

    def _report(
        self,
        value: Array,
        so_far: Array,
        hits: Sequence[tuple[str, Array]],
        wanted: Any,
    ) -> tuple[Array, Array]:
        """Return the hit that counts, and what is reported with it.

        Args:
            value: True values, in the unit of the series.
            so_far: What is reported with the hits before this one.
            hits: Hits before this one.
            wanted: This hit, within the budget.
        """
        delta = broadcast_to_games(wanted, self.ledger.n_games)
        if self.decimals is None:
            return delta, self.reported_with(value, [*hits, ("", delta)])
        reported, effective = round_hit(so_far, delta, self.decimals)
        return effective, reported

    def reported_with(self, value: Array, hits: Sequence[tuple[str, Array]]) -> Array:
        """Return what is reported with some hits alone; the values themselves without any.

        (To subtract a hit from what was reported would leave its rounding in it.)
        """
        total: Any = 0.0
        for _, delta in hits:
            total = total + delta
        if self.decimals is None or not hits:
            return np.asarray(value + total)
        return np.where(total == 0.0, value, nearest_decimal(value + total, self.decimals))

    def _true_state(self, state: StateArrays) -> StateArrays:
        """Return what adversaries see: the truth, with the past as it was."""
        if self.path_of is not None:
            state = state.take(self.path_of)
        games = self.ledger.games
        seen = replace_unchecked(state, history=self.ledger.true_history(state.t), game=games)
        if self.ledger.n_games == 1:
            floats = self.ledger.true_floats(state.t)
            only = replace_unchecked(state.each[0], history=floats, game=int(games[0]))
            seen.__dict__["each"] = (only,)
        elif "each" in state.__dict__ and any(one.segment_values for one in state.each):
            rows: Any = [()] * len(state.each)
            if seen.history:
                rows = np.stack(seen.history, axis=1).tolist()
            seen.__dict__["each"] = tuple(
                replace_unchecked(one, history=tuple(own), game=game)
                for one, own, game in zip(state.each, rows, games.tolist(), strict=True)
            )
        return seen


def _hit(wanted: AgentAction, name: str, delta: float, context: Mapping[str, float]) -> AgentAction:
    """Return what an adversary did after the budget; what it wanted, if nothing was cut."""
    same = wanted.context is context or wanted.context == context
    whole = same and wanted.delta == delta and wanted.actor == name
    plain = wanted.scale is None and wanted.p_bad is None and type(wanted.delta) is float
    return (
        wanted
        if whole and plain
        else construct_unchecked(
            AgentAction,
            actor=name,
            delta=delta,
            scale=None,
            p_bad=None,
            shape=None,
            context=context,
        )
    )
