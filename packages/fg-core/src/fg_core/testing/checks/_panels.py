"""Conformance of agents that see all series of a panel at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fg_core.protocols import RevealedForecast
from fg_core.testing._play import Promises
from fg_core.window import TrainingWindow

__all__ = ["judge_panel_learning", "judge_panels"]


def judge_panels(
    promises: Promises,
    agent: Any,
    plays: Callable[[Any], list[Callable[[], Any]]],
    judge: Callable[[Any], None],
    window: TrainingWindow,
) -> Any:
    """Fit a forecaster on a panel of one series and on one of three.

    Args:
        promises: What is promised of the forecaster.
        agent: Forecaster, as it would be given to a game.
        plays: Calls of `act` of a forecaster.
        judge: Checks a forecaster that was fitted on `window`.
        window: First series of both panels.

    Returns:
        The forecaster fitted on `window` alone.

    Raises:
        ConformanceError: A promise is broken.
    """
    other = TrainingWindow(
        [1.0 + 3.0 * value for value in window.values.tolist()[::-1]],
        window.end_t,
        contexts=window.contexts,
        season_length=window.season_length,
    )
    alone = _fitted(promises, agent, agent, (window,))
    several = (window, other, window.last(len(window) // 2))
    for panel in ((window,), several):
        first = _fitted(promises, agent, agent, panel)
        judge(first[0])
        wanted = [promises.replay("act", plays(one)) for one in first]
        for asked in (agent, *alone):
            twins = _fitted(promises, agent, asked, panel)
            promises.require(
                wanted == [promises.replay("act", plays(one)) for one in twins],
                "fit_panel depends on the windows alone: equal ones give forecasters that act "
                "alike, also where a fitted forecaster is asked",
                f"forecasters fitted twice on {len(panel)} windows act differently",
            )
    return alone[0]


def _fitted(
    promises: Promises, agent: Any, asked: Any, panel: Sequence[TrainingWindow]
) -> list[Any]:
    found = promises.call("fit_panel", asked.fit_panel, panel)
    promises.require(
        isinstance(found, Sequence) and len(found) == len(panel),
        "fit_panel returns a sequence of forecasters, one per window",
        f"for {len(panel)} windows it returned {found!r}",
    )
    for one in found:
        promises.require(
            hasattr(one, "act")
            and hasattr(one, "fit_panel")
            and getattr(one, "name", None) == agent.name,
            "fit_panel returns forecasters of the same name, which can be fitted again",
            f"got {one!r}",
        )
        promises.frozen(one)
    return list(found)


def judge_panel_learning(
    promises: Promises,
    pools: Sequence[Any],
    outcomes: Sequence[RevealedForecast],
    plays: Callable[[Any], list[Callable[[], Any]]],
) -> None:
    """Have the pools of several series, and of one, learn from an outcome of each.

    Args:
        promises: What is promised of the aggregator.
        pools: One per series, started.
        outcomes: One per series, of one horizon.
        plays: Calls of `aggregate` of a pool.

    Raises:
        ConformanceError: A promise is broken.
    """
    before = [promises.replay("aggregate", plays(pool)) for pool in pools]
    for n in (1, len(pools)):
        given = tuple(pools[:n]), tuple(outcomes[:n])
        said = []
        for _ in range(2):
            found = promises.call("update_panel", pools[0].update_panel, *given)
            promises.require(
                isinstance(found, Sequence) and len(found) == n,
                "update_panel returns a sequence of aggregators, one per series",
                f"for {n} series it returned {found!r}",
            )
            for one in found:
                promises.members("aggregate", "update", "update_panel", of=one)
                promises.frozen(one)
            said.append([promises.replay("aggregate", plays(one)) for one in found])
        promises.require(
            said[0] == said[1],
            "update_panel is pure: equal arguments give pools that behave alike",
            "two panels with equal updates differ",
        )
    for pool, known in zip(pools, before, strict=True):
        promises.unchanged("update_panel", known, plays(pool))
