"""The root conftest: processes, random examples and threads of a run.

Each test plays a small pytest session in a folder of its own, with a copy of the root conftest.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

WHERE = """
import os

def test_where(tmp_path_factory):
    where = os.environ.get("PYTEST_XDIST_WORKER", "here")
    print(f"where={where}")
    with open("where.txt", "a") as file:
        print(where, file=file)
"""


@pytest.fixture
def session(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "2")
    pytester.makeconftest((ROOT / "conftest.py").read_text(encoding="utf-8"))
    pytester.makeini("[pytest]\naddopts = --import-mode=importlib -ra\n")
    return pytester


def _play(
    session: pytest.Pytester, n_files: int, *options: str, args: tuple[str, ...] = ()
) -> set[str]:
    """Play that many files in a session of its own, and return the processes that played them."""
    for number in range(n_files):
        (session.path / f"test_{number}.py").write_text(WHERE, encoding="utf-8")
    result = session.runpytest("-p", "xdist", *options, *args)
    result.assert_outcomes(passed=len(args) or n_files)
    return set((session.path / "where.txt").read_text(encoding="utf-8").split())


def test_many_files_are_played_by_several_processes(session: pytest.Pytester) -> None:
    assert _play(session, 8) == {"gw0", "gw1"}


def test_a_few_files_are_played_here(session: pytest.Pytester) -> None:
    assert _play(session, 3) == {"here"}


def test_one_file_of_many_is_played_here(session: pytest.Pytester) -> None:
    assert _play(session, 8, args=("test_3.py",)) == {"here"}


@pytest.mark.slow
def test_one_test_of_each_of_many_files_counts_as_a_file(session: pytest.Pytester) -> None:
    names = tuple(f"test_{number}.py::test_where" for number in range(8))
    assert _play(session, 8, args=names) == {"gw0", "gw1"}


@pytest.mark.parametrize("options", [("-n0",), ("-s",), ("-k", "where"), ("--pdb",), ("--lf",)])
def test_who_looks_into_a_run_has_it_in_one_process(
    session: pytest.Pytester, options: tuple[str, ...]
) -> None:
    assert _play(session, 8, *options) == {"here"}


@pytest.mark.slow
def test_a_number_of_processes_that_was_asked_for_holds(session: pytest.Pytester) -> None:
    assert _play(session, 3, "-n1") == {"gw0"}


def test_without_xdist_there_is_one_process(session: pytest.Pytester) -> None:
    assert _play(session, 8, "-p", "no:xdist") == {"here"}


PROFILE = """
from hypothesis import HealthCheck, given, settings, strategies as st

def test_profile():
    now = settings.default
    quiet = HealthCheck.too_slow in now.suppress_health_check
    print(f"examples={now.max_examples}", f"fixed={now.derandomize}", now.deadline, quiet)
"""


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "examples=10 fixed=False"),
        pytest.param({"CI": "true"}, "examples=100 fixed=True", marks=pytest.mark.slow),
        ({"CI": "true", "FG_HYPOTHESIS": "light"}, "examples=8 fixed=True"),
        pytest.param(
            {"CI": "true", "FG_HYPOTHESIS": "dev"},
            "examples=10 fixed=False",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_the_environment_chooses_how_many_examples_are_tried(
    session: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    expected: str,
) -> None:
    # In a process of its own, since the settings would be those of this one too.
    for name in ("CI", "FG_HYPOTHESIS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    session.makepyfile(PROFILE)

    result = session.runpytest_subprocess("-s")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"*{expected} None True*"])


def test_an_unknown_profile_is_an_error_that_lists_those_there_are(
    session: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FG_HYPOTHESIS", "lihgt")
    session.makepyfile(PROFILE)

    result = session.runpytest_subprocess()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*FG_HYPOTHESIS is 'lihgt'; there are dev, ci, light*"])


def test_numpy_is_loaded_after_the_number_of_threads_is_set(session: pytest.Pytester) -> None:
    session.makepyfile(
        """
        import os

        def test_threads():
            assert os.environ["OPENBLAS_NUM_THREADS"] == "3"
            assert os.environ["OMP_NUM_THREADS"] == os.environ["MKL_NUM_THREADS"] == "1"
        """
    )
    code = """
import os, sys

class Watch:
    def find_spec(self, name, path=None, target=None):
        assert name != "numpy" or "OMP_NUM_THREADS" in os.environ, "numpy came first"

sys.meta_path.insert(0, Watch())
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.pop(name, None)
os.environ["OPENBLAS_NUM_THREADS"] = "3"
del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
import pytest
sys.exit(pytest.main(["-q"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=session.path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
