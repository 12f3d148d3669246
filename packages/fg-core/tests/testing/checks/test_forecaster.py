"""The check of forecasters passes what keeps its promises and fails each way of breaking one."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import pytest

from fg_core.action import AgentAction
from fg_core.errors import AgentError, ForecastUnavailable
from fg_core.protocols import Revealed
from fg_core.state import ForecastState
from fg_core.testing import ConformanceError, ConstantForecaster, PooledTrend, check_forecaster
from fg_core.testing.mutants import Counter, NotFrozen, forged, refused
from fg_core.window import TrainingWindow


@dataclass(frozen=True)
class Learner:
    """A good forecaster that needs `fit`, has a scale and a sensitivity, and learns."""

    name: str = "learner"
    mean: float | None = None
    scale: float = 1.0

    def fit(self, window: TrainingWindow) -> Self:
        return replace(self, mean=float(window.values.mean()), scale=window.step_scale)

    def update(self, revealed: Revealed) -> Self:
        assert self.mean is not None
        return replace(self, mean=self.mean + 0.1 * (revealed.value - self.mean))

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        if self.mean is None:
            raise RuntimeError("not fitted")
        pull = 1.0 - 0.5**horizon
        return AgentAction(self.name, pull * (self.mean - state.value), scale=self.scale)

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:
        return 0.5**horizon


@dataclass(frozen=True)
class Sometimes(ConstantForecaster):
    """A good forecaster with no forecast at long horizons, or without history."""

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        if horizon > 4:
            raise ForecastUnavailable("too far")
        if not state.history:
            raise AgentError("no history: set lookback")
        return super().act(state, horizon)


@dataclass(frozen=True)
class Impure(ConstantForecaster):
    count: Counter = field(default_factory=Counter)

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        return AgentAction(self.name, 1.0 / self.count())


@dataclass(frozen=True)
class Remembers(ConstantForecaster):
    """Equal when called twice in a row, but not after something else was called."""

    last: list[int] = field(default_factory=lambda: [0, 0])

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        if horizon != self.last[0]:
            self.last[:] = [horizon, self.last[0]]
        return AgentAction(self.name, float(self.last[1]))


@dataclass(frozen=True)
class Returns(ConstantForecaster):
    what: Any = None

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        return self.what


class PlainClass(NotFrozen):
    pass


@dataclass(frozen=True)
class FitsInPlace(Learner):
    def fit(self, window: TrainingWindow) -> Self:
        object.__setattr__(self, "mean", float(window.values.mean()))
        return self


@dataclass(frozen=True)
class UpdatesInPlace(Learner):
    def update(self, revealed: Revealed) -> Self:
        object.__setattr__(self, "mean", revealed.value)
        return self


@dataclass(frozen=True)
class SharesMemory(Learner):
    """`update` returns a new object that shares a list with the old one."""

    memory: list[float] = field(default_factory=list)

    def update(self, revealed: Revealed) -> Self:
        self.memory.append(revealed.value)
        return replace(self)

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        return AgentAction(self.name, sum(self.memory), scale=self.scale)

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:
        return 1.0


@dataclass(frozen=True)
class FitsByChance(Learner):
    count: Counter = field(default_factory=Counter, compare=False)

    def fit(self, window: TrainingWindow) -> Self:
        return replace(self, mean=float(self.count()), scale=window.step_scale)


@dataclass(frozen=True)
class FitsToNothing(Learner):
    def fit(self, window: TrainingWindow) -> Self:
        return None  # type: ignore[return-value]


@dataclass(frozen=True)
class LosesItsName(Learner):
    def fit(self, window: TrainingWindow) -> Self:
        return replace(super().fit(window), name="someone else")


@dataclass(frozen=True)
class FitsLoose(Learner):
    def fit(self, window: TrainingWindow) -> Any:
        return NotFrozen(self.name)


@dataclass(frozen=True)
class ChangesTheState(ConstantForecaster):
    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        object.__setattr__(state, "history", state.history[1:])
        return super().act(state, horizon)


@dataclass(frozen=True)
class ChangesTheWindow(Learner):
    def fit(self, window: TrainingWindow) -> Self:
        object.__setattr__(window, "values", window.values[1:])
        return super().fit(window)


@dataclass(frozen=True)
class WrongSensitivity(ConstantForecaster):
    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:
        return 0.0  # of the change, not of the level


@dataclass(frozen=True)
class Lagged(ConstantForecaster):
    """Forecasts half of the last value and a quarter of the one before, and `says` so."""

    says: Any = (0.5, 0.25, 0.0)

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        before = state.history[-1] if state.history else 0.0
        return AgentAction(self.name, 0.25 * before - 0.5 * state.value, scale=0.5)

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:
        return 0.5

    def sensitivities(self, state: ForecastState, horizon: int = 1, n: int = 1) -> Any:
        return self.says[:n]


@dataclass(frozen=True)
class CountsTheRest(Lagged):
    def sensitivities(self, state: ForecastState, horizon: int = 1, n: int = 1) -> Any:
        return (0.5, 0.25, 0.0)[-n:]


@dataclass(frozen=True)
class NanSensitivity(ConstantForecaster):
    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:
        return float("nan")


@dataclass(frozen=True)
class OnlyShort(ConstantForecaster):
    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        if horizon > 1:
            raise ValueError("one step only")
        return super().act(state, horizon)


@dataclass(frozen=True)
class Never(ConstantForecaster):
    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        raise ForecastUnavailable("never")


@dataclass(frozen=True)
class NeedsHorizon(ConstantForecaster):
    def act(self, state: ForecastState, horizon: int = 2) -> AgentAction:
        return super().act(state, horizon)


@dataclass(frozen=True)
class OftenUnavailable(ConstantForecaster):
    count: Counter = field(default_factory=Counter)

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        if self.count() % 2:
            raise ForecastUnavailable("now and then")
        return super().act(state, horizon)


@dataclass(frozen=True)
class ComplainsOfHistory(ConstantForecaster):
    """`AgentError` is for states without history; this one raises it with a history too."""

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        raise AgentError("no")


class NoAct:
    name = "idle"


def test_good_forecasters_pass() -> None:
    check_forecaster(ConstantForecaster(0.3, 0.5))
    check_forecaster(Learner())
    check_forecaster(Sometimes())
    check_forecaster(PooledTrend())


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (Impure(0.1), "act is pure"),
        (Remembers(0.1), "what was called before does not matter"),
        (OftenUnavailable(0.1), "act is pure"),
        (Returns(what=None), "act returns an AgentAction"),
        (Returns(what=0.5), "act returns an AgentAction"),
        (Returns(what=AgentAction("fallback", 0.0)), "carries the name of its agent"),
        (Returns(what=forged("constant", float("nan"))), "delta is finite"),
        (Returns(what=forged("constant", float("inf"))), "delta is finite"),
        (Returns(what=forged("constant", 0.0, scale=-1.0)), "scale lies in"),
        (Returns(what=forged("constant", 0.0, p_bad=1.5)), "p_bad lies in"),
        (ConstantForecaster(float("nan")), "act works; it raised AgentError"),
        (NotFrozen(), "it is frozen"),
        (PlainClass(), "it is frozen"),
        (FitsInPlace(), "fit returns a new object and leaves the old one as it was"),
        (UpdatesInPlace(), "update returns a new object|update is pure"),
        (SharesMemory(), "update returns a new object|update is pure"),
        (FitsByChance(), "fit is pure"),
        (FitsToNothing(), "fit returns an agent"),
        (LosesItsName(), "fit returns an agent of the same name"),
        (FitsLoose(), "it is frozen"),
        (ChangesTheState(), "leaves its arguments as they were"),
        (ChangesTheWindow(), "fit leaves its arguments as they were"),
        (WrongSensitivity(0.1), "sensitivity is the derivative"),
        (NanSensitivity(0.1), "sensitivity is finite"),
        (Lagged(says=(0.5, 0.3, 0.0)), "sensitivities are the derivatives"),
        (Lagged(says=(0.5, 0.25)), "a tuple with a number for each value"),
        (Lagged(says=[0.5, 0.25, 0.0]), "a tuple with a number for each value"),
        (Lagged(says=(0.5, float("inf"), 0.0)), "sensitivities is finite"),
        (CountsTheRest(), "do not depend on how many are asked for"),
        (OnlyShort(), "act works; it raised ValueError: one step only"),
        (Never(), "it has a forecast somewhere"),
        (NeedsHorizon(0.1), "one step ahead unless told"),
        (ComplainsOfHistory(), "act works; it raised AgentError"),
        (ConstantForecaster(name=""), "name is text and not empty"),
        (NoAct(), "it has act"),
    ],
    ids=lambda x: type(x).__name__ if not isinstance(x, str) else "",
)
def test_a_broken_forecaster_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_forecaster(broken), promise)


def test_the_message_says_who_broke_what_and_how() -> None:
    with pytest.raises(ConformanceError) as caught:
        check_forecaster(Returns(what=AgentAction("fallback", 0.0)))
    message = str(caught.value)
    assert ".Returns does not keep a promise of Forecaster: " in message
    assert "agent 'constant' returned actor 'fallback'" in message
    with pytest.raises(ConformanceError) as caught:
        check_forecaster(OnlyShort())
    assert isinstance(caught.value.__cause__, ValueError)


def test_own_windows_and_states_are_played() -> None:
    window = TrainingWindow(np.array([1.0, 2.0, 3.0, 5.0]), 3)
    check_forecaster(Learner(), window=window)
    check_forecaster(OnlyShortHistory(), states=[ForecastState(5, 1.0, 0.0, 0.0, history=(1.0,))])
    refused(lambda: check_forecaster(OnlyShortHistory()), "act works")


@dataclass(frozen=True)
class OnlyShortHistory(ConstantForecaster):
    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        if len(state.history) > 1:
            raise ValueError("too much history")
        return super().act(state, horizon)


COUNT = itertools.count(1)


@dataclass(frozen=True)
class PanelOf(PooledTrend):
    """A forecaster whose panels go wrong in one way."""

    change: Callable[[Any, Any], Any] = field(default=lambda _, found: found, compare=False)

    def fit_panel(self, windows: Any) -> Any:
        return self.change(windows, super().fit_panel(windows))

    def fit(self, window: TrainingWindow) -> Any:
        return PooledTrend(self.name).fit(window)


@pytest.mark.parametrize(
    ("change", "promise"),
    [
        (lambda _, found: found[:2], "for 3 windows it returned"),
        (lambda _, found: found[0], "sequence of forecasters, one per window"),
        (lambda _, found: (None,) * len(found), "same name, which can be fitted again"),
        (lambda _, found: (ConstantForecaster(name="pooled_trend"),) * len(found), "again"),
        (lambda _, found: tuple(replace(one, name="x") for one in found), "same name"),
        (
            lambda _, found: tuple(
                replace(one, slope=0.5 * one.slope + 1e-6 * next(COUNT)) for one in found
            ),
            "depends on the windows alone",
        ),
    ],
)
def test_a_broken_panel_is_refused(change: Any, promise: str) -> None:
    refused(lambda: check_forecaster(PanelOf(change=change)), promise)


@dataclass(frozen=True)
class CarriesOn(PooledTrend):
    """A panel that goes on from what was fitted before."""

    def fit_panel(self, windows: Any) -> Any:
        found = super().fit_panel(windows)
        return tuple(replace(one, slope=0.5 * (one.slope + self.slope)) for one in found)


def test_a_panel_that_carries_on_is_refused() -> None:
    refused(lambda: check_forecaster(CarriesOn()), "also where a fitted forecaster is asked")


@dataclass(frozen=True)
class Reader(ConstantForecaster):
    """A forecaster that moves with a column: fitted, learned, seen, or known in advance."""

    declared: tuple[str, ...] = ("rate",)
    how: str = "act"
    level: float = 0.0

    def columns_read(self, columns: Any) -> frozenset[str]:
        return frozenset(columns).intersection(self.declared)

    def fit(self, window: TrainingWindow) -> Self:
        return replace(self, level=window.contexts[-1]["rate"] if self.how == "fit" else 0.0)

    def update(self, revealed: Revealed) -> Self:
        return replace(self, level=self._seen(revealed.state, "update"))

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        moved = self.level + self._seen(state, "act")
        if self.how == "known_ahead" and len(state.known_ahead) >= horizon:
            moved += state.known_ahead[horizon - 1].get("rate", 0.0)
        return AgentAction(self.name, moved, scale=1.0)

    def _seen(self, state: ForecastState, how: str) -> float:
        return state.macro_context.get("rate", 0.0) if how == self.how else 0.0


@pytest.mark.parametrize("how", ["fit", "update", "act", "known_ahead"])
def test_columns_that_are_read_are_declared(how: str) -> None:
    check_forecaster(Reader(how=how))
    check_forecaster(Reader(how=how, declared=("rate", "spread")))
    undeclared = "columns that columns_read leaves out move nothing"
    refused(lambda: check_forecaster(Reader(how=how, declared=("spread",))), undeclared)


def test_columns_read_are_some_of_those_given() -> None:
    @dataclass(frozen=True)
    class Invents(ConstantForecaster):
        def columns_read(self, columns: Any) -> frozenset[str]:
            return frozenset({"promo"})

    refused(lambda: check_forecaster(Invents()), "some of the columns that it is given")


@dataclass(frozen=True)
class ReadsTwo(ConstantForecaster):
    """Moves by the mean of the last `n` values, and says that it reads two."""

    n: int = 2

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        last = state.history[-self.n :]
        return AgentAction(self.name, sum(last) / max(1, len(last)), scale=1.0)

    def reads_back(self, season_length: int) -> int:
        return 2


def test_what_reads_further_back_than_it_says_is_found() -> None:
    check_forecaster(ReadsTwo(0.0))
    with pytest.raises(ConformanceError, match="further back than reads_back says"):
        check_forecaster(ReadsTwo(0.0, n=3))
