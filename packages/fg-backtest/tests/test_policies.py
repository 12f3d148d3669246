"""Trained policies in backtests, forecasts and attacks, by the commands and from Python."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fg_backtest import backtest, forecast, forecast_cli, price_of_attack
from fg_backtest.agents import WithPolicies, agents_named, line_up_of, with_policies
from fg_core import ConfigError, DefenderAgent, SimulationConfig
from fg_core.defenses import defense_from_name
from fg_core.documents import DocumentKind, write_document
from fg_core.policies import Policy

Here = Callable[..., subprocess.CompletedProcess[str]]
DAMPED = Policy(DefenderAgent(defense_from_name("dampening"), "damped"), "defender", "mine")
QUICK = ("--source", "toy", "--series", "a", "--horizons", "1", "--agents", "baselines", "--quiet")


def saved(name: str, kind: str = "toy-damped") -> str:
    write_document(name, {"a": 1.0}, DocumentKind(kind, 1))
    return name


def test_a_policy_defends_in_a_backtest_and_the_report_says_so(here: Here) -> None:
    done = here(*QUICK, "--policy", saved("mine.json"), "--out", "with.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    report = json.loads(Path("with.json").read_text())
    assert list(report["agents"]["defenders"]) == ["damped"]
    assert report["command"]["policies"] == ["mine.json"]
    assert report["configuration"]["line_up"] == "baselines"
    assert "mine.json" not in json.dumps(report["configuration"])
    how: dict[str, Any] = {"agents": "baselines", "horizons": (1,)}
    for policies, same in (((DAMPED,), True), ((), False)):
        found = backtest("toy", "a", policies=policies, **how).report
        ours = found.series["a"].horizons["1"].contenders["ensemble"].crps
        theirs = report["series"]["a"]["horizons"]["1"]["contenders"]["ensemble"]["crps"]
        assert (ours == theirs) is same


def test_a_policy_defends_in_a_forecast(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved("mine.json")
    argv = ["fg-forecast", *QUICK, "--policy", path, "--out", "f.json"]
    monkeypatch.setattr(sys, "argv", argv)
    with pytest.raises(SystemExit) as left:
        forecast_cli.main()
    assert left.value.code == 0
    rows = json.loads(Path("f.json").read_text())
    how: dict[str, Any] = {"agents": "baselines", "horizons": (1,)}
    means = [
        forecast("toy", "a", policies=policies, **how)["a"].horizons[0].forecast.mean
        for policies in ([path], [])
    ]
    assert rows[0]["mean"] == means[0] != means[1]


def test_under_attack_a_policy_is_one_more_row(here: Here) -> None:
    attack = ("--attack", "two_quarter", "--attack-budget", "4", "--defense", "clipping")
    policies = ("--policy", saved("mine.json"), "--policy", saved("hits.json", "toy-rough"))
    done = here(*QUICK, *attack, *policies, "--out", "r.json")
    assert (done.returncode, done.stderr) == (0, "")
    rows = json.loads(Path("r_attack.json").read_text())
    assert list(dict.fromkeys(row["defense"] for row in rows)) == ["none", "clipping", "mine"]
    assert list(dict.fromkeys(row["attack"] for row in rows)) == ["", "two_quarter", "hits"]
    assert "by_origin" not in rows[0]
    by_name = price_of_attack(
        "toy",
        (4.0,),
        series="a",
        agents="baselines",
        horizons=(1,),
        adversaries=("two_quarter",),
        defenses=("clipping", "dampening"),
    )
    wanted = [row.crps for row in by_name.rows if row.defense == "dampening"]
    mine = [row["crps"] for row in rows if row["defense"] == "mine" and row["attack"] != "hits"]
    assert mine == wanted


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("toy-rough", (), "is an adversary, which plays under attack alone"),
        ("toy-damped", ("--log",), "trained on values as they are reported: leave log out"),
        ("toy-other", (), "has the format 'toy-other': no plugin 'toy_other'"),
        ("", (), "there is no policy file p.json"),
    ],
)
def test_a_policy_that_cannot_play_is_one_line_before_data_are_fetched(
    here: Here, kind: str, options: tuple[str, ...], message: str
) -> None:
    if kind:
        saved("p.json", kind)
    done = here(*QUICK, *options, "--policy", "p.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not Path("fetched").exists()


def test_a_factory_without_policies_is_the_factory_itself() -> None:
    plain = agents_named("baselines")
    assert with_policies(plain, ()) is plain
    found = with_policies(plain, [DAMPED])
    assert isinstance(found, WithPolicies)
    assert line_up_of(found) == "baselines"
    agents = found(SimulationConfig())
    assert agents.defenders == (DAMPED.agent,)
    assert agents.forecasters == plain(SimulationConfig()).forecasters
    with pytest.raises(ConfigError, match="policies must be a list"):
        with_policies(plain, "p.json")
