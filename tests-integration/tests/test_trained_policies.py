"""A trained policy plays wherever agents do, and fg_backtest knows nothing of fg_training."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fg_backtest import backtest, compare, forecast, forecast_cli, price_of_attack
from fg_core import AgentRegistry, RandomWalk, plugins
from fg_core.documents import DocumentKind, read_document, write_document
from fg_core.errors import ArtifactError
from fg_core.policies import Policy, load_policy
from fg_core.testing import check_policy_loader
from fg_training import FeatureGrid, TableDefender, TablePolicyLoader, save_defender

KIND = DocumentKind("forecast-game-table-defender", 2)
GRID = FeatureGrid(((-2.0, 2.0),), ("surprise",))
HOW: dict[str, Any] = {"agents": "baselines", "horizons": (1,)}


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "trained.json"
    save_defender(path, TableDefender((0.9, 0.0, 0.9), GRID))
    return path


def test_a_table_defends_in_forecast_backtest_attack_and_comparison(policy: Path) -> None:
    agent = TablePolicyLoader().load(str(policy))
    assert AgentRegistry((RandomWalk(),)).with_policies(policy).defenders == (agent,)
    data = {
        "unique_id": ["a"] * 60,
        "ds": [f"{2001 + t // 4}Q{t % 4 + 1}" for t in range(60)],
        "y": [*np.random.default_rng(5).normal(size=59).cumsum().round(2).tolist(), 40.0],
    }
    trusted, doubted = (
        forecast(data, policies=policies, **HOW)["a"].horizons[0].forecast.mean
        for policies in (
            [Policy(TableDefender((0.0, 0.0, 0.0), GRID), "defender", "trusts all")],
            [policy],
        )
    )
    assert doubted < trusted - 5.0
    report = backtest(data, policies=[policy], **HOW).report
    assert list(report.agents["defenders"]) == ["table defender"]
    price = price_of_attack(
        data, (4.0,), policies=[policy], adversaries=("worst",), defenses=(), **HOW
    )
    worst = {row.defense: row for row in price.rows if row.attack == "worst"}
    assert set(worst) == {"none", "trained"}
    assert worst["trained"].exact
    found = compare(data, policy, (4.0,), adversaries=("worst",), **HOW)
    (row,) = [one for one in found.rows if not one.unique_id and one.case == "attacked"]
    assert row.difference == pytest.approx(row.crps_with - row.crps_without)
    assert row.crps_with / row.crps_without == pytest.approx(
        worst["trained"].crps / worst["none"].crps
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"features": ["drift"]}, "a table over drift: this defender sees the surprise, and"),
        ({"unit": "one_step"}, "a surprise in units of 'one_step'"),
        ({"edges": [[2.0, -2.0]]}, "must be finite and ascend"),
        ({"p_bad": [0.9]}, "1 probabilities for 3 cells"),
        ({"edges": None}, "is damaged"),
    ],
)
def test_a_table_over_other_features_or_another_scale_is_refused(
    policy: Path, changed: dict[str, Any], message: str
) -> None:
    content = read_document(policy, dict[str, Any], KIND)
    write_document(policy, {**content, **changed}, KIND)
    with pytest.raises(ArtifactError, match=message) as caught:
        load_policy(policy)
    assert str(policy) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("scale", [{}, {"scale": "predictive"}])
def test_files_of_version_1_are_read(policy: Path, scale: dict[str, str]) -> None:
    content = {"name": "table defender", "p_bad": [0.9, 0.0, 0.9], "feature": "surprise"}
    before = policy.with_name("before.json")
    old = DocumentKind(KIND.format, 1)
    write_document(before, {**content, "edges": [-2.0, 2.0], **scale}, old)
    assert load_policy(before).agent == load_policy(policy).agent
    check_policy_loader(TablePolicyLoader(), str(before), "defender")
    write_document(before, {**content, "edges": [-2.0, 2.0], "scale": "one_step"}, old)
    with pytest.raises(ArtifactError, match="in units of 'one_step'"):
        load_policy(before)


def test_without_fg_training_the_command_says_what_to_install(
    policy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class WithoutTraining:
        @staticmethod
        def select(group: str) -> list[EntryPoint]:
            there = entry_points(group=group)
            return [one for one in there if not one.value.startswith("fg_training")]

    monkeypatch.setattr(plugins, "entry_points", lambda: WithoutTraining)
    monkeypatch.setattr(sys, "argv", ["fg-forecast", "--policy", str(policy)])
    plugins.refresh()
    try:
        with pytest.raises(SystemExit) as left:
            forecast_cli.main()
    finally:
        plugins.refresh()
    said = capsys.readouterr()
    assert (left.value.code, said.out) == (2, "")
    assert len(said.err.strip().splitlines()) == 1
    for part in (str(policy), "forecast-game-table-defender", "fg-training", "install it from"):
        assert part in said.err
