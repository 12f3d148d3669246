"""Each check passes what keeps its promises and fails each way of breaking one.

The broken ones are mutants of the small fakes: one promise broken, all others kept.
"""

from __future__ import annotations

import itertools
import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest

from fg_core.action import AgentAction
from fg_core.agents import ScriptedAdversary
from fg_core.alternatives import Alternative
from fg_core.config import SimulationConfig
from fg_core.errors import AgentError, DataError, ForecastGameError, ForecastUnavailable
from fg_core.executors import SerialExecutor
from fg_core.forecast import Components, ProbabilisticForecast
from fg_core.observation import Dataset
from fg_core.plugins import GROUPS
from fg_core.pooling import SharedPoolAggregator
from fg_core.protocols import (
    Adversary,
    Aggregator,
    DataSource,
    Defender,
    Defense,
    Disturbance,
    Evaluator,
    Executor,
    Forecaster,
    ModelBackend,
    PolicyLoader,
    Query,
    Refactorer,
    Refiner,
    Requirement,
    Revealed,
    RevealedForecast,
    ScenarioOutcome,
    StrategyAnswer,
    StrategyRuntime,
    Suspicion,
    ValidationScenario,
    World,
)
from fg_core.registry import AgentFactory
from fg_core.state import ForecastState
from fg_core.testing import (
    CHECKS,
    ConformanceError,
    ConstantForecaster,
    ConstantPolicyLoader,
    ConstantRuntime,
    DistanceEvaluator,
    DrawingDefender,
    DrawingForecaster,
    DriftBackend,
    FixedSource,
    HalfwayDefense,
    LineWorld,
    ListingDefender,
    MeanErrorRefiner,
    NoBias,
    PassingScenario,
    PlainAggregator,
    PooledTrend,
    SilentDefender,
    StepDisturbance,
    check_adversary,
    check_aggregator,
    check_data_source,
    check_defender,
    check_defense,
    check_disturbance,
    check_evaluator,
    check_executor,
    check_forecaster,
    check_model_backend,
    check_policy_loader,
    check_refactorer,
    check_refiner,
    check_strategy_runtime,
    check_validation_scenario,
    check_world,
    example_budget,
    example_dataset,
    example_predictive,
    example_states,
    example_trajectory,
)
from fg_core.testing.pools import check_aggregator as check_aggregator_of_its_module
from fg_core.window import TrainingWindow

STATE = example_states()[0]
KEY = Requirement("key", "FRED_API_KEY", "ask for one at fred.stlouisfed.org")


def refused(check: Callable[[], None], promise: str) -> None:
    with pytest.raises(ConformanceError, match=promise) as caught:
        check()
    assert isinstance(caught.value, AssertionError)
    assert isinstance(caught.value, ForecastGameError)
    assert "does not keep a promise of" in str(caught.value)


def forged(actor: str, delta: Any, scale: Any = None, p_bad: Any = None) -> AgentAction:
    """Return an action that got round its constructor."""
    action = AgentAction(actor, 0.0)
    for name, value in (("delta", delta), ("scale", scale), ("p_bad", p_bad)):
        object.__setattr__(action, name, value)
    return action


class Counter:
    """State that hides inside a frozen dataclass."""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self) -> int:
        self.n += 1
        return self.n


