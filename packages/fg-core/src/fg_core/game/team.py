"""The learners of a game as one frozen value, in one game or in many.

`Experts` are the forecasters with their aggregator and refactorer. They are either *confirmed*
(they have learned from revealed values only, and are kept) or *provisional* (they have also seen
values that are not revealed yet, and are thrown away after the round).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import ForecastArrays, MixtureArrays, StateArrays
from fg_core.batch.lazy import lazy
from fg_core.distributions import pack
from fg_core.errors import AgentError
from fg_core.frozen import construct_unchecked, extend_unchecked
from fg_core.registry import AgentRegistry
from fg_core.window import TrainingWindow

from .agent_batch import AgentBatch
from .aggregator_batch import AggregatorBatch, OutcomeLanes, RefactorerBatch
from .asking import successor
from .draws import LaneSeed
from .inflation import Spread, inflation_along, inflation_of_newest
from .refitting import fitted, refitted
from .revealed_lanes import RevealedLanes
from .together import Families, ask_by_lane, ask_in_one_game, families

__all__ = ["ExpertForecasts", "Experts", "FittedAgents"]

Array = NDArray[np.float64]
Lanes = NDArray[np.intp]

_LARGEST = 1e150
"""Numbers above this leave the range of floats when they are squared."""


@dataclass(frozen=True)
class FittedAgents:
    """The agents of a registry, fitted on what is revealed before a game."""

    forecasters: tuple[Any, ...]
    aggregator: Any
    defenders: tuple[Any, ...]
    adversaries: tuple[Any, ...]
    refactorer: Any

    @classmethod
    def of(
        cls, registry: AgentRegistry, windows: Sequence[TrainingWindow], horizons: Sequence[int]
    ) -> list[Self]:
        """Return the agents of `registry` fitted on each window.

        Args:
            registry: Agents of the games.
            windows: Windows to fit on, one per series; forecasters that see panels are fitted on
                all of them at once.
            horizons: Horizons that are asked for, in rounds.
        """
        return [
            cls(
                own,
                successor(
                    registry.aggregator, "start", "aggregate", registry.names, window, horizons
                ),
                tuple(_optional_fit(agent, window) for agent in registry.defenders),
                tuple(_optional_fit(agent, window) for agent in registry.adversaries),
                registry.refactorer,
            )
            for window, own in zip(windows, fitted(registry.forecasters, windows), strict=True)
        ]


def _optional_fit(agent: Any, window: TrainingWindow) -> Any:
    return successor(agent, "fit", "act", window) if hasattr(agent, "fit") else agent


@dataclass(frozen=True, eq=False)
class ExpertForecasts:
    """Forecasts of the forecasters and the aggregator from one state, for one horizon.

    Args:
        state: States that they acted on.
        horizon: Horizon of the forecasts, in rounds.
        forecast_arrays: Forecasts of each forecaster, shape (game, forecaster).
        forecast: Forecast that the aggregator made of them.
    """

    state: StateArrays
    horizon: int
    forecast_arrays: ForecastArrays
    forecast: MixtureArrays

    def take(self, lanes: Lanes) -> ExpertForecasts:
        """Return what is said in some of the games, in the order of `lanes`; games may repeat."""
        forecast_arrays = self.forecast_arrays.take(lanes)
        return ExpertForecasts(
            forecast_arrays.state, self.horizon, forecast_arrays, self.forecast.take(lanes)
        )

    def content(self) -> list[Array]:
        """Return all that may be learned from these forecasts in each game, shape (game,) each.

        Left out are revealed values, which games on one path share.
        """
        state, forecast_arrays, forecast = self.state, self.forecast_arrays, self.forecast
        found = [
            *state.path[-state.n_unrevealed - 1 :],
            *forecast_arrays.deltas.T,
            *forecast_arrays.stated_scales.T,
        ]
        found += [*forecast.weights.T, *forecast.means.T, *forecast.scales.T]
        if forecast.present is not None:
            found += list(forecast.present.T.astype(np.float64))
        if forecast.calibration is not None:
            found += list(forecast.calibration.parameters.T)
        for shapes in (forecast_arrays.shapes, forecast.shapes):
            if shapes is not None:
                found += list(shapes.numbers().T)
        return found

    def outcome(self, target: Array) -> OutcomeLanes:
        """Return these forecasts with the value that they were for, shape (game,)."""
        return OutcomeLanes(self.state, self.horizon, self.forecast_arrays, self.forecast, target)


@dataclass(frozen=True, eq=False)
class Experts:
    """Forecasters, aggregator and refactorer of many games.

    Args:
        forecasters: Forecasters in the order of the registry.
        aggregator: Agent that pools them.
        refactorer: Agent that corrects the pool's mean error, if there is one.
        n: Number of games.
        n_series: Number of series of a panel (see `fg_core.game.panels`); 1: no agent sees panels.
    """

    forecasters: tuple[AgentBatch, ...]
    aggregator: AggregatorBatch
    refactorer: RefactorerBatch | None
    n: int
    n_series: int = 1

    @classmethod
    def of(cls, agents: Sequence[FittedAgents], n: int, seeds: LaneSeed, n_series: int = 1) -> Self:
        """Return the experts of games before their first round.

        Args:
            agents: Fitted agents that they begin with, one set for all or one per game.
            n: Number of games.
            seeds: Source of the random numbers of the games.
            n_series: Number of series of a panel.
        """
        first = agents[0]
        batches = [
            AgentBatch.of([one.forecasters[i] for one in agents], n, "act_array")
            for i in range(len(first.forecasters))
        ]
        return cls(
            tuple(one.drawing("forecaster", seeds) for one in batches),
            AggregatorBatch.of([one.aggregator for one in agents], n),
            None
            if first.refactorer is None
            else RefactorerBatch.of([one.refactorer for one in agents], n),
            n,
            n_series,
        )

    @lazy
    def _names(self) -> tuple[str, ...]:
        return tuple([one.name for one in self.forecasters])

    @lazy
    def _families(self) -> Families:
        return families(self.forecasters)

    @lazy
    def learns_from_values(self) -> bool:
        """Whether all of them learn from revealed values alone."""
        return all(one.learns_from_values for one in self.forecasters)

    @lazy
    def learns_from_observations(self) -> bool:
        """Whether a forecaster learns anything from being shown a reported value."""
        return any(one.learns for one in self.forecasters)

    def take(self, lanes: Lanes) -> Self:
        """Return the experts of some games, in the order of `lanes`; games may repeat.

        Where agents see panels, `lanes` are those of whole panels, series by series.
        """
        return type(self)(
            tuple(one.take(lanes) for one in self.forecasters),
            self.aggregator.take(lanes),
            None if self.refactorer is None else self.refactorer.take(lanes),
            int(lanes.size),
            self.n_series,
        )

    def in_round(self, late: int) -> Self:
        """Return the experts as they act in a round on states of an earlier period.

        Args:
            late: Number of rounds from that period to the round; 0: states of the period of the
                round.
        """
        if late == 0 or all(one.draws is None for one in self.forecasters):
            return self
        return replace(
            self, forecasters=tuple([replace(one, late=late) for one in self.forecasters])
        )

    # ------------------------------------------------------------------------------------ learning

    def refitted(
        self,
        windows: Sequence[TrainingWindow],
        ready: Self | None = None,
        reuse: Lanes | None = None,
    ) -> Self:
        """Return the experts with forecasters fitted anew; see `fg_core.game.refitting`."""
        theirs = None if ready is None else ready.forecasters
        return replace(
            self,
            forecasters=refitted(self.forecasters, windows, theirs, reuse, self.n_series),
        )

    def after_reveal(self, revealed: RevealedLanes, own: dict[str, Any]) -> Self:
        """Return the experts after the forecasters learned a value, revealed or reported.

        Args:
            revealed: Reveals that they learn from.
            own: Reward of each agent by name, shape (game,).
        """
        if not self.learns_from_observations:
            return self
        found = [one.learned(revealed, own.get(one.name)) for one in self.forecasters]
        return replace(self, forecasters=tuple(found))

    def after_scores(self, outcomes: Sequence[OutcomeLanes]) -> Self:
        """Return the experts after aggregator and refactorer learned from `outcomes`.

        A refactorer that waits for reveals learns by `after_reveals` alone.
        """
        if not outcomes:
            return self
        aggregator, refactorer = self.aggregator, self.refactorer
        for outcome in outcomes:
            aggregator = aggregator.learned_from_panels(outcome, self.n_series)
            if refactorer is not None and not refactorer.waits_for_reveals:
                refactorer = refactorer.learned(outcome)
        # What is known of the forecasters stays so.
        fields = {**self.__dict__, "aggregator": aggregator}
        return extend_unchecked(type(self), fields, "refactorer", refactorer)

    @property
    def waits_for_reveals(self) -> bool:
        """Whether the refactorer learns from revealed values alone."""
        return self.refactorer is not None and self.refactorer.waits_for_reveals

    def after_reveals(self, outcomes: Sequence[OutcomeLanes]) -> Self:
        """Return the experts after a refactorer that waits for reveals learned from `outcomes`."""
        refactorer = self.refactorer
        for outcome in outcomes if refactorer is not None else ():
            assert refactorer is not None
            refactorer = refactorer.learned(outcome)
        return replace(self, refactorer=refactorer)

    # --------------------------------------------------------------------------------- forecasting

    def bias(self, horizon: int) -> Any:
        """Return the refactorer's correction: one number, or shape (game,)."""
        return 0.0 if self.refactorer is None else self.refactorer.bias(horizon)

    def forecast(
        self,
        state: StateArrays,
        horizon: int,
        *,
        doubt_scale: Array | None = None,
        spreads: Sequence[Spread] = (),
        wanted: NDArray[np.bool_] | None = None,
    ) -> ExpertForecasts:
        """Ask every forecaster, and pool the forecasts.

        Args:
            state: States that they act on.
            horizon: Horizon of the forecasts, in rounds.
            doubt_scale: Standard deviation of `state.value` itself, shape (game,), which the
                forecasts inherit through their sensitivity to it; None: 0.
            spreads: Uncertainties of several of the latest values, in its place.
            wanted: Games whose forecast is needed, shape (game,); None: all.

        Raises:
            AgentError: No forecaster has a forecast in a game where one is needed.
        """
        if self.n == 1:
            forecast_arrays = self._alone(state, horizon)
        else:
            forecast_arrays = ask_by_lane(
                self.forecasters, self._families, state, horizon, self._names
            )
            self._require_range(forecast_arrays)
        if not forecast_arrays.is_full:
            lost = ~forecast_arrays.present.any(axis=1)
            if wanted is not None:
                lost &= wanted
            if lost.any():
                where = "" if self.n == 1 else f", in {int(np.count_nonzero(lost))} of the games"
                raise AgentError(
                    f"no forecaster has a forecast at t = {state.t}, horizon {horizon}{where}"
                )
        inflation, together = None, self._families
        if doubt_scale is not None and (self.n > 1 or doubt_scale[0] > 0.0):
            inflation = inflation_of_newest(
                self.forecasters, together, forecast_arrays, horizon, doubt_scale, wanted
            )
        elif spreads:
            inflation = inflation_along(
                self.forecasters, together, forecast_arrays, horizon, spreads, wanted
            )
        pooled = self.aggregator.pool(forecast_arrays, horizon, inflation)
        return construct_unchecked(
            ExpertForecasts,
            state=state,
            horizon=horizon,
            forecast_arrays=forecast_arrays,
            forecast=pooled,
        )

    def _alone(self, state: StateArrays, horizon: int) -> ForecastArrays:
        """Return what is said in a single game, by the scalar form of every forecaster."""
        together = self._families
        said = ask_in_one_game(self.forecasters, together, state.each[0], horizon)
        forecast_arrays: ForecastArrays = construct_unchecked(
            ForecastArrays,
            state=state,
            deltas=said.numbers[:1],
            stated_scales=said.numbers[1:],
            reasons=said.reasons,
            names=self._names,
            shapes=None,
        )
        forecast_arrays.__dict__["is_full"] = not any(said.reasons)
        if not together:
            forecast_arrays.__dict__["actions"] = (said.actions,)
        for one in said.actions:
            # Actions have been checked when they were made, but for their size.
            if one is None:
                continue
            if one.shape is not None and forecast_arrays.shapes is None:
                shapes = pack([None if a is None else a.shape for a in said.actions])
                assert shapes is not None
                forecast_arrays.__dict__["shapes"] = shapes.map(lambda array: array[np.newaxis])
                forecast_arrays.__dict__["actions"] = (said.all_actions(self._names),)
            if not (-_LARGEST <= one.delta <= _LARGEST and (one.scale or 0.0) <= _LARGEST):
                self._require_range(forecast_arrays)
        if together:
            self._require_range(forecast_arrays)
        return forecast_arrays

    def _require_range(self, forecast_arrays: ForecastArrays) -> None:
        """Refuse numbers whose squares leave the range of floats, and scales below 0."""
        deltas, scales = forecast_arrays.deltas, forecast_arrays.stated_scales
        if _all_within(deltas, -_LARGEST, _LARGEST):
            forecast_arrays.__dict__["is_full"] = True
            if _all_within(scales, 0.0, _LARGEST):
                return
        for what, numbers in (
            ("delta", deltas),
            ("scale", scales),
        ):
            if what == "scale":
                wrong = (numbers > _LARGEST) | (numbers < 0.0)
            else:
                wrong = np.abs(numbers) > _LARGEST
            if np.count_nonzero(wrong):
                column = int(np.argmax(wrong.any(axis=0)))
                number = float(numbers[:, column][wrong[:, column]][0])
                raise AgentError(
                    f"agent {self.forecasters[column].name!r} returned a {what} of {number}: it "
                    f"must be {'in [0, 1e150]' if what == 'scale' else 'within 1e150 of 0'}"
                )


def _all_within(numbers: Array, low: float, high: float) -> bool:
    """Return whether there is no NaN, and no number below `low` or above `high`."""
    rows = numbers.T  # forecaster by forecaster in memory
    lowest, highest = np.minimum.reduce(rows, axis=None), np.maximum.reduce(rows, axis=None)
    return bool(lowest >= low and highest <= high)
