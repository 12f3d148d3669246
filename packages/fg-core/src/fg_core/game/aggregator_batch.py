"""The aggregator and the refactorer of many games: asked once, or game by game."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import ForecastArrays, MixtureArrays, StateArrays, has_array_form
from fg_core.batch.handing import handed, handed_to, leaves_arrays_alone
from fg_core.batch.lazy import lazy
from fg_core.batch.sealing import read_only
from fg_core.errors import AgentError, DataError
from fg_core.forecast import ProbabilisticForecast
from fg_core.frozen import construct_unchecked
from fg_core.protocols import RevealedForecast

from .asking import call, require_numbers, several, successor

__all__ = ["AggregatorBatch", "OutcomeLanes", "RefactorerBatch"]

Array = NDArray[np.float64]
Lanes = NDArray[np.intp]


class OutcomeLanes:
    """A forecast of many games whose target is revealed (or reported): arrays, and each game's.

    Args:
        state: States that the forecast was made from.
        horizon: Horizon of the forecast, in rounds.
        forecast_arrays: Expert forecasts, shape (lane, forecaster).
        forecast: Forecast that the aggregator made of them.
        target: Values that were forecast, shape (lane,), in the unit of the series.
    """

    def __init__(
        self,
        state: StateArrays,
        horizon: int,
        forecast_arrays: ForecastArrays,
        forecast: MixtureArrays,
        target: Array,
    ) -> None:
        self.arrays: Any = construct_unchecked(
            RevealedForecast,
            state=state,
            horizon=horizon,
            actions=forecast_arrays,
            forecast=forecast,
            target=target,
        )

    @lazy
    def each(self) -> tuple[RevealedForecast, ...]:
        """The outcome of each game."""
        one = self.arrays
        rows = zip(
            one.state.each, one.actions.actions, one.forecast.each, one.target.tolist(), strict=True
        )
        return tuple(
            construct_unchecked(
                RevealedForecast,
                state=state,
                horizon=one.horizon,
                actions=actions,
                forecast=forecast,
                target=target,
            )
            for state, actions, forecast, target in rows
        )


@dataclass(frozen=True, eq=False)
class _Learner:
    """An agent that learns from outcomes, in many games.

    Args:
        members: Agent of each lane; one: that of all lanes.
        n: How many lanes.
    """

    members: tuple[Any, ...]
    n: int

    methods: ClassVar[tuple[str, ...]] = ("update_array",)
    main: ClassVar[str] = "bias"
    """A method that what it becomes must have."""

    @classmethod
    def of(cls, members: Sequence[Any], n: int) -> Self:
        """Return the batch of these agents, one for all lanes or one per lane.

        Agents that can be stacked become one agent.
        """
        first, kind = members[0], type(members[0])
        if all(one is first for one in members):
            return cls((first,), n)
        if (
            hasattr(kind, "stack")
            and has_array_form(first, *cls.methods)
            and all(type(one) is kind for one in members)
        ):
            stacked = kind.stack(tuple(members))
            if stacked is not None:
                return cls((stacked,), n)
        return cls(tuple(members), n)

    @property
    def name(self) -> str:
        """Name of the agent."""
        return str(self.members[0].name)

    @property
    def is_array(self) -> bool:
        """Whether it is asked once for all lanes."""
        return self.n > 1 and self._has_form

    @lazy
    def _has_form(self) -> bool:
        return len(self.members) == 1 and has_array_form(self.members[0], *self.methods)

    @property
    def each(self) -> tuple[Any, ...]:
        """The agent of each lane."""
        return self.members if len(self.members) == self.n else self.members * self.n

    def take(self, lanes: Lanes) -> Self:
        """Return the agents of some lanes, in the order of `lanes`; lanes may repeat."""
        if len(self.members) > 1:
            return type(self)(tuple(self.members[i] for i in lanes.tolist()), lanes.size)
        agent = self.members[0]
        if self.n > 1 and lanes.size == 1 and hasattr(agent, "lane"):
            agent = call(agent, "lane", int(lanes[0]))
        elif self.n > 1 and hasattr(agent, "take"):
            agent = call(agent, "take", handed(lanes))
        return type(self)((agent,), int(lanes.size))

    def learned(self, outcome: OutcomeLanes) -> Self:
        """Return the agents after an outcome."""
        if self.is_array:
            before = self.members[0]
            told = handed_to(before, outcome.arrays)
            agent = successor(before, "update_array", self.main, told)
            return type(self)((agent,), self.n)
        pairs = zip(self.each, outcome.each, strict=True)
        return type(self)(
            tuple([successor(one, "update", self.main, told) for one, told in pairs]), self.n
        )


@dataclass(frozen=True, eq=False)
class RefactorerBatch(_Learner):
    """A refactorer in each of many games."""

    @lazy
    def waits_for_reveals(self) -> bool:
        """Whether it learns from revealed values alone, never from reported ones."""
        return bool(getattr(self.members[0], "waits_for_reveals", False))

    def bias(self, horizon: int) -> Any:
        """Return the correction of forecasts for a horizon: one number, or shape (lane,)."""
        if len(self.members) > 1:
            return np.array([self._bias(one, horizon) for one in self.members])
        return self._bias(self.members[0], horizon)

    def _bias(self, agent: Any, horizon: int) -> Any:
        found = call(agent, "bias", horizon)
        if type(found) is float and math.isfinite(found):
            return found
        require_numbers(agent.name, "bias", found)
        # What one lane has learned may be taken over by many.
        if np.shape(found) not in ((), (1,), (self.n,)):
            raise AgentError(
                f"refactorer {agent.name!r} returned a bias of shape {np.shape(found)} for "
                f"{self.n} games"
            )
        if not np.isfinite(found).all():
            raise AgentError(f"refactorer {agent.name!r} returned a bias that is not finite")
        return found


@dataclass(frozen=True, eq=False)
class AggregatorBatch(_Learner):
    """An aggregator in each of many games."""

    methods: ClassVar[tuple[str, ...]] = ("aggregate_array", "update_array", "weights_array")
    main: ClassVar[str] = "aggregate"

    def learned_from_panels(self, outcome: OutcomeLanes, n_series: int) -> Self:
        """Return the aggregators after an outcome, from which each panel learns as one.

        An aggregator without `update_panel` learns series by series.

        Args:
            outcome: Outcome of every lane.
            n_series: Number of series of a panel.
        """
        agent = self.members[0]
        if not hasattr(agent, "update_panel"):
            return self.learned(outcome)
        if self.is_array:
            new = successor(
                agent, "update_panel_array", self.main, handed_to(agent, outcome.arrays), n_series
            )
            return type(self)((new,), self.n)
        own, told, count = self.each, outcome.each, self.n // n_series
        found: list[Any] = [None] * self.n
        for k in range(count):
            lanes = slice(k, None, count)
            pools = call(own[k], "update_panel", own[lanes], told[lanes])
            found[lanes] = several(own[k], "update_panel", self.main, pools, n_series)
        return type(self)(tuple(found), self.n)

    def pool(
        self, forecast_arrays: ForecastArrays, horizon: int, inflation: Array | None = None
    ) -> MixtureArrays:
        """Return the forecast of each game.

        Args:
            forecast_arrays: Expert forecasts, shape (lane, forecaster).
            horizon: Horizon of the forecasts, in rounds.
            inflation: Standard deviations to add in quadrature, shape (lane, forecaster).

        Raises:
            AgentError: The aggregator failed, or returned no forecast of finite variance.
        """
        # With a forecaster missing, arrays keep a column for each forecaster, and go on doing so
        # where many games take over what one of them learned.
        if self.is_array or (not forecast_arrays.is_full and self._has_form):
            agent = self.members[0]
            known = leaves_arrays_alone(agent)
            found = call(
                agent,
                "aggregate_array",
                forecast_arrays if known else handed(forecast_arrays),
                horizon=horizon,
                inflation=inflation if known else read_only(inflation),
            )
            if not isinstance(found, MixtureArrays) or found.means.shape[0] != self.n:
                raise AgentError(
                    f"aggregator {self.name!r} returned no MixtureArrays for {self.n} games"
                )
            if not known:
                found.seal()
            return found
        if self.n == 1:
            own = () if inflation is None else tuple(inflation[0].tolist())
            alone = self.members[0], forecast_arrays.state.each[0], forecast_arrays.actions[0]
            return MixtureArrays.of((self._pooled(*alone, horizon, own),))
        wider: Any = ((),) * self.n if inflation is None else inflation.tolist()
        rows = zip(
            self.each, forecast_arrays.state.each, forecast_arrays.actions, wider, strict=True
        )
        found = []
        for one, state, actions, own in rows:
            if not any(action is not None for action in actions):
                found.append(None)  # in a lane whose forecast is not needed
                continue
            said = self._pooled(one, state, actions, horizon, tuple(own))
            found.append(said)
        return MixtureArrays.of(found)

    def _pooled(self, agent: Any, state: Any, actions: Any, horizon: int, own: Any) -> Any:
        try:
            found = call(agent, "aggregate", state, actions, horizon=horizon, inflation=own)
        except DataError as error:
            raise AgentError(f"aggregator {self.name!r} failed: {error}") from error
        if not isinstance(found, ProbabilisticForecast):
            raise AgentError(
                f"aggregator {self.name!r} returned a {type(found).__name__}: a "
                "ProbabilisticForecast is wanted"
            )
        return found

    def weights(self, horizon: int, names: Sequence[str]) -> Array | None:
        """Return the weights of the next forecast, shape (lane, forecaster); None: it has none."""
        if self.is_array:
            found = np.asarray(call(self.members[0], "weights_array", horizon))
            return np.broadcast_to(found, (self.n, len(names)))
        if not hasattr(self.members[0], "weights"):
            return None
        told = [call(one, "weights", horizon) for one in self.each]
        for one in told:
            if not isinstance(one, Mapping) or not set(names) <= set(one):
                raise AgentError(
                    f"aggregator {self.name!r} returned {one!r} from weights(): a number for each "
                    "forecaster is wanted"
                )
        return np.array([[float(one[name]) for name in names] for one in told])
