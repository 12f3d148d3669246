"""Whether rounds of a game separate: whether what is reported in one is remembered in no other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fg_core.agents import DefenderAgent
from fg_core.protocols import World
from fg_core.registry import AgentRegistry

from .defender import doubts_earlier_prints
from .forecast_game import ForecastGame
from .preparation import Setting

__all__ = ["drawing_agents", "separation_reasons", "setting_reasons"]


def separation_reasons(game: ForecastGame, world: World) -> tuple[str, ...]:
    """Return why rounds of a game with its own defenders do not separate.

    Args:
        game: Game with its settings and agents.
        world: World in which the series moves.

    Returns:
        Reasons in words, as `Payoffs.reasons`; none: a game's score is the sum of those that its
        rounds have by themselves.

    >>> from fg_core.config import SimulationConfig
    >>> from fg_core.worlds import SimulatedWorld
    >>> config = SimulationConfig(reveal_lag=2, disturbance_prob=0.0, defense_model="none")
    >>> reasons = separation_reasons(ForecastGame(config), SimulatedWorld.from_config(config, 7))
    >>> [reason.split(":")[0] for reason in reasons]
    ['values are revealed after 2 rounds']
    """
    setting = Setting(game.config, game.registry, game.disturbance, True, "crps", False)
    return tuple(setting_reasons(setting, world, doubts_given=False, corrected=False))


def setting_reasons(
    setting: Setting, world: World, doubts_given: bool, corrected: bool
) -> list[str]:
    """Return why rounds do not separate, one sentence per reason.

    Args:
        setting: Settings and agents of the game.
        world: World in which the series moves.
        doubts_given: Whether doubts of a grid are played in place of the game's own defenders.
        corrected: Whether corrections of a grid are played.

    Returns:
        Reasons in words; none: rounds separate.
    """
    config, registry = setting.config, setting.registry
    found = []
    if config.reveal_lag > 1:
        found.append(
            f"values are revealed after {config.reveal_lag} rounds: until then a false one is in "
            "the history from which later rounds forecast"
        )
    if hasattr(world, "vintage"):
        found.append(
            "values of the world come late or are revised: a false one is in the history until it "
            "is revised or settled"
        )
    if not setting.is_quiet:
        found.append("nature is not quiet: the table holds for its draws in this game alone")
    found += [
        f"agent {name!r} draws random numbers: the table holds for its draws in this game alone"
        for name in drawing_agents(registry)
    ]
    found += [
        f"forecaster {one.name!r} learns from more than revealed values"
        for one in registry.forecasters
        if hasattr(one, "update") and not getattr(one, "learns_from_values", False)
    ]
    if not doubts_given:
        found += [
            f"defender {one.name!r} doubts several prints: what it says of an earlier one depends "
            "on what was reported then"
            for one in registry.defenders
            if doubts_earlier_prints(one) and (config.reveal_lag > 1 or hasattr(world, "vintage"))
        ]
        found += [
            f"defender {one.name!r} learns from what was reported, so that a hit changes later "
            "doubts"
            for one in registry.defenders
            if _remembers(one)
        ]
    if corrected and registry.refactorer is not None:
        found.append(
            f"refactorer {registry.refactorer.name!r} corrects the pool as well, and learns from "
            "what an aggregator has corrected"
        )
    return found


def _remembers(defender: Any) -> bool:
    """Return whether a defender may learn anything from a reveal."""
    if not hasattr(defender, "update"):
        return False
    plain = getattr(type(defender), "update", None) is DefenderAgent.update
    return not (plain and defender.defense.start() == ())


def drawing_agents(registry: AgentRegistry) -> list[str]:
    """Return the names of the forecasters and defenders that draw random numbers."""
    agents: Sequence[Any] = (*registry.forecasters, *registry.defenders)
    return [agent.name for agent in agents if hasattr(agent, "with_draws")]
