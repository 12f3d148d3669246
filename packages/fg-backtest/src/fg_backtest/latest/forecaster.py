"""Today's forecast: the game played on the last origins of a series, and on from its last row.

There is no forecasting here. Agents, pool, weights and calibration are those of the backtest, and
every forecast comes from `fg_core.ForecastGame`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from fg_backtest.agents import contenders
from fg_backtest.games import (
    GameSettings,
    Progress,
    SeriesBlock,
    blocks_of,
    play_block,
    play_blocks,
    quiet_settings,
    rows_asked_for,
)
from fg_backtest.schedule import WARMUP, Schedule
from fg_backtest.series_forecasts import forecasts_of_batch
from fg_backtest.validate_series import playable_series
from fg_core import (
    AgentFactory,
    ConfigError,
    Dataset,
    Observation,
    SimulationConfig,
    default_agent_factory,
)
from fg_core.batch import BatchOutputs
from fg_core.record import IssuedForecast
from fg_core.rng import check_seed

from .forecasts import Forecasts
from .series_forecast import HorizonForecast, SeriesForecast
from .target_periods import target_periods
from .track_record import TrackRecord, track_records

__all__ = ["LatestForecaster"]


@dataclass(frozen=True)
class LatestForecaster:
    """Forecasts each series of a dataset from its last row.

    The game is played on the origins before the last row, so that weights, scales and calibration
    are learned there as in a backtest, and the forecasts of these origins are scored: they say how
    far today's may be trusted. What is reported in the last row is defended as in every round.

    Args:
        horizons: steps ahead.
        warmup: number of origins that are played before the last row; 0: none, so that the pool has
            the weights that it begins with, nothing is calibrated, and there is no track record.
        refit_every: origins between fits, the last row among those with a fit; 0: only at the
            first.
        train_window: rows that a fit sees; None: all so far.
        gap: latest rows that a fit does not see.
        seed: seed of every random number.
        agent_factory: makes the agents; one of the forecasters is named "random_walk".
        config: other settings of the game; those above take their place in it.

    Raises:
        ConfigError: A setting outside its range.

    >>> LatestForecaster(warmup=-1)
    Traceback (most recent call last):
    ...
    fg_core.errors.ConfigError: warmup must be a whole number >= 0, got -1
    """

    horizons: tuple[int, ...] = (1,)
    _: KW_ONLY
    warmup: int = WARMUP
    refit_every: int = 4
    train_window: int | None = None
    gap: int = 0
    seed: int = 7
    agent_factory: AgentFactory = default_agent_factory
    config: SimulationConfig = field(default_factory=quiet_settings)

    def __post_init__(self) -> None:
        object.__setattr__(self, "horizons", tuple(sorted(self.horizons)))
        for name in ("warmup", "refit_every", "gap"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise ConfigError(f"{name} must be a whole number >= 0, got {value!r}")
        check_seed(self.seed)
        self._settings().config_for(1, 1)

    def _settings(self) -> GameSettings:
        return GameSettings(
            self.config,
            self.agent_factory,
            self.horizons,
            self.refit_every,
            self.train_window,
            self.gap,
            self.seed,
        )

    def run(
        self,
        dataset: Dataset,
        series: str | Sequence[str] | None = None,
        progress: Progress | None = None,
        *,
        strict: bool = False,
        jobs: int = 1,
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

        Returns:
            Forecasts by series and horizon, with the track record of each, in the units of the
            series.

        Raises:
            DataError: An unknown series, no series that can be forecast, or, with `strict`, not
                all; or series of other periods where agents see all of them at once.
            ConfigError: No forecaster is named "random_walk".
            AgentError: An agent failed.
        """
        rows = rows_asked_for(dataset, series)
        playable = playable_series(
            rows,
            lambda ours, earliest: self._schedule(ours, dataset, earliest),
            dataset.frequency,
            must_move=self.config.step_scale is None,
            strict=strict,
        )
        playable.warn()
        settings = self._settings()
        agents = settings.agents(dataset.season_length)
        contenders(agents)  # refuses what cannot be scored, before anything is played
        blocks = blocks_of(settings, agents, rows, playable.schedules, dataset, jobs)
        found = play_blocks(_forecast_block, self, blocks, progress, jobs)
        return Forecasts(
            series=found,
            frequency=dataset.frequency,
            horizons=self.horizons,
            left_out=playable.left_out,
            provenance=dataset.provenance,
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
        game = self._settings().game(max(rounds, 1), block.season_length, block.panel)
        groups = block.groups()
        if rounds == 0:
            issued = game.forecast_groups(groups)
            records: list[dict[int, TrackRecord]] = [{} for _ in block.names]
        else:
            out = play_block(game, block, continued=True)
            records = self._records(out, block, contenders(game.registry))
            ended = [replace(group, rounds=0) for group in groups]
            issued = game.forecast_groups(ended, resume=out.continuation)
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
                _values(block.rows[name]),
                rounds=slice(0, block.schedules[name].rounds),
                first_origin=block.schedules[name].first_played,
            )
            for i, name in enumerate(block.names)
            for h in self.horizons
        ]
        found = iter(track_records(cells, contenders))
        return [{h: next(found) for h in self.horizons} for _ in block.names]

    def _schedule(self, rows: Sequence[Observation], dataset: Dataset, earliest: int) -> Schedule:
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
    rows = block.rows[name]
    horizons = [one.horizon for one in issued]
    periods = target_periods(rows[-1].timestamp, block.frequency, horizons)
    return SeriesForecast(
        name=name,
        unit=block.units.get(name, ""),
        periods=tuple(row.timestamp for row in rows),
        values=_values(rows),
        horizons=tuple(
            HorizonForecast(one.horizon, period, one, records.get(one.horizon))
            for one, period in zip(issued, periods, strict=True)
        ),
        played_from=block.schedules[name].first_played,
    )


def _values(rows: Sequence[Observation]) -> NDArray[np.float64]:
    return np.array([row.value for row in rows], dtype=np.float64)
