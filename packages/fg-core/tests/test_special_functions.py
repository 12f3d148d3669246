"""Functions of `scipy.special` without its package, and the package where it is wanted."""

from __future__ import annotations

import subprocess
import sys

import pytest

BEFORE = """
import sys
import fg_core.transcendental as ours
assert type(sys.modules["scipy.special"]).__name__ == "_Unexecuted"
"""

AFTER = """
import scipy.special
names = ("betaln", "erf", "erfcx", "exprel", "ndtr", "ndtri")
assert all(getattr(scipy.special, name) is getattr(ours, name) for name in names)
assert type(scipy.special).__name__ == "module"
"""

WAYS = {
    "an attribute": "import scipy.special\nassert scipy.special.gamma(5.0) == 24.0",
    "an attribute of scipy": "import scipy\nassert scipy.special.gamma(5.0) == 24.0",
    "a name": "from scipy.special import gamma\nassert gamma(5.0) == 24.0",
    "all names": "from scipy.special import *\nassert gamma(5.0) == 24.0",
    "a submodule": "from scipy.special import cython_special\nassert cython_special",
    "a list of names": "import scipy.special\nassert 'gamma' in dir(scipy.special)",
    "another part": "import scipy.optimize",
    "anew": "import importlib, scipy.special\nimportlib.reload(scipy.special)",
    "an error": (
        "import scipy.special\n"
        "try:\n    with scipy.special.errstate(all='raise'):\n        ours.ndtri(2.0)\n"
        "except scipy.special.SpecialFunctionError:\n    pass\n"
    ),
}

SEARCH = """
import types
package = sys.modules["scipy.special"]
assert getattr(package, "__warningregistry__", None) is None
assert package.__doc__ is None and package.__file__.endswith("__init__.py")
assert type(package) is not types.ModuleType, "whoever looks through all modules loads nothing"
"""

MISSING = """
import scipy.special
try:
    scipy.special.no_such_function
except AttributeError as error:
    assert "no_such_function" in str(error)
else:
    raise AssertionError
"""

FAILING = """
import scipy.special
sys.modules["numpy.f2py"] = None
sys.modules["scipy.special._orthogonal"] = None
for _ in range(2):
    try:
        scipy.special.gamma
    except ImportError:
        pass
    else:
        raise AssertionError
del sys.modules["numpy.f2py"], sys.modules["scipy.special._orthogonal"]
assert scipy.special.gamma(5.0) == 24.0
"""

THREADS = """
import threading, scipy.special
start, found = threading.Barrier(8), []

def look():
    start.wait()
    found.append(scipy.special.gamma(5.0))

threads = [threading.Thread(target=look) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert found == 8 * [24.0], found
"""


def child(code: str) -> None:
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_package_is_not_executed_until_it_is_wanted_and_then_wholly() -> None:
    child(BEFORE + SEARCH + THREADS + AFTER + MISSING)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_every_way_of_asking_executes_it(way: str) -> None:
    child(BEFORE + way + AFTER)


def test_where_it_is_there_already_it_is_left_alone() -> None:
    child(
        "import scipy.special, types\nbefore = vars(scipy.special).copy()\n"
        "import fg_core.transcendental as ours\nassert vars(scipy.special) == before\n" + AFTER
    )


@pytest.mark.slow
def test_a_package_that_could_not_be_executed_is_tried_again() -> None:
    child(BEFORE + FAILING + AFTER)
