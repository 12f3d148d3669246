"""The game: agents, a world, and rounds that leave a full record."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, get_args

from fg_core.batch import BatchOutputs
from fg_core.checkpoint import Checkpoint
from fg_core.config import SimulationConfig
from fg_core.errors import ConfigError
from fg_core.plugins import Registry
from fg_core.protocols import World
from fg_core.record import GameOutputs, IssuedForecast
from fg_core.registry import (
    AgentFactory,
    AgentRegistry,
    check_names,
    default_agent_factory,
    registry_from,
)
from fg_core.rng import check_seed
from fg_core.state import ForecastState
from fg_core.worlds import SimulatedWorld

from .attribution import Reward
from .batch_record import BatchRequest, Keep
from .groups import GameGroup
from .preparation import Setting
from .run import GAMES_PER_BLOCK, forecast_groups, play_alone, play_groups

__all__ = ["ForecastGame"]


class ForecastGame:
    """A forecasting game with fixed settings, agents and seed.

    Args:
        config: Settings of the games.
        seed: Whole number in [0, 2^64); every random number follows from it.
        agent_factory: Makes the agents from the settings: an `AgentRegistry`, or the four agents
            (forecaster, adversary, defender, refactorer).
        registry: Agents themselves, instead of a factory.
        game: Number of the game among games of one seed; its noise is its own.

    Raises:
        ConfigError: A bad seed or game number, or both a factory and a registry.
        UnknownPluginError: The settings name a disturbance, defense, runtime or refiner that no
            installed package provides.

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
        check_names(config)
        self.registry = registry if registry is not None else registry_from(agent_factory(config))
        self.disturbance = Registry("fg_core.disturbances").load(config.disturbance_model)()

    def run(
        self,
        initial: ForecastState,
        rounds: int | None = None,
        *,
        disturbed: bool = True,
        world: World | None = None,
        attribution: bool | None = None,
        reward: Reward = "crps",
        resume: Checkpoint | None = None,
    ) -> GameOutputs:
        """Play the game, or a part of it, and return the full record.

        Args:
            initial: State that the game begins in; its `t` is at least 0.
            rounds: Number of (further) rounds; None: up to `config.horizon` in all. Less than one:
                none. Never more than `config.max_rounds` in all or the world allows; `convergence`
                says which limit cut.
            disturbed: Whether nature disturbs the world and adversaries act.
            world: World in which the series moves; None: the simulated world of the settings.
            attribution: Whether to credit every agent, besides team and adversaries, by
                forecasts that leave out one at a time; None: yes, unless the world has vintages,
                where agents cannot be credited.
            reward: Reward that the team is paid: "crps", minus the CRPS of its forecast, or
                "error", minus the absolute error of the mean.
            resume: The `continuation` of an earlier part: the game goes on from there, with
                all that its agents had learned by then, as if it had never stopped. The other
                arguments are those of the first part; a world may have more rows by now.

        Returns:
            One step per round, and every scored forecast.

        Raises:
            ConfigError: `resume` is another game's, or agents are to be credited in a world with
                vintages.
            DataError: `initial.t` is negative, or the series does not move before the game and
                `config.step_scale` is not given.
            AgentError: An agent failed.

        >>> game = ForecastGame(SimulationConfig(horizon=5), seed=9)
        >>> start = ForecastState(t=0, value=10.0, exogenous=0.0, hidden_shift=0.0)
        >>> first = game.run(start, 2)
        >>> first.joined(game.run(start, resume=first.continuation)) == game.run(start)
        True
        """
        if attribution is None:
            attribution = not hasattr(world, "vintage")
        setting = self._setting(disturbed, reward, attribution)
        group = GameGroup(initial, world, self.seed, self.game, 1, rounds)
        return play_alone(setting, group, self._world(group), self.seed, resume)

    def _setting(self, disturbed: bool, reward: Reward, attribution: bool) -> Setting:
        if reward not in get_args(Reward):
            raise ConfigError(f'reward must be "crps" or "error", got {reward!r}')
        return Setting(
            self.config,
            self.registry,
            self.disturbance,
            disturbed,
            reward,
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
        resume: Checkpoint | None = None,
    ) -> BatchOutputs:
        """Play many games at once, as arrays: games `self.game` to `self.game + n_games - 1`.

        The numbers are those that `run` gives for each of these games, bit for bit. Agents
        without an array form (`fg_core.batch`) are asked game by game; `slow_agents` names them.
        Fits are made series by series.

        Args:
            initial: State that all games begin in, as for `run`.
            n_games: Number of games, at least 1.
            rounds: Number of rounds, as for `run`.
            disturbed: Whether nature and adversaries act, as for `run`.
            world: World in which the series moves, as for `run`.
            reward: Reward that the team is paid, as for `run`; "error" saves the scoring of
                mixtures.
            keep: Further arrays to keep: "components" of the forecasts (quantiles follow from
                them), "claims" of the forecasters, "doubts" of each defender, and the
                "continuation" from which the games can be resumed.
            attribution: Whether to credit every agent, as `run` does.
            games_per_block: Number of games that are played together; the numbers do not depend on
                it. Games that are resumed stay in the blocks that they began in.
            memory_limit: Memory that the arrays may take, in bytes; None: what the machine has
                free.
            resume: Checkpoint as for `run`: the `continuation` of a batch.

        Returns:
            Arrays of shape (game, round), in the unit of the series, read-only.

        Raises:
            ConfigError: No games, an option that is not there, a result that would not fit in
                memory (before anything is played), or `resume` is that of other games.
            DataError: As for `run`.
            AgentError: As for `run`.

        >>> game = ForecastGame(SimulationConfig(horizon=3), seed=9)
        >>> start = ForecastState(t=0, value=10.0, exogenous=0.0, hidden_shift=0.0)
        >>> out = game.run_batch(start, 2)
        >>> bool(out.targets[0, 2] == game.run(start).steps[2].target)
        True
        """
        group = GameGroup(initial, world, self.seed, self.game, n_games, rounds)
        return self.run_groups(
            (group,),
            disturbed=disturbed,
            reward=reward,
            keep=keep,
            attribution=attribution,
            games_per_block=games_per_block,
            memory_limit=memory_limit,
            resume=resume,
        )

    def run_groups(
        self,
        groups: Sequence[GameGroup],
        *,
        disturbed: bool = True,
        reward: Reward = "crps",
        keep: Collection[Keep] = (),
        attribution: bool = False,
        games_per_block: int = GAMES_PER_BLOCK,
        memory_limit: int | None = None,
        resume: Checkpoint | None = None,
    ) -> BatchOutputs:
        """Play games that may differ in seed and in series, as arrays.

        Each game gives the numbers that `run` gives for it alone, bit for bit. Games on one
        recorded series, where nature is quiet, share everything that does not depend on what is
        reported: fits, weights, forecasts from revealed values. Games of different length, or
        with unequally long histories, are played one kind after the other.

        Agents that see panels (`AgentRegistry.panel_agents`) are fitted on, or learn from, game g
        of every group at once, so that their games are those of the panel, not those alone. All
        groups must begin in the same period then, with as many rounds, games of the same numbers
        and equally many earlier values to be seen.

        Args:
            groups: Games that begin alike, one or more.
            disturbed: Whether nature and adversaries act, as for `run`.
            reward: Reward that the team is paid, as for `run`.
            keep: Further arrays to keep, as for `run_batch`.
            attribution: Whether to credit every agent, as for `run_batch`.
            games_per_block: Number of games that are played together, as for `run_batch`. Games of
                one number are never parted where agents see panels, however many series there are.
            memory_limit: Memory that the arrays may take, as for `run_batch`.
            resume: Checkpoint as for `run`: the `continuation` of the same games.

        Returns:
            Arrays with one row per game, in the order of the groups; games that end earlier than
            others have NaN from there on.

        Raises:
            ConfigError: No groups, games that are no panel, or as for `run_batch`.
            DataError: As for `run`, or records that do not begin, or have their periods, at the
                same times where agents see panels.
            AgentError: As for `run`.

        >>> game = ForecastGame(SimulationConfig(horizon=3), seed=9)
        >>> low, high = (ForecastState(0, value, 0.0, 0.0) for value in (1.0, 5.0))
        >>> game.run_groups((GameGroup(low), GameGroup(high, rounds=2))).targets.shape
        (2, 3)
        """
        if not groups:
            raise ConfigError("there are no games to play: give at least one group")
        request = BatchRequest(keep, games_per_block, memory_limit)
        setting = self._setting(disturbed, reward, attribution)
        worlds = [self._world(group) for group in groups]
        return play_groups(setting, groups, worlds, self.seed, request, resume)

    def forecast(
        self,
        initial: ForecastState,
        rounds: int | None = None,
        *,
        world: World | None = None,
        disturbed: bool = False,
        resume: Checkpoint | None = None,
    ) -> tuple[IssuedForecast, ...]:
        """Play the game to its last period and return the forecasts that are made there.

        The last period gets a round without its last half: what is reported of it is true, it is
        defended, forecast from and aggregated, and nothing moves. So at the end of a record the
        forecasts equal those that a longer record's game issues at that origin, bit for bit.

        Args:
            initial: State that the game begins in, as for `run`.
            rounds: Number of rounds that are played before; None: as many as the settings say,
                which end where the record of the world ends.
            world: World in which the series moves, as for `run`.
            disturbed: Whether nature and adversaries act, as for `run`, in the rounds before.
            resume: Checkpoint as for `run`; whatever reward and attribution it was played for.

        Returns:
            One forecast per horizon, in the order of the settings.

        Raises:
            ConfigError: As for `run`.
            DataError: As for `run`.
            AgentError: As for `run`.

        >>> game = ForecastGame(SimulationConfig(horizon=3, horizons=(1, 2)), seed=9)
        >>> start = ForecastState(t=0, value=10.0, exogenous=0.0, hidden_shift=0.0)
        >>> [(one.origin, one.horizon) for one in game.forecast(start)]
        [(3, 1), (3, 2)]
        """
        group = GameGroup(initial, world, self.seed, self.game, 1, rounds)
        return self.forecast_groups((group,), disturbed=disturbed, resume=resume)[0]

    def forecast_groups(
        self,
        groups: Sequence[GameGroup],
        *,
        disturbed: bool = False,
        resume: Checkpoint | None = None,
        assessed: bool = False,
    ) -> tuple[tuple[IssuedForecast, ...], ...]:
        """Return what `forecast` returns, for each of many games, which may differ in series.

        Args:
            groups: Games that begin alike, as for `run_groups`.
            disturbed: Whether nature and adversaries act, as for `forecast`.
            resume: Checkpoint as for `run_groups`.
            assessed: Whether the last print is assessed too (`IssuedForecast.assessment`): what was
                forecast for it, the defenders' correction, and the forecast were it bad for
                certain. No forecast depends on it.

        Returns:
            Forecasts of each game, one per horizon, in the order of the games, in the unit of the
            series.

        Raises:
            ConfigError: As for `run_groups`.
            DataError: As for `run`.
            AgentError: As for `run`.
        """
        if not groups:
            raise ConfigError("there are no games to play: give at least one group")
        # What the rounds before were played for does not matter to the forecast.
        reward: Any = resume.reward if isinstance(resume, Checkpoint) else "crps"
        attribution = isinstance(resume, Checkpoint) and resume.attribution
        setting = self._setting(disturbed, reward, attribution)
        worlds = [self._world(group) for group in groups]
        return forecast_groups(setting, groups, worlds, self.seed, resume, assessed=assessed)

    def _world(self, group: GameGroup) -> World:
        if group.world is not None:
            return group.world
        seed = self.seed if group.seed is None else group.seed
        return SimulatedWorld.from_config(self.config, seed)
