"""Threads of linear algebra: what the environment says, and what the loaded libraries do."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

from fg_core.blas import OWN_VARIABLE, VARIABLES, limit_blas_threads

BLAS = """
    from fg_core.blas import single_blas_thread
"""


def child(code: str, **environment: str) -> list[str]:
    """Lines that a new Python prints, with no variable about threads but those given."""
    kept = {k: v for k, v in os.environ.items() if k not in (*VARIABLES, OWN_VARIABLE)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
        env={**kept, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


COUNT = """
    from threadpoolctl import ThreadpoolController

    def threads():
        found = ThreadpoolController().select(user_api="blas").info()
        assert found, "no library of linear algebra that threadpoolctl knows"
        return sorted({library["num_threads"] for library in found})
"""

# More threads than one, on a machine of any number of cores, in libraries that are loaded.
NUMPY_FIRST = (
    COUNT
    + """
    import numpy, scipy.linalg
    ThreadpoolController().limit(limits=3, user_api="blas")
    before = threads()
    assert before == [3]
"""
    + BLAS
)


# ------------------------------------------------------------------------------ the variables


def test_nothing_said_is_one_thread() -> None:
    names: dict[str, str] = {"HOME": "x"}
    assert limit_blas_threads(names) == 1
    assert names == {"HOME": "x", **dict.fromkeys(VARIABLES, "1")}


@pytest.mark.parametrize("name", VARIABLES)
def test_one_usual_variable_leaves_all_alone(name: str) -> None:
    names = {name: "4"}
    assert limit_blas_threads(names) is None
    assert names == {name: "4"}


def test_the_own_variable_goes_before_the_usual_ones() -> None:
    names = {OWN_VARIABLE: " 3 ", "OMP_NUM_THREADS": "8"}
    assert limit_blas_threads(names) == 3
    assert {names[name] for name in VARIABLES} == {"3"}


def test_nought_leaves_all_alone() -> None:
    names = {OWN_VARIABLE: "0"}
    assert limit_blas_threads(names) is None
    assert names == {OWN_VARIABLE: "0"}


@pytest.mark.parametrize("text", ["two", "-1", "1.5", "²"])
def test_no_number_is_warned_about_and_means_one(text: str) -> None:
    names = {OWN_VARIABLE: text}
    with pytest.warns(UserWarning, match="not a whole number"):
        assert limit_blas_threads(names) == 1
    assert names["OPENBLAS_NUM_THREADS"] == "1"


def test_empty_variables_are_as_good_as_none() -> None:
    names = {OWN_VARIABLE: "", "OMP_NUM_THREADS": ""}
    assert limit_blas_threads(names) == 1
    assert names["OMP_NUM_THREADS"] == "1"


# ---------------------------------------------------------------------------- whole processes


def test_importing_any_part_of_the_core_limits_numpy_and_scipy() -> None:
    code = (
        COUNT
        + f"""
    import os
    import fg_core.errors
    print(*(os.environ[name] for name in {VARIABLES}))
    import numpy, scipy.linalg
    print(threads())
    """
    )
    assert child(code) == ["1 1 1 1", "[1]"]


@pytest.mark.parametrize(
    ("name", "number", "expected"),
    [
        ("OPENBLAS_NUM_THREADS", "4", "4 None None None"),
        ("FG_BLAS_THREADS", "2", "2 2 2 2"),
        ("FG_BLAS_THREADS", "0", "None None None None"),
    ],
)
def test_what_the_user_said_stays_said(name: str, number: str, expected: str) -> None:
    code = (
        BLAS
        + f"""
    import os
    print(*(os.environ.get(name) for name in {VARIABLES}))
    """
    )
    assert child(code, **{name: number}) == [expected]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, ["[] [3]", "[1]", "[1]", "[1]", "[3]"]),
        pytest.param(
            {"FG_BLAS_THREADS": "2"}, ["[] [3]", "[2]", "[2]", "[2]", "[3]"], marks=pytest.mark.slow
        ),
        pytest.param({"FG_BLAS_THREADS": "0"}, ["[] [3]", *4 * ["[3]"]], marks=pytest.mark.slow),
    ],
)
def test_where_numpy_came_first_libraries_are_limited_inside_the_context(
    said: dict[str, str], found: list[str]
) -> None:
    code = (
        NUMPY_FIRST
        + f"""
    import os
    print([name for name in {VARIABLES} if name in os.environ], threads())
    try:
        with single_blas_thread():
            print(threads())
            with single_blas_thread():
                print(threads())
            print(threads())
            raise KeyError
    except KeyError:
        print(threads())
    """
    )
    assert child(code, **said) == found


def test_a_thread_that_leaves_first_gives_nothing_back_to_the_others() -> None:
    code = (
        NUMPY_FIRST
        + """
    import threading
    inside, leave = threading.Event(), threading.Event()

    def first():
        with single_blas_thread():
            inside.set()
            leave.wait()

    other = threading.Thread(target=first)
    other.start()
    inside.wait()
    with single_blas_thread():
        leave.set()
        other.join()
        print(threads())
    print(threads())
    """
    )
    assert child(code) == ["[1]", "[3]"]


@pytest.mark.parametrize(
    "why",
    [
        "import sys; sys.modules['threadpoolctl'] = None; import numpy",
        "import os, numpy; os.environ['OMP_NUM_THREADS'] = '2'",
        "",
    ],
    ids=["no threadpoolctl", "the user said", "the variables hold"],
)
def test_the_context_is_free_where_nothing_is_to_be_done(why: str) -> None:
    code = f"""
    {why}
    {BLAS}
    import contextlib
    print(type(single_blas_thread()) is contextlib.nullcontext)
    """
    assert child(code) == ["True"]
