"""The check of policy loaders passes what keeps its promises and fails each way of breaking one."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fg_core.errors import DataError, ForecastGameError
from fg_core.testing import ConstantForecaster, ConstantPolicyLoader, check_policy_loader
from fg_core.testing.mutants import Counter, NotFrozen, refused


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps({"delta": 0.1, "scale": 0.5}))
    return path


def test_good_policy_loaders_pass(policy: Path) -> None:
    check_policy_loader(ConstantPolicyLoader(), str(policy), "forecaster")


class OfForecasters:
    role = "forecaster"


class Unpickles(OfForecasters):
    def load(self, path: str) -> Any:
        try:
            return ConstantPolicyLoader().load(path)
        except ForecastGameError:
            try:
                return pickle.loads(Path(path).read_bytes())
            except Exception as error:
                raise DataError(str(error)) from error


class Careless(OfForecasters):
    """Takes whatever it can read, and makes the rest up."""

    def load(self, path: str) -> Any:
        try:
            return ConstantPolicyLoader().load(path)
        except ForecastGameError:
            return ConstantForecaster()


class RaisesWhatever(OfForecasters):
    def load(self, path: str) -> Any:
        saved = json.loads(Path(path).read_text())
        return ConstantForecaster(saved["delta"], saved["scale"])


class RewritesTheFile(OfForecasters):
    def load(self, path: str) -> Any:
        agent = ConstantPolicyLoader().load(path)
        Path(path).write_text(json.dumps({"scale": agent.scale, "delta": agent.delta}))
        return agent


class LoadsByChance(OfForecasters):
    def __init__(self) -> None:
        self.count = Counter()

    def load(self, path: str) -> Any:
        agent = ConstantPolicyLoader().load(path)
        return replace(agent, name=f"agent-{self.count()}")


class LoadsBroken(OfForecasters):
    def load(self, path: str) -> Any:
        ConstantPolicyLoader().load(path)
        return NotFrozen()


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (Unpickles(), "a pickle|never unpickled"),
        (Careless(), "load refuses a file that is truncated"),
        (RaisesWhatever(), "load refuses a file that is truncated with an error of ours"),
        (RewritesTheFile(), "load leaves the file as it was"),
        (LoadsByChance(), "load is pure"),
        (LoadsBroken(), "it is frozen"),
        (NotFrozen(), "it has load"),
        (replace(ConstantPolicyLoader(), role="adversary"), "its role is forecaster"),
    ],
    ids=lambda x: type(x).__name__ if not isinstance(x, str) else "",
)
def test_a_broken_policy_loader_is_refused(broken: Any, promise: str, policy: Path) -> None:
    refused(lambda: check_policy_loader(broken, str(policy), "forecaster"), promise)


def test_a_policy_is_checked_in_its_role(policy: Path) -> None:
    refused(
        lambda: check_policy_loader(
            replace(ConstantPolicyLoader(), role="defender"), str(policy), "defender"
        ),
        "act works; it raised",
    )
