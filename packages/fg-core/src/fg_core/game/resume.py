"""Whether a checkpoint is that of the games that a caller plays on."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from fg_core.checkpoint import Checkpoint
from fg_core.config import SimulationConfig
from fg_core.errors import ConfigError

__all__ = ["require_same"]

# These say how long games are played, and nothing about a round.
_FREE = ("horizon", "max_rounds", "max_round_timeout_s")


def require_same(found: Any, wanted: Checkpoint) -> Checkpoint:
    """Return what is to be continued, if it is what the caller plays.

    Args:
        found: Checkpoint of games that stopped.
        wanted: Checkpoint of the games that the caller plays.

    Returns:
        `found`, which is a checkpoint of these games.

    Raises:
        ConfigError: It is no checkpoint that holds its games, or that of other games.
    """
    if not isinstance(found, Checkpoint):
        raise ConfigError(
            f"resume must be the continuation of an earlier part, got a {type(found).__name__}: "
            "take it from the result of run, run_batch or run_groups"
        )
    _require_same_settings(found.config, wanted.config)
    for item in fields(Checkpoint):
        if item.name in ("config", "rounds", "blocks"):
            continue
        before, now = getattr(found, item.name), getattr(wanted, item.name)
        if before != now:
            raise ConfigError(
                f"the game to be resumed was played with {item.name} = {_short(before)}, not "
                f"{_short(now)}: a game goes on as it began"
            )
    if not found.blocks:
        raise ConfigError(
            "this checkpoint does not hold its games: play the first part with "
            'keep=("continuation",)'
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
