"""The root conftest: `--no-skips`, and where recorded data are looked for.

Each test plays a small pytest session in a folder of its own, with a copy of the root conftest.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SKIPS = {
    "in the test": """
        def test_it():
            pytest.skip("no ink")
    """,
    "by a mark": """
        @pytest.mark.skip(reason="no ink")
        def test_it():
            pass
    """,
    "by a condition": """
        @pytest.mark.skipif(True, reason="no ink")
        def test_it():
            pass
    """,
    "in a fixture": """
        @pytest.fixture
        def ink():
            pytest.skip("no ink")

        def test_it(ink):
            pass
    """,
    "as a module": """
        pytest.skip("no ink", allow_module_level=True)
    """,
    "for an import": """
        pytest.importorskip("no_such_module", reason="no ink")
    """,
}


@pytest.fixture
def session(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest((ROOT / "conftest.py").read_text(encoding="utf-8"))
    pytester.makeini("[pytest]\naddopts = --import-mode=importlib -ra\n")
    return pytester


def _module(body: str) -> str:
    return "import pytest\n" + textwrap.dedent(body)


@pytest.mark.parametrize("how", SKIPS)
def test_a_skip_is_a_skip_unless_forbidden(session: pytest.Pytester, how: str) -> None:
    session.makepyfile(_module(SKIPS[how]))

    result = session.runpytest()

    result.assert_outcomes(skipped=1)
    assert result.ret in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


@pytest.mark.parametrize("how", SKIPS)
def test_a_skip_fails_under_no_skips(session: pytest.Pytester, how: str) -> None:
    session.makepyfile(_module(SKIPS[how]))

    result = session.runpytest("--no-skips")

    outcomes = result.parseoutcomes()
    assert "skipped" not in outcomes
    assert outcomes.get("failed", 0) + outcomes.get("errors", 0) == 1
    assert result.ret not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    result.stdout.fnmatch_lines(["*no ink*"])
    result.stdout.fnmatch_lines(["*a skipped test is a failure under --no-skips*"])


@pytest.mark.slow
def test_no_skips_reaches_parallel_workers(session: pytest.Pytester) -> None:
    session.makepyfile(_module(SKIPS["in the test"]))

    result = session.runpytest("-p", "xdist", "--no-skips", "-n2")

    result.assert_outcomes(failed=1)


def test_no_skips_leaves_other_outcomes_alone(session: pytest.Pytester) -> None:
    session.makepyfile(
        """
        import pytest

        def test_passes():
            pass

        @pytest.mark.xfail(reason="known")
        def test_expected_failure():
            assert False

        def test_expected_in_the_test():
            pytest.xfail("known")
        """
    )

    result = session.runpytest("--no-skips")

    result.assert_outcomes(passed=1, xfailed=2)
    assert result.ret == pytest.ExitCode.OK


READS_BOTH = """
def test_reads(fixtures_dir, data_dir):
    print(f"fixtures={fixtures_dir}", f"data={data_dir}")
"""


def test_recorded_folders_come_from_the_variables(
    session: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for variable, name in (("FG_FIXTURES", "answers"), ("FG_DATA", "series")):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(variable, str(tmp_path / name))
    session.makepyfile(READS_BOTH)

    result = session.runpytest("--no-skips", "-s")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"*fixtures={tmp_path / 'answers'} data={tmp_path / 'series'}*"])


def test_absent_recordings_skip_with_their_reason(
    session: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FG_FIXTURES", raising=False)
    monkeypatch.delenv("FG_DATA", raising=False)
    session.makepyfile(READS_BOTH)

    result = session.runpytest()

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*no recorded fixtures: FG_FIXTURES is not set*"])


def test_a_variable_that_names_no_folder_is_an_error(
    session: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FG_FIXTURES", str(tmp_path / "nowhere"))
    session.makepyfile(READS_BOTH)

    result = session.runpytest()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*FG_FIXTURES names *nowhere, which is not a folder*"])
