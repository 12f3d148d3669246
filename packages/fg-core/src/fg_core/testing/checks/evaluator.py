"""Conformance of evaluators."""

from __future__ import annotations

from fg_core.baselines import Drift, RandomWalk
from fg_core.config import SimulationConfig
from fg_core.protocols import Evaluator
from fg_core.registry import AgentRegistry
from fg_core.testing._play import Promises, fingerprint

__all__ = ["check_evaluator"]


def check_evaluator(evaluator: Evaluator, *configs: SimulationConfig) -> None:
    """Check an evaluator: a pure and finite score, of its own agents and of those it is given.

    Args:
        evaluator: Evaluator that is checked.
        configs: Settings that it scores; none: two short games.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.testing.fakes import DistanceEvaluator
    >>> check_evaluator(DistanceEvaluator("attack_cap", 0.5))
    """
    promises = Promises("Evaluator", evaluator)
    promises.members("evaluate")
    tried = configs or (SimulationConfig(horizon=6), SimulationConfig(horizon=6, attack_cap=0.5))
    scores = [promises.pure("evaluate", evaluator.evaluate, config) for config in tried]
    for score in scores:
        promises.number("evaluate", score)
    again = [evaluator.evaluate(config) for config in reversed(tried)]
    promises.require(
        fingerprint(again[::-1]) == fingerprint(scores),
        "evaluate is pure: what was evaluated before does not matter",
        f"{scores}, in the reverse order {again[::-1]}",
    )
    without = promises.call("evaluate", evaluator.evaluate, tried[0], None)
    promises.require(
        fingerprint(without) == fingerprint(scores[0]),
        "without agents it scores those that it plays of its own accord",
        f"{scores[0]!r}, and {without!r} for agents = None",
    )
    asked: list[SimulationConfig] = []

    def agents(config: SimulationConfig) -> AgentRegistry:
        asked.append(config)
        return AgentRegistry((RandomWalk(), Drift()))

    for config in tried:
        promises.number("evaluate", promises.pure("evaluate", evaluator.evaluate, config, agents))
    promises.require(
        bool(asked), "agents that are given are the ones that play", "it never asked for them"
    )
