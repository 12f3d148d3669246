"""An adversary that knows the defender: it plays the hit of which most gets past it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np

from fg_core.action import AgentAction
from fg_core.agents.episode_filter import EpisodeFilter
from fg_core.forecast import ProbabilisticForecast
from fg_core.frozen import replace_unchecked
from fg_core.protocols import AttackBudget, Defender, Revealed
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

from .spending import affordable, check_periods, check_units, unit_of

__all__ = ["EvasiveHit"]


@dataclass(frozen=True)
class EvasiveHit:
    """Keeps a copy of a defender, and plays the hit that the copy leaves the most of.

    In every period that `every` divides it tries hits of `steps` sizes up to `size` units (one-step
    scales), upwards and downwards, on the copy, which was fitted on what the defender was fitted on
    and told what it was told. It plays the one of which `delta` and `p_bad` of the copy's answer
    leave the largest displacement; of equal ones, the smallest. Without a budget a unit is 1.

    With `columns` it hits as many context columns as well, each with the same share of what the
    budget of the round allows, so that a shock to all series seems to support the print.

    Args:
        size: Largest hit, in units; at least 0.
        every: Periods from a hit to the next, at least 1.
        steps: Number of sizes that are tried, at least 1.
        columns: Number of context columns that are hit as well, the first by name.
        known: Defender that it has a copy of.
        name: Name of the agent.

    Raises:
        ConfigError: A constant is outside its range.

    >>> calm = TrainingWindow([10.0, 10.4, 9.8, 10.1, 10.3, 9.9, 10.2, 9.7] * 5)
    >>> state = ForecastState(40, 10.0, 0.0, 0.0, history=tuple(calm.values.tolist()))
    >>> EvasiveHit(size=9.0).fit(calm).act(state).delta < 2.0  # the rest would not be believed
    True
    """

    learns_from_revisions: ClassVar[bool] = True

    _: KW_ONLY
    size: float = 3.0
    every: int = 5
    steps: int = 12
    columns: int = 0
    known: Defender = field(default_factory=EpisodeFilter)
    name: str = "evasive_hit"

    def __post_init__(self) -> None:
        check_units("size", self.size)
        check_periods("every", self.every, 1)
        check_periods("steps", self.steps, 1)
        check_periods("columns", self.columns, 0)

    def fit(self, window: TrainingWindow) -> Self:
        """Return the adversary at the start of a game, with the copy fitted."""
        return replace(self, known=_after(self.known, "fit", window))

    def update(self, revealed: Revealed) -> Self:
        """Return the adversary after the copy is told of a reveal."""
        return replace_unchecked(self, known=_after(self.known, "update", revealed))

    def act(self, state: ForecastState, budget: AttackBudget | None = None) -> AgentAction:
        """Return what it adds to the value, and to columns; pure."""
        if state.t % self.every:
            return AgentAction(self.name, 0.0)
        hits = self._beside(state, budget)
        shown = {name: state.macro_context[name] + hit for name, hit in hits.items()}
        beside = replace_unchecked(state, macro_context={**state.macro_context, **shown})
        paid = sum(abs(hit) / budget.context_scales[name] for name, hit in hits.items() if budget)
        rest = budget
        if budget is not None and paid > 0.0:
            rest = replace(budget, cap=budget.cap - paid, remaining=budget.remaining - paid)
        most = float(affordable(self.size, rest)) * float(unit_of(budget))
        best, left = 0.0, 0.0
        for size in most * np.arange(1, self.steps + 1) / self.steps:
            for hit in (float(size), -float(size)):
                found = abs(self._left_of(hit, beside))
                if found > left:
                    best, left = hit, found
        return AgentAction(self.name, best, context=hits if best else {})

    def _left_of(self, hit: float, state: ForecastState) -> float:
        """Return what the copy leaves of a hit, in the unit of the series."""
        seen = replace_unchecked(state, value=state.value + hit)
        before = state.history[-1] if state.history else state.value
        said = self.known.act(seen, ProbabilisticForecast(before, 1.0))
        p_bad = 1.0 if said.p_bad is None else said.p_bad
        return hit + p_bad * said.delta

    def _beside(self, state: ForecastState, budget: AttackBudget | None) -> Mapping[str, float]:
        if budget is None or self.columns == 0:
            return {}
        names = sorted(n for n in state.macro_context if budget.context_scales.get(n, 0.0) > 0.0)
        names = names[: self.columns]
        # Of what is left, the value of the series gets as much as any column.
        units = min(self.size, budget.cap / (len(names) + 1), budget.remaining / (len(names) + 1))
        return {name: units * budget.context_scales[name] for name in names}


def _after(agent: Any, method: str, told: Any) -> Any:
    return getattr(agent, method)(told) if hasattr(agent, method) else agent
