"""Stopped games: everything that the next round follows from, as values that never change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from fg_core.config import SimulationConfig
from fg_core.continuation import Continuation
from fg_core.errors import ConfigError

from .account import Account
from .learning import Knowledge
from .rows import Rows

__all__ = ["BatchSnapshot", "GameSnapshot", "Standing", "require_same"]

C = TypeVar("C", bound=Continuation)

# These say how long games are played, and nothing about a round.
_FREE = ("horizon", "max_rounds", "max_round_timeout_s")


@dataclass(frozen=True, eq=False)
class Standing:
    """Where a game stands between two rounds; or many, with arrays of shape (game,).

    Args:
        state: The world's state, or states.
        rows: The record so far.
        knowledge: What the agents know.
        account: What has been used up, counted and left open.
    """

    state: Any
    rows: Rows
    knowledge: Knowledge[Any]
    account: Account


@dataclass(frozen=True, eq=False, kw_only=True)
class GameSnapshot(Continuation):
    """One stopped game.

    Args:
        step_scale: The one-step scale, in the unit of the series.
        persistence: Of displacements.
        standing: Where it stands.
    """

    step_scale: float
    persistence: float
    standing: Standing


@dataclass(frozen=True, eq=False, kw_only=True)
class BatchSnapshot(Continuation):
    """Many stopped games.

    Args:
        step_scale: As for one game.
        persistence: As for one game.
        standings: Where they stand: one a block of games, or one a game where they are played
            one by one; a single one for all games that have not begun.
        one_by_one: Whether they are.
        slow: Names of the agents without an array form.
        notes: Remarks for a reader.
    """

    step_scale: float
    persistence: float
    standings: tuple[Standing, ...]
    one_by_one: bool
    slow: tuple[str, ...]
    notes: tuple[str, ...]

    def game_snapshot(self, i: int) -> GameSnapshot:
        """Return the `i`-th of games that are played one by one."""
        return GameSnapshot(
            self.config,
            self.seed,
            self.game + i,
            n_games=1,
            initial=self.initial,
            rounds=self.rounds,
            disturbed=self.disturbed,
            reward=self.reward,
            attribution=self.attribution,
            agents=self.agents,
            step_scale=self.step_scale,
            persistence=self.persistence,
            standing=self.standings[i if len(self.standings) > 1 else 0],
        )


def require_same(found: Continuation, kind: type[C], wanted: Mapping[str, Any]) -> C:
    """Return what is to be continued, if it is what the caller plays.

    Args:
        found: Where a game stopped.
        kind: Of one game, or of a batch.
        wanted: What the caller plays, by field of `Continuation`.

    Raises:
        ConfigError: It is of another kind, or another game.
    """
    if not isinstance(found, kind):
        raise ConfigError(
            f"resume wants the continuation of {_KIND[kind]}, got a {type(found).__name__}: take "
            "it from the result of the same method"
        )
    for name, value in wanted.items():
        before = getattr(found, name)
        if isinstance(value, SimulationConfig):
            _require_same_settings(before, value)
        elif before != value:
            raise ConfigError(
                f"the game to be resumed was played with {name} = {_short(before)}, not "
                f"{_short(value)}: a game goes on as it began"
            )
    return found


def _require_same_settings(before: SimulationConfig, now: SimulationConfig) -> None:
    now = replace(now, **{name: getattr(before, name) for name in _FREE})
    for field in fields(now):
        old, new = getattr(before, field.name), getattr(now, field.name)
        if old != new:
            raise ConfigError(
                f"the game to be resumed was played with {field.name} = {_short(old)} in its "
                f"settings, not {_short(new)}; only {', '.join(_FREE)} may change"
            )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:97]}..."


_KIND: Mapping[type[Continuation], str] = {
    GameSnapshot: "one game (run)",
    BatchSnapshot: "a batch (run_batch)",
}
