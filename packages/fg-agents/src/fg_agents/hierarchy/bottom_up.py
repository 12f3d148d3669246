r"""Bottom-up: every segment is forecast from its own history, and the forecasts are added.

With $\delta_k$ and $s_k$ the change and standard deviation that the forecaster of segment $k$
claims for horizon $h$,

$$\delta = \sum_k \delta_k, \qquad \sigma_h^2 = \sum_{j, k} s_j s_k \hat r^{(h)}_{jk}.$$

$\hat r^{(h)}$ are the correlations of the h-step errors that the fitted forecasters make in the
training window (around zero, shrunk towards zero as in `reconcile`), not those of one-step
residuals: where segments lead and lag each other, errors several steps ahead hang together
otherwise than errors one step ahead. The scales $s_k$ are the forecasters' own, because each is
right for its segment by itself (degrees of freedom, impulse responses) whatever the others do. For
a stationary process and members of sufficient order this is the variance of the sum as the window
grows. In a short window, errors that overlap (h > 1) are fewer than they seem, and the shrinkage
intensity, which counts them as independent, is on the small side.
"""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Self

from fg_core import (
    AgentAction,
    AutoRegression,
    ConfigError,
    DataError,
    ForecastState,
    ForecastUnavailable,
    TrainingWindow,
)
from fg_core.authoring import level_sensitivity, require_fit, require_horizon
from fg_core.mappings import FrozenMapping
from fg_core.numerical import numerical_failures
from fg_core.protocols import Forecaster, Revealed
from fg_core.segments import rescale_segments

from .members import SegmentFit, learns_from_values, scale_of_sum
from .segments import SegmentHistory

__all__ = ["BottomUpAgent"]


