"""Test settings of the whole workspace: threads, processes, random examples, recorded data, skips.

Every package's tests run below this file, alone or together, so it imports what every `test` group
has, pytest and hypothesis, and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Read when numpy is loaded, which no module above has done: several processes with several threads
# each would only keep one another waiting. What the user set stays.
for _library in ("OPENBLAS_NUM", "OMP_NUM", "MKL_NUM", "VECLIB_MAXIMUM"):
    os.environ.setdefault(f"{_library}_THREADS", "1")

# How many examples a property is tried on. On one's own machine few, new ones at every run, which
# may find something new; a run of all checks must say the same twice. A test that wants more or
# fewer says so as a share of `settings.default.max_examples`, or the profiles would not reach it.
# Time limits, for an example or for drawing them, only measure how busy a machine is.
_TIMELESS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
PROFILES = {
    "dev": settings(_TIMELESS, max_examples=10, derandomize=False),
    "ci": settings(_TIMELESS, max_examples=100, derandomize=True),
    "light": settings(_TIMELESS, max_examples=8, derandomize=True),
}
PROFILE = os.environ.get("FG_HYPOTHESIS") or ("ci" if os.environ.get("CI") else "dev")
if PROFILE not in PROFILES:
    raise pytest.UsageError(f"FG_HYPOTHESIS is {PROFILE!r}; there are {', '.join(PROFILES)}")
for _name, _settings in PROFILES.items():
    settings.register_profile(_name, _settings)
settings.load_profile(PROFILE)

# Starting a process and collecting in it takes seconds: fewer files are quicker in this one.
FILES_WORTH_PROCESSES = 6

# The pytester fixture, for the tests of the hooks below.
pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--no-skips`."""
    parser.addoption(
        "--no-skips",
        action="store_true",
        help="count a skipped test as a failure, for runs where all that tests may need is there",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Play many files on all cores, as `-n logical --dist worksteal` does, unless told otherwise.

    It comes before the hook of pytest-xdist, which reads these options. Runs that someone looks
    into stay in one process: with a debugger, with output as it comes (`-s`), or of tests picked by
    `-k` or by what failed last. So do runs inside a process that was started so.
    """
    option = config.option
    if (
        config.pluginmanager.hasplugin("xdist")
        and "PYTEST_XDIST_WORKER" not in os.environ
        and option.numprocesses is None
        and option.dist == "no"
        and not option.tx
        and not (option.usepdb or option.trace or option.keyword or option.collectonly)
        and not (getattr(option, "lf", False) or getattr(option, "stepwise", False))
        and option.capture != "no"
        and _names_many_files(config)
    ):
        option.numprocesses = "logical"
        option.dist = "worksteal"


def _names_many_files(config: pytest.Config) -> bool:
    """Tell whether the arguments name so many test files that further processes pay."""
    folders = [config.invocation_params.dir / arg.partition("::")[0] for arg in config.args]
    files = (file for folder in folders for file in folder.rglob("test_*.py"))
    n_named = sum(folder.is_file() for folder in folders)
    return n_named + len(list(islice(files, FILES_WORTH_PROCESSES))) >= FILES_WORTH_PROCESSES


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that skips, if skips are not allowed; an expected failure is no skip."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        _forbid_skip(report, item.config)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail a module that skips itself as a whole, if skips are not allowed."""
    report = yield
    if report.skipped:
        _forbid_skip(report, collector.config)
    return report


def _forbid_skip(report: pytest.TestReport | pytest.CollectReport, config: pytest.Config) -> None:
    if not config.getoption("--no-skips"):
        return
    # The reason of a skip is a tuple (file, line, "Skipped: why").
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    report.outcome = "failed"
    report.longrepr = f"{reason}\n(a skipped test is a failure under --no-skips)"


@pytest.fixture(scope="session")
def fixtures_dir() -> Path:
    """Folder of recorded service responses: `$FG_FIXTURES`, or `../shared/fixtures`."""
    return _recorded("FG_FIXTURES", "fixtures")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Folder of recorded datasets: `$FG_DATA`, or `../shared/data`."""
    return _recorded("FG_DATA", "data")


def _recorded(variable: str, name: str) -> Path:
    named = os.environ.get(variable)
    if named:
        folder = Path(named)
        if not folder.is_dir():
            pytest.fail(f"{variable} names {named}, which is not a folder", pytrace=False)
        return folder.resolve()
    folder = ROOT.parent / "shared" / name
    if not folder.is_dir():
        pytest.skip(f"no recorded {name}: {variable} is not set and ../shared/{name} is not there")
    return folder
