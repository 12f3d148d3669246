"""The game: agents, a world, and rounds that leave a full record."""

from __future__ import annotations

import time
import warnings
from collections.abc import Collection
from dataclasses import replace

from fg_core.batch import BatchOutputs
from fg_core.config import SimulationConfig
from fg_core.errors import ConfigError
from fg_core.frozen import FrozenMapping, frozen_mapping
from fg_core.plugins import Registry
from fg_core.protocols import World
from fg_core.record import GameOutputs, StepResult, TrajectoryEntry
from fg_core.registry import AgentFactory, AgentRegistry, default_agent_factory, registry_from
from fg_core.rng import check_seed
from fg_core.state import ForecastState
from fg_core.worlds import SimulatedWorld

from .array_play import Reward
from .batch_record import BatchRequest, Keep
from .batch_run import GAMES_PER_BLOCK, play_batch
from .learning import Learning
from .play import Play
from .preparation import Setting, prepare, rounds_to_play
from .team import Team

__all__ = ["ForecastGame"]


class ForecastGame:
    """A forecasting game with fixed settings, agents and seed.

    Args:
        config: The settings.
        seed: Whole number in [0, 2^64); every random number follows from it.
        agent_factory: Makes the agents from the settings: an `AgentRegistry`, or the four agents
            (forecaster, adversary, defender, refactorer).
        registry: The agents themselves, instead of a factory.
        game: Number of the game among games of one seed; its noise is its own.

    Raises:
        ConfigError: A bad seed or game number, or both a factory and a registry.
        UnknownPluginError: The settings name a disturbance, defense, runtime or refiner that
            nobody provides.

    >>> game = ForecastGame(SimulationConfig(horizon=3), seed=9)
    >>> out = game.run(ForecastState(t=0, value=10.0, exogenous=0.0, hidden_shift=0.0))
    >>> len(out.steps), out.steps[0].next_state.t
    (3, 1)
    """

    def __init__(
        self,
        config: SimulationConfig,
        *,
        seed: int = 7,
        agent_factory: AgentFactory = default_agent_factory,
        registry: AgentRegistry | None = None,
        game: int = 0,
    ) -> None:
        self.config = config
        self.seed = check_seed(seed)
        if isinstance(game, bool) or not isinstance(game, int) or not 0 <= game < 2**58:
            raise ConfigError(f"game must be a whole number from 0 to 2^58 - 1, got {game!r}")
        if registry is not None and agent_factory is not default_agent_factory:
            raise ConfigError("give an agent_factory or a registry, not both")
        self.game = game
        self.registry = registry if registry is not None else registry_from(agent_factory(config))
        self.disturbance = Registry("fg_core.disturbances").load(config.disturbance_model)()

    def run(
        self,
        initial: ForecastState,
        rounds: int | None = None,
        *,
        disturbed: bool = True,
        world: World | None = None,
        attribution: bool = True,
    ) -> GameOutputs:
        """Play the game and return its full record.

        Args:
            initial: The state that the game begins in; its `t` is at least 0.
            rounds: How many rounds; None: `config.horizon`. Less than one: none. Never more than
                `config.max_rounds` or the world allows; `convergence` says which limit cut.
            disturbed: Whether nature disturbs the world and adversaries act. Clean and attacked
                runs of one seed share their noise.
            world: Where the series moves; None: the simulated world of the settings.
            attribution: Whether to credit every agent, besides team and adversaries, by
                forecasts that leave out one at a time.

        Returns:
            One step a round, and every scored forecast.

        Raises:
            DataError: `initial.t` is negative, or the series does not move before the game and
                `config.step_scale` is not given.
            AgentError: An agent failed.
        """
        config = self.config
        world = world or SimulatedWorld.from_config(config, self.seed)
        n, wanted, allowed = rounds_to_play(config, initial, world, rounds)
        play = self._begin(initial, world, disturbed=disturbed, attribution=attribution)
        steps: list[StepResult] = []
        entries: list[TrajectoryEntry] = []
        state, slowest = initial, 0.0
        for i in range(n):
            began = time.perf_counter()
            step = play.round(state)
            slowest = max(slowest, time.perf_counter() - began)
            steps.append(step)
            entries.append(_entry(i, state, step))
            state = step.next_state
        if slowest > config.max_round_timeout_s:
            warnings.warn(
                f"a round took {slowest:.1f} s, more than max_round_timeout_s = "
                f"{config.max_round_timeout_s} (nothing was cut short)",
                stacklevel=2,
            )
        return GameOutputs(
            tuple(steps),
            tuple(entries),
            frozen_mapping(
                {
                    "rounds_executed": n,
                    "max_rounds": config.max_rounds,
                    "round_cap_hit": config.max_rounds < wanted and n == config.max_rounds,
                    "world_ended": allowed is not None and allowed < wanted and n == allowed,
                    "attack_spent": play.spent,
                    "prints_doubted": play.doubted,
                    "unscored": play.unscored,
                    "missing": frozen_mapping(dict(play.missing)),
                    "missing_reasons": frozen_mapping(
                        {name: frozen_mapping(dict(why)) for name, why in play.reasons.items()}
                    ),
                }
            ),
            config=config,
            seed=self.seed,
            step_scale=play.step_scale,
            weights=_weights(play.learning),
        )

    def _begin(
        self, initial: ForecastState, world: World, *, disturbed: bool, attribution: bool
    ) -> Play:
        start = prepare(self.config, self.registry, initial, world)
        return Play(
            self.config,
            world,
            Learning(start.team, start.ledger, self.config, initial.t),
            start.ledger,
            self.disturbance,
            self.seed,
            self.game,
            start.step_scale,
            start.persistence,
            disturbed,
            attribution,
        )

    def run_batch(
        self,
        initial: ForecastState,
        n_games: int,
        rounds: int | None = None,
        *,
        disturbed: bool = True,
        world: World | None = None,
        reward: Reward = "crps",
        keep: Collection[Keep] = (),
        attribution: bool = False,
        games_per_block: int = GAMES_PER_BLOCK,
        memory_limit: int | None = None,
    ) -> BatchOutputs:
        """Play many games at once, as arrays: games `self.game` to `self.game + n_games - 1`.

        The numbers are those that `run` gives for each of these games, bit for bit. Agents
        without an array form (`fg_core.batch`) are asked game by game; `slow_agents` names them.
        Where forecasters are refitted in the game, or the aggregator or the world has no array
        form, whole games are played one by one.

        Args:
            initial: As for `run`; all games begin in it.
            n_games: How many games, at least 1.
            rounds: As for `run`.
            disturbed: As for `run`.
            world: As for `run`.
            reward: What the team is paid by: "crps" as in `run`, or "error", minus the absolute
                error of the mean, which saves the scoring of mixtures.
            keep: What else to keep: "components" of the forecasts (quantiles follow from them),
                "claims" of the forecasters.
            attribution: Whether to credit every agent, as `run` does.
            games_per_block: How many games are played together; the numbers do not depend on it.
            memory_limit: In bytes; None: what the machine has free.

        Raises:
            ConfigError: No games, an option that is not there, or a result that would not fit in
                memory (before anything is played).
            DataError: As for `run`.
            AgentError: As for `run`.

        >>> game = ForecastGame(SimulationConfig(horizon=3), seed=9)
        >>> start = ForecastState(t=0, value=10.0, exogenous=0.0, hidden_shift=0.0)
        >>> out = game.run_batch(start, 2)
        >>> bool(out.targets[0, 2] == game.run(start).steps[2].target)
        True
        """
        request = BatchRequest(
            n_games, disturbed, reward, keep, attribution, games_per_block, memory_limit
        )
        setting = Setting(self.config, self.registry, self.disturbance, self.seed, self.game)
        world = world or SimulatedWorld.from_config(self.config, self.seed)

        def alone(number: int) -> GameOutputs:
            one = ForecastGame(self.config, seed=self.seed, registry=self.registry, game=number)
            one.disturbance = self.disturbance
            return one.run(
                initial, rounds, disturbed=disturbed, world=world, attribution=attribution
            )

        return play_batch(setting, initial, rounds, world, request, alone)


def _entry(i: int, state: ForecastState, step: StepResult) -> TrajectoryEntry:
    return TrajectoryEntry(
        i,
        replace(state, history=()),
        step.actions,
        step.messages,
        step.reward_breakdown,
        step.forecast,
        step.target,
        variance=step.probabilistic.variance,
        disturbance=step.disturbance,
    )


def _weights(learning: Learning[Team]) -> FrozenMapping[int, FrozenMapping[str, float]]:
    aggregator = learning.team.aggregator
    if not hasattr(aggregator, "weights"):
        return FrozenMapping()
    return FrozenMapping({h: aggregator.weights(h) for h in learning.horizons})
