"""What is public, when it is imported, and what that costs."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest

import fg_core

WITHOUT_NUMPY = (
    *(
        "artifact",
        "blas",
        "calendar",
        "console",
        "errors",
        "lazy_names",
        "locations",
        "mappings",
        "nearest",
    ),
    "plugins",
)
HEAVY = ("numpy", "scipy", "msgspec", "hypothesis", "pandas")

LAZY = f"""
import sys

def new_since(before):
    return sorted(name for name in set(sys.modules) - before if name.startswith("fg_core."))

def heavy():
    return sorted(set({HEAVY}) & set(sys.modules))

import fg_core
assert fg_core.__all__ and dir(fg_core)
print("package", heavy(), new_since(set()))
for name in {WITHOUT_NUMPY}:
    exec(f"import fg_core.{{name}}")
    print(name, heavy())
from fg_core import DataError, ForecastGameError, Registry
assert Registry("fg_core.forecasters").names()
print("names", heavy())
before = set(sys.modules)
fg_core.Observation
print("observation", "scipy" in sys.modules, "fg_core.game" in new_since(before))
"""


def test_every_public_name_is_there_once() -> None:
    assert len(set(fg_core.__all__)) == len(fg_core.__all__)
    for name in fg_core.__all__:
        assert getattr(fg_core, name) is not None
        assert name in dir(fg_core)


def test_a_public_name_is_the_object_of_its_module() -> None:
    assert fg_core.DataError is fg_core.errors.DataError
    assert fg_core.mae is fg_core.scoring.mae
    assert vars(fg_core)["mae"] is fg_core.scoring.mae  # the second access costs nothing


@pytest.mark.parametrize("name", ["Forecast", "_numeric_", "_lazy"])
def test_an_unknown_name_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match=f"'fg_core' has no attribute '{name}'"):
        getattr(fg_core, name)


def test_an_unknown_name_cannot_be_imported() -> None:
    with pytest.raises(ImportError, match="cannot import name 'Forecast'"):
        exec("from fg_core import Forecast")


def test_the_version_is_that_of_the_distribution() -> None:
    assert fg_core.__version__ == version("fg-core")


def test_importing_the_package_loads_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", LAZY], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "package [] ['fg_core.blas', 'fg_core.lazy_names']",
        *(f"{name} []" for name in WITHOUT_NUMPY),
        "names []",
        "observation False False",
    ]
