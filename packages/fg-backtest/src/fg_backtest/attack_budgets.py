"""Budgets of attacks: units, or a share of the points times a size."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from fg_core import ConfigError

__all__ = ["AttackBudgetRule", "budget_rule", "units_of"]

_SHARE = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*%\s*x\s*([0-9]*\.?[0-9]+)\s*")


@dataclass(frozen=True)
class AttackBudgetRule:
    """Units that an attack may spend on a series: a number, or a share of its points times a size.

    Args:
        units: units, in step scales; of a rule with a share, those of one point.
        share: share of the scored origins, in (0, 1]; None: `units` are those of the whole series.
    """

    units: float
    share: float | None = None

    def of_points(self, points: int) -> float:
        """Return the units that may be spent on a series.

        Args:
            points: number of scored origins.

        Returns:
            Units, in step scales.
        """
        return self.units if self.share is None else self.share * points * self.units


def budget_rule(given: float | str) -> AttackBudgetRule:
    """Return a budget as it was written.

    Args:
        given: units in step scales, as a number or text; or "10%x3": as much as hits of 3 step
            scales on 10 % of the scored origins.

    Returns:
        The budget.

    Raises:
        ConfigError: It is neither, not above 0, or a share above 100 %.

    >>> budget_rule("10%x3").of_points(80), budget_rule(4).of_points(80)
    (24.0, 4.0)
    """
    found = _SHARE.fullmatch(given) if isinstance(given, str) else None
    try:
        if found is None:
            rule = AttackBudgetRule(float(given))
        else:
            rule = AttackBudgetRule(float(found[2]), float(found[1]) / 100.0)
    except (TypeError, ValueError):
        raise ConfigError(
            f"{given!r} is no budget: give units in step scales, such as 4, or a share of the "
            "scored origins times a size, such as 10%x3"
        ) from None
    share = 1.0 if rule.share is None else rule.share
    if not (math.isfinite(rule.units) and rule.units > 0.0 and 0.0 < share <= 1.0):
        raise ConfigError(
            f"budgets must be finite and above 0, and shares at most 100 %, got {given!r}"
        )
    return rule


def units_of(budgets: Sequence[float | str], points: Sequence[int] | None) -> tuple[float, ...]:
    """Return budgets in units, which must increase; where there are shares, they are put in order.

    Args:
        budgets: budgets as `budget_rule` reads them.
        points: numbers of scored origins of the series; None: they are not known yet, and budgets
            with a share are only checked.

    Returns:
        Units, in step scales; of those with a share none where `points` is None.

    Raises:
        ConfigError: There is no budget, one is out of its range, they do not increase, or a share
            is asked of series with different numbers of scored origins.

    >>> units_of(("10%x1", 2), (80, 80))
    (2.0, 8.0)
    """
    rules = [budget_rule(one) for one in budgets]
    if not rules:
        raise ConfigError(f"budgets must be at least one number, got {budgets!r}")
    shared = any(rule.share is not None for rule in rules)
    if shared and points is not None and len(set(points)) > 1:
        raise ConfigError(
            f"series have {min(points)} to {max(points)} scored origins, so that a share of "
            "them is not one budget: give units, or series of one length"
        )
    known = [rule for rule in rules if rule.share is None or points]
    found = tuple(rule.of_points(points[0] if points else 0) for rule in known)
    if shared:
        return tuple(sorted(set(found)))
    if any(b <= a for a, b in pairwise(found)):
        raise ConfigError(f"budgets must increase, got {', '.join(f'{b:g}' for b in found)}")
    return found
