"""Seasonal naive: the forecast is the last known value of the same season."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.authoring import (
    ReadsNoContext,
    fitting,
    floored,
    forecast_action,
    latest,
    latest_arrays,
    require_finite_fit,
    require_fit,
    require_horizon,
    require_rows,
    root_mean_square,
    stack_fits,
)
from fg_core.batch import ActionArrays, StateArrays
from fg_core.errors import ConfigError
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

__all__ = ["SeasonalNaive", "SeasonalNaiveFit"]


@dataclass(frozen=True)
class SeasonalNaiveFit:
    """Fit of `SeasonalNaive`.

    Args:
        season_length: Periods in a season, at least 1.
        season_scale: Root mean square of changes over a season, above 0; in a stacked agent an
            array of shape (lane,).
    """

    season_length: int
    season_scale: float


@dataclass(frozen=True)
class SeasonalNaive(ReadsNoContext):
    r"""Repeats the last season.

    With season length $m$ and $k = \lceil h / m \rceil$ the seasons that the horizon reaches,

    $$\hat y_{t+h} = y_{t+h-mk}, \qquad
      \hat\sigma_h = \sqrt{k} \sqrt{\tfrac{1}{n} \textstyle\sum_s (y_s - y_{s-m})^2}$$

    over the $n$ seasonal changes of the training window. With $m = 1$ it is the random walk.
    Needs a history of $mk - h$ numbers, at most $m - 1$.

    Args:
        season_length: Periods in a season; None: `season_length` of the training window.
        name: Name of the forecaster.
        fitted: Filled in by `fit`.

    Raises:
        ConfigError: `season_length` below 1.

    Reference: Hyndman & Athanasopoulos (2021), Forecasting: Principles and Practice, 3rd ed.,
    sections 5.2 and 5.5, https://otexts.com/fpp3/.

    >>> seasonal = SeasonalNaive(2).fit(TrainingWindow([1.0, 5.0, 4.0, 9.0]))
    >>> action = seasonal.act(ForecastState(0, 9.0, 0.0, 0.0, history=(4.0,)))
    >>> action.delta, round(action.scale, 6)
    (-5.0, 3.535534)
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    season_length: int | None = None
    name: str = "seasonal_naive"
    _: KW_ONLY
    fitted: SeasonalNaiveFit | None = None

    def __post_init__(self) -> None:
        if self.season_length is not None and self.season_length < 1:
            raise ConfigError(
                f"forecaster {self.name!r}: season_length {self.season_length} given, 1 or more "
                "wanted (None: that of the training window)"
            )

    def fit(self, window: TrainingWindow) -> Self:
        """Return a copy fitted on `window`.

        Raises:
            DataError: Fewer rows than a season and one.
            ForecastUnavailable: A change is beyond the range of numbers.
        """
        season = self.season_length or window.season_length
        require_rows(self.name, window, season + 1)
        with fitting(self.name):
            changes = window.values[season:] - window.values[:-season]
            scale = floored(root_mean_square(changes), window.values)
        require_finite_fit(self.name, scale)
        return replace(self, fitted=SeasonalNaiveFit(season, scale))

    def degrees_in_newest(self, horizon: int, *, refitted: bool) -> tuple[int, int]:  # noqa: ARG002
        """Return the degrees of mean and variance as polynomials of the newest value.

        Args:
            horizon: Horizon in rounds; any has the same.
            refitted: Whether it is fitted anew with that value as the last row of the window.

        Returns:
            Degrees: the forecast is a value, and the variance a mean of squared changes.
        """
        return (1, 2 if refitted else 0)

    @classmethod
    def stack(cls, agents: Sequence[Self]) -> Self | None:
        """Return one agent for all lanes; None where they differ in more than their scales."""
        stacked: Self | None = stack_fits(SeasonalNaive, agents, "season_scale")
        return stacked

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        """Return the expected change in `horizon` steps and its standard deviation.

        Raises:
            AgentError: Not fitted, a history that does not reach back to that season, or a value
                that is not finite.
            ConfigError: `horizon` below 1.
        """
        back, scale = self._reach(horizon)
        numbers = latest(self.name, state, back + 1)
        return forecast_action(self.name, numbers[0] - state.value, scale)

    def act_array(self, state: StateArrays, horizon: int = 1) -> ActionArrays:
        """Return what `act` returns, for many games."""
        back, scale = self._reach(horizon)
        numbers = latest_arrays(self.name, state, back + 1)
        return ActionArrays(numbers[0] - state.value, scale)

    def reads_back(self, season_length: int) -> int:
        """Return how many earlier values it reads at most: those of a season.

        Args:
            season_length: Periods in a season; 1: none.

        Returns:
            Number of values of `state.history`.
        """
        return self.season_length or season_length

    def required_history(
        self,
        horizon: int = 1,
        *,
        since_fit: int = 1,  # noqa: ARG002 - the latest values will do, whenever it was fitted
        since_reveal: int = 1,  # noqa: ARG002
        refits: bool = False,  # noqa: ARG002 - the season stays
    ) -> int:
        """Return how many earlier values a forecast needs: those back to the season before.

        Args:
            horizon: Horizon in rounds.
            since_fit: Periods since the last row of the fit; any needs the same.
            since_reveal: Periods since the last that it learned of; any needs the same.
            refits: Whether it may be fitted anew; it changes nothing.

        Raises:
            AgentError: Not fitted.
            ConfigError: `horizon` below 1.
        """
        return self._reach(horizon)[0]

    def _reach(self, horizon: int) -> tuple[int, Any]:
        """Return how many periods back the forecast looks, and its scale."""
        require_horizon(self.name, horizon)
        fitted = require_fit(self.name, self.fitted)
        seasons, back = _reach(fitted.season_length, horizon)
        return back, fitted.season_scale * math.sqrt(seasons)

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:  # noqa: ARG002
        """Return 1 where the horizon is a whole number of seasons, else 0.

        Raises:
            AgentError: Not fitted.
            ConfigError: `horizon` below 1.
        """
        require_horizon(self.name, horizon)
        fitted = require_fit(self.name, self.fitted)
        return 1.0 if _reach(fitted.season_length, horizon)[1] == 0 else 0.0

    def sensitivity_array(self, state: StateArrays, horizon: int = 1) -> float:  # noqa: ARG002
        """Return what `sensitivity` returns, the same for all games."""
        fitted = require_fit(self.name, self.fitted)
        return 1.0 if _reach(fitted.season_length, horizon)[1] == 0 else 0.0

    def sensitivities(
        self,
        state: ForecastState,  # noqa: ARG002
        horizon: int = 1,
        n: int = 1,
    ) -> tuple[float, ...]:
        """Return 1 for the value of the same season and 0 for the others, newest first.

        Raises:
            AgentError: Not fitted.
            ConfigError: `horizon` below 1.
        """
        back = self._reach(horizon)[0]
        return tuple([1.0 if k == back else 0.0 for k in range(n)])

    def sensitivities_array(
        self, state: StateArrays, horizon: int = 1, n: int = 1
    ) -> NDArray[np.float64]:
        """Return what `sensitivities` returns, the same for all games."""
        return np.array(self.sensitivities(state, horizon, n))  # type: ignore[arg-type]


def _reach(season_length: int, horizon: int) -> tuple[int, int]:
    """Return how many seasons the horizon reaches, and how many periods back the forecast looks."""
    seasons = -(-horizon // season_length)
    return seasons, seasons * season_length - horizon
