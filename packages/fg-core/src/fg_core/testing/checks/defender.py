"""Conformance of defenders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fg_core.action import AgentAction
from fg_core.forecast import ProbabilisticForecast
from fg_core.protocols import Defender
from fg_core.state import ForecastState
from fg_core.testing._play import Promises, bind
from fg_core.testing.examples import example_predictive, example_states, example_window

from ._agents import judge_action, judge_draws, judge_learning

__all__ = ["check_defender"]


def check_defender(defender: Defender, *, states: Sequence[ForecastState] | None = None) -> None:
    """Check a defender: pure, finite, frozen, and p_bad and scale in range, near and far off.

    One that lists alternatives does so over prints that are not settled. One that wants the
    pool's sensitivities is given those of an autoregression. One that draws random numbers
    (`with_draws`) acts alike with equal draws, and without any.

    Args:
        defender: Defender that is checked; it is fitted first, if it can be.
        states: States that it is played on; None: `example_states()`.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.testing.fakes import SilentDefender
    >>> check_defender(SilentDefender())
    """
    promises = Promises("Defender", defender)
    promises.members("act")
    promises.named()
    promises.frozen(defender)
    played = example_states() if states is None else tuple(states)
    pairs = [(state, example_predictive(state)) for state in played]
    pairs += [(state, ProbabilisticForecast(state.value, 1e-12)) for state in played]
    pairs += [(state, ProbabilisticForecast(state.value - 1e6, 1.0)) for state in played]
    more = _example_sensitivities(promises, defender)

    def plays(agent: Any) -> list[Callable[[], Any]]:
        return [bind(agent.act, state, predictive, **more) for state, predictive in pairs]

    def judge(agent: Any) -> None:
        for state, predictive in pairs:
            action = promises.pure("act", agent.act, state, predictive, **more)
            judge_action(promises, agent, action)
            _judge_alternatives(promises, state, action)
        judge_draws(promises, agent, plays)

    judge_learning(promises, defender, plays, judge, example_window())


def _example_sensitivities(promises: Promises, defender: Any) -> dict[str, tuple[float, ...]]:
    """Return what a defender is given beside state and predictive."""
    wanted = getattr(defender, "sensitivities_wanted", 0)
    promises.require(
        isinstance(wanted, int) and not isinstance(wanted, bool) and wanted >= 0,
        "sensitivities_wanted is a whole number, at least 0",
        f"got {wanted!r}",
    )
    if wanted == 0:
        return {}
    return {"sensitivities": tuple([0.9, -0.2, 0.1, *[0.0] * wanted][:wanted])}


def _judge_alternatives(promises: Promises, state: ForecastState, action: AgentAction) -> None:
    unsettled = state.n_unrevealed + 1
    for one in action.alternatives:
        promises.require(
            len(one.pattern) <= unsettled,
            "an alternative is over prints that are not settled (state.n_unrevealed + 1)",
            f"at t = {state.t} {unsettled} are not settled, and it returned {one!r}",
        )
