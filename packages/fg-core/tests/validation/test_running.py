"""Scenarios as `fg-validate` finds, runs, tells and lists them."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint

import pytest

from fg_core.errors import ConfigError, PluginError, UnknownPluginError
from fg_core.plugins import Registry
from fg_core.protocols import Requirement, ScenarioOutcome
from fg_core.testing.fakes import PassingScenario
from fg_core.validation import DUE, Check, _command, due_beside, outcome_of, run_scenarios, running
from fg_core.validation.report import WIDTH, result_lines, summary

KEY = Requirement("key", "SOME_KEY", "ask for one")


class Good(PassingScenario):
    def __init__(self, name: str = "good", **settings: object) -> None:
        super().__init__(name, **settings)  # type: ignore[arg-type]

    def run_live(self, seed: int) -> ScenarioOutcome:
        return outcome_of([Check("the service was asked", True)], {"seed": seed})


def good() -> PassingScenario:
    return Good()


def broken() -> PassingScenario:
    return PassingScenario("broken", "failed", description="something that " + "fails " * 30)


def needy() -> PassingScenario:
    return PassingScenario("needy", "skipped", requires=(KEY,))


class Raising(PassingScenario):
    def run(self, seed: int) -> ScenarioOutcome:
        raise ZeroDivisionError("by\nnothing")


def raising() -> PassingScenario:
    return Raising("raising")


def misnamed() -> PassingScenario:
    return PassingScenario("another")


def registry(*names: str) -> Registry:
    points = [EntryPoint(name, f"{__name__}:{name}", "fg_core.scenarios") for name in names]
    return Registry("fg_core.scenarios", points)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch):
    def install(*names: str) -> None:
        made = registry(*names)
        for point in made._points:  # these functions, wherever the test runner put this module
            monkeypatch.setattr(type(point), "load", lambda self: globals()[self.name])
        for module in (running, _command):
            monkeypatch.setattr(module, "Registry", lambda _group: made)

    return install


def options(*names: str, **given: object) -> dict[str, object]:
    plain = {
        "names": names,
        "list_scenarios": False,
        "json_path": None,
        "seed": 7,
        "live": False,
        "debug": False,
    }
    return {**plain, **given}


def test_each_outcome_is_told_and_counted_apart(installed, capsys, tmp_path) -> None:
    installed("good", "broken", "needy", "raising", "misnamed")
    path = tmp_path / "results.json"
    assert _command.run(options(json_path=str(path))) == 1
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= WIDTH
    assert "raised ZeroDivisionError: by nothing" in out
    assert "SOME_KEY" in out
    assert "5 scenarios in 0 s: 1 passed, 3 failed, 1 skipped" in out
    found = json.loads(path.read_text())
    assert (found["passed"], found["failed"], found["skipped"]) == (1, 3, 1)
    assert {one["name"]: one["status"] for one in found["scenarios"]} == {
        **dict.fromkeys(("broken", "raising", "misnamed"), "failed"),
        "good": "passed",
        "needy": "skipped",
    }


def test_skipped_alone_is_no_failure_and_live_asks(installed, capsys) -> None:
    installed("good", "needy")
    assert _command.run(options()) == 0
    assert _command.run(options("good", live=True)) == 0
    (live,) = run_scenarios(["good"], live=True, seed=9)
    assert live.outcome.message.endswith("the service was asked")
    (quiet,) = run_scenarios(["good"], seed=9)
    assert quiet.outcome.figures == {"seed": 9.0}
    assert "nothing to check" in quiet.outcome.message


def test_a_traceback_is_shown_where_it_is_asked_for(installed, capsys) -> None:
    installed("raising")
    assert _command.run(options(debug=True)) == 1
    assert "Traceback" in capsys.readouterr().err
    assert _command.run(options()) == 1
    assert capsys.readouterr().err == ""


def test_names_that_are_not_there_or_due(installed, capsys) -> None:
    installed("good")
    with pytest.raises(UnknownPluginError, match="nearest first: good"):
        _command.run(options("goood"))
    with pytest.raises(UnknownPluginError, match="not there yet: it comes with the parallel runs"):
        _command.run(options("parallel_determinism"))
    with pytest.raises(PluginError, match="that name, got PassingScenario 'another'"):
        running.load_scenario("misnamed", registry("misnamed"))
    assert capsys.readouterr().out == ""


def test_the_list_names_what_is_there_and_what_is_due(installed, capsys) -> None:
    installed("good", "needy")
    assert _command.run(options(list_scenarios=True)) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= WIDTH
    assert out.index("good") < out.index("needy") < out.index("due later:")
    assert "key SOME_KEY (ask for one)" in out.replace("\n    ", " ")
    assert all(name in out for name in DUE)
    _command.run(options("good", list_scenarios=True))
    assert "due" not in capsys.readouterr().out


def test_what_is_installed_is_no_longer_due() -> None:
    assert due_beside(DUE) == {}
    assert len(DUE) == 2


def test_parts_that_are_skipped_are_told() -> None:
    outcome = outcome_of(
        [Check("x", True)], {"bad": float("nan"), "n": 1.0}, skipped=("the rest: SOME_KEY",)
    )
    assert dict(outcome.figures) == {"n": 1.0}
    result = running.ScenarioResult("n" * 26, "fg-core", "words " * 40, outcome, 1.0)
    lines = result_lines(result).splitlines()
    assert lines[-1] == "    skipped: the rest: SOME_KEY"
    assert max(map(len, lines)) <= WIDTH
    assert summary([result]).endswith("0 skipped (1 part of others)")


def test_a_scenario_that_asserts_nothing_is_an_error() -> None:
    with pytest.raises(ConfigError, match="assert something"):
        outcome_of([])
