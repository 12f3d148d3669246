"""Series that are played together, with all that their games need."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from fg_core import AgentRegistry, DataError, Dataset, Observation, ReplayWorld
from fg_core.game import GameGroup
from fg_core.worlds import VintageWorld

from .as_known import SeriesAsKnown
from .future import future_contexts
from .game_settings import GameSettings
from .panels import SeriesPanel, panel_of
from .schedule import Schedule
from .support import Support

__all__ = ["SERIES_PER_BLOCK", "SeriesBlock", "blocks_of"]

SERIES_PER_BLOCK = 250
"""Series that are played together: what a game remembers of them is dropped before the next."""


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
