"""What is settled before the first round, for one game or for all games of a seed."""

from __future__ import annotations

from dataclasses import dataclass

from fg_core.config import SimulationConfig
from fg_core.errors import DataError
from fg_core.protocols import Disturbance, World
from fg_core.registry import AgentRegistry
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

from .ledger import Ledger
from .team import Team

__all__ = ["Prepared", "Setting", "prepare", "rounds_to_play"]


@dataclass(frozen=True)
class Setting:
    """What a game is, before it is played.

    Args:
        config: The settings.
        registry: The agents.
        disturbance: Nature.
        seed: Of all random numbers.
        game: Number of the (first) game among games of one seed.
    """

    config: SimulationConfig
    registry: AgentRegistry
    disturbance: Disturbance
    seed: int
    game: int


@dataclass(frozen=True)
class Prepared:
    """Everything that the games of one seed share.

    Args:
        training: What was known before the game.
        step_scale: The one-step scale, in the unit of the series.
        persistence: Of displacements.
        ledger: The record so far.
        team: The agents, fitted on what is revealed.
    """

    training: TrainingWindow
    step_scale: float
    persistence: float
    ledger: Ledger
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
    ledger = Ledger(
        training,
        initial,
        lookback=config.lookback,
        withheld=world.withheld,
        observe_exogenous=config.observe_exogenous,
    )
    ledger.enter(initial)
    known_t = initial.t - lag
    revealed = ledger.window(known_t, revealed=known_t)
    window = revealed.last(config.train_window, gap=config.fit_gap)
    team = Team.assemble(registry, window, sorted({*config.horizons, lag}))
    return Prepared(training, step_scale, persistence, ledger, team)


def rounds_to_play(
    config: SimulationConfig, initial: ForecastState, world: World, rounds: int | None
) -> tuple[int, int, int | None]:
    """Return how many rounds there will be, were wanted, and the world allows (None: any).

    Raises:
        DataError: `initial.t` is negative.
    """
    if initial.t < 0:
        raise DataError(f"the first period of a game is at least 0, got {initial.t}")
    wanted = max(0, config.horizon if rounds is None else rounds)
    allowed = world.rounds(initial)
    limit = config.max_rounds if allowed is None else min(config.max_rounds, allowed)
    return min(wanted, limit), wanted, allowed
