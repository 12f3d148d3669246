"""Parts of plugins that break a promise, and whether a check finds them: for tests of checks.

A check is worth what it refuses. So its tests take something good, break one promise, keep all
others, and require the check to name that promise.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fg_core.action import AgentAction
from fg_core.state import ForecastState

from ._play import ConformanceError

__all__ = ["Counter", "NotFrozen", "counted", "forged", "refused"]


def refused(check: Callable[[], None], promise: str) -> None:
    """Require that a check names the promise that was broken.

    Args:
        check: call of a check.
        promise: pattern that is found in the message of its `ConformanceError`.

    Raises:
        AssertionError: The check passed, or its message says something else.

    >>> from fg_core.testing import check_forecaster
    >>> refused(lambda: check_forecaster(NotFrozen()), "it is frozen")
    """
    try:
        check()
    except ConformanceError as error:
        for part in (promise, "does not keep a promise of"):
            if re.search(part, str(error)) is None:
                raise AssertionError(f"{part!r} is not in the message {str(error)!r}") from error
        return
    raise AssertionError(f"the check passed, and should have said {promise!r}")


def forged(actor: str, delta: Any, scale: Any = None, p_bad: Any = None) -> AgentAction:
    """Return an action that got round its constructor.

    Args:
        actor: Name of the agent.
        delta: Change that it states, unchecked, of any type.
        scale: Standard deviation that it states, unchecked.
        p_bad: Probability that it states, unchecked.

    Returns:
        Action with these fields, whatever they are.

    >>> forged("loud", float("nan")).delta
    nan
    """
    action = AgentAction(actor, 0.0)
    for name, value in (("delta", delta), ("scale", scale), ("p_bad", p_bad)):
        object.__setattr__(action, name, value)
    return action


class Counter:
    """State that hides inside a frozen dataclass: how often it was called.

    >>> count = Counter()
    >>> count(), count()
    (1, 2)
    """

    def __init__(self) -> None:
        self.n = 0

    def __call__(self) -> int:
        """Return the number of this call, 1 for the first."""
        self.n += 1
        return self.n


def counted(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Return a rule with the number of the call in front of its arguments.

    Args:
        rule: Function of the number of the call, from 1 on, and of the other arguments.

    Returns:
        Function of the other arguments.

    >>> rule = counted(lambda n, x: n * x)
    >>> rule(5), rule(5)
    (5, 10)
    """
    counter = Counter()
    return lambda *args: rule(counter(), *args)


@dataclass
class NotFrozen:
    """An agent that can be changed, which no agent may."""

    name: str = "loose"

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:  # noqa: ARG002 - either
        """Return no change."""
        return AgentAction(self.name, 0.0)
