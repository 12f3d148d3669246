"""Units that an adversary may spend, and the array form of adversaries.

Fixed adversaries are written once, over numbers and arrays of games alike: `act` is `delta` of one
game. What they want is cut to the budget by the game in any case; those that plan with their
budget cut it themselves.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np

from fg_core.errors import ConfigError
from fg_core.protocols import Adversary

__all__ = [
    "ArrayAdversary",
    "affordable",
    "check_periods",
    "check_units",
    "unit_of",
]


@runtime_checkable
class ArrayAdversary(Adversary, Protocol):
    """An adversary that can play many games at once.

    `delta(state, budget)` returns what it adds to the value, elementwise and to the last bit what
    `act` returns for each game alone. In a batch the number fields of `state` have shape (game,),
    but for `t`, which is one number for all; `history` is a tuple with one array of shape (game,)
    for each earlier period. The fields of `budget` are numbers or arrays of shape (game,), and
    its draws return arrays of that shape. The result is of that shape, or one number for all.

    An adversary whose `act` hits context columns (`AgentAction.context`) also has
    `context_delta(state, budget)`, which returns what it adds to them by column, each of that shape
    or one number; a hit of 0 is none. It is optional for all others.
    """

    def delta(self, state: Any, budget: Any = None) -> Any:
        """Return what it adds to the value of each game, in the unit of the series."""


def unit_of(budget: Any) -> Any:
    """Return one unit of attack in the unit of the series; 1 without a budget.

    Args:
        budget: Budget of a round, of one game or of many as arrays; None: there is none.

    Returns:
        Size of one unit, a number or shape (game,), in the unit of the series.

    >>> unit_of(None)
    1.0
    """
    return 1.0 if budget is None else budget.scale


def affordable(wanted: Any, budget: Any) -> Any:
    """Return how many of the wanted units fit into the budget; all of them without one.

    Args:
        wanted: Units that the adversary would spend, a number or shape (game,).
        budget: Budget of a round, of one game or of many as arrays; None: there is none.

    Returns:
        Units that it can spend, a number or shape (game,).

    Raises:
        ConfigError: Neither what is wanted nor the budget has a limit.

    >>> affordable(2.5, None)
    2.5
    """
    if budget is None:
        return wanted
    found = np.minimum(np.minimum(wanted, budget.cap), budget.remaining)
    if np.isinf(found).any():
        raise ConfigError(
            "an adversary that hits as hard as the budget allows needs a budget with a limit: "
            "give attack_cap or attack_total, or the adversary a finite size"
        )
    return found


def check_units(name: str, number: float, *, above: bool = False) -> None:
    """Raise `ConfigError` unless `number` is at least 0 (or above it) and no NaN.

    Infinity means "all that the budget allows".

    >>> check_units("size", 1.5)
    """
    holds = isinstance(number, int | float) and not isinstance(number, bool)
    if not (holds and (number > 0.0 if above else number >= 0.0)):
        raise ConfigError(f"{name} must be a number {'>' if above else '>='} 0, got {number!r}")


def check_periods(name: str, number: int, low: int) -> None:
    """Raise `ConfigError` unless `number` is a whole number of periods from `low` on.

    >>> check_periods("every", 8, 1)
    """
    if isinstance(number, bool) or not isinstance(number, int) or number < low:
        raise ConfigError(f"{name} must be a whole number >= {low}, got {number!r}")
