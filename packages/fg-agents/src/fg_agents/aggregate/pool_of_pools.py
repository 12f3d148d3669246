r"""A pool of pools: settings are not chosen, they are mixed.

Every setting of a pool has years in which it is right: how fast scales are forgotten, how fast
weights follow the evidence, who is a member, whether the pool's own spread is corrected. So the
pools of a whole grid run side by side on the same forecasts (`PoolGrid`), and each has a weight
that follows from its CRPS (`fg_core.pooling.setting_weights`). Within a pool, forecasters are
weighed as in `fg_core.pooling.evidence`: group-equal prior, Student-t likelihood, forgetting
factors mixed by their log score.

The forecast has one component a forecaster, with the weight, mean and variance that this forecaster
has in all pools together (`fg_core.pooling.by_forecaster`), so that mean and variance are exactly
those of the mixture of all pools, and weights can be reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_core import (
    AgentAction,
    AgentError,
    ConfigError,
    DataError,
    ForecastState,
    ProbabilisticForecast,
    RevealedForecast,
    TrainingWindow,
)
from fg_core.frozen import FrozenMapping, frozen_mapping
from fg_core.pooling import field_of, inflated, mixture_forecast

from .grid import PoolGrid
from .grid_learning import GridLearning, MemoryView
from .grid_members import Membership
from .grid_memory import GridMemory, from_plain, to_plain
from .standpoint import Standpoint

__all__ = ["PoolOfPools"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class PoolOfPools:
    """Pools with all settings of a grid, mixed by what their forecasts were worth.

    A claim is judged by what each pool believed when it was made: the beliefs of the last few
    periods are part of what is remembered.

    Args:
        grid: The settings.
        groups: Group of each forecaster, by name; one that is not named is a group of its own.
            Every group has the same prior weight.
        name: Name of the agent.
        names: Names of the forecasters; set by `start`.
        memory: What was learned, by horizon; set by `start` and `update`.
        learned_to: The period of the last target that was learned; None: none yet.
        earlier: What was believed after earlier periods, oldest first.

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
    earlier: tuple[tuple[int | None, Standpoint], ...] = field(
        default=(), compare=False, repr=False
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "groups", frozen_mapping(self.groups))

    # ------------------------------------------------------------------------------ beginning

    def start(self, names: Sequence[str], window: TrainingWindow, horizons: Sequence[int]) -> Self:
        """Return pools of these forecasters that have seen nothing but the training window.

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
        """Return pools whose forecasters have these groups, where they were given no other."""
        return replace(self, groups={**groups, **self.groups})

    @cached_property
    def _learning(self) -> GridLearning:
        members = Membership.of(self.names, self.groups, self.grid.member_sets)
        return GridLearning(self.grid, members)

    @cached_property
    def _views(self) -> Mapping[int, MemoryView]:
        return {h: MemoryView(self._learning, memory) for h, memory in self.memory.items()}

    @cached_property
    def _now(self) -> Standpoint:
        return Standpoint.of(self._learning, self._views)

    def __getstate__(self) -> dict[str, Any]:
        return {item.name: getattr(self, item.name) for item in fields(self)}

    # ----------------------------------------------------------------------------- forecasting

    def aggregate(
        self,
        state: ForecastState,
        actions: Sequence[AgentAction | None],
        *,
        horizon: int = 1,
        inflation: Sequence[float] = (),
    ) -> ProbabilisticForecast:
        """Return the mixture of all pools, with one component a forecaster.

        Args:
            state: What the forecasters acted on.
            actions: One a forecaster, in the order of `names`; None for an absent one.
            horizon: In rounds.
            inflation: Per action, a standard deviation to add in quadrature; empty: none.

        Raises:
            AgentError: Nobody has a forecast, or the pools were not started for this horizon.
        """
        now = self._standpoint(horizon)
        pooled = now.pooled(horizon, *self._said(state, actions))
        if not pooled.alive.any():
            raise AgentError(f"no forecaster has a forecast at t = {state.t}, horizon {horizon}")
        weights, means, scales = now.mixture(horizon, pooled)
        if len(inflation):
            scales = inflated(scales, np.where(pooled.present, inflation, 0.0))
        there = weights > 0.0
        if np.count_nonzero(there) == there.size:
            return mixture_forecast(weights, means, scales, self.names)
        labels = tuple(name for name, here in zip(self.names, there, strict=True) if here)
        return mixture_forecast(weights[there], means[there], scales[there], labels)

    def weights(self, horizon: int = 1) -> FrozenMapping[str, float]:
        """Return the weights of the next forecast by forecaster; they sum to one."""
        found = self._standpoint(horizon).weights(horizon)
        return FrozenMapping(dict(zip(self.names, found.tolist(), strict=True)))

    def pool_weights(self, horizon: int = 1) -> NDArray[np.float64]:
        """Return the weights of the pools, shape (set, discount, temperature, recalibrate).

        Sets of the grid that come to the same members, or to none, are left out.
        """
        now = self._standpoint(horizon)
        members = self._learning.members
        return now.pool_weights(horizon, members.prior(members.everyone)[1])

    def _standpoint(self, horizon: int) -> Standpoint:
        """Return what is believed now."""
        if horizon not in self.memory:
            raise AgentError(
                f"aggregator {self.name!r} was not started for horizon {horizon}; it knows "
                f"{sorted(self.memory)}"
            )
        return self._now

    def _said(
        self, state: ForecastState, actions: Sequence[AgentAction | None]
    ) -> tuple[Array, Array]:
        if len(actions) != len(self.names):
            raise AgentError(
                f"aggregator {self.name!r} was started for {len(self.names)} forecasters, "
                f"got {len(actions)} actions"
            )
        means = [np.nan if a is None else state.value + a.delta for a in actions]
        claimed = [np.nan if a is None or a.scale is None else a.scale for a in actions]
        return np.array(means, dtype=np.float64), np.array(claimed, dtype=np.float64)

    # -------------------------------------------------------------------------------- learning

    def update(self, outcome: RevealedForecast) -> Self:
        """Return the pools after one forecast whose target is revealed."""
        h, origin = outcome.horizon, outcome.state.t
        now = self._standpoint(h)
        means, claimed = self._said(outcome.state, outcome.actions)
        pooled = self._standpoint_at(origin).pooled(h, means, claimed)
        view = self._views[h].learned(pooled, claimed, float(outcome.target))
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        new.__dict__.pop("_now", None)
        new.__dict__["_views"] = {**self._views, h: view}
        new.__dict__["memory"] = FrozenMapping({**self.memory, h: view.memory})
        due = origin + h
        if self.learned_to is None or due > self.learned_to:
            oldest = due - max(self.memory)
            new.__dict__["earlier"] = _since(oldest, (*self.earlier, (self.learned_to, now)))
            new.__dict__["learned_to"] = due
        return new

    def _standpoint_at(self, origin: int) -> Standpoint:
        """Return what was believed when nothing later than `origin` was known."""
        if self.learned_to is None or self.learned_to <= origin:
            return self._now
        found = self.earlier[0][1]
        for t, standpoint in self.earlier:
            if t is None or t <= origin:
                found = standpoint
        return found

    # ---------------------------------------------------------------------------------- saving

    def saved(self) -> dict[str, Any]:
        """Return what was learned as plain values that JSON can hold; see `restored`."""
        return {
            "names": list(self.names),
            "learned_to": self.learned_to,
            "memory": {str(h): to_plain(memory) for h, memory in self.memory.items()},
            "earlier": [
                {"t": t, "beliefs": {str(h): to_plain(one) for h, one in then.beliefs.items()}}
                for t, then in self.earlier
            ],
        }

    def restored(self, saved: Mapping[str, Any]) -> Self:
        """Return pools with these settings and what others had learned, to the last bit.

        Args:
            saved: What `saved` returned, perhaps read from JSON. Settings are no part of it.

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
        like = fresh._now.beliefs
        earlier = tuple(
            (
                field_of(item, "t"),
                Standpoint(
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


def _since(
    oldest: int, entries: tuple[tuple[int | None, Standpoint], ...]
) -> tuple[tuple[int | None, Standpoint], ...]:
    """Return the beliefs that forecasts of origins from `oldest` on were made with."""
    first = 0
    for i, (t, _) in enumerate(entries):
        if t is None or t <= oldest:
            first = i
    return entries[first:]


def _mean_square_change(window: TrainingWindow, horizon: int) -> float:
    values = window.values
    if values.size <= horizon:
        return max(window.step_scale**2, 1e-300)
    changes = values[horizon:] - values[:-horizon]
    return max(float(np.mean(changes * changes)), 1e-300)
