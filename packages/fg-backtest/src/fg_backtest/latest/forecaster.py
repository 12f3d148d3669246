"""Today's forecast: the game played on the last origins of a series, and on from its last row.

There is no forecasting here. Agents, pool, weights and calibration are those of the backtest, and
every forecast comes from `fg_core.ForecastGame`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fg_backtest.agents import contenders, line_up_of
from fg_backtest.exclusions import Exclusions, excluded_rows, exclusions_of
from fg_backtest.future import warn_of_unknown_targets
from fg_backtest.games import Progress, play_block, play_blocks
from fg_backtest.growth import say_growing
from fg_backtest.play_settings import PlaySettings
from fg_backtest.schedule import WARMUP, Beginning, Schedule
from fg_backtest.series_block import SeriesBlock
from fg_backtest.series_forecasts import forecasts_of_batch
from fg_core import Dataset, Observation
from fg_core.batch import BatchOutputs
from fg_core.calendar import closed_weekdays, own_frequency, target_periods
from fg_core.record import IssuedForecast

from .forecasts import Forecasts
from .series_forecast import HorizonForecast, SeriesForecast
from .track_record import TrackRecord, track_records

__all__ = ["LatestForecaster"]


@dataclass(frozen=True)
class LatestForecaster(PlaySettings):
    """Forecasts each series of a dataset from its last row.

    The game is played on the origins before the last row, so that weights, scales and calibration
    are learned there as in a backtest, and the forecasts of these origins are scored: they say how
    far today's may be trusted. What is reported in the last row is defended as in every round.

    Args:
        horizons: steps ahead, and other settings as for `PlaySettings`; the last row is among the
            origins with a fit.
        warmup: number of origins that are played before the last row; 0: none, so that the pool has
            the weights that it begins with, nothing is calibrated, and there is no track record.
        assess: whether the print of the last row is assessed too, as `fg_backtest.check` does; no
            forecast depends on it.

    Raises:
        ConfigError: A setting outside its range.

    >>> LatestForecaster(warmup=-1)
    Traceback (most recent call last):
    ...
    fg_core.errors.ConfigError: warmup must be a whole number >= 0, got -1
    """

    _: KW_ONLY
    warmup: int = WARMUP
    assess: bool = False

    def __post_init__(self) -> None:
        self._check_whole("warmup", 0)
        super().__post_init__()
        object.__setattr__(self, "horizons", tuple(sorted(self.horizons)))

    def run(
        self,
        dataset: Dataset,
        series: str | Sequence[str] | None = None,
        progress: Progress | None = None,
        *,
        strict: bool = False,
        jobs: int = 1,
        exclusions: Exclusions | None = None,
    ) -> Forecasts:
        """Return the forecasts of each series.

        Args:
            dataset: rows as they are known.
            series: names of those to forecast, or one name; None: all.
            progress: called before each block of series and at the end.
            strict: whether to refuse series that are too short or never move, instead of leaving
                them out with a warning.
            jobs: number of processes that forecast blocks of series side by side; numbers do not
                depend on it.
            exclusions: prints that were found to be bad, or the name of their file; they are
                missing.

        Returns:
            Forecasts by series and horizon, with the track record of each, in the units of the
            series.

        Raises:
            DataError: An unknown series, no series that can be forecast, or, with `strict`, not
                all; or series of other periods where agents see all of them at once.
            ConfigError: No forecaster is named "random_walk".
            AgentError: An agent failed.
        """
        dataset = excluded_rows(dataset, exclusions_of(exclusions)).without(dataset)
        games = self._prepare(dataset, series, strict=strict, jobs=jobs)
        warn_of_unknown_targets(dataset, tuple(games.playable.schedules), self.horizons)
        found = play_blocks(_forecast_block, self, games.blocks, progress, jobs)
        if not self.log:
            records = {name: one.horizons[0].track_record for name, one in found.items()}
            say_growing(
                {name: one.values[: one.played_from + 1] for name, one in found.items()},
                {
                    name: (one.coverage_80, one.n)
                    for name, one in records.items()
                    if one is not None
                },
            )
        return Forecasts(
            series=found,
            frequency=dataset.frequency,
            horizons=self.horizons,
            left_out=games.playable.left_out,
            provenance=games.dataset.provenance,
            line_up=line_up_of(self.agent_factory),
        )

    def forecast_block(self, block: SeriesBlock) -> dict[str, SeriesForecast]:
        """Play the games of a block of series, and forecast on from their last rows.

        Args:
            block: the series.

        Returns:
            Forecasts by name of the series.

        Raises:
            AgentError: An agent failed.
        """
        rounds = block.rounds
        game = self._settings().game(
            max(rounds, 1), block.season_length, block.panel, block.known_ahead
        )
        groups = block.groups()
        if rounds == 0:
            issued = game.forecast_groups(groups, assessed=self.assess)
            records: list[dict[int, TrackRecord]] = [{} for _ in block.names]
        else:
            out = play_block(game, block, continued=True)
            records = self._records(out, block, contenders(game.registry))
            ended = [replace(group, rounds=0) for group in groups]
            issued = game.forecast_groups(ended, resume=out.continuation, assessed=self.assess)
        return {
            name: _series_forecast(name, block, forecasts, own)
            for name, forecasts, own in zip(block.names, issued, records, strict=True)
        }

    def _records(
        self, out: BatchOutputs, block: SeriesBlock, contenders: Sequence[str]
    ) -> list[dict[int, TrackRecord]]:
        """Return the track records of each series, by horizon."""
        cells = [
            forecasts_of_batch(
                out,
                i,
                h,
                _values(block.rows(name)),
                rounds=slice(0, block.schedules[name].rounds),
                first_origin=block.schedules[name].first_played,
                support=block.support(name),
            )
            for i, name in enumerate(block.names)
            for h in self.horizons
        ]
        found = iter(track_records(cells, contenders))
        return [{h: next(found) for h in self.horizons} for _ in block.names]

    def _schedule(
        self, rows: Sequence[Observation], dataset: Dataset, earliest: Beginning
    ) -> Schedule:
        return Schedule.until_last(
            rows,
            dataset,
            warmup=self.warmup,
            refit_every=self.refit_every,
            gap=self.gap,
            earliest=earliest,
        )


def _forecast_block(task: tuple[LatestForecaster, SeriesBlock]) -> dict[str, SeriesForecast]:
    """Return the forecasts of a block, in whatever process."""
    forecaster, block = task
    return forecaster.forecast_block(block)


def _series_forecast(
    name: str,
    block: SeriesBlock,
    issued: Sequence[IssuedForecast],
    records: Mapping[int, TrackRecord],
) -> SeriesForecast:
    rows = block.rows(name)
    horizons = [one.horizon for one in issued]
    frequency, closed = _calendar(tuple([row.timestamp.date() for row in rows]), block.frequency)
    periods = target_periods(rows[-1].timestamp, frequency, horizons, closed=closed)
    if block.panel is None:
        # As a row of the series, whatever period its games begin in.
        issued = [replace(one, origin=one.origin - block.first_t[name]) for one in issued]
    support = block.support(name).at(len(rows) - 1)
    return SeriesForecast(
        name=name,
        unit=block.units.get(name, ""),
        periods=tuple(row.timestamp for row in rows),
        values=_values(rows),
        horizons=tuple(
            HorizonForecast(one.horizon, period, one, records.get(one.horizon), support)
            for one, period in zip(issued, periods, strict=True)
        ),
        played_from=block.schedules[name].first_played,
        made_at=block.known[name].moments[-1],
        frequency=frequency,
    )


@lru_cache(maxsize=16)  # series of a panel share their dates
def _calendar(days: tuple[date, ...], otherwise: str) -> tuple[str, tuple[int, ...]]:
    """Return the frequency of rows of these days, and the days of the week that have none."""
    return own_frequency(days, otherwise), closed_weekdays(days)


def _values(rows: Sequence[Observation]) -> NDArray[np.float64]:
    return np.array([row.value for row in rows], dtype=np.float64)
