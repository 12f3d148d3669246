"""Today's forecast: the game played on the last origins of a series, and on from its last row.

There is no forecasting here. Agents, pool, weights and calibration are those of the backtest, and
every forecast comes from `fg_core.ForecastGame`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace

import numpy as np

from fg_backtest.agents import contenders
from fg_backtest.games import (
    GameSettings,
    Progress,
    blocks_of,
    groups_of,
    named_block,
    play_block,
    quiet_settings,
    require_known_ahead,
)
from fg_backtest.panels import SeriesPanel
from fg_backtest.playable import playable_series
from fg_backtest.schedule import WARMUP, Schedule
from fg_backtest.series_forecasts import forecasts_of_batch
from fg_core import (
    AgentFactory,
    BatchOutputs,
    ConfigError,
    DataError,
    Dataset,
    IssuedForecast,
    Observation,
    SimulationConfig,
    default_agent_factory,
)
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
        warmup: how many origins are played before the last row; 0: none, so that the pool has the
            weights that it begins with, nothing is calibrated, and there is no track record.
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
    ) -> Forecasts:
        """Return the forecasts of each series.

        Args:
            dataset: rows as they are known.
            series: names of those to forecast, or one name; None: all.
            progress: called before each block of series and at the end.
            strict: whether to refuse series that are too short or never move, instead of leaving
                them out with a warning.

        Raises:
            DataError: An unknown series, no series that can be forecast, or, with `strict`, not
                all; or series of other periods where agents see all of them at once.
            ConfigError: No forecaster is named "random_walk".
            AgentError: An agent failed.
        """
        asked = (series,) if isinstance(series, str) else series
        wanted = tuple(dict.fromkeys(dataset.series_ids if asked is None else asked))
        if not wanted:
            raise DataError("no series was asked for; leave `series` out to forecast all")
        rows = {name: dataset.series(name) for name in wanted}
        require_known_ahead(dataset)
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
        names = contenders(agents)
        panel, blocks = blocks_of(settings, agents, rows, playable.schedules, dataset)
        found: dict[str, SeriesForecast] = {}
        for block in blocks:
            if progress is not None:
                progress(len(found), len(playable.schedules), named_block(block))
            for one in self._forecast(block, rows, playable.schedules, dataset, panel, names):
                found[one.name] = one
        if progress is not None:
            progress(len(found), len(found), "")
        return Forecasts(
            series=found,
            frequency=dataset.frequency,
            horizons=self.horizons,
            left_out=playable.left_out,
            provenance=dataset.provenance,
        )

    def _schedule(self, rows: Sequence[Observation], dataset: Dataset, earliest: int) -> Schedule:
        return Schedule.until_last(
            rows,
            dataset,
            warmup=self.warmup,
            refit_every=self.refit_every,
            gap=self.gap,
            earliest=earliest,
        )

    def _forecast(
        self,
        names: Sequence[str],
        rows: Mapping[str, tuple[Observation, ...]],
        schedules: Mapping[str, Schedule],
        dataset: Dataset,
        panel: SeriesPanel | None,
        contenders: Sequence[str],
    ) -> list[SeriesForecast]:
        """Play the games of a block of series, and forecast on from their last rows."""
        rounds = max(schedules[name].rounds for name in names)
        game = self._settings().game(max(rounds, 1), dataset.season_length, panel)
        groups = groups_of(names, rows, schedules, dataset, panel)
        if rounds == 0:
            issued = game.forecast_groups(groups)
            records: list[dict[int, TrackRecord]] = [{} for _ in names]
        else:
            out = play_block(game, groups, names, continued=True)
            records = self._records(out, names, rows, schedules, contenders)
            ended = [replace(group, rounds=0) for group in groups]
            issued = game.forecast_groups(ended, resume=out.continuation)
        return [
            _series_forecast(name, rows[name], schedules[name], dataset, forecasts, own)
            for name, forecasts, own in zip(names, issued, records, strict=True)
        ]

    def _records(
        self,
        out: BatchOutputs,
        names: Sequence[str],
        rows: Mapping[str, Sequence[Observation]],
        schedules: Mapping[str, Schedule],
        contenders: Sequence[str],
    ) -> list[dict[int, TrackRecord]]:
        """Return the track records of each series, by horizon."""
        cells = [
            forecasts_of_batch(
                out,
                i,
                h,
                np.array([row.value for row in rows[name]], dtype=np.float64),
                rounds=slice(0, schedules[name].rounds),
                first_origin=schedules[name].first_played,
            )
            for i, name in enumerate(names)
            for h in self.horizons
        ]
        found = iter(track_records(cells, contenders))
        return [{h: next(found) for h in self.horizons} for _ in names]


def _series_forecast(
    name: str,
    rows: Sequence[Observation],
    schedule: Schedule,
    dataset: Dataset,
    issued: Sequence[IssuedForecast],
    records: Mapping[int, TrackRecord],
) -> SeriesForecast:
    horizons = [one.horizon for one in issued]
    periods = target_periods(rows[-1].timestamp, dataset.frequency, horizons)
    return SeriesForecast(
        name=name,
        unit=dataset.units.get(name, ""),
        periods=tuple(row.timestamp for row in rows),
        values=np.array([row.value for row in rows], dtype=np.float64),
        horizons=tuple(
            HorizonForecast(one.horizon, period, one, records.get(one.horizon))
            for one, period in zip(issued, periods, strict=True)
        ),
        played_from=schedule.first_played,
    )
