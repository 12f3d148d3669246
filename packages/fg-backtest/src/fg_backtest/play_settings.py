"""What a backtest and a forecast from the last row have in common: settings, and how they begin."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import NamedTuple, get_args

from fg_core import (
    AgentFactory,
    AgentRegistry,
    ConfigError,
    Dataset,
    Observation,
    SimulationConfig,
    default_agent_factory,
)
from fg_core.rng import check_seed

from .agents import contenders
from .as_known import Truth, check_truth, series_as_known
from .command_options import ForecastAt
from .context_columns import with_context_notices
from .defaults import DOUBTED_FOR, quiet_settings
from .game_settings import GameSettings
from .games import series_asked_for
from .schedule import Beginning, Schedule, least_training
from .series_block import SeriesBlock, blocks_of
from .support import SupportRule
from .validate_series import Playable, playable_series

__all__ = ["PlaySettings", "PreparedGames"]


class PreparedGames(NamedTuple):
    """Games that are ready to be played.

    Args:
        playable: schedules of the series that are played, and why others are left out.
        agents: agents of the games.
        contenders: names of what is scored: forecasters, equal weights and ensemble.
        dataset: the data, with notices on context columns that are of no use to these agents.
        blocks: the series, in blocks that are played together.
    """

    playable: Playable
    agents: AgentRegistry
    contenders: tuple[str, ...]
    dataset: Dataset
    blocks: list[SeriesBlock]


@dataclass(frozen=True)
class PlaySettings(ABC):
    """Settings with which the game is played on recorded series.

    Args:
        horizons: steps ahead.
        refit_every: origins between fits; 0: only at the first.
        train_window: rows that a fit sees (sliding); None: all so far (expanding).
        gap: latest rows that a fit does not see.
        seed: seed of every random number.
        agent_factory: makes the agents; one of the forecasters is named "random_walk".
        config: other settings of the game; those above take their place in it, and a look-back
            shorter than a season and eight rows becomes that. By default the refactorer is off: on
            data before the evaluation period it made forecasts worse.
        truth: value of a period that forecasts are scored on, where it has several: "latest",
            "first", or a number of revisions. No forecast depends on it.
        settled_after: origins from the first value of a period until it is settled, when agents
            learn from it for good; None: as the `config` says, which is 1.
        doubted_for: origins from the first value of a period until defenders take it for true,
            where values are late or revised; at least as many as until it is settled. Nobody else
            waits for that.
        forecast_at: moment of the forecasts: "release", when the value of their period comes out;
            or "period", a day after their period ends, whatever is out then.
        revised_data: whether agents see the latest value of each period from its first one on, as
            nobody could; what that flatters is told by `compare_vintages`.
        log: whether to play logarithms, for series whose changes grow with their level; forecasts
            are issued and scored in the unit of the series.
        nonnegative: whether forecasts are censored at zero; None: those of series that are often
            zero and never below (`fg_backtest.support`).

    Raises:
        ConfigError: A setting outside its range.
    """

    horizons: tuple[int, ...] = (1,)
    _: KW_ONLY
    refit_every: int = 4
    train_window: int | None = None
    gap: int = 0
    seed: int = 7
    agent_factory: AgentFactory = default_agent_factory
    config: SimulationConfig = field(default_factory=quiet_settings)
    truth: Truth = "latest"
    settled_after: int | None = None
    doubted_for: int = DOUBTED_FOR
    forecast_at: ForecastAt = "release"
    revised_data: bool = False
    log: bool = False
    nonnegative: bool | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "horizons", tuple(self.horizons))
        self._check_whole("refit_every", 0)
        self._check_whole("gap", 0)
        check_seed(self.seed)
        check_truth(self.truth)
        if self.forecast_at not in get_args(ForecastAt):
            raise ConfigError(f"forecast_at must be release or period, got {self.forecast_at!r}")
        if self.settled_after is not None:
            self._check_whole("settled_after", 1)
        self._check_whole("doubted_for", 1)
        self._settings().config_for(1, 1)

    def _check_whole(self, name: str, low: int) -> None:
        value = getattr(self, name)
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            raise ConfigError(f"{name} must be a whole number >= {low}, got {value!r}")

    def _settings(self) -> GameSettings:
        config = self.config
        if self.settled_after is not None:
            config = replace(config, reveal_lag=self.settled_after)
        return GameSettings(
            config,
            self.agent_factory,
            self.horizons,
            self.refit_every,
            self.train_window,
            self.gap,
            self.seed,
            self.doubted_for,
        )

    @abstractmethod
    def _schedule(
        self, rows: Sequence[Observation], dataset: Dataset, earliest: Beginning
    ) -> Schedule:
        """Return the origins of a series that are played; none before row `earliest.row`."""

    def _prepare(
        self,
        dataset: Dataset,
        series: str | Sequence[str] | None,
        *,
        strict: bool,
        jobs: int,
    ) -> PreparedGames:
        """Return the games on the series that are asked for, with a warning about those left out.

        What cannot be scored is refused here, before anything is played. Arguments and errors are
        those of `run`.
        """
        known = {
            name: series_as_known(
                dataset,
                name,
                truth=self.truth,
                forecast_at=self.forecast_at,
                revised_data=self.revised_data,
            )
            for name in series_asked_for(dataset, series)
        }
        rows = {name: one.rows for name, one in known.items()}
        rule = SupportRule(self.log, self.nonnegative)

        def scheduled(rows: Sequence[Observation], earliest: Beginning) -> Schedule:
            rule.require(rows, dataset.frequency, known[rows[0].series_id].releases)
            return self._schedule(rows, dataset, earliest)

        settings = self._settings()
        least = least_training(dataset.season_length) + self.gap
        lag = settings.config.reveal_lag
        playable = playable_series(
            rows,
            scheduled,
            dataset.frequency,
            must_move=self.config.step_scale is None,
            strict=strict,
            known_from={name: one.earliest(least, lag) for name, one in known.items()},
        )
        supports = {
            name: rule.of(known[name].rows, one.first_played, known[name].releases)
            for name, one in playable.schedules.items()
        }
        playable.warn()
        rule.warn(supports)
        agents = settings.agents(dataset.season_length, dataset.known_ahead)
        names = contenders(agents)
        dataset = with_context_notices(
            dataset,
            {name: rows[name] for name in playable.schedules},
            agents,
            self.agent_factory,
            settings.config_for(1, dataset.season_length, known_ahead=dataset.known_ahead),
        )
        blocks = blocks_of(settings, agents, known, playable.schedules, dataset, jobs, supports)
        return PreparedGames(playable, agents, names, dataset, blocks)
