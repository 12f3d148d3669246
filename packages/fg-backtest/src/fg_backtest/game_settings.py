"""Settings and agents of games on recorded series."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from fg_core import AgentFactory, AgentRegistry, ForecastGame, SimulationConfig

from .defaults import DOUBTED_FOR
from .panels import SeriesPanel

__all__ = ["GameSettings"]

_LAGS = 8


@dataclass(frozen=True)
class GameSettings:
    """Agents and settings that every series is played with.

    Args:
        config: settings of the game; those below take their place in it, and a look-back shorter
            than a season and eight rows becomes that.
        agent_factory: makes the agents.
        horizons: steps ahead.
        refit_every: rounds between fits; 0: only before the first.
        train_window: rows that a fit sees; None: all so far.
        gap: latest rows that a fit does not see.
        seed: seed of every random number.
        doubted_for: rounds from the first value of a period until defenders take it for true, where
            values are late or revised; at least as many as until it is settled.
    """

    config: SimulationConfig
    agent_factory: AgentFactory
    horizons: tuple[int, ...]
    refit_every: int
    train_window: int | None
    gap: int
    seed: int
    doubted_for: int = DOUBTED_FOR

    def config_for(
        self,
        rounds: int,
        season_length: int,
        panel: SeriesPanel | None = None,
        known_ahead: Collection[str] = (),
    ) -> SimulationConfig:
        """Return the settings of a game.

        Args:
            rounds: rounds of the longest game, at least 1.
            season_length: periods in a season.
            panel: the series, where agents see all of them at once.
            known_ahead: names of context columns that are known in advance.

        Returns:
            Settings that the games of a block share.

        Raises:
            ConfigError: A setting outside its range.
        """
        # A seasonal forecast looks a season back, an autoregression eight rows.
        lookback = max(self.config.lookback, season_length + _LAGS)
        return replace(
            self.config,
            horizon=rounds,
            max_rounds=rounds,
            horizons=self.horizons,
            refit_every=self.refit_every,
            train_window=self.train_window,
            fit_gap=self.gap,
            season_length=season_length,
            lookback=lookback if panel is None else panel.lookback,
            known_ahead=tuple(sorted(known_ahead)),
        )

    def game(
        self,
        rounds: int,
        season_length: int,
        panel: SeriesPanel | None = None,
        known_ahead: Collection[str] = (),
    ) -> ForecastGame:
        """Return the game; arguments and errors as for `config_for`.

        Returns:
            The game with its agents, not yet played.
        """
        config = self.config_for(rounds, season_length, panel, known_ahead)
        return ForecastGame(config, seed=self.seed, agent_factory=self.agent_factory)

    def agents(self, season_length: int, known_ahead: Collection[str] = ()) -> AgentRegistry:
        """Return the agents, which are the same in every game; arguments as for `config_for`.

        Returns:
            Registry of the agents, as the factory makes it for games of that season.
        """
        return self.game(1, season_length, known_ahead=known_ahead).registry
