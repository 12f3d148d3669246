"""Conformance of adversaries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fg_core.protocols import Adversary
from fg_core.state import ForecastState
from fg_core.testing._play import Promises, bind
from fg_core.testing.examples import example_budget, example_states, example_window

from ._agents import judge_action, judge_learning

__all__ = ["check_adversary"]


def check_adversary(adversary: Adversary, *, states: Sequence[ForecastState] | None = None) -> None:
    """Check an adversary: pure (its draws included), finite, frozen, works without a budget.

    Args:
        adversary: Adversary that is checked.
        states: States that it is played on; None: `example_states()`.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.agents import ScriptedAdversary
    >>> check_adversary(ScriptedAdversary({120: 0.5}))
    """
    promises = Promises("Adversary", adversary)
    promises.members("act")
    promises.named()
    promises.frozen(adversary)
    played = example_states() if states is None else tuple(states)
    budgets = (None, example_budget(), example_budget(0.0), example_budget(cost=0.5))

    def plays(agent: Any) -> list[Callable[[], Any]]:
        return [bind(agent.act, state, budget) for state in played for budget in budgets]

    def judge(agent: Any) -> None:
        for state in played:
            for budget in budgets:
                judge_action(promises, agent, promises.pure("act", agent.act, state, budget))
            promises.call("act without a budget", agent.act, state)

    judge_learning(promises, adversary, plays, judge, example_window())
