r"""Top-down and bottom-up reconciled: segments that add up to the total, at the smallest variance.

The total is forecast by one agent, each segment by another; the two answers are reconciled by MinT
(`reconcile`). Because segments add up to the value now, changes are reconciled in place of levels.
For one total over segments with uncorrelated errors the reconciled total is

$$\tilde\delta = \frac{\sigma_B^2 \hat\delta_T + \sigma_T^2 \sum_k \hat\delta_k}
                      {\sigma_B^2 + \sigma_T^2}, \qquad \sigma_B^2 = \sum_k s_k^2,$$

the average of both by precision; with correlations MinT generalises it.

The covariance of base errors has the scales that the forecasters state for the horizon and the
shrunk correlations of their errors in the training window at that horizon (rows where all have a
forecast; with fewer than three, all correlations are taken to be zero).
"""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any, Self, get_args

import numpy as np
from numpy.typing import NDArray

from fg_core import AgentAction, ConfigError, ForecastState, ForecastUnavailable, TrainingWindow
from fg_core.authoring import level_sensitivity, require_fit, require_horizon
from fg_core.lookback import required_history
from fg_core.mappings import FrozenMapping
from fg_core.numerical import numerical_failures
from fg_core.protocols import Forecaster, Revealed

from .bottom_up import BottomUpAgent
from .in_window import complete_rows, window_errors
from .members import SegmentFit, learns_from_values, stated_or_seen
from .reconcile import Method, mint, mint_projection, summing_matrix
from .top_down import TopDownAgent