@dataclass(frozen=True)
class BottomUpAgent:
    """Forecasts each segment of a series from its own history and adds the forecasts up.

    Needs a training window with segments, and states with the same ones; without them it raises
    `ForecastUnavailable`. What a state shows is rescaled to add up to `state.value`, so segments
    of a replaced print move with it. An agent follows one series: a new fit keeps what was learned
    of periods after its window.

    Args:
        member: The forecaster of a segment; fitted to each by itself. It must be able to forecast
            from value and history alone (`update` is called where it has one).
        lookback: Number of periods of the segments that members see, at least 1. The memory is the
            agent's own: `SimulationConfig.lookback` limits only how far a gap can be filled.
        name: Name of the forecaster.
        fitted: Filled in by `fit`.
        history: Segments by period, kept by `fit` and `update`.
        members: The forecasters with what they have learned since the fit.

    Raises:
        ConfigError: `lookback` below 1.

    Reference: Dangerfield & Morris (1992), Int. J. Forecasting 8,
    doi:10.1016/0169-2070(92)90121-O (against forecasting the total directly).

    >>> from fg_core import Drift
    >>> parts = [{"a": 1.0, "b": 5.0}, {"a": 2.0, "b": 5.5}, {"a": 3.0, "b": 6.0}]
    >>> agent = BottomUpAgent(Drift()).fit(TrainingWindow([6.0, 7.5, 9.0], 2, segments=parts))
    >>> now = ForecastState(3, 10.5, 0.0, 0.0, segment_values={"a": 4.0, "b": 6.5})
    >>> agent.act(now).delta, dict(agent.segments(now))
    (1.5, {'a': 5.0, 'b': 7.0})
    """

    member: Forecaster = field(default_factory=lambda: AutoRegression(max_order=4))
    lookback: int = 64
    name: str = "bottom_up"
    _: KW_ONLY
    fitted: SegmentFit | None = None
    history: SegmentHistory | None = None
    members: tuple[Forecaster, ...] = ()

    def __post_init__(self) -> None:
        if self.lookback < 1:
            raise ConfigError(
                f"forecaster {self.name!r}: lookback {self.lookback} given, 1 or more wanted"
            )

    # ---------------------------------------------------------------------------------- learning

    def fit(self, window: TrainingWindow) -> Self:
        """Return an agent with a member fitted to each segment of `window`.

        A window without segments gives an agent without forecasts, and so does one where segments
        begin too late to fit members to them, or where the fit of a member fails numerically.

        Returns:
            Fitted agent; this one is unchanged.

        Raises:
            DataError: The window is too short for the members.
        """
        fresh = SegmentHistory.of(window, self.lookback)
        if fresh is None:
            reason = "the training window has no segments"
            return replace(self, fitted=SegmentFit(reason=reason), history=None, members=())
        windows = fresh.windows(window)
        try:
            fitted = SegmentFit.of(self.member, fresh.names, windows)
        except ForecastUnavailable as error:
            reason = f"a member cannot be fitted ({error})"
            return replace(self, fitted=SegmentFit(reason=reason), history=None, members=())
        except DataError as error:
            if len(fresh) == len(window):
                raise
            reason = f"segments are known for {len(fresh)} rows only ({error})"
            return replace(self, fitted=SegmentFit(reason=reason), history=None, members=())
        history = fresh.recent() if self.history is None else self.history.refitted(fresh)
        return replace(self, fitted=fitted, history=history, members=fitted.members)

    @property
    def learns_from_values(self) -> bool:
        """Whether what `update` makes of a reveal depends on `Revealed.state` alone."""
        return learns_from_values(self.member)

    def update(self, revealed: Revealed) -> Self:
        """Return an agent that knows the segments of one more period.

        Returns:
            Agent with a memory that is one period longer.
        """
        if self.history is None:
            return self
        members = self.members
        if any(hasattr(member, "update") for member in members):
            members = self._updated(revealed, self.history)
        return replace(self, history=self.history.extended(revealed.state), members=members)

    def _updated(self, revealed: Revealed, history: SegmentHistory) -> tuple[Forecaster, ...]:
        states = history.states(revealed.state)
        if states is None:
            return self.members
        shown = dict(zip(history.names, (state.value for state in states), strict=True))
        prints = rescale_segments(shown, revealed.reported)
        return tuple(
            member.update(Revealed(state, prints[name], reward=revealed.reward))
            if hasattr(member, "update")
            else member
            for member, state, name in zip(self.members, states, history.names, strict=True)
        )

    # ------------------------------------------------------------------------------- forecasting

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        """Return the sum of the segments' changes and its standard deviation.

        The scale is None where a member has neither a scale nor errors in its window.

        Returns:
            Change and scale in the unit of the series.

        Raises:
            AgentError: Not fitted, or too short a history.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: No segments, others than those of the fit, a member that has no
                forecast, or a sum that overflows.
        """
        deltas, scales = self.parts(state, horizon)
        with numerical_failures(f"forecaster {self.name!r} has no forecast at period {state.t}"):
            total = math.fsum(deltas)
            if scales is None:
                return AgentAction(self.name, total)
            correlation = require_fit(self.name, self.fitted).correlation(horizon)
            scale = scale_of_sum(scales, correlation)
        if not math.isfinite(scale):
            raise ForecastUnavailable(
                f"forecaster {self.name!r}: the scale for horizon {horizon} at period {state.t} "
                "overflows"
            )
        return AgentAction(self.name, total, scale=scale)

    def parts(
        self, state: ForecastState, horizon: int = 1
    ) -> tuple[tuple[float, ...], tuple[float, ...] | None]:
        """Return changes and scales of the segments, in the order of `fitted.names`.

        A member without a scale of its own has the root mean square of its errors in the window.

        Returns:
            Two tuples with one number per segment, in the unit of the series: changes, and scales
            (None where a member has no scale).

        Raises:
            AgentError: Not fitted, or too short a history.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: As for `act`.
        """
        actions = [self._ask(member, part, horizon) for member, part in self._asked(state, horizon)]
        deltas = tuple(action.delta for action in actions)
        if not math.isfinite(sum(deltas)):
            raise ForecastUnavailable(
                f"forecaster {self.name!r}: the sum for horizon {horizon} at period {state.t} "
                "overflows"
            )
        fitted = require_fit(self.name, self.fitted)
        with numerical_failures(f"forecaster {self.name!r} has no forecast at period {state.t}"):
            return deltas, fitted.scales(tuple(action.scale for action in actions), horizon)

    def segments(self, state: ForecastState, horizon: int = 1) -> FrozenMapping[str, float]:
        """Return the forecast level of each segment; they add up to that of the total.

        Returns:
            Levels in the unit of the series, by name of the segment.

        Raises:
            AgentError: Not fitted, or too short a history.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: As for `act`.
        """
        deltas, _ = self.parts(state, horizon)
        now = self.shown(state)
        return FrozenMapping(
            {name: value + delta for (name, value), delta in zip(now.items(), deltas, strict=True)}
        )

    def shown(self, state: ForecastState) -> FrozenMapping[str, float]:
        """Return the segments of a state as they are used: adding up to `state.value`.

        Returns:
            Values in the unit of the series, by name of the segment.

        Raises:
            AgentError: Not fitted, or too short a history.
            ForecastUnavailable: As for `act`.
        """
        return FrozenMapping({part.segment_id: part.value for _, part in self._asked(state, 1)})

    def required_history(
        self,
        horizon: int = 1,
        *,
        since_fit: int = 1,  # noqa: ARG002 - what came since the fit is remembered from `update`
        since_reveal: int = 1,
        refits: bool = False,  # noqa: ARG002
    ) -> int:
        """Return the number of earlier totals that a forecast needs: those it did not learn of.

        The memory of the segments is filled up to the state with them; what members see is the
        memory, which is as long as `lookback`.

        Args:
            horizon: Steps ahead, in rounds; all need the same.
            since_fit: Periods since the last row of the fit; any needs the same.
            since_reveal: Periods from the last one that it learned of to the forecast.
            refits: Whether it may be fitted anew before the forecast; it changes nothing.

        Returns:
            Number of values before the one at the origin.

        Raises:
            ConfigError: `horizon` below 1.
        """
        require_horizon(self.name, horizon)
        return 0 if self.history is None else max(0, since_reveal - 1)

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:
        r"""Return $\sum_k g_k \, \partial y_k / \partial y$.

        $g_k$ is the sensitivity of segment $k$'s forecast to its own value, and the second factor
        what rescaling moves of a change of the total into it (see `segment_sensitivities`).

        Returns:
            Derivative of the forecast level by the last value, without a unit.

        Raises:
            AgentError: Not fitted, or too short a history.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: As for `act`.
        """
        return math.fsum(self.segment_sensitivities(state, horizon))

    def segment_sensitivities(self, state: ForecastState, horizon: int = 1) -> tuple[float, ...]:
        """Return the derivatives of the segments' forecasts by `state.value`.

        Segments of one sign keep their shares, so a segment takes its share of a change; others
        keep their differences, so each takes the same part.

        Returns:
            One derivative per segment, without a unit, in the order of `fitted.names`.

        Raises:
            AgentError: Not fitted, or too short a history.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: As for `act`.
        """
        asked = self._asked(state, horizon)
        shares = SegmentHistory.shares(state)
        return tuple(
            level_sensitivity(member, part, horizon) * shares[part.segment_id]
            for member, part in asked
        )

    def _asked(self, state: ForecastState, horizon: int) -> list[tuple[Forecaster, ForecastState]]:
        require_horizon(self.name, horizon)
        fitted = require_fit(self.name, self.fitted)
        states = None if self.history is None else self.history.states(state)
        if states is None:
            reason = fitted.reason or (
                f"the fit has segments {', '.join(fitted.names)}, the state "
                f"{', '.join(sorted(state.segment_values)) or 'none'}"
            )
            raise ForecastUnavailable(
                f"forecaster {self.name!r} has no forecast at period {state.t}: {reason}"
            )
        return list(zip(self.members, states, strict=True))

    def _ask(self, member: Forecaster, state: ForecastState, horizon: int) -> AgentAction:
        try:
            return member.act(state, horizon)
        except ForecastUnavailable as error:
            raise ForecastUnavailable(
                f"forecaster {self.name!r}: segment {state.segment_id!r} has no forecast ({error})"
            ) from error
