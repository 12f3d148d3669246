"""Ready-made lists of linear forecasters, in groups of one idea each.

How hard to shrink, how fast to forget and which columns to take in changes were chosen on targets
before 1985 of the United States. That some forget, that there are groups, and that broken rows
count little was decided by people who had seen what came later (2020 above all). No list is cut
down to what did best: which forecasters are good is for a pool to find out, online.
"""

from __future__ import annotations

from typing import Any

from .autoregressive import ShrunkAutoregression
from .forecaster import LinearForecaster
from .local_level import LocalLevel
from .regressions import is_curve, okun, phillips, taylor
from .roles import Roles
from .specification import LinearSpecification
from .vector import VectorAutoregression

__all__ = ["context_forecasters", "macro_forecasters", "univariate_forecasters"]

_REAL = ("inflation", "unemployment", "rate", "activity", "consumption", "investment")


def macro_forecasters(
    *, roles: Roles | None = None, cutoff: float | None = 6.0
) -> tuple[LinearForecaster, ...]:
    """Return forecasters for a macroeconomic series with others beside it.

    Groups: "univariate"; "real" (vector autoregressions without money), "money" (with it), and
    "rules" (`okun`, `phillips`, `taylor`, `is_curve`). A series without columns beside it, or
    whose role is unknown, is left to those that it suits; the others say why they have no forecast.

    Args:
        roles: Roles that columns play; None: those known by name.
        cutoff: Size of a change from which on a row counts less; None: all rows count in full.

    Returns:
        Forecasters, not yet fitted.

    >>> [agent.name for agent in macro_forecasters() if agent.group == "money"]
    ['money', 'money_98', 'money_changes', 'money_changes_95']
    """
    common: dict[str, Any] = {"roles": roles or Roles(), "cutoff": cutoff}
    rate: dict[str, Any] = {"difference": ("inflation",), "sums": ("rate",), "sum_tightness": 0.5}
    real, money = {"columns": _REAL, **common}, {"columns": (*_REAL, "money"), **common}
    vector = VectorAutoregression
    return (
        *_univariate("persistent", **common),
        *_group(
            "univariate",
            {
                "level_40": LocalLevel(0.4, "inflation", **common),
                "level_10": LocalLevel(0.1, "activity", **common),
            },
        ),
        *_group(
            "real",
            {
                "real_tight": vector(tightness=0.1, **rate, **real),
                "real": vector(**rate, **real),
                "real_98": vector(discount=0.98, **rate, **real),
                "real_95": vector(discount=0.95, **rate, **real),
                "real_changes": vector(difference="persistent", **real),
                "real_changes_95": vector(difference="persistent", discount=0.95, **real),
            },
        ),
        *_group(
            "money",
            {
                "money": vector(**rate, **money),
                "money_98": vector(discount=0.98, **rate, **money),
                "money_changes": vector(difference="persistent", **money),
                "money_changes_95": vector(difference="persistent", discount=0.95, **money),
            },
        ),
        *_group(
            "rules",
            {
                "okun": okun(**common),
                "okun_wide": okun(wide=True, **common),
                "okun_wide_97": okun(wide=True, discount=0.97, **common),
                "phillips": phillips(**common),
                "taylor": taylor(**common),
                "taylor_activity_95": taylor(of_activity=True, discount=0.95, **common),
                "is_curve": is_curve(**common),
                "is_curve_wide": is_curve(wide=True, **common),
            },
        ),
    )


def univariate_forecasters(
    season_length: int = 1, *, cutoff: float | None = 6.0
) -> tuple[LinearForecaster, ...]:
    """Return forecasters that need nothing but the series, for any series.

    Groups: "univariate", and with a season "seasonal" (autoregressions of changes over a season).

    Args:
        season_length: Periods in a season; 1: none.
        cutoff: Size of a change from which on a row counts less; None: all rows count in full.

    Returns:
        Forecasters, not yet fitted.

    >>> [agent.name for agent in univariate_forecasters(12)][-3:]
    ['level_10', 'seasonal', 'seasonal_97']
    """
    levels: dict[str, LinearSpecification] = {
        "level_40": LocalLevel(0.4, cutoff=cutoff),
        "level_10": LocalLevel(0.1, cutoff=cutoff),
    }
    found = (*_univariate("first", cutoff=cutoff), *_group("univariate", levels))
    if season_length < 2:
        return found
    seasonal: dict[str, LinearSpecification] = {
        "seasonal": ShrunkAutoregression(difference="seasonal", cutoff=cutoff),
        "seasonal_97": ShrunkAutoregression(difference="seasonal", discount=0.97, cutoff=cutoff),
    }
    return (*found, *_group("seasonal", seasonal))


def context_forecasters(*, cutoff: float | None = 6.0) -> tuple[LinearForecaster, ...]:
    """Return vector autoregressions of a series and all context columns, for any series.

    Group: "context".

    Args:
        cutoff: Size of a change from which on a row counts less; None: all rows count in full.

    Returns:
        Forecasters, not yet fitted.

    >>> [agent.name for agent in context_forecasters()]
    ['context_tight', 'context', 'context_98', 'context_changes', 'context_changes_95']
    """
    vector = VectorAutoregression
    return _group(
        "context",
        {
            "context_tight": vector(tightness=0.1, cutoff=cutoff),
            "context": vector(cutoff=cutoff),
            "context_98": vector(discount=0.98, cutoff=cutoff),
            "context_changes": vector(difference="persistent", cutoff=cutoff),
            "context_changes_95": vector(difference="persistent", discount=0.95, cutoff=cutoff),
        },
    )


def _univariate(changes: Any, **common: Any) -> tuple[LinearForecaster, ...]:
    """Return the autoregressions, those of changes with `changes` for their difference."""
    return _group(
        "univariate",
        {
            "linear_walk": LocalLevel(1.0, **common),
            "linear_ar4": ShrunkAutoregression(tightness=None, **common),
            "ar_shrunk": ShrunkAutoregression(**common),
            "ari_shrunk": ShrunkAutoregression(difference=changes, **common),
            "ar_97": ShrunkAutoregression(tightness=0.4, discount=0.97, **common),
            "ari_95": ShrunkAutoregression(
                tightness=0.4, difference=changes, discount=0.95, **common
            ),
        },
    )


def _group(
    group: str, specifications: dict[str, LinearSpecification]
) -> tuple[LinearForecaster, ...]:
    return tuple(LinearForecaster(one, name, group) for name, one in specifications.items())
