"""Indirect adversaries: they leave the value alone and hit the context columns beside it."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar, Literal

from fg_core.action import AgentAction
from fg_core.errors import ConfigError
from fg_core.protocols import AttackBudget
from fg_core.state import ForecastState

from .against_trend import AdversaryAgent
from .spending import affordable, check_periods, check_units

__all__ = ["OnColumns", "columns_down", "columns_up", "random_columns"]

Direction = Literal["against_trend", "up", "down", "random"]
_PROBABILITY = 0.2


@dataclass(frozen=True)
class OnColumns:
    """Spends its budget on context columns, one column per hit, and nothing on the value.

    It hits in every period that `every` divides, by `size` units of the column (its one-step scale
    before the game, `AttackBudget.context_scales`), as long as the budget lasts. Columns take
    turns in the order of their names; at random, a column is drawn for each hit, its sign too, and
    a period is hit with probability 0.2. Columns that the period does not show, or that never moved
    before the game, are passed over. Without a budget no unit is known, and it does nothing.

    Args:
        columns: Names of the columns that may be hit; empty: all that are shown.
        size: Size of each hit, in units of the column; at least 0.
        every: Periods from a hit to the next; at least 1.
        direction: "against_trend" pushes columns against the direction in which the series goes (as
            `AdversaryAgent` does with the value), "up" and "down" to one side, "random" to either.
        name: Name of the agent.

    Raises:
        ConfigError: A constant is outside its range.

    >>> OnColumns().act(ForecastState(0, 1.0, 0.0, 0.0, macro_context={"rate": 2.0})).context
    FrozenMapping({})
    """

    hits_columns: ClassVar[bool] = True
    """It hits context columns, and needs a series with some."""

    _: KW_ONLY
    columns: tuple[str, ...] = ()
    size: float = 1.0
    every: int = 1
    direction: Direction = "against_trend"
    name: str = "on_columns"

    def __post_init__(self) -> None:
        check_units("size", self.size)
        check_periods("every", self.every, 1)
        if self.direction not in ("against_trend", "up", "down", "random"):
            raise ConfigError(
                'direction must be "against_trend", "up", "down" or "random", '
                f"got {self.direction!r}"
            )
        given: Any = self.columns
        if isinstance(given, str):
            raise ConfigError(f"columns must be several names, got {given!r}")
        object.__setattr__(self, "columns", tuple(given))

    def act(self, state: ForecastState, budget: AttackBudget | None = None) -> AgentAction:
        """Return the hit on at most one column, in its own step scales; pure."""
        scales: Any = {} if budget is None else budget.context_scales
        usable = [
            one
            for one in sorted(state.macro_context)
            if scales.get(one, 0.0) > 0.0 and (not self.columns or one in self.columns)
        ]
        if budget is None or not usable or state.t % self.every:
            return AgentAction(self.name, 0.0)
        number, sign = state.t // self.every, -1.0 if self.direction == "down" else 1.0
        if self.direction == "random":
            if not budget.draws.uniform(0) <= _PROBABILITY:
                return AgentAction(self.name, 0.0)
            number = min(int(budget.draws.uniform(2) * len(usable)), len(usable) - 1)
            sign = -1.0 if budget.draws.uniform(1) < 0.5 else 1.0
        elif self.direction == "against_trend":
            sign = 1.0 if AdversaryAgent().delta(state) > 0.0 else -1.0
        column = usable[number % len(usable)]
        hit = sign * float(affordable(self.size, budget)) * scales[column]
        return AgentAction(self.name, 0.0, context={column: hit} if hit else {})


def columns_up() -> OnColumns:
    """Return the adversary that pushes columns up; by this function plugins find it.

    >>> columns_up().direction
    'up'
    """
    return OnColumns(direction="up", name="columns_up")


def columns_down() -> OnColumns:
    """Return the adversary that pushes columns down; by this function plugins find it.

    >>> columns_down().direction
    'down'
    """
    return OnColumns(direction="down", name="columns_down")


def random_columns() -> OnColumns:
    """Return the adversary that hits columns at random; by this function plugins find it.

    >>> random_columns().direction
    'random'
    """
    return OnColumns(direction="random", name="random_columns")
