"""What is settled before the first round, for one game or for all games of a seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from fg_core.agents import DefenderAgent
from fg_core.config import SimulationConfig
from fg_core.errors import DataError
from fg_core.protocols import Defender, Disturbance, World
from fg_core.registry import AgentRegistry
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

from .attribution import Reward
from .ledger import Ledger
from .rows import Rows
from .team import Team

__all__ = ["Prepared", "Setting", "ledger_of", "prepare", "rounds_to_play"]


@dataclass(frozen=True)
class Setting:
    """What a game is, before it is played.

    Args:
        config: The settings.
        registry: The agents.
        disturbance: Nature.
        seed: Of all random numbers.
        game: Number of the (first) game among games of one seed.
        disturbed: Whether nature disturbs the world and adversaries act.
        reward: What the team is paid by.
        attribution: Whether to credit every agent.
    """

    config: SimulationConfig
    registry: AgentRegistry
    disturbance: Disturbance
    seed: int
    game: int
    disturbed: bool
    reward: Reward
    attribution: bool

    def described(self, initial: ForecastState, n_games: int) -> dict[str, Any]:
        """Return the fields of `Continuation` that say which games these are."""
        return {
            "config": self.config,
            "seed": self.seed,
            "game": self.game,
            "n_games": n_games,
            "initial": initial,
            "disturbed": self.disturbed,
            "reward": self.reward,
            "attribution": self.attribution,
            "agents": tuple(agent.name for agent in self.registry),
        }


@dataclass(frozen=True)
class Prepared:
    """Everything that the games of one seed share before their first round.

    Args:
        training: What was known before the game.
        step_scale: The one-step scale, in the unit of the series.
        persistence: Of displacements.
        rows: The record so far.
        team: The agents, fitted on what is revealed.
    """

    training: TrainingWindow
    step_scale: float
    persistence: float
    rows: Rows
    team: Team


def prepare(
    config: SimulationConfig, registry: AgentRegistry, initial: ForecastState, world: World
) -> Prepared:
    """Return the start of a game.

    Raises:
        DataError: The past is shorter than the reveal lag, or the series does not move in it and
            `config.step_scale` is not given.
    """
    training = world.training(initial)
    lag = config.reveal_lag
    if len(training) < lag:
        raise DataError(
            f"a reveal lag of {lag} needs {lag} periods before the game, got {len(training)}"
        )
    known = training.last(None, gap=lag - 1)
    step_scale = config.step_scale or known.step_scale
    if step_scale <= 0.0:
        raise DataError(
            "the series does not move before the game, so that one step has no scale; "
            "give step_scale in the configuration, or a longer training window"
        )
    persistence = known.persistence if config.persistence is None else config.persistence
    rows = Rows.until(training, initial)
    known_t = initial.t - lag
    revealed = ledger_of(config, world, rows).window(known_t, revealed=known_t)
    window = revealed.last(config.train_window, gap=config.fit_gap)
    team = Team.assemble(registry, window, sorted({*config.horizons, lag}))
    defenders = tuple(_measuring_in(step_scale, agent) for agent in team.defenders)
    return Prepared(training, step_scale, persistence, rows, replace(team, defenders=defenders))


def ledger_of(config: SimulationConfig, world: World, rows: Rows) -> Ledger:
    """Return the record of a game that has come as far as `rows`."""
    return Ledger(
        rows,
        lookback=config.lookback,
        withheld=world.withheld,
        observe_exogenous=config.observe_exogenous,
    )


def _measuring_in(step_scale: float, agent: Defender) -> Defender:
    """Return a defender that measures in the one-step scale of the game, as budgets are.

    What it was fitted on may be cut (`train_window`, `fit_gap`), and the settings may give a
    scale.
    """
    return replace(agent, step_scale=step_scale) if isinstance(agent, DefenderAgent) else agent


def rounds_to_play(
    config: SimulationConfig,
    state: ForecastState,
    world: World,
    rounds: int | None,
    played: int = 0,
) -> tuple[int, int, int | None]:
    """Return how many rounds there will be, were wanted, and the world allows (None: any).

    The latter two count from the first round of the game.

    Args:
        config: The settings.
        state: What the next round begins in.
        world: Where the series moves.
        rounds: How many more are wanted; None: as many as the settings say, in all.
        played: How many have been played.

    Raises:
        DataError: The first period of the game is negative.
    """
    if state.t - played < 0:
        raise DataError(f"the first period of a game is at least 0, got {state.t - played}")
    wanted = max(played, config.horizon) if rounds is None else played + max(0, rounds)
    further = world.rounds(state)
    allowed = None if further is None else played + further
    limit = config.max_rounds if allowed is None else min(config.max_rounds, allowed)
    return max(0, min(wanted, limit) - played), wanted, allowed
