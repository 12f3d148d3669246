"""Heavy libraries load when a fit asks for them, and their absence is a clear error."""

import subprocess
import sys

import pytest

CHILD = """
import sys, warnings
import fg_agents
from fg_core import ForecastState, Registry, TrainingWindow
for group in ("fg_core.backends", "fg_core.forecasters"):
    registry = Registry(group)
    for name in registry.names():
        registry.load(name)()
window = TrainingWindow([1.0, 3.0, 2.0, 5.0, 4.0, 6.0], 5)
for backend in (fg_agents.ThetaBackend(), fg_agents.LocalLevelBackend()):
    backend.fit(window).predict(ForecastState(6, 5.0, 0.0, 0.0))
heavy = {"statsmodels", "sklearn", "xgboost", "pandas", "scipy.optimize"} & set(sys.modules)
assert not heavy, heavy
filters = list(warnings.filters)
fg_agents.ARIMABackend((0, 1, 0)).fit(window)
assert "statsmodels" in sys.modules
assert warnings.filters == filters, "importing statsmodels changed the warning filters"
fg_agents.XGBoostBackend().fit(window)
assert "xgboost" in sys.modules
assert warnings.filters == filters, "importing xgboost changed the warning filters"
"""

BLOCKED = """
import sys
for name in sys.argv[1].split(","):
    sys.modules[name] = None
import fg_agents
from fg_core import ForecastGameError, TrainingWindow
window = TrainingWindow([float(t % 3) for t in range(40)], 39)
for backend in ("ARIMABackend", "ETSBackend", "SklearnBackend", "XGBoostBackend"):
    try:
        getattr(fg_agents, backend)().fit(window)
    except ForecastGameError as error:
        print(error)
"""


def child(code, *args):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *args],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_importing_is_light():
    child(CHILD)


def test_a_missing_extra_is_named():
    lines = child(BLOCKED, "statsmodels,sklearn,xgboost").splitlines()
    assert len(lines) == 4
    for line, backend, extra in zip(
        lines,
        ("ARIMABackend", "ETSBackend", "SklearnBackend", "XGBoostBackend"),
        ("statsmodels", "statsmodels", "sklearn", "xgboost"),
        strict=True,
    ):
        assert line.startswith(f"{backend} needs ")
        assert f"install the extra fg-agents[{extra}]" in line
