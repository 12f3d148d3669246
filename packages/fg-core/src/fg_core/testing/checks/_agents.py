"""Checks that forecasters, adversaries and defenders share: actions, draws, fitting and learning.

Agents are frozen values: `act` is pure, `fit` and `update` return new ones and leave the old one as
it was.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fg_core.action import AgentAction
from fg_core.errors import ForecastUnavailable
from fg_core.protocols import Revealed
from fg_core.testing._play import Promises
from fg_core.testing.examples import example_draws, example_reveals
from fg_core.window import TrainingWindow

from ._panels import judge_panels

__all__ = ["Plays", "judge_action", "judge_draws", "judge_learning"]

Plays = Callable[[Any], list[Callable[[], Any]]]


def judge_action(promises: Promises, agent: Any, action: Any) -> None:
    """Require an action of the agent, with finite numbers in range."""
    promises.require(
        isinstance(action, AgentAction), "act returns an AgentAction", f"got {action!r}"
    )
    promises.require(
        action.actor == agent.name,
        "an action carries the name of its agent",
        f"agent {agent.name!r} returned actor {action.actor!r}",
    )
    # AgentAction refuses all this; an action that got round its constructor is caught here.
    promises.number("delta", action.delta)
    if action.scale is not None:
        promises.number("scale", action.scale, low=0.0)
    if action.p_bad is not None:
        promises.number("p_bad", action.p_bad, low=0.0, high=1.0)
    for column, hit in action.context.items():
        promises.number(f"context of {column!r}", hit)


def judge_draws(promises: Promises, agent: Any, plays: Plays) -> None:
    """Bind an agent to random numbers, of two games: the same ones give the same actions."""
    if not hasattr(agent, "with_draws"):
        return
    unbound = promises.replay("act", plays(agent))
    for game in (0, 1):
        bound = promises.call("with_draws", agent.with_draws, example_draws(game))
        twin = promises.call("with_draws", agent.with_draws, example_draws(game))
        promises.require(
            hasattr(bound, "act") and getattr(bound, "name", None) == agent.name,
            "with_draws returns an agent of the same name",
            f"got {bound!r}",
        )
        promises.frozen(bound)
        for call in plays(bound):
            try:
                judge_action(promises, agent, promises.pure("act with draws", call))
            except ForecastUnavailable:
                continue
        promises.require(
            promises.replay("act with draws", plays(bound))
            == promises.replay("act with draws", plays(twin)),
            "equal draws give equal actions",
            f"bound twice to the draws of game {game}, it acts differently",
        )
        promises.unchanged("with_draws", unbound, plays(agent))


def judge_learning(
    promises: Promises,
    agent: Any,
    plays: Plays,
    judge: Callable[[Any], None],
    window: TrainingWindow,
) -> None:
    """Play an agent, fit and update it, and see that each step left the one before alone."""
    raw = promises.replay("act", plays(agent))
    fitted = agent
    if hasattr(agent, "fit_panel"):
        fitted = judge_panels(promises, agent, plays, judge, window)
        promises.unchanged("fit_panel", raw, plays(agent))
    if hasattr(agent, "fit"):
        fitted = _successor(promises, "fit", agent, agent.fit, window, plays)
        promises.unchanged("fit", raw, plays(agent))
    judge(fitted)
    if not hasattr(fitted, "update"):
        return
    learned = fitted
    reveals: tuple[Revealed, ...] = example_reveals(window)
    for revealed in reveals:
        before = promises.replay("act", plays(learned))
        new = _successor(promises, "update", learned, learned.update, revealed, plays)
        promises.unchanged("update", before, plays(learned))
        learned = new
    judge(learned)
    if hasattr(learned, "fit"):
        before = promises.replay("act", plays(learned))
        _successor(promises, "fit", learned, learned.fit, window, plays)
        promises.unchanged("fit", before, plays(learned))


def _successor(
    promises: Promises,
    what: str,
    agent: Any,
    step: Callable[[Any], Any],
    given: Any,
    plays: Plays,
) -> Any:
    new = promises.call(what, step, given)
    twin = promises.call(what, step, given)
    promises.require(
        hasattr(new, "act") and getattr(new, "name", None) == agent.name,
        f"{what} returns an agent of the same name",
        f"got {new!r}",
    )
    promises.frozen(new)
    promises.require(
        promises.replay("act", plays(new)) == promises.replay("act", plays(twin)),
        f"{what} is pure: equal arguments give agents that act alike",
        "two agents made alike act differently",
    )
    return new