def counted(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Return `rule` with the number of the call in front of its arguments."""
    counter = Counter()
    return lambda *args: rule(counter(), *args)


# --------------------------------------------------------------------------- everything good passes


def test_each_group_of_plugins_has_a_check() -> None:
    assert set(CHECKS) == set(GROUPS)


def test_each_fake_is_what_its_protocol_says() -> None:
    fakes: list[tuple[Any, Any]] = [
        (ConstantForecaster(), Forecaster),
        (ScriptedAdversary(), Adversary),
        (SilentDefender(), Defender),
        (DrawingForecaster(), Forecaster),
        (DrawingDefender(), Defender),
        (ListingDefender(), Defender),
        (PlainAggregator(), Aggregator),
        (NoBias(), Refactorer),
        (DriftBackend(), ModelBackend),
        (ConstantRuntime(), StrategyRuntime),
        (MeanErrorRefiner(), Refiner),
        (ConstantPolicyLoader(), PolicyLoader),
        (StepDisturbance(), Disturbance),
        (HalfwayDefense(), Defense),
        (LineWorld(), World),
        (FixedSource(example_dataset()), DataSource),
        (SerialExecutor(), Executor),
        (DistanceEvaluator("attack_cap", 1.0), Evaluator),
        (PassingScenario(), ValidationScenario),
    ]
    for fake, protocol in fakes:
        assert isinstance(fake, protocol), fake


def test_good_ones_pass() -> None:
    check_forecaster(ConstantForecaster(0.3, 0.5))
    check_forecaster(Learner())
    check_forecaster(Sometimes())
    check_forecaster(PooledTrend())
    check_adversary(ScriptedAdversary([0.1, 0.2]))
    check_adversary(Gambler())
    check_defender(SilentDefender())
    check_defender(Doubter())
    check_forecaster(DrawingForecaster(0.5))
    check_defender(DrawingDefender())
    check_defender(ListingDefender())
    check_defender(ListingDefender(sensitivities_wanted=2))
    check_refactorer(NoBias())
    check_refactorer(SlowBias())
    check_model_backend(DriftBackend())
    check_strategy_runtime(ConstantRuntime(0.4))
    check_refiner(MeanErrorRefiner(0.1))
    check_disturbance(StepDisturbance(0.5))
    check_defense(HalfwayDefense())
    check_world(LineWorld(0.4, 0.1), LineWorld(0.4).initial_state())
    check_world(LineWorld(length=5), LineWorld().initial_state())
    check_executor(SerialExecutor())
    check_evaluator(DistanceEvaluator("attack_cap", 0.5))
    check_validation_scenario(PassingScenario())
    check_validation_scenario(PassingScenario(status="failed"))
    check_validation_scenario(PassingScenario(status="skipped", requires=(KEY,)))


def test_good_aggregators_pass() -> None:
    check_aggregator(PlainAggregator())
    check_aggregator(Weigher())


def test_good_sources_pass() -> None:
    check_data_source(FixedSource(example_dataset()))
    check_data_source(FixedSource(example_dataset(12, series=("one",))), Query(("one",)))
    check_data_source(Vintages(example_dataset()))


def test_good_policy_loaders_pass(policy: Path) -> None:
    check_policy_loader(ConstantPolicyLoader(), str(policy), "forecaster")


def test_the_checks_need_neither_pytest_nor_hypothesis() -> None:
    code = (
        "import sys\n"
        "class Refuse:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('pytest', 'hypothesis'):\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Refuse())\n"
        "from fg_core.testing import *\n"
        "check_forecaster(ConstantForecaster())\n"
        "try:\n"
        "    import fg_core.testing.strategies\n"
        "except ImportError as error:\n"
        "    assert 'fg-core[testing]' in str(error), error\n"
        "    print('fine')\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert found.stdout == "fine\n", found.stderr


def test_the_examples_are_the_same_each_time() -> None:
    assert example_states() == example_states()
    assert example_dataset().content_hash == example_dataset().content_hash
    assert example_trajectory() == example_trajectory()
    assert example_predictive(STATE) == example_predictive(STATE)
    assert example_budget().draws.uniform() == example_budget().draws.uniform()


def test_the_module_and_the_package_give_one_check() -> None:
    assert check_aggregator is check_aggregator_of_its_module


# ------------------------------------------------------------------------------------- forecasters


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


@dataclass
class NotFrozen:
    name: str = "loose"

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        return AgentAction(self.name, 0.0)


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


# -------------------------------------------------------------------------- adversary and defender


@dataclass(frozen=True)
class Gambler:
    """A good adversary whose hits are drawn."""

    name: str = "gambler"

    def act(self, state: ForecastState, budget: Any = None) -> AgentAction:
        return AgentAction(self.name, 0.0 if budget is None else budget.draws.normal(0))


@dataclass(frozen=True)
class TrueGambler(Gambler):
    count: Counter = field(default_factory=Counter)

    def act(self, state: ForecastState, budget: Any = None) -> AgentAction:
        return AgentAction(self.name, float(self.count()))


@dataclass(frozen=True)
class NeedsBudget(Gambler):
    def act(self, state: ForecastState, budget: Any = None) -> AgentAction:
        return AgentAction(self.name, budget.cap)


@dataclass(frozen=True)
class WantsBudget(Gambler):
    def act(self, state: ForecastState, budget: Any) -> AgentAction:  # type: ignore[override]
        return AgentAction(self.name, 0.0)


@dataclass(frozen=True)
class Unfair(Gambler):
    delta: Any = 0.0

    def act(self, state: ForecastState, budget: Any = None) -> AgentAction:
        return forged(self.name, self.delta)


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (TrueGambler(), "act is pure|what was called before"),
        (NeedsBudget(), "act works; it raised AttributeError"),
        (WantsBudget(), "act without a budget works; it raised TypeError"),
        (Unfair(delta=float("nan")), "delta is finite"),
        (Unfair(delta="much"), "delta is a number"),
        (NotFrozen(), "it is frozen"),
    ],
    ids=lambda x: type(x).__name__ if not isinstance(x, str) else "",
)
def test_a_broken_adversary_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_adversary(broken), promise)


COUNTER = itertools.count(1)


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
                replace(one, slope=0.5 * one.slope + 1e-6 * next(COUNTER)) for one in found
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
            lambda found: [replace(one, shrinkage=1.0 / next(COUNTER)) for one in found],
            "update_panel is pure",
        ),
    ],
)
def test_a_pool_of_broken_panels_is_refused(change: Any, promise: str) -> None:
    refused(lambda: check_aggregator(PanelPool(change=change)), promise)


@dataclass(frozen=True)
class Doubter:
    """A good defender that fits and learns."""

    name: str = "doubter"
    unit: float = 1.0
    prior: float = 0.1

    def fit(self, window: TrainingWindow) -> Self:
        return replace(self, unit=window.step_scale)

    def update(self, revealed: Revealed) -> Self:
        bad = float(abs(revealed.printed - revealed.value) > self.unit)
        return replace(self, prior=0.9 * self.prior + 0.1 * bad)

    def act(self, state: ForecastState, predictive: ProbabilisticForecast) -> AgentAction:
        surprise = abs(state.value - predictive.mean) / (predictive.scale + self.unit)
        p_bad = self.prior * surprise / (1.0 + surprise)
        return AgentAction(
            self.name, predictive.mean - state.value, scale=predictive.scale, p_bad=p_bad
        )


@dataclass(frozen=True)
class Overconfident(Doubter):
    def act(self, state: ForecastState, predictive: ProbabilisticForecast) -> AgentAction:
        return forged(self.name, 0.0, 0.0, abs(state.value - predictive.mean))


@dataclass(frozen=True)
class DividesByNothing(Doubter):
    def act(self, state: ForecastState, predictive: ProbabilisticForecast) -> AgentAction:
        return AgentAction(self.name, 0.0, p_bad=abs(state.value - predictive.mean) / 1e3)


@dataclass(frozen=True)
class NegativeScale(Doubter):
    def act(self, state: ForecastState, predictive: ProbabilisticForecast) -> AgentAction:
        return forged(self.name, 0.0, -1.0, 0.5)


@dataclass(frozen=True)
class DoubtsWhatIsSettled(Doubter):
    def act(self, state: ForecastState, predictive: ProbabilisticForecast) -> AgentAction:
        return AgentAction.doubting(self.name, [Alternative(0.5, 1.0, (1.0, 1.0))])


@dataclass(frozen=True)
class DefenderInPlace(Doubter):
    def update(self, revealed: Revealed) -> Self:
        object.__setattr__(self, "prior", self.prior * 0.5)
        return self


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (Overconfident(), "p_bad lies in"),
        (DividesByNothing(), "act works; it raised AgentError"),
        (NegativeScale(), "scale lies in"),
        (DoubtsWhatIsSettled(), "over prints that are not settled"),
        (ListingDefender(sensitivities_wanted=-1), "sensitivities_wanted is a whole number"),
        (DefenderInPlace(), "update returns a new object|update is pure"),
        (NotFrozen(), "it is frozen"),
    ],
    ids=lambda x: type(x).__name__ if not isinstance(x, str) else "",
)
def test_a_broken_defender_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_defender(broken), promise)


# --------------------------------------------------------------------------------------- aggregator


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


# --------------------------------------------------------------------------------------- refactorer


@dataclass(frozen=True)
class SlowBias:
    """A good refactorer."""

    name: str = "slow"
    now: float = 0.0
    share: float = 0.05

    def bias(self, horizon: int = 1) -> float:
        return self.now

    def update(self, outcome: RevealedForecast) -> Self:
        error = outcome.target - outcome.forecast.mean
        return replace(self, now=self.now + self.share * (error - self.now))


@dataclass(frozen=True)
class WrongSign(SlowBias):
    def update(self, outcome: RevealedForecast) -> Self:
        error = outcome.forecast.mean - outcome.target
        return replace(self, now=self.now + self.share * (error - self.now))


@dataclass(frozen=True)
class Chases(SlowBias):
    """Adds up errors that it is not part of, so it never stops."""

    def update(self, outcome: RevealedForecast) -> Self:
        return replace(self, now=self.now + 0.02 * (outcome.target - outcome.forecast.mean))


@dataclass(frozen=True)
class Drifts(SlowBias):
    """Goes up by more than it goes down."""

    def update(self, outcome: RevealedForecast) -> Self:
        error = outcome.target - outcome.forecast.mean
        step = 0.001 if error >= 0 else -0.0005
        return replace(self, now=self.now + step)


@dataclass(frozen=True)
class BiasInPlace(SlowBias):
    def update(self, outcome: RevealedForecast) -> Self:
        object.__setattr__(self, "now", super().update(outcome).now)
        return self


@dataclass(frozen=True)
class BlowsUp(SlowBias):
    share: float = 2.5


@dataclass(frozen=True)
class RandomBias(SlowBias):
    count: Counter = field(default_factory=Counter)

    def bias(self, horizon: int = 1) -> float:
        return 1.0 / self.count()


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (WrongSign(), "moves towards the mean revealed error"),
        (Chases(), "does not go past"),
        (Drifts(), "does not drift"),
        (BiasInPlace(), "update returns a new object"),
        (BlowsUp(), "does not go past|bias is finite|moves towards"),
        (RandomBias(), "bias is pure"),
        (NotFrozen(), "it has bias, update"),
    ],
    ids=lambda x: type(x).__name__ if not isinstance(x, str) else "",
)
def test_a_broken_refactorer_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_refactorer(broken), promise)


# ------------------------------------------------------------------------------------------ models


@dataclass(frozen=True)
class BackendInPlace(DriftBackend):
    def fit(self, window: TrainingWindow) -> Self:
        new = super().fit(window)
        object.__setattr__(self, "drift", new.drift)
        return self


@dataclass(frozen=True)
class BackendSharing(DriftBackend):
    """Fits share a list: the second fit changes the first."""

    memory: list[float] = field(default_factory=list)

    def fit(self, window: TrainingWindow) -> Self:
        self.memory[:] = [float(window.values.mean())]
        return replace(self)

    def predict(self, state: ForecastState, horizon: int = 1) -> float:
        if not self.memory:
            raise AgentError("not fitted")
        return self.memory[0]


@dataclass(frozen=True)
class Predicts(DriftBackend):
    value: Any = 0.0
    spread: Any = 1.0

    def predict(self, state: ForecastState, horizon: int = 1) -> Any:
        return self.value() if callable(self.value) else self.value

    def predict_scale(self, state: ForecastState, horizon: int = 1) -> Any:
        return self.spread


@dataclass(frozen=True)
class BackendDefault(DriftBackend):
    def predict(self, state: ForecastState, horizon: int = 3) -> float:
        return super().predict(state, horizon)


@dataclass(frozen=True)
class BackendLoose(DriftBackend):
    def fit(self, window: TrainingWindow) -> Any:
        return _LooseBackend()


class _LooseBackend(DriftBackend):
    pass


_LooseBackend.__dataclass_params__ = None  # type: ignore[attr-defined]
_LooseBackend.__setattr__ = object.__setattr__  # type: ignore[assignment, method-assign]
_LooseBackend.__delattr__ = object.__delattr__  # type: ignore[assignment, method-assign]


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (BackendInPlace(), "fit returns a new object"),
        (BackendSharing(), "fit returns a new object"),
        (Predicts(value=float("nan")), "predict is finite"),
        (Predicts(value=np.array([1.0])), "predict is a number"),
        (Predicts(value=None), "predict is a number"),
        (Predicts(value=Counter()), "predict is pure"),
        (Predicts(spread=-1.0), "predict_scale lies in"),
        (Predicts(spread=float("inf")), "predict_scale is finite"),
        (BackendDefault(), "one step ahead unless told"),
        (BackendLoose(), "it is frozen"),
        (NotFrozen(), "it has fit, predict, predict_scale"),
    ],
    ids=lambda x: type(x).__name__ if not isinstance(x, str) else "",
)
def test_a_broken_backend_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_model_backend(broken), promise)


@dataclass(frozen=True)
class Runs(ConstantRuntime):
    what: Any = 0.0

    def forecast_delta(self, state: ForecastState) -> Any:
        return self.what() if callable(self.what) else self.what


class Nameless(ConstantRuntime):
    def status(self) -> Any:
        return "constant"


class SaysAnother(ConstantRuntime):
    def answer(self, state: ForecastState) -> StrategyAnswer:
        return StrategyAnswer(self.delta + 1e-9, self.status())


class SaysNobody(ConstantRuntime):
    def answer(self, state: ForecastState) -> Any:
        return self.delta


class ClosesOnce(ConstantRuntime):
    def close(self) -> None:
        if self.name == "closed":
            raise ValueError("closed already")
        object.__setattr__(self, "name", "closed")


@dataclass(frozen=True)
class Bare:
    """A runtime with nothing that is optional."""

    name: str = "bare"

    def forecast_delta(self, state: ForecastState) -> float:
        return 0.2


def test_a_runtime_needs_nothing_optional() -> None:
    check_strategy_runtime(Bare())


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (Nameless(), "status is a RuntimeStatus"),
        (SaysAnother(), "answer is the change that forecast_delta returns"),
        (SaysNobody(), "answer is a StrategyAnswer"),
        (ClosesOnce(), "a second close works; it raised ValueError"),
        (Runs(what=float("inf")), "forecast_delta is finite"),
        (Runs(what="0.4"), "forecast_delta is a number"),
        (Runs(what=True), "forecast_delta is a number"),
        (Runs(what=Counter()), "forecast_delta is pure"),
        (Runs(name=""), "name is text"),
        (NotFrozen(), "it has forecast_delta"),
    ],
)
def test_a_broken_runtime_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_strategy_runtime(broken), promise)


class DrawsInPlace(DrawingForecaster):
    def with_draws(self, draws: Any) -> Self:
        object.__setattr__(self, "draws", draws)
        return self


class DrawsOthers(DrawingForecaster):
    def with_draws(self, draws: Any, counter: Counter = Counter()) -> Self:  # noqa: B008
        return replace(self, draws=replace(draws, round_idx=counter()))


class DrawsOnce(DrawingForecaster):
    """Its numbers run out of a generator, as those of a shared one do."""

    def with_draws(self, draws: Any) -> Self:
        index = Counter()
        return replace(self, draws=Running(draws, index))


@dataclass(frozen=True)
class Running:
    draws: Any
    index: Counter

    def normal(self, index: int = 0) -> float:
        return float(self.draws.normal(self.index()))


class DrawsRenamed(DrawingForecaster):
    def with_draws(self, draws: Any) -> Any:
        return replace(self, draws=draws, name="other")


class DrawsNothing(DrawingDefender):
    def with_draws(self, draws: Any) -> Any:
        return None


class DrawsWild(DrawingDefender):
    def act(self, state: ForecastState, predictive: ProbabilisticForecast) -> Any:
        if self.draws is None:
            return super().act(state, predictive)
        return forged(self.name, self.draws.normal(), 1.0, 1.5)


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (DrawsInPlace(), "with_draws returns a new object|with_draws leaves"),
        (DrawsOthers(), "equal draws give equal actions"),
        (DrawsOnce(), "act with draws is pure"),
        (DrawsRenamed(), "with_draws returns an agent of the same name"),
        (DrawsNothing(), "with_draws returns an agent of the same name"),
        (DrawsWild(), "p_bad lies in"),
    ],
    ids=lambda x: type(x).__name__ if not isinstance(x, str) else "",
)
def test_agents_that_draw_at_their_own_will_are_refused(broken: Any, promise: str) -> None:
    check = check_defender if isinstance(broken, DrawingDefender) else check_forecaster
    refused(lambda: check(broken), promise)


@dataclass(frozen=True)
class Proposes(MeanErrorRefiner):
    how: Callable[[Sequence[RevealedForecast]], Any] = lambda _: 0.0

    def propose(self, outcomes: Sequence[RevealedForecast]) -> Any:
        return self.how(outcomes)


def unsure(outcomes: Sequence[RevealedForecast]) -> float:
    if len(outcomes) < 2:
        raise ForecastUnavailable("too few forecasts")
    return float("nan") if len(outcomes) > 30 else 0.1


def forges(outcomes: Sequence[RevealedForecast]) -> float:
    for one in outcomes:
        object.__setattr__(one, "target", 0.0)
    return 0.0


def test_a_refiner_may_have_nothing_to_propose() -> None:
    check_refiner(Proposes(how=unsure))
    check_refiner(Proposes(how=lambda _: float("nan")))


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (Proposes(how=lambda _: 0.11), "propose lies in"),
        (Proposes(how=lambda f: -0.11 if len(f) > 30 else 0.0), "propose lies in"),
        (Proposes(how=lambda f: min(0.1, f[-1].target) if f else 0.0), "propose lies in"),
        (Proposes(how=lambda f: f[0].target * 0.0), "propose works; it raised IndexError"),
        (Proposes(how=lambda _: float("inf")), "propose is finite"),
        (Proposes(how=lambda _: None), "propose is a number"),
        (Proposes(how=counted(lambda n, _: 0.1 / n)), "propose is pure"),
        (Proposes(how=forges), "leaves its arguments as they were"),
        (Proposes(limit=-0.1), "limit lies in"),
        (Proposes(limit=float("inf")), "limit is finite"),
        (Proposes(name=""), "name is text"),
    ],
)
def test_a_broken_refiner_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_refiner(broken), promise)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps({"delta": 0.1, "scale": 0.5}))
    return path


class Unpickles:
    def load(self, path: str) -> Any:
        try:
            return ConstantPolicyLoader().load(path)
        except ForecastGameError:
            try:
                return pickle.loads(Path(path).read_bytes())
            except Exception as error:
                raise DataError(str(error)) from error


class Careless:
    """Takes whatever it can read, and makes the rest up."""

    def load(self, path: str) -> Any:
        try:
            return ConstantPolicyLoader().load(path)
        except ForecastGameError:
            return ConstantForecaster()


class RaisesWhatever:
    def load(self, path: str) -> Any:
        saved = json.loads(Path(path).read_text())
        return ConstantForecaster(saved["delta"], saved["scale"])


class RewritesTheFile:
    def load(self, path: str) -> Any:
        agent = ConstantPolicyLoader().load(path)
        Path(path).write_text(json.dumps({"scale": agent.scale, "delta": agent.delta}))
        return agent


class LoadsByChance:
    def __init__(self) -> None:
        self.count = Counter()

    def load(self, path: str) -> Any:
        agent = ConstantPolicyLoader().load(path)
        return replace(agent, name=f"agent-{self.count()}")


class LoadsBroken:
    def load(self, path: str) -> Any:
        ConstantPolicyLoader().load(path)
        return NotFrozen()


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (Unpickles(), "a pickle|never unpickled"),
        (Careless(), "load refuses a file that is truncated"),
        (RaisesWhatever(), "load refuses a file that is truncated with an error of ours"),
        (RewritesTheFile(), "load leaves the file as it was"),
        (LoadsByChance(), "load is pure"),
        (LoadsBroken(), "it is frozen"),
        (NotFrozen(), "it has load"),
    ],
    ids=lambda x: type(x).__name__ if not isinstance(x, str) else "",
)
def test_a_broken_policy_loader_is_refused(broken: Any, promise: str, policy: Path) -> None:
    refused(lambda: check_policy_loader(broken, str(policy), "forecaster"), promise)


def test_a_policy_is_checked_in_its_role(policy: Path) -> None:
    refused(
        lambda: check_policy_loader(ConstantPolicyLoader(), str(policy), "defender"),
        "act works; it raised",
    )


# ------------------------------------------------------------------------------------------ nature


def disturbance(
    rule: Callable[[Any, Any, Any, SimulationConfig], Any],
    uniforms_wanted: Any = 1,
    normals_wanted: Any = 1,
) -> Any:
    @dataclass(frozen=True)
    class Mutant(StepDisturbance):
        n_uniforms: Any = uniforms_wanted
        n_normals: Any = normals_wanted

        def sample(self, state: Any, uniforms: Any, normals: Any, config: SimulationConfig) -> Any:
            return rule(state, uniforms, normals, config)

    return Mutant()


def fires(uniforms: Any, config: SimulationConfig) -> Any:
    return (np.asarray(uniforms[0]) <= config.disturbance_prob) * config.adversarial_intensity


def test_a_disturbance_that_uses_state_and_normals_passes() -> None:
    check_disturbance(
        disturbance(
            lambda s, u, n, c: (
                fires(u, c) * np.sign(s.value) * (n[0] + 0.01 * s.t + np.abs(s.exogenous))
            )
        )
    )
    check_disturbance(disturbance(lambda *_: 0.0, 0, 0))


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (disturbance(lambda s, u, n, c: float(np.max(u[0])) * 0.0 + 1.0), "nothing happens where"),
        (
            disturbance(lambda s, u, n, c: fires(u, replace(c, adversarial_intensity=1.0))),
            "nothing happens where adversarial_intensity is 0",
        ),
        (
            disturbance(lambda s, u, n, c: fires(u, c) * np.mean(n[0])),
            "elementwise: a game alone and in a batch",
        ),
        (
            # Differs in the last bit only: numpy's pairwise sum against one number.
            disturbance(lambda s, u, n, c: fires(u, c) * (n[0] + np.sum(s.value) * 1e-16)),
            "elementwise",
        ),
        (
            disturbance(lambda s, u, n, c: fires(u, c) * 1.0 if np.all(s.value > 0) else 0.0),
            "elementwise",
        ),
        (disturbance(lambda s, u, n, c: fires(u, c) * np.nan), "sample is finite"),
        (disturbance(lambda s, u, n, c: np.zeros((2, 3))), "one number a game"),
        (disturbance(lambda s, u, n, c: None), "one number a game|sample is finite"),
        (
            disturbance(counted(lambda k, s, u, n, c: fires(u, c) * float(k))),
            "sample is pure",
        ),
        (disturbance(lambda s, u, n, c: 1.0 if s.value > 0 else 0.0), "sample works"),
        (disturbance(lambda *_: 0.0, -1), "n_uniforms is a whole number"),
        (disturbance(lambda *_: 0.0, 1, 1.0), "n_normals is a whole number"),
        (NotFrozen(), "it has n_uniforms, n_normals, sample"),
    ],
)
def test_a_broken_disturbance_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_disturbance(broken), promise)


def test_a_disturbance_may_not_write_into_its_draws() -> None:
    def scribbles(state: Any, uniforms: Any, normals: Any, config: Any) -> Any:
        normals *= 0.5
        return np.zeros_like(normals[0])

    refused(lambda: check_disturbance(disturbance(scribbles)), "leaves its arguments as they were")


@dataclass(frozen=True)
class DefenseBase(HalfwayDefense):
    """A good defense whose memory matters."""

    def start(self) -> tuple[Any, ...]:
        return (0.0, 0.0)

    def doubt(self, memory: Any, displacement: Any, scale: Any, step_scale: Any) -> Any:
        bad, n = memory
        rate = (0.5 + bad) / (10.0 + n)
        return Suspicion(-displacement * 0.5, rate * (scale / (scale + 1.0)), scale * 1.0)

    def learn(self, memory: Any, revision: Any, surprise: Any, scale: Any, step_scale: Any) -> Any:
        bad, n = memory
        return (0.9 * bad + (np.abs(revision) > step_scale), 0.9 * n + 1.0)


def defense(**methods: Callable[..., Any]) -> Any:
    return dataclass(frozen=True)(type("Mutant", (DefenseBase,), dict(methods)))()


def doubt_with(**changes: Callable[..., Any]) -> Any:
    def doubt(self: Any, memory: Any, displacement: Any, scale: Any, step_scale: Any) -> Any:
        good = DefenseBase.doubt(self, memory, displacement, scale, step_scale)
        return replace(good, **{k: f(displacement, scale, step_scale) for k, f in changes.items()})

    return defense(doubt=doubt)


@dataclass(frozen=True)
class DefenseInPlace(DefenseBase):
    def start(self) -> tuple[Any, ...]:
        return (np.zeros(1),)

    def doubt(self, memory: Any, displacement: Any, scale: Any, step_scale: Any) -> Any:
        return Suspicion(displacement * 0.0, 0.0 * scale, scale * 1.0)

    def learn(self, memory: Any, revision: Any, surprise: Any, scale: Any, step_scale: Any) -> Any:
        memory[0][...] = 1.0
        return memory


@dataclass(frozen=True)
class DefenseRemembers(DefenseBase):
    seen: list[float] = field(default_factory=list)

    def start(self) -> tuple[Any, ...]:
        return (float(len(self.seen)), 0.0)

    def learn(self, memory: Any, revision: Any, surprise: Any, scale: Any, step_scale: Any) -> Any:
        if not self.seen:
            self.seen.append(1.0)
        return super().learn(memory, revision, surprise, scale, step_scale)


def test_a_defense_that_learns_passes() -> None:
    check_defense(DefenseBase())


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (doubt_with(p_bad=lambda e, s, u: np.abs(e) / 5.0), "p_bad lies in"),
        (doubt_with(p_bad=lambda e, s, u: -0.1 + 0.0 * e), "p_bad lies in"),
        (doubt_with(scale=lambda e, s, u: -s), "scale is at least 0"),
        (doubt_with(delta=lambda e, s, u: -e / np.where(e == 0, np.nan, e)), "delta is finite"),
        (doubt_with(delta=lambda e, s, u: -np.mean(e)), "delta is elementwise"),
        (doubt_with(p_bad=lambda e, s, u: np.zeros(3)), "one number a game"),
        (doubt_with(delta=counted(lambda k, e, s, u: e * k)), "doubt is pure"),
        (defense(doubt=lambda *_: (0.0, 0.0, 1.0)), "doubt returns a Suspicion"),
        (defense(start=lambda *_: [0.0, 0.0]), "memory is a tuple"),
        (defense(learn=lambda *_: (0.0,)), "learn returns a memory like"),
        (defense(learn=lambda *_: None), "learn returns a memory like"),
        (
            defense(learn=lambda _, m, r, v, s, u: (m[0] + np.sum(np.abs(r)), m[1] + 1.0)),
            "p_bad lies in|elementwise",
        ),
        (
            defense(learn=lambda _, m, r, v, s, u: (m[0] + np.mean(np.abs(v) > s), m[1] + 1.0)),
            "elementwise",
        ),
        (DefenseInPlace(), "learn leaves its arguments"),
        (DefenseRemembers(), "start does not depend"),
        (NotFrozen(), "it has start, doubt, learn"),
    ],
)
def test_a_broken_defense_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_defense(broken), promise)


def world(**methods: Callable[..., Any]) -> Any:
    return dataclass(frozen=True)(type("Mutant", (LineWorld,), dict(methods)))(0.4, length=15)


def moving(**changes: Callable[[ForecastState, ForecastState], Any]) -> Any:
    def advance(self: Any, state: ForecastState, **move: float) -> ForecastState:
        after = LineWorld.advance(self, state, **move)
        return replace(after, **{k: f(state, after) for k, f in changes.items()})

    return world(advance=advance)


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (moving(t=lambda s, a: s.t), "moves on by one period"),
        (moving(value=lambda s, a: float("nan")), "value is finite"),
        (moving(exogenous=lambda s, a: float("inf")), "exogenous is finite"),
        (moving(displacement=lambda s, a: None), "displacement is a number"),
        (moving(value=counted(lambda k, s, a: a.value + k)), "advance is pure"),
        (moving(history=lambda s, a: s.history), "a history ends with the value"),
        (moving(segment_values=lambda s, a: {"a": 1.0}), "segments add up"),
        (world(advance=lambda *_, **__: None), "returns a ForecastState"),
        (world(rounds=lambda *_: 5), "rounds counts down"),
        (world(rounds=lambda *_: -1), "rounds is a whole number"),
        (world(rounds=lambda *_: 2.0), "rounds is a whole number"),
        (world(unit=lambda *_: -1.0), "unit lies in"),
        (world(unit=lambda *_: float("nan")), "unit is finite"),
        (world(training=lambda *_: [1.0]), "training returns a TrainingWindow"),
        (
            # Its last row is the initial state itself: a fit would see the first print.
            world(training=lambda _, s: TrainingWindow(np.array([*s.history, s.value]), s.t)),
            "training is the period before the initial state",
        ),
        (replace(LineWorld(), withheld={"gdp"}), "withheld is a frozenset"),
        (NotFrozen(), "it has withheld"),
    ],
)
def test_a_broken_world_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_world(broken, LineWorld(0.4).initial_state()), promise)


def test_a_world_may_not_change_the_state_it_leaves() -> None:
    def advance(self: Any, state: ForecastState, **move: float) -> ForecastState:
        object.__setattr__(state, "value", state.value + 1.0)
        return LineWorld.advance(self, state, **move)

    refused(
        lambda: check_world(world(advance=advance), LineWorld(0.4).initial_state()),
        "advance leaves its arguments as they were",
    )


# ------------------------------------------------------------------------------------------ around


@dataclass(frozen=True)
class Vintages(FixedSource):
    """A good source whose values are revised once, 200 days after they came out."""

    name: str = "vintages"

    def fetch(self, query: Query, as_of: datetime | None = None) -> Dataset:
        found = super().fetch(query, as_of)
        late = timedelta(days=200)
        rows = tuple(
            replace(row, value=row.value + 0.1, available_at=row.available_at + late)
            if as_of is None or row.available_at + late <= as_of
            else row
            for row in found
        )
        return replace(found, observations=rows)


def source(change: Callable[[Any, Query, datetime | None, Dataset], Any]) -> Any:
    """Return a source whose good answer is changed by a function (source, query, as_of, answer)."""

    @dataclass(frozen=True)
    class Mutant(FixedSource):
        def fetch(self, query: Query, as_of: datetime | None = None) -> Any:
            return change(self, query, as_of, super().fetch(query, as_of))

    return Mutant(example_dataset())


def rows_changed(found: Dataset, change: Callable[[int, Any], Any]) -> Dataset:
    rows = [change(i, row) for i, row in enumerate(found)]
    return replace(found, observations=tuple(row for row in rows if row is not None))


def revised_in_silence(self: Any, query: Any, as_of: Any, found: Dataset) -> Dataset:
    """The first value is another one once its successor is known; available_at stays."""
    return rows_changed(
        found,
        lambda i, row: replace(row, value=row.value + (0.1 if len(found) > 8 and i == 0 else 0.0)),
    )


def ignores_as_of(self: Any, query: Query, as_of: Any, found: Dataset) -> Dataset:
    return FixedSource.fetch(self, query)


def forgets_old_rows(self: Any, query: Query, as_of: Any, found: Dataset) -> Dataset:
    if as_of is None or len(found) < 20:
        return found
    return rows_changed(found, lambda i, row: None if i == 0 else row)


def forgets_at_last(self: Any, query: Query, as_of: Any, found: Dataset) -> Dataset:
    """What was known as of every moment is not in the whole."""
    if as_of is not None:
        return found
    return rows_changed(found, lambda i, row: None if i == 3 else row)


def late_context(self: Any, query: Query, as_of: Any, found: Dataset) -> Dataset:
    """The context of old rows is filled in later: look-ahead for whoever trains on them."""
    newest = max(row.available_at for row in found)
    return rows_changed(
        found, lambda i, row: replace(row, macro_context={"known": float(newest.year)})
    )


def disordered(self: Any, query: Query, as_of: Any, found: Dataset) -> Dataset:
    object.__setattr__(found, "observations", tuple(reversed(found.observations)))
    return found


def by_chance(count: Counter) -> Any:
    def change(self: Any, query: Query, as_of: Any, found: Dataset) -> Dataset:
        return rows_changed(found, lambda i, row: replace(row, value=float(count())))

    return change


def without_series(self: Any, query: Query, as_of: Any, found: Dataset) -> Dataset:
    return FixedSource.fetch(self, replace(query, series=()), as_of)


def without_periods(self: Any, query: Query, as_of: Any, found: Dataset) -> Dataset:
    return FixedSource.fetch(self, replace(query, start=None, end=None), as_of)


@dataclass(frozen=True)
class GivesAnything(FixedSource):
    def fetch(self, query: Query, as_of: datetime | None = None) -> Dataset:
        try:
            return super().fetch(query, as_of)
        except DataError:
            if as_of is not None:
                raise
            return self.dataset


@dataclass(frozen=True)
class RaisesKeyError(FixedSource):
    def fetch(self, query: Query, as_of: datetime | None = None) -> Dataset:
        for name in query.series:
            if name not in self.dataset.series_ids:
                raise KeyError(name)
        return super().fetch(query, as_of)


@dataclass(frozen=True)
class BeforeTime(FixedSource):
    def fetch(self, query: Query, as_of: datetime | None = None) -> Dataset:
        try:
            return super().fetch(query, as_of)
        except DataError:
            if as_of is None:
                raise
            return replace(self.dataset, observations=self.dataset[:1])


@dataclass(frozen=True)
class BeforeTimeIndexError(FixedSource):
    def fetch(self, query: Query, as_of: datetime | None = None) -> Dataset:
        try:
            return super().fetch(query, as_of)
        except DataError:
            if as_of is None:
                raise
            raise IndexError("no rows") from None


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (source(lambda *_: []), "fetch returns a Dataset"),
        (source(ignores_as_of), "no row was available later than as_of"),
        (source(revised_in_silence), "as it was known|stays as it was"),
        (source(forgets_old_rows), "what was known at as_of is there"),
        (source(forgets_at_last), "what was known stays known"),
        (source(late_context), "as it was known"),
        (source(disordered), "rows of a series come in the order"),
        (source(by_chance(Counter())), "fetch is pure"),
        (
            source(lambda s, q, a, found: replace(found, frequency="quarterly")),
            "frequency is one of Y, Q, M, W, B, D",
        ),
        (source(without_series), "a query for one series"),
        (source(without_periods), "a query for some periods"),
        (
            source(lambda s, q, a, f: replace(f, provenance=replace(f.provenance, source=""))),
            "the provenance names its source",
        ),
        (GivesAnything(example_dataset()), "an unknown series is an error of ours"),
        (RaisesKeyError(example_dataset()), "an unknown series is an error of ours"),
        (BeforeTime(example_dataset()), "no row was available later"),
        (BeforeTimeIndexError(example_dataset()), "before anything was known"),
        (NotFrozen(), "it has fetch"),
    ],
    ids=lambda x: type(x).__name__ if not isinstance(x, str) else "",
)
def test_a_broken_source_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_data_source(broken), promise)


Stream = Callable[[Any, Sequence[Any]], Any]


def executor(stream: Stream | None = None, run: Stream | None = None) -> Any:
    @dataclass(frozen=True)
    class Mutant(SerialExecutor):
        def stream(self, function: Callable[[Any], Any], tasks: Sequence[Any]) -> Any:
            return super().stream(function, tasks) if stream is None else stream(function, tasks)

        def map(self, function: Callable[[Any], Any], tasks: Sequence[Any]) -> Any:
            return super().map(function, tasks) if run is None else run(function, tasks)

    return Mutant()


SERIAL = SerialExecutor()


def backwards(function: Any, tasks: Sequence[Any]) -> Any:
    """Yield the last result first: allowed."""
    yield from reversed(list(SERIAL.stream(function, tasks)))


def swallows(function: Any, tasks: Any) -> list[Any]:
    return [
        None if isinstance(result, Exception) else result
        for _, result in SERIAL.stream(function, tasks)
    ]


def last_error(function: Any, tasks: Any) -> list[Any]:
    results = [result for _, result in SERIAL.stream(function, tasks)]
    for result in reversed(results):
        if isinstance(result, Exception):
            raise result
    return results


def empties(function: Any, tasks: Any) -> list[Any]:
    results = SERIAL.map(function, tasks)
    if isinstance(tasks, list):
        tasks.clear()
    return results


def stops_at_errors(function: Any, tasks: Any) -> Any:
    for position, result in SERIAL.stream(function, tasks):
        yield position, result
        if isinstance(result, Exception):
            return


def raises(function: Any, tasks: Any) -> Any:
    for position, result in SERIAL.stream(function, tasks):
        if isinstance(result, Exception):
            raise result
        yield position, result


def in_words(function: Any, tasks: Any) -> Any:
    for position, result in SERIAL.stream(function, tasks):
        yield position, str(result) if isinstance(result, Exception) else result


def test_results_may_come_in_any_order() -> None:
    check_executor(executor(backwards))


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (executor(run=lambda f, tasks: sorted(map(f, tasks))), "in the order of the tasks"),
        (executor(run=lambda f, tasks: [f(t) for t in dict.fromkeys(tasks)]), "in the order"),
        (executor(run=lambda f, tasks: map(f, tasks)), "map is pure|returns a list"),
        (executor(run=lambda f, tasks: tuple(map(f, tasks))), "returns a list"),
        (executor(run=lambda f, t: [f(t[0]), *map(f, t[1:])]), "it raised IndexError"),
        (executor(run=swallows), "an error in a task is raised"),
        (executor(run=last_error), "map raises the exception of the first task"),
        (executor(run=empties), "leaves its arguments as they were"),
        (executor(lambda f, t: list(SERIAL.stream(f, t))[1:]), "position of every task once"),
        (executor(lambda f, t: [*SERIAL.stream(f, t)] * 2), "position of every task once"),
        (executor(lambda f, t: [(i, f(x)) for i, x in enumerate(sorted(t))]), "with its position"),
        (executor(stops_at_errors), "a task that raises ends no other"),
        (executor(raises), "stream works; it raised ValueError"),
        (executor(in_words), "stream yields the exception of a task"),
        (NotFrozen(), "it has stream, map"),
    ],
)
def test_a_broken_executor_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_executor(broken), promise)


def evaluator(score: Callable[..., Any], *, asks: bool = True) -> Any:
    @dataclass(frozen=True)
    class Mutant(DistanceEvaluator):
        def evaluate(self, config: SimulationConfig, agents: AgentFactory | None = None) -> Any:
            if agents is not None and asks:
                agents(config)
            return score(config)

    return Mutant("attack_cap", 0.5)


def alternating(config: SimulationConfig, seen: list[Any] = []) -> float:  # noqa: B006
    """Equal twice in a row; another score once something else was evaluated."""
    if not seen or seen[-1] != config:
        seen.append(config)
    return float(len(seen))


class OnlyItsOwn(DistanceEvaluator):
    def evaluate(self, config: SimulationConfig) -> float:  # type: ignore[override]
        return super().evaluate(config)


class PlaysNobody(DistanceEvaluator):
    def evaluate(self, config: SimulationConfig, agents: Any = ()) -> float:
        return super().evaluate(config) + (agents is None)


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (evaluator(lambda _: float("nan")), "evaluate is finite"),
        (evaluator(lambda _: None), "evaluate is a number"),
        (evaluator(counted(lambda n, _: float(n))), "evaluate is pure"),
        (evaluator(alternating), "what was evaluated before does not matter"),
        (evaluator(lambda c: object.__setattr__(c, "horizon", 1) or 1.0), "leaves its arguments"),
        (evaluator(lambda _: 1.0, asks=False), "agents that are given are the ones that play"),
        (OnlyItsOwn("attack_cap", 0.5), "evaluate works; it raised TypeError"),
        (PlaysNobody("attack_cap", 0.5), "without agents it scores"),
        (NotFrozen(), "it has evaluate"),
    ],
)
def test_a_broken_evaluator_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_evaluator(broken), promise)


def scenario(outcome: Callable[[int], Any], name: str = "mutant") -> Any:
    @dataclass(frozen=True)
    class Mutant(PassingScenario):
        def run(self, seed: int) -> Any:
            return outcome(seed)

    return Mutant(name)


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (PassingScenario(status="ok"), "status is one of passed, failed, skipped"),
        (scenario(lambda _: True), "run returns a ScenarioOutcome"),
        (scenario(lambda _: ScenarioOutcome("passed", " ", {})), "the message says"),
        (
            scenario(lambda _: ScenarioOutcome("passed", "fine", {"mae": float("nan")})),
            "figure 'mae' is finite",
        ),
        (scenario(lambda _: ScenarioOutcome("passed", "fine", {1: 1.0})), "figures have names"),
        (
            scenario(counted(lambda n, _: ScenarioOutcome("passed", "fine", {"n": float(n)}))),
            "run is pure",
        ),
        (scenario(lambda _: 1 / 0), "run works; it raised ZeroDivisionError"),
        (scenario(lambda _: None, name=""), "name is text"),
        (PassingScenario(description=""), "description is one line"),
        (PassingScenario(description="one\ntwo"), "description is one line"),
        (PassingScenario(requires=("FRED_API_KEY",)), "requires holds Requirements"),
        (PassingScenario(status="skipped"), "names what is missing"),
        (
            scenario(lambda _: ScenarioOutcome("skipped", "FRED_API_KEY is not set", {})),
            "names what is missing, and requires has it",
        ),
        (NotFrozen(), "it has run"),
    ],
)
def test_a_broken_scenario_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_validation_scenario(broken), promise)
