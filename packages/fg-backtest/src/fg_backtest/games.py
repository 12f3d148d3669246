"""Games on recorded series: what they are played with, and a block of series played together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from fg_core import (
    AgentFactory,
    AgentRegistry,
    BatchOutputs,
    DataError,
    Dataset,
    ForecastGame,
    ForecastGameError,
    Observation,
    ReplayWorld,
    SimulationConfig,
)
from fg_core.game import GameGroup
from fg_core.game.batch_record import Keep

from .panels import SeriesPanel, panel_of
from .schedule import Schedule

__all__ = [
    "SERIES_PER_BLOCK",
    "GameSettings",
    "Progress",
    "blocks_of",
    "groups_of",
    "named_block",
    "play_block",
    "quiet_settings",
    "require_known_ahead",
]

SERIES_PER_BLOCK = 250
"""Series that are played together: what a game remembers of them is dropped before the next."""

Progress: TypeAlias = Callable[[int, int, str], None]
"""Called with the number of series played, of how many, and the names of the next ("": none)."""

_LAGS = 8


def quiet_settings() -> SimulationConfig:
    """Return the settings of a game on recorded series where nobody says otherwise.

    The refactorer is off: on data before the evaluation period it made forecasts worse. A round may
    fit every forecaster anew, and a minute for that is nothing to warn about.
    """
    return SimulationConfig(enable_refactor=False, max_round_timeout_s=60.0)


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
    """

    config: SimulationConfig
    agent_factory: AgentFactory
    horizons: tuple[int, ...]
    refit_every: int
    train_window: int | None
    gap: int
    seed: int

    def config_for(
        self, rounds: int, season_length: int, panel: SeriesPanel | None = None
    ) -> SimulationConfig:
        """Return the settings of a game.

        Args:
            rounds: rounds of the longest game, at least 1.
            season_length: periods in a season.
            panel: the series, where agents see all of them at once.

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
        )

    def game(
        self, rounds: int, season_length: int, panel: SeriesPanel | None = None
    ) -> ForecastGame:
        """Return the game; arguments and errors as for `config_for`."""
        config = self.config_for(rounds, season_length, panel)
        return ForecastGame(config, seed=self.seed, agent_factory=self.agent_factory)

    def agents(self, season_length: int) -> AgentRegistry:
        """Return the agents, who are the same in every game."""
        return self.game(1, season_length).registry


def blocks_of(
    settings: GameSettings,
    agents: AgentRegistry,
    rows: Mapping[str, tuple[Observation, ...]],
    schedules: Mapping[str, Schedule],
    dataset: Dataset,
) -> tuple[SeriesPanel | None, list[tuple[str, ...]]]:
    """Return the names of the series that are played together, block by block.

    Args:
        settings: what they are played with.
        agents: the agents of these settings.
        rows: rows of each series, by name.
        schedules: which of them are played, by name, of the series that are.
        dataset: what the rows are of.

    Returns:
        The panel, where agents see all series at once, which is never cut; and the blocks.

    Raises:
        DataError: Series of other periods, where agents see all of them at once.
    """
    names = tuple(schedules)
    if not agents.panel_agents:
        size = SERIES_PER_BLOCK
        return None, [names[begin : begin + size] for begin in range(0, len(names), size)]
    config = settings.config_for(1, dataset.season_length)
    panel = panel_of(
        agents.panel_agents,
        {name: rows[name] for name in names},
        schedules,
        dataset.frequency,
        lookback=config.lookback,
        reveal_lag=config.reveal_lag,
    )
    return panel, [names]


def groups_of(
    names: Sequence[str],
    rows: Mapping[str, tuple[Observation, ...]],
    schedules: Mapping[str, Schedule],
    dataset: Dataset,
    panel: SeriesPanel | None,
) -> list[GameGroup]:
    """Return one game per series, from its first played origin to its last scored one.

    Args:
        names: names of the series of a block.
        rows: rows of each series, by name.
        schedules: which of them are played, by name.
        dataset: what the rows are of.
        panel: the series, where agents see all of them at once.
    """
    first_t = dict.fromkeys(names, 0) if panel is None else panel.first_t
    worlds = {name: _world(rows[name], dataset, first_t[name]) for name in names}
    return [
        GameGroup(
            worlds[name].initial_state(first_t[name] + schedules[name].first_played),
            worlds[name],
            rounds=schedules[name].rounds,
        )
        for name in names
    ]


def play_block(
    game: ForecastGame,
    groups: Sequence[GameGroup],
    names: Sequence[str],
    *,
    continued: bool = False,
) -> BatchOutputs:
    """Play the games of a block of series as one batch, undisturbed.

    Args:
        game: agents and settings.
        groups: one game per series.
        names: names of the series.
        continued: whether the games can be resumed from what is returned.

    Raises:
        ForecastGameError: The game failed; where one series by itself fails too, a note names it.
    """
    try:
        return _played_together(game, groups, continued)
    except ForecastGameError:
        if game.registry.panel_agents:
            raise  # a series by itself would be another panel
        # Which series it was shows when each is played by itself.
        for name, group in zip(names, groups, strict=True):
            try:
                _played_together(game, (group,), continued)
            except ForecastGameError as error:
                error.add_note(f"in the game on series {name!r}")
                raise error from None
        raise


def _played_together(
    game: ForecastGame, groups: Sequence[GameGroup], continued: bool
) -> BatchOutputs:
    keep: tuple[Keep, ...] = ("components", "claims")
    if continued:
        keep = (*keep, "continuation")
    return game.run_groups(groups, disturbed=False, keep=keep)


def _world(rows: tuple[Observation, ...], dataset: Dataset, first_t: int) -> ReplayWorld:
    """Return the world of a series; of what is known in advance, it has what its rows have."""
    known = dataset.known_ahead
    if known:
        known = known.intersection(name for row in rows for name in row.macro_context)
    return ReplayWorld(
        rows, season_length=dataset.season_length, known_ahead=known, first_t=first_t
    )


def require_known_ahead(dataset: Dataset) -> None:
    """Refuse names of columns that no series has.

    Raises:
        DataError: A column is named as known in advance and in no row.
    """
    if not dataset.known_ahead:
        return
    columns = {name for row in dataset for name in row.macro_context}
    missing = sorted(dataset.known_ahead - columns)
    if missing:
        raise DataError(
            f"{', '.join(missing)}: named as known in advance, but no row of the source "
            f"{dataset.provenance.source!r} has such a column; columns are "
            f"{', '.join(sorted(columns)) or 'none'}"
        )


def named_block(names: Sequence[str]) -> str:
    """Return what a block of series is called where progress is shown.

    >>> named_block(("a", "b", "c"))
    'a to c'
    """
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
