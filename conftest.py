"""Test settings of the whole workspace: recorded data, and runs that allow no skips.

Every package's tests run below this file, alone or together, so it imports what every `test` group
has, pytest and hypothesis, and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

# On one's own machine new examples are drawn at every run, and may find something new; a run of all
# checks must say the same twice. Time limits per example only measure how busy a machine is.
settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

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
