"""Forecasters that say so learn from revealed values alone: games on one series may share them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pytest

from fg_agents import BottomUpAgent, ReconciledAgent
from fg_agents.linear import LinearForecaster, LocalLevel, VectorAutoregression
from fg_core import Drift, ForecastState, ForecastUnavailable, ProbabilisticForecast, TrainingWindow
from fg_core.plugins import Registry
from fg_core.protocols import Revealed

N = 60
VALUES = np.cumsum(np.random.default_rng(3).standard_normal(N + 2)) + 20.0
ROWS = [{"realgdp": float(np.sin(t)), "unemp": float(np.cos(t))} for t in range(N + 2)]
PARTS = [{"a": 0.25 * value, "b": 0.75 * value} for value in VALUES.tolist()]
WINDOW = TrainingWindow(VALUES[:N], N - 1, contexts=ROWS[:N], segments=PARTS[:N], season_length=4)


def state(t: int) -> ForecastState:
    return ForecastState(
        t,
        float(VALUES[t]),
        0.0,
        0.0,
        history=tuple(VALUES[t - 40 : t].tolist()),
        macro_context=ROWS[t],
        segment_values=PARTS[t],
    )


@dataclass(frozen=True)
class Suspicious(Drift):
    """Learns from prints as well."""

    seen: float = 0.0

    def update(self, revealed: Revealed) -> Self:
        return replace(self, seen=revealed.reported)


LEARNERS: dict[str, Any] = {
    name: Registry("fg_core.forecasters").load(name)()
    for name in sorted(Registry("fg_core.forecasters").names())
} | {
    "level": LinearForecaster(LocalLevel(0.5), "level"),
    "segments": LinearForecaster(VectorAutoregression(("segments.a",)), "segments"),
    "linear members": BottomUpAgent(LinearForecaster(LocalLevel(0.5), "level")),
}


def said(agent: Any) -> list[Any]:
    found: list[Any] = []
    for horizon in (1, 4):
        try:
            found.append(agent.act(state(N + 1), horizon))
        except ForecastUnavailable as reason:
            found.append(str(reason))
    return found


@pytest.mark.parametrize("name", list(LEARNERS))
def test_what_is_learned_depends_on_the_value_alone(name: str) -> None:
    agent = LEARNERS[name]
    if not hasattr(agent, "update"):
        assert not hasattr(agent, "learns_from_values")
        return
    assert agent.learns_from_values
    agent = agent.fit(WINDOW)
    assert agent.learns_from_values
    plain = agent.update(Revealed(state(N), float(VALUES[N])))
    wide = ProbabilisticForecast(99.0, 4.0)
    other = agent.update(Revealed(state(N), 1e6, wide, reward=-3.0))
    assert said(plain) == said(other)
    assert plain.update(Revealed(state(N + 1), 5.0)).learns_from_values


def test_an_agent_is_no_better_than_its_members() -> None:
    assert BottomUpAgent(Drift()).learns_from_values
    assert not BottomUpAgent(Suspicious()).learns_from_values
    assert not BottomUpAgent(Suspicious()).fit(WINDOW).learns_from_values
    assert not ReconciledAgent(Suspicious(), BottomUpAgent(Drift())).learns_from_values
    assert not ReconciledAgent(Drift(), BottomUpAgent(Suspicious())).learns_from_values
