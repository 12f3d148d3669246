"""Each group of plugins has a check, and each protocol a fake that it passes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from fg_core import testing
from fg_core.agents import ScriptedAdversary
from fg_core.executors import SerialExecutor
from fg_core.plugins import GROUPS
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
    Refactorer,
    Refiner,
    StrategyRuntime,
    ValidationScenario,
    World,
)
from fg_core.testing import (
    CHECKS,
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
    SilentDefender,
    StepDisturbance,
    checks,
    example_dataset,
)


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


def test_each_check_of_a_protocol_is_in_a_module_of_its_name() -> None:
    modules = {path.stem for path in Path(checks.__path__[0]).glob("[a-z]*.py")} - {"by_group"}
    assert {f"check_{name}" for name in modules} == {*checks.__all__} - {
        "CHECKS",
        "ConformanceError",
    }
    for name in modules:
        check = getattr(testing, f"check_{name}")
        assert check is getattr(checks, f"check_{name}")
        assert check.__module__ == f"fg_core.testing.checks.{name}"
