"""Ready-made dynamic regressions, for line-ups whose games have columns known in advance."""

from __future__ import annotations

from collections.abc import Sequence

from fg_agents.linear import LinearForecaster, LinearSpecification, ShrunkAutoregression

from .forecaster import DynamicRegression

__all__ = ["GROUP", "known_ahead_forecasters"]

GROUP = "known_ahead"
"""Group of these forecasters: one idea, which has one vote."""


def known_ahead_forecasters(
    columns: Sequence[str], season_length: int = 1, *, cutoff: float | None = 6.0
) -> tuple[DynamicRegression, ...]:
    """Return dynamic regressions on columns that are known in advance, for any series.

    Their errors are autoregressions: of the level and of its changes, shrunk, and with a season of
    its changes over the season.

    Args:
        columns: Names of the columns; empty: there are no such forecasters.
        season_length: Periods in a season; 1: none.
        cutoff: Size of a change from which on a row counts less; None: all rows count in full.

    Returns:
        Forecasters, not yet fitted.

    >>> [agent.name for agent in known_ahead_forecasters(("promo",), 12)]
    ['known_ahead_ar', 'known_ahead_ari', 'known_ahead_seasonal']
    """
    if not columns:
        return ()
    errors: dict[str, LinearSpecification] = {
        "known_ahead_ar": ShrunkAutoregression(cutoff=cutoff),
        "known_ahead_ari": ShrunkAutoregression(difference="first", cutoff=cutoff),
    }
    if season_length > 1:
        seasonal = ShrunkAutoregression(difference="seasonal", cutoff=cutoff)
        errors["known_ahead_seasonal"] = seasonal
    return tuple(
        DynamicRegression(LinearForecaster(one, name, GROUP), tuple(columns), name, GROUP)
        for name, one in errors.items()
    )
