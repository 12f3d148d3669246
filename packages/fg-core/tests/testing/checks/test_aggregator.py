"""The check of aggregators passes what keeps its promises and fails each way of breaking one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import pytest

from fg_core.components import Components
from fg_core.forecast import ProbabilisticForecast
from fg_core.pooling import SharedPoolAggregator
from fg_core.protocols import RevealedForecast
from fg_core.testing import PlainAggregator, check_aggregator
from fg_core.testing.mutants import Counter, NotFrozen, refused
from fg_core.window import TrainingWindow


def test_good_aggregators_pass() -> None:
    check_aggregator(PlainAggregator())
    check_aggregator(Weigher())


@dataclass(frozen=True)
class Weigher(PlainAggregator):
    """A good aggregator that learns: weights fall with the absolute error, in logs."""

    losses: tuple[float, ...] = ()

    def start(self, names: Sequence[str], window: TrainingWindow, horizons: Sequence[int]) -> Self:
        return replace(super().start(names, window, horizons), losses=(0.0,) * len(names))

    def aggregate(self, state: Any, actions: Any, *, horizon: int = 1, inflation: Any = ()) -> Any:
        plain = super().aggregate(state, actions, horizon=horizon, inflation=inflation)
        parts = plain.components
        losses = np.array(
            [loss for loss, a in zip(self.losses, actions, strict=True) if a is not None]
        )
        weights = np.exp(-(losses - losses.min()))
        return ProbabilisticForecast.from_components(
            Components(weights / weights.sum(), parts.means, parts.scales, parts.labels)
        )

    def update(self, outcome: RevealedForecast) -> Self:
        errors = [
            0.0 if a is None else abs(outcome.target - outcome.state.value - a.delta)
            for a in outcome.actions
        ]
        losses = [0.9 * old + new for old, new in zip(self.losses, errors, strict=True)]
        return replace(self, losses=tuple(losses))


def aggregator(change: Callable[[PlainAggregator, Any, Any], Any]) -> Any:
    """Return a pool whose forecast is changed by a function."""

    @dataclass(frozen=True)
    class Mutant(PlainAggregator):
        def aggregate(
            self, state: Any, actions: Any, *, horizon: int = 1, inflation: Any = ()
        ) -> Any:
            good = super().aggregate(state, actions, horizon=horizon, inflation=inflation)
            return change(self, good, actions)

    return Mutant()


def forge(good: ProbabilisticForecast, **values: Any) -> ProbabilisticForecast:
    changed = ProbabilisticForecast(good.mean, good.variance, components=good.components)
    for name, value in values.items():
        object.__setattr__(changed, name, value)
    return changed


def forge_weights(good: ProbabilisticForecast, weights: Any) -> ProbabilisticForecast:
    parts = good.components
    assert parts is not None
    copy = Components(parts.weights, parts.means, parts.scales)
    object.__setattr__(copy, "weights", weights(parts.weights))
    return forge(good, components=copy)


@dataclass(frozen=True)
class LearnsInPlace(Weigher):
    def update(self, outcome: RevealedForecast) -> Self:
        new = super().update(outcome)
        object.__setattr__(self, "losses", new.losses)
        return self


@dataclass(frozen=True)
class PoolByChance(Weigher):
    count: Counter = field(default_factory=Counter, compare=False)

    def update(self, outcome: RevealedForecast) -> Self:
        return replace(self, losses=tuple(float(self.count() * i) for i in range(3)))


@dataclass(frozen=True)
class StartsByChance(Weigher):
    count: Counter = field(default_factory=Counter, compare=False)

    def start(self, names: Sequence[str], window: TrainingWindow, horizons: Sequence[int]) -> Self:
        n = float(self.count())
        return replace(super().start(names, window, horizons), losses=(n, 0.0, 0.0))


@dataclass(frozen=True)
class Underflows(Weigher):
    """Weights as plain products of densities: all zero after one absurd target."""

    def aggregate(self, state: Any, actions: Any, *, horizon: int = 1, inflation: Any = ()) -> Any:
        weights = np.exp(-np.array(self.losses))
        if not weights.sum():
            raise ZeroDivisionError("all weights are 0")
        return super().aggregate(state, actions, horizon=horizon, inflation=inflation)


@dataclass(frozen=True)
class FirstComesFirst(PlainAggregator):
    def aggregate(self, state: Any, actions: Any, *, horizon: int = 1, inflation: Any = ()) -> Any:
        plain = super().aggregate(state, actions, horizon=horizon, inflation=inflation)
        parts = plain.components
        weights = 0.5 ** np.arange(parts.weights.size)
        return ProbabilisticForecast.from_components(
            Components(weights / weights.sum(), parts.means, parts.scales, parts.labels)
        )


@dataclass(frozen=True)
class NeedsEveryone(PlainAggregator):
    def aggregate(self, state: Any, actions: Any, *, horizon: int = 1, inflation: Any = ()) -> Any:
        if any(a is None for a in actions):
            raise KeyError("someone is missing")
        return super().aggregate(state, actions, horizon=horizon, inflation=inflation)


@dataclass(frozen=True)
class MakesUpForecasts(PlainAggregator):
    def aggregate(self, state: Any, actions: Any, *, horizon: int = 1, inflation: Any = ()) -> Any:
        if all(a is None for a in actions):
            return ProbabilisticForecast(state.value, 1.0)
        return super().aggregate(state, actions, horizon=horizon, inflation=inflation)


@dataclass(frozen=True)
class FailsWithNobody(PlainAggregator):
    def aggregate(self, state: Any, actions: Any, *, horizon: int = 1, inflation: Any = ()) -> Any:
        if all(a is None for a in actions):
            raise ZeroDivisionError("nobody")
        return super().aggregate(state, actions, horizon=horizon, inflation=inflation)


@dataclass(frozen=True)
class DeafToInflation(PlainAggregator):
    def aggregate(self, state: Any, actions: Any, *, horizon: int = 1, inflation: Any = ()) -> Any:
        return super().aggregate(state, actions, horizon=horizon)


@dataclass(frozen=True)
class InflationMovesTheMean(PlainAggregator):
    def aggregate(self, state: Any, actions: Any, *, horizon: int = 1, inflation: Any = ()) -> Any:
        if len(inflation):
            state = replace(state, value=state.value + inflation[0])
        return super().aggregate(state, actions, horizon=horizon, inflation=inflation)


@dataclass(frozen=True)
class TwoStepsAhead(PlainAggregator):
    def aggregate(self, state: Any, actions: Any, *, horizon: int = 2, inflation: Any = ()) -> Any:
        return super().aggregate(state, actions, horizon=horizon, inflation=inflation)


class LoosePool(PlainAggregator):
    def start(self, *_: Any) -> Any:
        return _LooseStarted()


class _LooseStarted:
    name = "loose"

    def aggregate(self, *_: Any, **__: Any) -> Any:
        return None

    def update(self, outcome: Any) -> Any:
        return self


COUNT = itertools.count()


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (aggregator(lambda *_: 1.0), "returns a ProbabilisticForecast"),
        (aggregator(lambda _, good, __: forge(good, mean=good.mean + 1e3)), "mean lies between"),
        (
            aggregator(lambda _, good, __: forge(good, mean=good.mean + 1e-3)),
            "those of the mixture",
        ),
        (aggregator(lambda _, good, __: forge(good, mean=float("nan"))), "mean is finite"),
        (aggregator(lambda _, good, __: forge(good, variance=0.0)), "variance is above 0"),
        (aggregator(lambda _, good, __: forge(good, variance=float("inf"))), "variance is finite"),
        (
            # Forgets the variance between the components.
            aggregator(
                lambda _, good, __: forge(
                    good,
                    variance=float(good.components.weights @ good.components.scales**2),
                )
            ),
            "variance within plus between",
        ),
        (aggregator(lambda _, good, __: forge(good, components=None)), "carries its components"),
        (aggregator(lambda _, good, __: forge_weights(good, lambda w: 1.1 * w)), "sum to one"),
        (
            aggregator(lambda _, good, __: forge_weights(good, lambda w: w - 0.5)),
            "weights are at least 0",
        ),
        (
            aggregator(lambda _, good, __: forge(good, quantiles=(1.0, 0.0, 2.0))),
            "quantiles are finite and never cross",
        ),
        (
            aggregator(lambda _, good, __: forge(good, variance=good.variance + next(COUNT))),
            "aggregate is pure",
        ),
        (LearnsInPlace(), "update returns a new object"),
        (PoolByChance(), "update is pure"),
        (StartsByChance(), "start is pure"),
        (Underflows(), "aggregate works; it raised ZeroDivisionError"),
        (FirstComesFirst(), "the order of the forecasters does not matter"),
        (NeedsEveryone(), "aggregate works; it raised KeyError"),
        (MakesUpForecasts(), "where nobody has a forecast"),
        (FailsWithNobody(), "where nobody has a forecast"),
        (DeafToInflation(), "inflation adds to the uncertainty"),
        (InflationMovesTheMean(), "inflation leaves the mean"),
        (TwoStepsAhead(), "one step ahead unless told"),
        (LoosePool(), "it is frozen"),
        (NotFrozen(), "it has start, aggregate, update"),
    ],
    ids=lambda x: type(x).__name__ if not isinstance(x, str) else "",
)
def test_a_broken_aggregator_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_aggregator(broken), promise)


@dataclass(frozen=True)
class PanelPool(SharedPoolAggregator):
    """A pool whose panels go wrong in one way."""

    change: Callable[[Any], Any] = field(default=lambda found: found, compare=False)

    def update_panel(self, pools: Any, outcomes: Any) -> Any:
        return self.change(super().update_panel(pools, outcomes))


@pytest.mark.parametrize(
    ("change", "promise"),
    [
        (lambda found: found[:2], "for 3 series it returned"),
        (lambda found: (PlainAggregator(),) * len(found), "has aggregate, update, update_panel"),
        (
            lambda found: [replace(one, shrinkage=1.0 / next(COUNT)) for one in found],
            "update_panel is pure",
        ),
    ],
)
def test_a_pool_of_broken_panels_is_refused(change: Any, promise: str) -> None:
    refused(lambda: check_aggregator(PanelPool(change=change)), promise)