__all__ = ["Reconciled", "ReconciledAgent", "ReconciledFit"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Reconciled:
    """Coherent forecasts of a total and of its segments.

    Args:
        delta: Change of the total.
        scale: Standard deviation of the total's error, in the unit of the series.
        total: Level of the total.
        segments: Level by segment; they add up to `total`.
        covariance: Covariance of the errors of total and segments in that order, shape (1 +
            segment, ...).
    """

    delta: float
    scale: float
    total: float
    segments: FrozenMapping[str, float]
    covariance: Array


@dataclass(frozen=True)
class ReconciledFit:
    """Base errors in the training window.

    Args:
        total: The forecaster of the total as it was at the end of the window.
        window: The training window.
        segments: The forecasters of the segments, likewise.
    """

    total: Forecaster
    window: TrainingWindow
    segments: SegmentFit
    # A function of the above, worked out when it is first asked for.
    _known: dict[int, tuple[Array, ...]] = field(default_factory=dict, compare=False, repr=False)

    def errors(self, horizon: int) -> tuple[Array, ...]:
        """Return the errors of the total, then of each segment; NaN where there is no forecast.

        Returns:
            Arrays of shape (time - horizon,), in the unit of the series.
        """
        if horizon not in self._known:
            own = window_errors(self.total, self.window, horizon)
            self._known[horizon] = (own, *self.segments.errors(horizon))
        return self._known[horizon]


@dataclass(frozen=True)
class ReconciledAgent:
    """Forecaster of a total that reconciles it with its segments by minimum trace.

    Has a forecast where both agents have one. Scales: variances of reconciled forecasts are never
    above those of the base forecasts (for the methods "shrink" and "sample").

    Args:
        total: Forecasts the total.
        segments: Forecasts the segments.
        method: The weights of MinT, see `fg_agents.hierarchy.reconcile.mint`.
        name: Name of the forecaster.
        fitted: Filled in by `fit`.

    Raises:
        ConfigError: Another method.

    >>> from fg_core import Drift
    >>> parts = [{"a": k + k % 2, "b": 2.0 * k} for k in range(12)]
    >>> values = [sum(row.values()) for row in parts]
    >>> agent = ReconciledAgent(Drift(), BottomUpAgent(Drift()))
    >>> agent = agent.fit(TrainingWindow(values, 11, segments=parts))
    >>> now = ForecastState(12, 36.0, 0.0, 0.0, segment_values={"a": 12.0, "b": 24.0})
    >>> ahead = agent.reconciled(now, horizon=2)
    >>> abs(sum(ahead.segments.values()) - ahead.total) < 1e-9
    True
    """

    total: Forecaster = field(default_factory=TopDownAgent)
    segments: BottomUpAgent = field(default_factory=BottomUpAgent)
    method: Method = "shrink"
    name: str = "reconciled"
    _: KW_ONLY
    fitted: ReconciledFit | None = None

    def __post_init__(self) -> None:
        if self.method not in get_args(Method):
            raise ConfigError(
                f"forecaster {self.name!r}: method is one of {', '.join(get_args(Method))}, got "
                f"{self.method!r}"
            )

    def fit(self, window: TrainingWindow) -> Self:
        """Return an agent with both base agents fitted on `window`.

        Returns:
            Fitted agent; this one is unchanged.

        Raises:
            DataError: The window is too short for one of them.
        """
        total, segments = _learned(self.total, "fit", window), self.segments.fit(window)
        known = require_fit(segments.name, segments.fitted)
        fitted = ReconciledFit(total, window, known)
        return replace(self, total=total, segments=segments, fitted=fitted)

    @property
    def learns_from_values(self) -> bool:
        """Whether what `update` makes of a reveal depends on `Revealed.state` alone."""
        return learns_from_values(self.total) and self.segments.learns_from_values

    def update(self, revealed: Revealed) -> Self:
        """Return an agent whose base agents learned the value of one more period.

        Returns:
            Agent with base agents that know the value.
        """
        return replace(
            self,
            total=_learned(self.total, "update", revealed),
            segments=self.segments.update(revealed),
        )

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        """Return the reconciled change of the total and its standard deviation.

        Returns:
            Change and scale in the unit of the series.

        Raises:
            AgentError: Not fitted, or too short a history.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: One of the base agents has no forecast, or no scale, or the
                reconciliation fails numerically.
        """
        found = self.reconciled(state, horizon)
        return AgentAction(self.name, found.delta, scale=found.scale)

    def reconciled(self, state: ForecastState, horizon: int = 1) -> Reconciled:
        """Return the coherent forecasts of total and segments.

        Returns:
            Forecasts and covariance in the unit of the series, the total first.

        Raises:
            AgentError: Not fitted, or too short a history.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: As for `act`.
        """
        base, scales, errors = self._base(state, horizon)
        summing = summing_matrix(len(base) - 1)
        with numerical_failures(f"forecaster {self.name!r} has no forecast at period {state.t}"):
            deltas, covariance = mint(base, errors, summing, scales=scales, method=self.method)
        variance = float(covariance[0, 0])
        if not (np.isfinite(deltas).all() and math.isfinite(variance)):
            raise ForecastUnavailable(
                f"forecaster {self.name!r}: the forecast for horizon {horizon} at period {state.t} "
                "overflows"
            )
        now = self.segments.shown(state)
        # Errors that cancel leave rounding; a predictive scale must stay above 0.
        scale = max(math.sqrt(max(variance, 0.0)), 2.0**-52 * max(scales))
        return Reconciled(
            float(deltas[0]),
            scale,
            state.value + float(deltas[0]),
            FrozenMapping(
                {
                    name: value + float(delta)
                    for (name, value), delta in zip(now.items(), deltas[1:], strict=True)
                }
            ),
            covariance,
        )

    def required_history(
        self, horizon: int = 1, *, since_fit: int = 1, since_reveal: int = 1, refits: bool = False
    ) -> int:
        """Return the number of earlier values that a forecast needs: the larger of both agents.

        Args:
            horizon: Steps ahead, in rounds.
            since_fit: Periods since the last row of the fit.
            since_reveal: Periods since the last that the agents learned of.
            refits: Whether they may be fitted anew before the forecast.

        Returns:
            Number of values before the one at the origin.

        Raises:
            ConfigError: `horizon` below 1.
        """
        require_horizon(self.name, horizon)
        return max(
            required_history(
                agent, horizon, since_fit=since_fit, since_reveal=since_reveal, refits=refits
            )
            for agent in (self.total, self.segments)
        )

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:
        """Return the derivative of the reconciled total by `state.value`, at the weights it has.

        Exact where the scales that the base agents state do not depend on the state.

        Returns:
            Derivative of the forecast level by the last value, without a unit.

        Raises:
            AgentError: Not fitted, or too short a history.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: As for `act`.
        """
        _, scales, errors = self._base(state, horizon)
        summing = summing_matrix(len(scales) - 1)
        with numerical_failures(f"forecaster {self.name!r} has no forecast at period {state.t}"):
            m, _ = mint_projection(errors, summing, scales=scales, method=self.method)
        moved = (
            level_sensitivity(self.total, state, horizon),
            *self.segments.segment_sensitivities(state, horizon),
        )
        return float(m[0] @ np.array(moved))

    def _base(
        self, state: ForecastState, horizon: int
    ) -> tuple[tuple[float, ...], tuple[float, ...], Array]:
        """Return base changes and their scales, total first, and past errors of such forecasts."""
        require_horizon(self.name, horizon)
        fitted = require_fit(self.name, self.fitted)
        top = self.total.act(state, horizon)
        deltas, stated_scales = self.segments.parts(state, horizon)
        with numerical_failures(f"forecaster {self.name!r} has no forecast at period {state.t}"):
            errors = fitted.errors(horizon)
            of_total = stated_or_seen((top.scale,), errors[:1])
        if stated_scales is None or of_total is None:
            raise ForecastUnavailable(
                f"forecaster {self.name!r} has no forecast at period {state.t}: a base forecast "
                f"for horizon {horizon} has no scale"
            )
        return (top.delta, *deltas), (*of_total, *stated_scales), complete_rows(errors)


def _learned(agent: Any, what: str, given: Any) -> Any:
    """Return the result of an agent's optional method, or the agent where it has none."""
    return getattr(agent, what)(given) if hasattr(agent, what) else agent
