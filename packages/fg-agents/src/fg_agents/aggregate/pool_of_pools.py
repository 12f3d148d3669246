r"""A pool of pools: settings are not chosen, they are mixed.

Every setting of a pool has years in which it is right: how fast scales are forgotten, how fast
weights follow the evidence, which forecasters are members, whether the pool's own spread is
corrected. So the pools of a whole grid run side by side on the same forecasts (`PoolGrid`), and
each has a weight that follows from its CRPS (`fg_core.pooling.hedge_weights`). Within a pool,
forecasters are weighed as in `fg_core.pooling.evidence`: group-equal prior, Student-t likelihood,
forgetting factors mixed by their log score.

The forecast has one component per forecaster, with the weight, mean and variance that this
forecaster has in all pools together (`fg_core.pooling.moment_match`), so that mean and variance are
exactly those of the mixture of all pools, and weights can be reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from fg_core import (
    AgentAction,
    AgentError,
    ConfigError,
    DataError,
    ForecastState,
    ProbabilisticForecast,
    TrainingWindow,
)
from fg_core.authoring import means_and_scales, memory_of, no_forecast
from fg_core.batch import ForecastArrays, MixtureArrays
from fg_core.batch.lazy import lazy
from fg_core.frozen import FrozenMapping, frozen_mapping
from fg_core.pooling import field_of, inflated, mixture_forecast
from fg_core.protocols import RevealedForecast

from .grid import PoolGrid
from .grid_learning import GridLearning, MemoryView
from .grid_members import Membership
from .grid_memory import GridMemory, HorizonPosterior, from_plain, lanes_of, stack_lanes, to_plain
from .lanes import n_lanes, own_rows
from .pooled_forecast import Pooled
from .posterior import PoolPosterior, since

__all__ = ["PoolOfPools"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class PoolOfPools:
    """Pools with all settings of a grid, mixed by what their forecasts were worth.

    A forecast is judged by what each pool believed when it was made: the posteriors of the last few
    periods are part of what is remembered.

    Args:
        grid: The settings.
        groups: Group of each forecaster, by name; one that is not named is a group of its own.
            Every group has the same prior weight.
        name: Name of the agent.
        names: Names of the forecasters; set by `start`.
        memory: Memory of what was learned, by horizon; set by `start` and `update`.
        learned_to: The period of the last target that was learned; None: none yet.
        earlier: Posteriors after earlier periods, oldest first.

    >>> from fg_core import TrainingWindow
    >>> pool = PoolOfPools().start(("a", "b"), TrainingWindow([1.0, 2.0, 4.0]), (1,))
    >>> {name: round(weight, 9) for name, weight in pool.weights().items()}
    {'a': 0.5, 'b': 0.5}
    """

    grid: PoolGrid = field(default_factory=PoolGrid)
    groups: Mapping[str, str] = field(default_factory=lambda: frozen_mapping())
    name: str = "pool_of_pools"
    names: tuple[str, ...] = ()
    memory: Mapping[int, GridMemory] = field(
        default_factory=lambda: frozen_mapping(), compare=False, repr=False
    )
    learned_to: int | None = field(default=None, repr=False)
    earlier: tuple[tuple[int | None, PoolPosterior], ...] = field(
        default=(), compare=False, repr=False
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "groups", frozen_mapping(self.groups))

    # ------------------------------------------------------------------------------ beginning

    def start(self, names: Sequence[str], window: TrainingWindow, horizons: Sequence[int]) -> Self:
        """Return pools of these forecasters that have seen nothing but the training window.

        Returns:
            Pools that have learned no target yet.

        Raises:
            ConfigError: No forecasters, or no set of the grid has a member among them.
        """
        if not names:
            raise ConfigError("a pool needs at least one forecaster")
        pool = replace(self, names=tuple(names), memory=frozen_mapping(), earlier=())
        pool = replace(pool, learned_to=None)
        learning = pool._learning
        memory = {h: learning.start(_mean_square_change(window, h)) for h in sorted(horizons)}
        return replace(pool, memory=FrozenMapping(memory))

    def with_groups(self, groups: Mapping[str, str]) -> Self:
        """Return pools whose forecasters have these groups, where they were given no other.

        Returns:
            Pools with the same settings.
        """
        return replace(self, groups={**groups, **self.groups})

    @lazy
    def _learning(self) -> GridLearning:
        members = Membership.of(self.names, self.groups, self.grid.member_sets)
        return GridLearning(self.grid, members)

    @lazy
    def _views(self) -> Mapping[int, MemoryView]:
        return {h: MemoryView(self._learning, memory) for h, memory in self.memory.items()}

    @lazy
    def _now(self) -> PoolPosterior:
        return PoolPosterior.of(self._learning, self._views)

    def __getstate__(self) -> dict[str, Any]:
        return {item.name: getattr(self, item.name) for item in fields(self)}

    # ----------------------------------------------------------------------------- forecasting

    def reads_back(self, season_length: int) -> int:  # noqa: ARG002
        """Return how many earlier values it reads at most: none.

        Args:
            season_length: Periods in a season; it makes no difference.

        Returns:
            Number of values of `state.history`.
        """
        return 0

    def aggregate(
        self,
        state: ForecastState,
        actions: Sequence[AgentAction | None],
        *,
        horizon: int = 1,
        inflation: Sequence[float] = (),
    ) -> ProbabilisticForecast:
        """Return the mixture of all pools, with one component per forecaster.

        Args:
            state: State that the forecasters acted on.
            actions: One action per forecaster, in the order of `names`; None for an absent one.
            horizon: Steps ahead, in rounds.
            inflation: Standard deviation per action that is added in quadrature; empty: none.

        Returns:
            Mixture in the unit of the series, recalibrated as the pools learned.

        Raises:
            AgentError: No forecaster has a forecast, or the pools were not started for this
                horizon.
        """
        now = self._posterior(horizon)
        pooled = now.pooled(horizon, *self._means_and_scales(state, actions))
        if not pooled.weighing.somebody:
            raise no_forecast(state.t, horizon)
        weights, means, scales = (self._alone(array) for array in pooled.mixture)
        if len(inflation):
            scales = inflated(scales, np.where(pooled.present, inflation, 0.0))
        there = weights > 0.0
        if np.count_nonzero(there) == there.size:
            # Weights are those of every forecast made now; each forecast has arrays of its own.
            return mixture_forecast(weights.copy(), means.copy(), scales.copy(), self.names)
        labels = tuple(name for name, here in zip(self.names, there, strict=True) if here)
        return mixture_forecast(weights[there], means[there], scales[there], labels)

    def aggregate_array(
        self, forecast_arrays: ForecastArrays, *, horizon: int = 1, inflation: Array | None = None
    ) -> MixtureArrays:
        """Return the forecasts of `aggregate`, for many games.

        Args:
            forecast_arrays: Expert forecasts of all games.
            horizon: Steps ahead, in rounds.
            inflation: Standard deviations that are added in quadrature, shape (game, forecaster);
                None: none.

        Returns:
            Mixtures of shape (game, forecaster), in the unit of the series.

        Raises:
            AgentError: No forecaster that has a forecast in a game is in a pool, or the pools were
                not started for this horizon. A game in which no forecaster has a forecast gets
                weights of zero: the caller decides whether that is an error.
        """
        now = self._posterior(horizon)
        pooled = now.pooled_array(horizon, forecast_arrays)
        if not pooled.weighing.somebody:
            excluded = pooled.present.any(axis=-1) & ~pooled.weighing.alive.any(axis=-1)
            if excluded.any():
                raise no_forecast(forecast_arrays.state.t, horizon)
        weights, means, scales = pooled.mixture
        there = weights > 0.0
        if inflation is not None:
            scales = inflated(scales, np.where(pooled.present, inflation, 0.0))
        present = None
        if np.count_nonzero(there) < there.size:
            means, scales, present = (
                np.where(there, means, 0.0),
                np.where(there, scales, 1.0),
                there,
            )
        lanes = max(
            [n_lanes(array, 1) for array in (forecast_arrays.deltas, weights, means, scales)]
        )
        if present is not None and present.shape[:-1] != (lanes,):
            present = np.broadcast_to(present, (lanes, len(self.names)))
        w, m, s = (own_rows(array, lanes) for array in (weights, means, scales))
        return MixtureArrays(w, m, s, self.names, present)

    def weights(self, horizon: int = 1) -> FrozenMapping[str, float]:
        """Return the weights of the next forecast by forecaster; they sum to one.

        Returns:
            Shares between 0 and 1, by name of the forecaster.
        """
        found = self._alone(self._posterior(horizon).weights(horizon))
        return FrozenMapping(dict(zip(self.names, found.tolist(), strict=True)))

    def weights_array(self, horizon: int = 1) -> Array:
        """Return the weights of `weights`, for many games: shape (..., forecaster).

        Returns:
            Shares between 0 and 1 that sum to one over forecasters.
        """
        return self._posterior(horizon).weights(horizon)

    def pool_weights(self, horizon: int = 1) -> NDArray[np.float64]:
        """Return the weights of the pools, shape (..., set, discount, temperature, recalibrate).

        Sets of the grid that come to the same members, or to none, are left out.

        Returns:
            Shares between 0 and 1 that sum to one over all pools.
        """
        everyone = self._learning.members.everyone
        return self._posterior(horizon).weighing(horizon, everyone).pools

    def _alone(self, array: Array) -> Array:
        """Return the row of the one lane that there is, for what is said of one game."""
        lanes = n_lanes(array, 1)
        if lanes > 1:
            raise AgentError(f"aggregator {self.name!r} holds {lanes} games: ask it by arrays")
        return array[0] if array.ndim > 1 else array

    def _posterior(self, horizon: int) -> PoolPosterior:
        """Return the present posterior."""
        self._require(horizon)
        return self._now

    def _require(self, horizon: int) -> None:
        memory_of(self.name, self.memory, horizon)

    def _means_and_scales(
        self, state: ForecastState, actions: Sequence[AgentAction | None]
    ) -> tuple[Array, Array]:
        return means_and_scales(self.name, self.names, state, actions)

    # -------------------------------------------------------------------------------- learning

    def update(self, outcome: RevealedForecast) -> Self:
        """Return the pools after one forecast whose target is revealed.

        Returns:
            Pools that have learned from the target; these are unchanged.
        """
        h, origin = outcome.horizon, outcome.state.t
        self._require(h)
        then = self._posterior_at(origin)
        pooled = then.pooled(h, *self._means_and_scales(outcome.state, outcome.actions))
        return self._learned(pooled, h, origin, np.asarray(outcome.target, dtype=np.float64))

    def update_array(self, outcome: RevealedForecast) -> Self:
        """Return the result of `update`, for many games.

        Pools whose memory is the same in all lanes, or whose forecast was, learn as many lanes as
        there are targets.

        Args:
            outcome: Revealed forecasts with `ForecastArrays` as actions, and an array of shape
                (game,) as target.

        Returns:
            Pools with a lane per game.
        """
        h, arrays = outcome.horizon, cast(Any, outcome)
        self._require(h)
        pooled = self._posterior_at(arrays.state.t).pooled_array(h, arrays.actions)
        target = np.asarray(arrays.target, dtype=np.float64)
        return self._learned(pooled, h, arrays.state.t, target)

    def _learned(self, pooled: Pooled, horizon: int, origin: int, target: Array) -> Self:
        view = self._views[horizon].learned(pooled, target)
        views = {**self._views, horizon: view}
        new = self._with(views, self.earlier)
        due = origin + horizon
        if self.learned_to is None or due > self.learned_to:
            oldest = due - max(self.memory)
            new.__dict__["earlier"] = since(oldest, (*self.earlier, (self.learned_to, self._now)))
            new.__dict__["learned_to"] = due
        return new

    def _with(
        self,
        views: Mapping[int, MemoryView],
        earlier: tuple[tuple[int | None, PoolPosterior], ...],
    ) -> Self:
        """Return these pools with another memory; their settings need no second check."""
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        new.__dict__.pop("_now", None)
        new.__dict__["_views"] = views
        new.__dict__["memory"] = FrozenMapping({h: view.memory for h, view in views.items()})
        new.__dict__["earlier"] = earlier
        return new

    def _posterior_at(self, origin: int) -> PoolPosterior:
        """Return the posterior when nothing later than `origin` was known."""
        if self.learned_to is None or self.learned_to <= origin:
            return self._now
        found = self.earlier[0][1]
        for t, posterior in self.earlier:
            if t is None or t <= origin:
                found = posterior
        return found

    # ----------------------------------------------------------------------------------- lanes

    @classmethod
    def stack(cls, agents: Sequence[Self]) -> Self | None:
        """Return pools whose lanes are these agents, for the methods on arrays.

        Args:
            agents: Aggregators of one lane each, at least one.

        Returns:
            Pools that do in lane i what `agents[i]` does alone, to the last bit; None where the
            settings, the forecasters or the periods that were learned differ.
        """
        first = agents[0]
        known = [(type(one), one._periods) for one in agents]
        if any(one != first for one in agents[1:]) or any(one != known[0] for one in known):
            return None
        if all(one is first for one in agents):
            return first
        memory = {h: stack_lanes([one.memory[h] for one in agents]) for h in first.memory}
        learning = first._learning
        views = {h: MemoryView(learning, one) for h, one in memory.items()}
        then = zip(*([posterior for _, posterior in one.earlier] for one in agents), strict=True)
        earlier = tuple(
            (t, PoolPosterior(learning, _stacked_posterior(each)))
            for (t, _), each in zip(first.earlier, then, strict=True)
        )
        return first._with(views, earlier)

    @property
    def _periods(self) -> tuple[Any, ...]:
        """What has to be the same in all lanes, beside what the comparison of pools looks at."""
        return tuple(self.memory), tuple(t for t, _ in self.earlier)

    def take(self, lanes: NDArray[np.intp]) -> Self:
        """Return these pools for some lanes; where they are the same in all lanes, themselves.

        Args:
            lanes: Numbers of the lanes: lane i of the result is lane `lanes[i]`.

        Returns:
            Pools whose lane i is lane `lanes[i]` of these.
        """
        if all(lanes_of(memory) == 1 for memory in self.memory.values()):
            return self
        views = {h: view.take(lanes) for h, view in self._views.items()}
        earlier = tuple((t, posterior.take(lanes)) for t, posterior in self.earlier)
        return self._with(views, earlier)

    # ---------------------------------------------------------------------------------- saving

    def saved(self) -> dict[str, Any]:
        """Return the memory as plain values that JSON can hold; see `restored`."""
        return {
            "names": list(self.names),
            "learned_to": self.learned_to,
            "memory": {str(h): to_plain(memory) for h, memory in self.memory.items()},
            "earlier": [
                {"t": t, "beliefs": {str(h): to_plain(one) for h, one in then.posterior.items()}}
                for t, then in self.earlier
            ],
        }

    def restored(self, saved: Mapping[str, Any]) -> Self:
        """Return pools with these settings and what others had learned, to the last bit.

        Args:
            saved: Result of `saved`, perhaps read from JSON. Settings are no part of it.

        Returns:
            Pools that forecast as those that were saved would.

        Raises:
            DataError: It is nothing of that kind, or of another grid or other forecasters.
        """
        names = tuple(str(name) for name in field_of(saved, "names"))
        plain = field_of(saved, "memory")
        if not isinstance(plain, Mapping) or not all(str(h).isdigit() for h in plain):
            raise DataError("this is no saved pool: memory by horizon is wanted")
        window = TrainingWindow(np.zeros(1))
        fresh = self.start(names, window, [int(h) for h in plain])
        memory = {h: from_plain(plain[str(h)], one) for h, one in fresh.memory.items()}
        like = fresh._now.posterior
        earlier = tuple(
            (
                field_of(item, "t"),
                PoolPosterior(
                    fresh._learning,
                    {
                        h: from_plain(field_of(field_of(item, "beliefs"), str(h)), one)
                        for h, one in like.items()
                    },
                ),
            )
            for item in field_of(saved, "earlier")
        )
        learned_to = field_of(saved, "learned_to")
        return replace(fresh, memory=FrozenMapping(memory), learned_to=learned_to, earlier=earlier)


def _stacked_posterior(each: Sequence[PoolPosterior]) -> dict[int, HorizonPosterior]:
    return {h: stack_lanes([one.posterior[h] for one in each]) for h in each[0].posterior}


def _mean_square_change(window: TrainingWindow, horizon: int) -> float:
    values = window.values
    if values.size <= horizon:
        return max(window.step_scale**2, 1e-300)
    changes = values[horizon:] - values[:-horizon]
    return max(float(np.mean(changes * changes)), 1e-300)
