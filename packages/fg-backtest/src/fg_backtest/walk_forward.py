"""Walk-forward backtests: the game, played on recorded series, origin by origin.

There is no forecasting here. Every forecast comes from `fg_core.ForecastGame` on a `ReplayWorld`,
where agents are fitted on what was known at the origin; this module plays the series, a block of
them at a time, and has what they issued scored and written down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from fg_core import Dataset, Observation, TrainingWindow
from fg_core.batch import BatchOutputs
from fg_core.forecast import QUANTILE_LEVELS

from .agents import ENSEMBLE, describe, describe_factory, line_up_of
from .decided_later import without_excluded
from .evaluate import summarise
from .exclusions import Exclusions, excluded_rows, exclusions_of
from .games import Progress, play_block, play_blocks
from .growth import say_growing
from .intermittent import values_of
from .panels import SeriesPanel
from .play_settings import PlaySettings
from .result import BacktestResult
from .schedule import Beginning, Schedule, Span, warn_of_end
from .schema import REPORT_FORMAT, REPORT_VERSION, Report, SeriesReport
from .series_block import SeriesBlock
from .series_forecasts import forecasts_of_batch
from .series_reports import PlayedSeries, series_reports
from .to_report import plain_setting, source_of
from .versions import versions
from .windows import origin_windows

__all__ = ["WalkForwardBacktester"]


@dataclass(frozen=True)
class WalkForwardBacktester(PlaySettings):
    """Backtester that plays the game on every series of a dataset and scores its forecasts.

    At every origin, agents see the values up to that row and nothing later. Forecasters are
    fitted anew at every `refit_every`-th origin, the first scored origin among them (so the
    warm-up may begin a few origins earlier than asked for); in between their fit stays and their
    state moves on. Origins of the warm-up are played, so that weights and scales can learn, and
    not scored.

    Forecasters that are fitted on all series at once (`fit_panel`), and pools that learn from all
    of them (`update_panel`), see those that are played: each of them up to the origin, and nothing
    later of any. Series may begin in different periods then, but must be played from and to the
    same ones, without gaps that others do not have, and agents are shown as many earlier values as
    the shortest has.

    Args:
        horizons: Steps ahead, and other settings as for `PlaySettings`.
        start: First scored origin: the first row that begins then or later. None: the dataset's
            `evaluation_start`, else after 60 % of the rows.
        warmup: First played origin, or how many are played before the first scored one. None:
            the dataset's `warmup_start`, else 40. A fit sees at least 20 rows, and two seasons.
        end: Last scored origin: the last row that begins then or earlier. None: the last with a
            target one step ahead.
        step: Origins in a window, the unit in which metrics are also given.

    Raises:
        ConfigError: A setting outside its range.

    >>> WalkForwardBacktester(step=0)
    Traceback (most recent call last):
    ...
    fg_core.errors.ConfigError: step must be a whole number >= 1, got 0
    """

    start: datetime | None = None
    warmup: datetime | int | None = None
    end: datetime | None = None
    _: KW_ONLY
    step: int = 20

    def __post_init__(self) -> None:
        self._check_whole("step", 1)
        super().__post_init__()
        self._span()

    def _span(self) -> Span:
        return Span(self.start, self.warmup, self.end)

    def run(
        self,
        dataset: Dataset,
        series: str | Sequence[str] | None = None,
        progress: Progress | None = None,
        *,
        summary_only: bool = False,
        strict: bool = False,
        jobs: int = 1,
        exclusions: Exclusions | None = None,
    ) -> BacktestResult:
        """Play and score each series.

        A series that does not move for a while is played from the first row before which it has.

        Args:
            dataset: Rows as they were known; the row of a period is taken as known in it.
            series: Names of those to play, or one name; None: all.
            progress: Function that is called before each block of series and at the end.
            summary_only: Whether to leave the forecasts of each origin out of the report, which
                keeps memory and file small where there are many series.
            strict: Whether to refuse series that are too short for what is asked or never move,
                instead of leaving them out with a warning.
            jobs: Number of processes that play blocks of series side by side; no figure depends on
                it.
            exclusions: Prints that were found to be bad, or the name of their file; each is missing
                at origins that were known after the day of the decision, and no target.

        Returns:
            The report of the backtest, with methods that show and write it.

        Raises:
            DataError: An unknown series, no series that can be played, or, with `strict`, not all;
                a column that is known in advance and in no row, or series of other periods where
                agents see all of them at once.
            ConfigError: No forecaster named "random_walk".
            AgentError: An agent failed.
        """
        excluded = excluded_rows(dataset, exclusions_of(exclusions))
        dataset = excluded.told(dataset)
        games = self._prepare(dataset, series, strict=strict, jobs=jobs)
        names = games.contenders
        schedules = games.playable.schedules
        rows = {name: block.rows(name) for block in games.blocks for name in block.names}
        warn_of_end(self.end, rows, schedules, dataset.frequency)
        task = _Task(self, names, summary_only)
        blocks = [replace(block, excluded=excluded.rows) for block in games.blocks]
        found = play_blocks(_report_block, task, blocks, progress, jobs)
        if not self.log:
            _say_growing(found, blocks, str(min(self.horizons)))
        return BacktestResult(
            Report(
                format=REPORT_FORMAT,
                version=REPORT_VERSION,
                created=datetime.now(UTC).isoformat(timespec="seconds"),
                command={},
                configuration=self._plain_settings(dataset, games.blocks[0].panel),
                agents=describe(games.agents),
                seed=self.seed,
                provenance=source_of(games.dataset, tuple(schedules)),
                versions=versions(),
                contenders=names,
                quantile_levels=QUANTILE_LEVELS,
                summary=summarise(names, found),
                series=found,
            )
        )

    def _schedule(
        self, rows: Sequence[Observation], dataset: Dataset, earliest: Beginning
    ) -> Schedule:
        return Schedule.of(
            rows,
            dataset,
            self._span(),
            horizons=self.horizons,
            refit_every=self.refit_every,
            gap=self.gap,
            earliest=earliest,
        )

    def play_block(self, block: SeriesBlock) -> list[PlayedSeries]:
        """Play a block of series as one batch of games.

        Args:
            block: The series.

        Returns:
            One entry per series, in the order of `block.names`.

        Raises:
            AgentError: An agent failed.
        """
        game = self._settings().game(
            block.rounds, block.season_length, block.panel, block.known_ahead
        )
        out = play_block(game, block)
        played = [self._played(block, name, out, i) for i, name in enumerate(block.names)]
        return [without_excluded(one, block, self.play_block) for one in played]

    def _played(self, block: SeriesBlock, name: str, out: BatchOutputs, game: int) -> PlayedSeries:
        """Return one series of a batch."""
        known, schedule, support = block.known[name], block.schedules[name], block.support(name)
        values = np.array([row.value for row in known.rows], dtype=np.float64)
        warmup = schedule.first_scored - schedule.first_played
        wanted = slice(warmup, schedule.last_scored - schedule.first_played + 1)
        return PlayedSeries(
            name,
            known,
            schedule,
            origin_windows(
                schedule.first_scored,
                schedule.last_scored,
                step=self.step,
                train_window=self.train_window,
                gap=self.gap,
            ),
            {
                h: forecasts_of_batch(
                    out,
                    game,
                    h,
                    values,
                    rounds=wanted,
                    first_origin=schedule.first_scored,
                    support=support,
                )
                for h in self.horizons
            },
            {
                h: dict(zip(out.forecasters, weights[game].tolist(), strict=True))
                for h, weights in out.weights.items()
            },
            int(out.prints_doubted[game]),
            float(np.broadcast_to(out.step_scale, (out.n_games,))[game])
            if support.kind != "log"
            else TrainingWindow(values[: schedule.first_played + 1]).step_scale,
            support,
        )

    def _plain_settings(self, dataset: Dataset, panel: SeriesPanel | None) -> dict[str, Any]:
        """Return all settings as plain values; those of the game under `game`."""
        own = {
            item.name: plain_setting(getattr(self, item.name))
            for item in fields(self)
            if item.name not in ("agent_factory", "config", "seed", "log", "nonnegative")
        }
        settings = self._settings()
        config = settings.config_for(1, dataset.season_length, panel, dataset.known_ahead)
        # How many rounds a game has follows from its series.
        game = {
            item.name: plain_setting(getattr(config, item.name))
            for item in fields(config)
            if item.name not in ("horizon", "max_rounds")
        }
        who = {
            "agent_factory": describe_factory(self.agent_factory),
            "line_up": line_up_of(self.agent_factory),
        }
        together = {} if panel is None else {"panel": panel.to_plain()}
        asked = {"log": True} if self.log else {}
        if self.nonnegative is not None:
            asked["nonnegative"] = self.nonnegative
        return {**own, **asked, **who, "game": game, **together}


def _say_growing(
    found: Mapping[str, SeriesReport], blocks: Sequence[SeriesBlock], nearest: str
) -> None:
    """Say where coverage is poor since the level grows, by what was known before it was scored."""
    metrics = {name: one.horizons[nearest].contenders[ENSEMBLE] for name, one in found.items()}
    say_growing(
        {
            name: values_of(block.rows(name)[: block.schedules[name].first_scored + 1])
            for block in blocks
            for name in block.names
        },
        {
            name: (one.coverage_80, one.n_density)
            for name, one in metrics.items()
            if one.coverage_80 is not None
        },
    )


@dataclass(frozen=True)
class _Task:
    """A backtest, as it is sent to other processes."""

    backtester: WalkForwardBacktester
    contenders: tuple[str, ...]
    summary_only: bool


def _report_block(task: tuple[_Task, SeriesBlock]) -> dict[str, SeriesReport]:
    """Return the part of a report that is of a block, in whatever process."""
    of, block = task
    played = of.backtester.play_block(block)
    return series_reports(played, of.contenders, summary_only=of.summary_only)
