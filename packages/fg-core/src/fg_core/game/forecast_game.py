"""The game: agents, a world, and rounds that leave a full record."""

from __future__ import annotations

import time
import warnings
from dataclasses import replace

from fg_core.config import SimulationConfig
from fg_core.errors import ConfigError, DataError
from fg_core.frozen import FrozenMapping, frozen_mapping
from fg_core.plugins import Registry
from fg_core.protocols import World
from fg_core.record import GameOutputs, StepResult, TrajectoryEntry
from fg_core.registry import AgentFactory, AgentRegistry, default_agent_factory, registry_from
from fg_core.rng import check_seed
from fg_core.state import ForecastState
from fg_core.worlds import SimulatedWorld

from .learning import Learning
from .ledger import Ledger
from .play import Play
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
    ) -> GameOutputs:
        """Play the game and return its full record.

        Args:
            initial: The state that the game begins in; its `t` is at least 0.
            rounds: How many rounds; None: `config.horizon`. Less than one: none. Never more than
                `config.max_rounds` or the world allows; `convergence` says which limit cut.
            disturbed: Whether nature disturbs the world and adversaries act. Clean and attacked
                runs of one seed share their noise.
            world: Where the series moves; None: the simulated world of the settings.

        Returns:
            One step a round, and every scored forecast.

        Raises:
            DataError: `initial.t` is negative, or the series does not move before the game and
                `config.step_scale` is not given.
            AgentError: An agent failed.
        """
        config = self.config
        if initial.t < 0:
            raise DataError(f"the first period of a game is at least 0, got {initial.t}")
        world = world or SimulatedWorld.from_config(config, self.seed)
        wanted = max(0, config.horizon if rounds is None else rounds)
        allowed = world.rounds(initial)
        limit = config.max_rounds if allowed is None else min(config.max_rounds, allowed)
        n = min(wanted, limit)

        play = self._begin(initial, world, disturbed=disturbed)
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
                }
            ),
            config=config,
            seed=self.seed,
            step_scale=play.step_scale,
            weights=_weights(play.learning),
        )

    def _begin(self, initial: ForecastState, world: World, *, disturbed: bool) -> Play:
        config = self.config
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
        horizons = sorted({*config.horizons, lag})
        known_t = initial.t - lag
        revealed = ledger.window(known_t, revealed=known_t)
        team = Team.assemble(
            self.registry, revealed.last(config.train_window, gap=config.fit_gap), horizons
        )
        return Play(
            config,
            world,
            Learning(team, ledger, config, initial.t),
            ledger,
            self.disturbance,
            self.seed,
            self.game,
            step_scale,
            persistence,
            disturbed,
        )


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


def _weights(learning: Learning) -> FrozenMapping[int, FrozenMapping[str, float]]:
    aggregator = learning.team.aggregator
    if not hasattr(aggregator, "weights"):
        return FrozenMapping()
    return FrozenMapping({h: aggregator.weights(h) for h in learning.horizons})
