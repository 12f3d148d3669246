"""The check of evaluators passes what keeps its promises and fails each way of breaking one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from fg_core.config import SimulationConfig
from fg_core.registry import AgentFactory
from fg_core.testing import DistanceEvaluator, check_evaluator
from fg_core.testing.mutants import NotFrozen, counted, refused


def evaluator(score: Callable[..., Any], *, asks: bool = True) -> Any:
    @dataclass(frozen=True)
    class Mutant(DistanceEvaluator):
        def evaluate(self, config: SimulationConfig, agents: AgentFactory | None = None) -> Any:
            if agents is not None and asks:
                agents(config)
            return score(config)

    return Mutant("attack_cap", 0.5)


def alternating(config: SimulationConfig, seen: list[Any] = []) -> float:  # noqa: B006
    """Equal twice in a row; another score once something else was evaluated."""
    if not seen or seen[-1] != config:
        seen.append(config)
    return float(len(seen))


class OnlyItsOwn(DistanceEvaluator):
    def evaluate(self, config: SimulationConfig) -> float:  # type: ignore[override]
        return super().evaluate(config)


class PlaysNobody(DistanceEvaluator):
    def evaluate(self, config: SimulationConfig, agents: Any = ()) -> float:
        return super().evaluate(config) + (agents is None)


def test_good_evaluators_pass() -> None:
    check_evaluator(DistanceEvaluator("attack_cap", 0.5))


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (evaluator(lambda _: float("nan")), "evaluate is finite"),
        (evaluator(lambda _: None), "evaluate is a number"),
        (evaluator(counted(lambda n, _: float(n))), "evaluate is pure"),
        (evaluator(alternating), "what was evaluated before does not matter"),
        (evaluator(lambda c: object.__setattr__(c, "horizon", 1) or 1.0), "leaves its arguments"),
        (evaluator(lambda _: 1.0, asks=False), "agents that are given are the ones that play"),
        (OnlyItsOwn("attack_cap", 0.5), "evaluate works; it raised TypeError"),
        (PlaysNobody("attack_cap", 0.5), "without agents it scores"),
        (NotFrozen(), "it has evaluate"),
    ],
)
def test_a_broken_evaluator_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_evaluator(broken), promise)
