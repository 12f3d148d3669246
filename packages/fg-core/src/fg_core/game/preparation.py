"""Preparation of all games that begin alike, before their first round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from fg_core.agents import DefenderAgent
from fg_core.batch import has_array_form
from fg_core.batch.lazy import lazy
from fg_core.config import SimulationConfig
from fg_core.errors import ConfigError, DataError
from fg_core.protocols import Disturbance, World
from fg_core.registry import AgentRegistry
from fg_core.resolution import decimals_of
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

from .asking import call
from .attribution import Reward
from .defender import doubts_earlier_prints, sensitivities_wanted
from .history import PathPast
from .schedule import Schedule
from .team import FittedAgents
from .together import LANES_TOGETHER, is_asked_together
from .world_batch import ask_world

__all__ = [
    "Prepared",
    "Setting",
    "check_defenders",
    "further_horizons",
    "prepare",
    "rounds_to_play",
]


@dataclass(frozen=True)
class Setting:
    """Settings, agents and nature of games, before they are played.

    Args:
        config: Settings of the games.
        registry: Agents of the games.
        disturbance: Nature.
        disturbed: Whether nature disturbs the world and adversaries act.
        reward: Loss that the team is paid by.
        attribution: Whether to credit every agent.
    """

    config: SimulationConfig
    registry: AgentRegistry
    disturbance: Disturbance
    disturbed: bool
    reward: Reward
    attribution: bool

    @property
    def is_quiet(self) -> bool:
        """Whether nature does nothing: a probability or a size of 0 gives exactly 0."""
        config = self.config
        return (
            not self.disturbed or config.disturbance_prob == 0.0 or config.disturbance_scale == 0.0
        )

    @property
    def shares_experts(self) -> bool:
        """Whether experts depend on the values of their series alone, so that games may share them.

        A forecaster that draws random numbers has its own in each game.
        """
        return all(
            (getattr(one, "learns_from_values", False) or not hasattr(one, "update"))
            and not hasattr(one, "with_draws")
            for one in self.registry.forecasters
        )

    @property
    def stacks(self) -> bool:
        """Whether forecasters fitted on several series can be asked at once.

        Otherwise few series are played together, or one after the other: what forecasters
        remember of the latest series is of use then.
        """
        return all(
            not hasattr(one, "fit") or hasattr(type(one), "stack")
            for one in self.registry.forecasters
        )

    @lazy
    def reads_back(self) -> int | None:
        """The most earlier values that any agent reads; None: one does not say.

        What a class says of `reads_back` holds for it alone: a subclass may do as it likes.
        """
        registry, season_length = self.registry, self.config.season_length
        acting: list[Any] = [*registry.forecasters, *registry.defenders, registry.aggregator]
        acting += registry.adversaries if self.disturbed else ()
        acting += () if registry.refactorer is None else (registry.refactorer,)
        if not all("reads_back" in vars(type(one)) for one in acting):
            return None
        return max([int(call(one, "reads_back", season_length)) for one in acting])

    def series_together(self, n_games: int) -> int:
        """Return how many series are played together, with so many games on each; 0: any number.

        Forecasters that are asked together keep what they know of each series apart, and work
        out what they share once for a few series. With several games on a series, games that
        have seen the same are what is worked out once.
        """
        if self.stacks:
            return 0
        together = all(
            not hasattr(one, "fit") or hasattr(type(one), "stack") or is_asked_together(type(one))
            for one in self.registry.forecasters
        )
        return LANES_TOGETHER if together and n_games == 1 else 1


@dataclass(frozen=True)
class Prepared:
    """Everything that games which begin alike share before their first round.

    Args:
        past: Knowledge of the series before the games.
        step_scale: One-step scale, in the unit of the series.
        persistence: Persistence of displacements.
        decimals: Resolution of what is reported; -1: as it is computed.
        agents: Agents, fitted on what is revealed.
        schedule: Periods in which values are printed and settled.
        horizons: Horizons that forecasts are made for and learned from, in rounds.
    """

    past: PathPast
    step_scale: float
    persistence: float
    decimals: int
    agents: FittedAgents
    schedule: Schedule
    horizons: tuple[int, ...]

    @property
    def slow(self) -> tuple[str, ...]:
        """Names of the agents without an array form."""
        agents = self.agents
        forms: tuple[tuple[Any, tuple[str, ...]], ...] = (
            *((one, ("act_array",)) for one in agents.forecasters),
            *((one, ("delta",)) for one in agents.adversaries),
            *((one, ("act_array",)) for one in agents.defenders),
            (agents.aggregator, ("aggregate_array", "update_array", "weights_array")),
        )
        found = [one.name for one, methods in forms if not has_array_form(one, *methods)]
        last = agents.refactorer
        if last is not None and not has_array_form(last, "update_array"):
            found.append(last.name)
        return tuple(found)


def further_horizons(registry: AgentRegistry) -> tuple[int, ...]:
    """Return the horizons that forecasts are made for beside those that are issued.

    Some defenders want the sensitivities of the one-step forecast, whatever horizons are asked.

    Args:
        registry: Agents of the games.

    Returns:
        Horizons in rounds: (1,), or empty.
    """
    return (1,) if any(sensitivities_wanted(agent) > 0 for agent in registry.defenders) else ()


def check_defenders(registry: AgentRegistry, schedule: Schedule) -> None:
    """Refuse defenders whose doubts do not combine, as far as they say so before the first round.

    Args:
        registry: Agents of the games.
        schedule: Periods in which values are printed and settled.

    Raises:
        ConfigError: Two of them say that they doubt earlier prints (`doubts_earlier_prints`), and
            prints are settled late enough for that.
    """
    several = [one.name for one in registry.defenders if doubts_earlier_prints(one)]
    if len(several) > 1 and schedule.most_doubtful > 1:
        raise ConfigError(
            f"defenders {several[0]!r} and {several[1]!r} both doubt several prints: what two say "
            "of an earlier print does not combine; let one of them doubt the newest print alone, "
            "or leave it out"
        )


def prepare(
    config: SimulationConfig,
    registry: AgentRegistry,
    starts: Sequence[tuple[ForecastState, World]],
    schedule: Schedule,
) -> list[Prepared]:
    """Return the start of games on each of some series.

    Args:
        config: Settings of the games.
        registry: Agents of the games; those that see panels see all of these series.
        starts: State that games begin in and world in which the series moves, for each series.
        schedule: Periods in which values are printed and settled, in all of them.

    Returns:
        Past, scale, resolution and fitted agents of each series.

    Raises:
        ConfigError: Two defenders doubt earlier prints.
        DataError: The past is shorter than the reveal lag, or the series does not move in it and
            `config.step_scale` is not given.
    """
    check_defenders(registry, schedule)
    first_t = starts[0][0].t
    # Of all origins of the record: games that are cut and go on learn at the same distances.
    distances = schedule.distances(config.horizons, first_t, schedule.last_t)
    horizons = tuple(sorted({*distances, *further_horizons(registry)}))
    surveys = [_survey(config, initial, world, schedule) for initial, world in starts]
    fitted = FittedAgents.of(registry, [one.window for one in surveys], horizons)
    return [
        Prepared(
            one.past,
            one.step_scale,
            one.persistence,
            one.decimals,
            replace(
                agents,
                defenders=tuple(_measuring_in(one.step_scale, d) for d in agents.defenders),
            ),
            schedule,
            horizons,
        )
        for one, agents in zip(surveys, fitted, strict=True)
    ]


@dataclass(frozen=True)
class _Survey:
    """Knowledge of a series before its games: as in `Prepared`, and the values fits may see."""

    past: PathPast
    step_scale: float
    persistence: float
    decimals: int
    window: TrainingWindow


def _survey(
    config: SimulationConfig,
    initial: ForecastState,
    world: World,
    schedule: Schedule,
) -> _Survey:
    training: TrainingWindow = ask_world(world, "training", initial)
    lag = initial.t - schedule.settled(initial.t)
    if len(training) < lag:
        if not schedule.is_plain:
            raise DataError(
                f"of the {len(training)} periods before origin {initial.t} none is settled there, "
                "and agents learn from settled values: begin the game at a later origin"
            )
        raise DataError(
            f"a reveal lag of {lag} needs {lag} periods before the game, got {len(training)}"
        )
    known = training.last(None, gap=max(0, lag - 1))
    step_scale = config.step_scale or known.step_scale
    if step_scale <= 0.0:
        raise DataError(
            "the series does not move before the game, so that one step has no scale; "
            "give step_scale in the configuration, or a longer training window"
        )
    persistence = known.persistence if config.persistence is None else config.persistence
    known_for, ahead = getattr(world, "ahead", None), schedule.ahead(initial.t, config.horizons)
    past = PathPast.of(
        training,
        world.withheld,
        initial.segment_id,
        known_ahead=getattr(world, "known_ahead", frozenset()),
        ahead=ahead if known_for is None else min(ahead, known_for),
        gap=max(0, lag - 1),
    )
    window = past.window(
        training.values[:0],
        (),
        (),
        end_t=training.end_t,
        n=config.train_window,
        gap=config.fit_gap + max(0, lag - 1),
    )
    # Recorded values have few decimals; those of a simulation have as many as there are.
    found = decimals_of(known.values.tolist()) if getattr(world, "replays", False) else None
    return _Survey(past, step_scale, persistence, -1 if found is None else found, window)


def _measuring_in(step_scale: float, agent: Any) -> Any:
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
    """Return how many rounds there will be, were wanted, and the world allows.

    Args:
        config: Settings of the games.
        state: State that the next round begins in.
        world: World in which the series moves.
        rounds: Number of further rounds that are asked for; None: as the settings say, in all.
        played: Number of rounds that have been played.

    Returns:
        Number of further rounds; number of rounds that are asked for and number that the world
        allows (None: any), both counted from the first round of the game.

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
