"""Forecasts of series of both kinds: those with intermittent demand, and all others."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fg_backtest.agents import LineUp, WithPolicies
from fg_backtest.games import series_asked_for
from fg_backtest.intermittent import LINE_UP, intermittent_series, say_line_up, values_of
from fg_core import DataError, Dataset

from .forecaster import LatestForecaster
from .forecasts import Forecasts

__all__ = ["forecast_by_kind"]


def forecast_by_kind(
    forecaster: LatestForecaster,
    dataset: Dataset,
    series: str | Sequence[str] | None,
    usual: str,
    progress: Any = None,
    **options: Any,
) -> Forecasts:
    """Return forecasts of series, those with intermittent demand by the line-up made for them.

    Args:
        forecaster: forecaster of other series.
        dataset: rows as they are known.
        series: names of the series, or one name; None: all.
        usual: name of the line-up of `forecaster`.
        progress: called before each block of series and at the end.
        options: `strict` and `jobs`, as for `LatestForecaster.run`.

    Returns:
        Forecasts in the order of the series.

    Raises:
        DataError: As for `LatestForecaster.run`.
    """
    rows = {name: dataset.series(name) for name in series_asked_for(dataset, series)}
    found = intermittent_series({name: values_of(ours) for name, ours in rows.items()})
    if not found or forecaster.log:
        return forecaster.run(dataset, series, progress, **options)
    say_line_up(found, usual)
    # None of their values is below zero, whatever the rule for other series finds.
    nonnegative = not forecaster.log and forecaster.nonnegative is not False
    factory: Any = LineUp(LINE_UP)
    if isinstance(forecaster.agent_factory, WithPolicies):
        factory = replace(forecaster.agent_factory, factory=factory)
    special = replace(forecaster, agent_factory=factory, nonnegative=nonnegative)
    others = [name for name in rows if name not in found]
    parts: list[Forecasts] = []
    left_out: dict[str, str] = {}
    for player, names in ((special, list(found)), (forecaster, others)):
        try:
            parts += [player.run(dataset, names, progress, **options)] if names else []
        except DataError as error:
            if options.get("strict") or not others or (player is forecaster and not parts):
                raise
            left_out |= dict.fromkeys(names, str(error))
            warnings.warn(f"left out {len(names)} series: {error}", stacklevel=3)
    known = {name: one for part in parts for name, one in part.items()}
    for part in parts:
        left_out |= part.left_out
    return replace(
        parts[0], series={name: known[name] for name in rows if name in known}, left_out=left_out
    )
