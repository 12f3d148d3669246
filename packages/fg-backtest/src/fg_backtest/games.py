"""Games on recorded series: what they are played with, and a block of series played together."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeAlias, TypeVar

from fg_core import (
    AgentFactory,
    AgentRegistry,
    DataError,
    Dataset,
    ForecastGame,
    ForecastGameError,
    Observation,
    ReplayWorld,
    SimulationConfig,
)
from fg_core.batch import BatchOutputs
from fg_core.executors import executor_for, ordered
from fg_core.game import GameGroup
from fg_core.game.batch_record import Keep
from fg_core.worlds import VintageWorld

from .as_known import SeriesAsKnown
from .defaults import DOUBTED_FOR
from .future import future_contexts
from .panels import SeriesPanel, panel_of
from .schedule import Schedule
from .support import Support

__all__ = [
    "SERIES_PER_BLOCK",
    "GameSettings",
    "Progress",
    "SeriesBlock",
    "blocks_of",
    "play_block",
    "play_blocks",
    "require_known_ahead",
    "series_asked_for",
]

SERIES_PER_BLOCK = 250
"""Series that are played together: what a game remembers of them is dropped before the next."""

_Player = TypeVar("_Player")
_Result = TypeVar("_Result")

Progress: TypeAlias = Callable[[int, int, str], None]
"""Called with the number of series played, of how many, and the names of the next ("": none)."""

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


@dataclass(frozen=True, eq=False)
class SeriesBlock:
    """Series that are played together, with all that their games need, to be sent to any process.

    Args:
        names: names of the series.
        known: each series as it was known, by name.
        schedules: rows that are played and scored, by name of the series.
        frequency: of the dataset, such as "Q".
        season_length: periods in a season.
        known_ahead: names of context columns that are known in advance.
        future: context of the periods after the last row, in their order, by name of the series;
            one may be missing.
        units: units of the series in words, by name; one may be missing.
        panel: the series, where agents see all of them at once.
        settled_after: rounds from the first value of a period until it is settled, where values
            are late or revised.
        doubted_for: rounds from that value until defenders take it for true, likewise.
        first_t: number of the period of each series' first row, by name.
        supports: values that a series can take, by name; one that is missing can take any.
        excluded: per series, rows that are excluded, each with the day of the decision; a backtest
            alone heeds them.
    """

    names: tuple[str, ...]
    known: Mapping[str, SeriesAsKnown]
    schedules: Mapping[str, Schedule]
    frequency: str
    season_length: int
    known_ahead: frozenset[str]
    future: Mapping[str, Sequence[Mapping[str, float]]]
    units: Mapping[str, str]
    panel: SeriesPanel | None
    settled_after: int
    doubted_for: int
    first_t: Mapping[str, int]
    supports: Mapping[str, Support]
    excluded: Mapping[str, Mapping[int, date]] = field(default_factory=dict)

    def support(self, name: str) -> Support:
        """Return the values that a series can take.

        Args:
            name: name of the series.

        Returns:
            Its support; any value where nothing is said of it.
        """
        return self.supports.get(name, Support())

    def rows(self, name: str) -> tuple[Observation, ...]:
        """Return the rows of a series, one per period, with the values that are scored.

        Args:
            name: name of the series.

        Returns:
            Rows in the unit of the series.
        """
        return self.known[name].rows

    @property
    def label(self) -> str:
        """Name of the block where progress is shown."""
        return self.names[0] if len(self.names) == 1 else f"{self.names[0]} to {self.names[-1]}"

    @property
    def rounds(self) -> int:
        """Rounds of the longest game."""
        return max(self.schedules[name].rounds for name in self.names)

    def groups(self) -> list[GameGroup]:
        """Return one game per series, from its first played origin to its last scored one."""
        found = []
        for name in self.names:
            first_t = self.first_t[name]
            world = self._world(name, first_t)
            begin = first_t + self.schedules[name].first_played
            rounds = self.schedules[name].rounds
            found.append(GameGroup(world.initial_state(begin), world, rounds=rounds))
        return found

    def _world(self, name: str, first_t: int) -> ReplayWorld | VintageWorld:
        """Return the world of a series; of what is known in advance, it has what its rows have."""
        support, ahead = self.support(name), self.known_ahead
        rows = support.played(self.rows(name))
        releases = support.played_releases(self.known[name].releases)
        if ahead:
            ahead = ahead.intersection(column for row in rows for column in row.macro_context)
        future = [
            {column: number for column, number in told.items() if column in ahead}
            for told in self.future.get(name, ())
        ]
        record = ReplayWorld(
            rows,
            season_length=self.season_length,
            known_ahead=ahead,
            future_context=tuple(future),
            first_t=first_t,
        )
        if not releases:
            return record
        return VintageWorld.of(
            record, releases, settled_after=self.settled_after, doubted_for=self.doubted_for
        )


def blocks_of(
    settings: GameSettings,
    agents: AgentRegistry,
    known: Mapping[str, SeriesAsKnown],
    schedules: Mapping[str, Schedule],
    dataset: Dataset,
    jobs: int = 1,
    supports: Mapping[str, Support] | None = None,
) -> list[SeriesBlock]:
    """Return series in blocks that are played together.

    Args:
        settings: settings of the games.
        agents: the agents of these settings.
        known: each series as it was known, by name.
        schedules: rows that are played and scored, by name of the series that are.
        dataset: dataset of the series.
        jobs: number of processes that play blocks side by side; numbers do not depend on it.
        supports: values that a series can take, by name; None: any.

    Returns:
        The blocks; where agents see all series at once, a single one.

    Raises:
        DataError: Series of other periods, or with values that are late or revised, where agents
            see all of them at once.
    """
    names, panel = tuple(schedules), None
    size = min(SERIES_PER_BLOCK, math.ceil(len(names) / jobs))
    if agents.panel_agents:
        revised = [name for name in names if known[name].releases]
        if revised:
            raise DataError(
                f"{', '.join(agents.panel_agents)}: series that are seen all at once are played "
                f"with one value a period, each out in its period, and {revised[0]!r} has values "
                "that are late or revised; choose other agents, or leave the column available_at "
                "out"
            )
        size = len(names)  # a panel is never cut
        config = settings.config_for(1, dataset.season_length)
        panel = panel_of(
            agents.panel_agents,
            {name: known[name].rows for name in names},
            schedules,
            dataset.frequency,
            lookback=config.lookback,
            reveal_lag=config.reveal_lag,
        )
    first_t = _beginning_together(agents, known, schedules) if panel is None else panel.first_t
    cut = [names[begin : begin + size] for begin in range(0, len(names), size)]
    return [
        SeriesBlock(
            block,
            {name: known[name] for name in block},
            {name: schedules[name] for name in block},
            dataset.frequency,
            dataset.season_length,
            dataset.known_ahead,
            {name: future_contexts(dataset, name) for name in block} if dataset.known_ahead else {},
            {name: dataset.units[name] for name in block if name in dataset.units},
            panel,
            settings.config.reveal_lag,
            max(settings.doubted_for, settings.config.reveal_lag),
            {name: first_t[name] for name in block},
            {name: one for name, one in (supports or {}).items() if name in block},
        )
        for block in cut
    ]


def _beginning_together(
    agents: AgentRegistry, known: Mapping[str, SeriesAsKnown], schedules: Mapping[str, Schedule]
) -> dict[str, int]:
    """Return the number of the period of each series' first row, by name.

    Periods are counted so that all games begin in one period: series of other lengths are then
    played together. Random numbers are drawn by period, so that where an agent draws any, each
    series counts from its own first row; so does one whose values are late or revised.

    Args:
        agents: agents of the games.
        known: each series as it was known, by name.
        schedules: rows that are played and scored, by name of the series.
    """
    found = dict.fromkeys(schedules, 0)
    if any(hasattr(agent, "with_draws") for agent in agents):
        return found
    begins = {name: one.first_played for name, one in schedules.items() if not known[name].releases}
    latest = max(begins.values(), default=0)
    return found | {name: latest - begin for name, begin in begins.items()}


def play_blocks(
    play: Callable[[tuple[_Player, SeriesBlock]], Mapping[str, _Result]],
    player: _Player,
    blocks: Sequence[SeriesBlock],
    progress: Progress | None,
    jobs: int,
) -> dict[str, _Result]:
    """Play blocks of series, in this process or in several, and return what is found by name.

    Args:
        play: plays a block, given the player and the block; importable by name.
        player: player of the blocks; with several jobs, it can be sent to other processes.
        blocks: the series.
        progress: called before each block (with several jobs, after each), and at the end.
        jobs: number of processes.

    Returns:
        Results by series, in the order of the blocks.

    Raises:
        Exception: That of the first block that raised one.
    """
    total, done = sum(len(block.names) for block in blocks), 0

    def told() -> Iterator[tuple[int, Any]]:
        nonlocal done
        for i, result in executor_for(jobs).stream(play, [(player, block) for block in blocks]):
            done += len(blocks[i].names)
            if progress is not None:
                following = blocks[i + 1].label if jobs == 1 and done < total else ""
                progress(done, total, following)
            yield i, result

    if progress is not None:
        progress(0, total, blocks[0].label)
    return {name: one for part in ordered(told(), len(blocks)) for name, one in part.items()}


def play_block(game: ForecastGame, block: SeriesBlock, *, continued: bool = False) -> BatchOutputs:
    """Play the games of a block of series as one batch, undisturbed.

    Args:
        game: agents and settings.
        block: the series.
        continued: whether the games can be resumed from what is returned.

    Returns:
        Arrays of the batch, with one game per series in the order of `block.names`.

    Raises:
        ForecastGameError: The game failed; where one series by itself fails too, a note names it.
    """
    groups = block.groups()
    try:
        return _played_together(game, groups, continued)
    except ForecastGameError:
        if game.registry.panel_agents:
            raise  # a series by itself would be another panel
        # Which series it was shows when each is played by itself.
        for name, group in zip(block.names, groups, strict=True):
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


def series_asked_for(dataset: Dataset, series: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the names of the series that are asked for, each once.

    Args:
        dataset: Dataset that has them.
        series: Names of the series, or one name; None: all.

    Returns:
        Names in the order in which they were asked for.

    Raises:
        DataError: An unknown series or none, or a column that is known in advance and in no row.
    """
    asked = (series,) if isinstance(series, str) else series
    wanted = tuple(dict.fromkeys(dataset.series_ids if asked is None else asked))
    if not wanted:
        raise DataError("no series was asked for; leave `series` out to play all")
    for name in wanted:
        dataset.series(name)  # refuses a name that is not there
    require_known_ahead(dataset)
    return wanted


def require_known_ahead(dataset: Dataset) -> None:
    """Refuse names of columns that no series has.

    Args:
        dataset: dataset whose columns are checked.

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
