"""Whether what agents are given can be changed by them: a game with a vandal in every seat."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields, replace
from typing import Any

from fg_core.agents import AdversaryAgent, DefenderAgent
from fg_core.baselines import AutoRegression, RandomWalk
from fg_core.config import SimulationConfig
from fg_core.game import ForecastGame
from fg_core.protocols import World
from fg_core.registry import AgentRegistry, default_agent_factory
from fg_core.state import ForecastState
from fg_core.worlds import ReplayWorld, SimulatedWorld

from ._play import ConformanceError, fingerprint
from .examples import example_dataset
from .vandal import Vandal

__all__ = ["READ_ONLY_TARGETS", "check_read_only"]

READ_ONLY_TARGETS = (
    "ActionArrays",
    "AgentAction",
    "AttackBudget",
    "Components",
    "ForecastState",
    "FrozenMapping",
    "MixtureArrays",
    "ForecastArrays",
    "ProbabilisticForecast",
    "Revealed",
    "RevealedForecast",
    "StateArrays",
    "TrainingWindow",
    "arguments",
)
"""Types of what the game gives to agents; "arguments": lists, dicts and arrays given as such."""

_N_GAMES = 3
_SEED = 7
_FEW = 8


def check_read_only(
    registry: AgentRegistry | None = None,
    *,
    config: SimulationConfig | None = None,
    world: World | None = None,
    initial: ForecastState | None = None,
    targets: Collection[str] | None = None,
    batch: bool = True,
) -> None:
    """Check that nothing that agents are given can be changed by them.

    A game and a batch are played twice. Each time two forecasters, an adversary and a defender
    join, and the aggregator (in the game the refactorer as well) is wrapped; the second time these
    try to change all that they are given, in every method. Every bit of what the games leave behind
    must stay, and so must the world and the first state.

    Args:
        registry: Agents that must not be moved; None: those of `default_agent_factory`.
        config: Settings; None: eight rounds, horizons 1 and 3, a reveal lag of 2, refits.
        world: World in which the series moves; None: a replay of an example with context and
            segments, and for the batch the simulated world.
        initial: First state, where `world` is given.
        targets: Names of the types that are attacked; None: all.
        batch: Whether a batch is played as well.

    Raises:
        ConformanceError: Something could be changed, or something else moved.

    >>> check_read_only(targets=["FrozenMapping"])
    """
    config = config or SimulationConfig(
        horizon=8,
        horizons=(1, 3),
        reveal_lag=2,
        refit_every=4,
        lookback=12,
        adversarial_intensity=0.5,
        season_length=4,
    )
    if world is None or initial is None:
        replay = _replay()
        # Segments have no array form.
        worlds: tuple[World, ...] = (replay, SimulatedWorld.from_config(config, _SEED))
        initials: tuple[ForecastState, ...] = (
            replay.initial_state(40),
            ForecastState(0, 10.0, 0.0, 0.0),
        )
    else:
        worlds, initials = (world, world), (initial, initial)
    if not batch:
        worlds, initials = worlds[:1], initials[:1]
    before = fingerprint((worlds, initials))
    harmless = _play(registry, config, worlds, initials, (), [])
    done: list[str] = []
    try:
        found = _play(registry, config, worlds, initials, targets, done)
    except Exception as error:
        raise ConformanceError(_changed(done) or f"a game with a vandal fails: {error}") from error
    if done:
        raise ConformanceError(_changed(done))
    moved = [name for name, print_ in harmless.items() if found[name] != print_]
    if fingerprint((worlds, initials)) != before:
        moved.append("the world or its first state")
    if moved:
        raise ConformanceError(
            "what an agent did with its arguments moved something else: " + ", ".join(moved)
        )


def _changed(done: Collection[str]) -> str:
    if not done:
        return ""
    some = sorted(set(done))
    more = f"; and {len(some) - _FEW} more" if len(some) > _FEW else ""
    return f"agents can change what they are given: {'; '.join(some[:_FEW])}{more}"


def _replay() -> ReplayWorld:
    rows = tuple(
        replace(row, segment_values={"north": 0.25 * row.value, "south": 0.75 * row.value})
        for row in example_dataset(60).series("alpha")
    )
    return ReplayWorld(rows, season_length=4)


def _play(
    registry: AgentRegistry | None,
    config: SimulationConfig,
    worlds: tuple[World, ...],
    initials: tuple[ForecastState, ...],
    targets: Collection[str] | None,
    done: list[str],
) -> dict[str, Any]:
    """Return fingerprints of what a game and a batch leave behind.

    Args:
        registry: Agents beside the vandals.
        config: Settings of the games.
        worlds: That of the game and, where one is played, that of the batch.
        initials: Their first states.
        targets: What vandals attack.
        done: What they changed is added here.
    """

    def vandal(agent: Any) -> Any:
        return Vandal(agent, targets, done)

    agents = registry or default_agent_factory(config)
    agents = AgentRegistry(
        (
            vandal(RandomWalk(name="vandal_walk")),
            vandal(AutoRegression(2, name="vandal_ar")),
            *agents.forecasters,
        ),
        (vandal(AdversaryAgent(name="vandal_adversary", aggressiveness=0.3)), *agents.adversaries),
        (vandal(DefenderAgent(name="vandal_defender")), *agents.defenders),
        vandal(agents.aggregator),
        agents.refactorer,
    )
    played: list[tuple[str, Any]] = []
    if len(worlds) > 1:
        # No refits, and the refactorer as it is: so arrays of games are handed out.
        game = ForecastGame(replace(config, refit_every=0), seed=_SEED, registry=agents)
        outputs = game.run_batch(
            initials[1], _N_GAMES, world=worlds[1], keep=("components", "claims")
        )
        played.append(("batch", outputs))
    if agents.refactorer is not None:
        agents = replace(agents, refactorer=vandal(agents.refactorer))
    game = ForecastGame(config, seed=_SEED, registry=agents)
    played.append(("game", game.run(initials[0], world=worlds[0])))
    return {
        f"{what}: {name}": fingerprint(getattr(outputs, name))
        for what, outputs in played
        for name in _record(outputs)
    }


def _record(outputs: Any) -> list[str]:
    # The continuation holds the agents, vandals among them.
    return [item.name for item in fields(outputs) if item.name != "continuation"]
