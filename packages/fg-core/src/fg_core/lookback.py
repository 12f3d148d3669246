"""History that forecasters need, and whether a game shows them as much.

Agents see the last `lookback` values of a series. What a forecaster needs may be fixed (the lags of
an autoregression) or grow with the rounds since its fit (a filter that goes on where the training
window ended). A game that shows less would stop in some later round.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from .config import SimulationConfig
from .errors import ConfigError

__all__ = ["check_lookback", "longest_since_fit", "required_history"]


def required_history(
    forecaster: Any,
    horizon: int = 1,
    *,
    since_fit: int = 1,
    since_reveal: int = 1,
    refits: bool = False,
) -> int:
    """Return how many earlier values a forecaster needs; 0 for one that does not say.

    Args:
        forecaster: Forecaster, fitted if it can be.
        horizon: Horizon of the forecast, in rounds.
        since_fit: Periods from the last row of its window to the forecast.
        since_reveal: Periods from the last reveal that it learned from, by `fit` or `update`, to
            the forecast.
        refits: Whether it may be fitted anew before the forecast.

    Returns:
        Number of values before the current one, at least 0.

    >>> required_history(object())
    0
    """
    if not hasattr(forecaster, "required_history"):
        return 0
    found = forecaster.required_history(
        horizon, since_fit=since_fit, since_reveal=since_reveal, refits=refits
    )
    return int(found)


def longest_since_fit(config: SimulationConfig, rounds: int) -> int:
    """Return the most periods between the last row of a fit and a forecast made with it.

    Args:
        config: Settings of the games.
        rounds: Number of rounds that are played.

    Returns:
        At least 1. With refits an upper bound: one period less may do where every print is revealed
        in the next round.

    >>> longest_since_fit(SimulationConfig(), 100)
    100
    >>> longest_since_fit(SimulationConfig(refit_every=4, fit_gap=2), 100)
    6
    """
    # The first fit ends with the last revealed period, `reveal_lag` before the first origin.
    lag, gap = config.reveal_lag, config.fit_gap
    to_the_end = max(rounds, 1) - 1 + lag + gap
    if config.refit_every == 0:
        return to_the_end
    # A fit is used until the next one is confirmed.
    return min(to_the_end, config.refit_every + lag - 1 + gap)


def check_lookback(
    forecasters: Iterable[Any],
    config: SimulationConfig,
    rounds: int,
    horizons: Collection[int] | None = None,
) -> None:
    """Refuse a game that shows forecasters less of the past than they need.

    Args:
        forecasters: Fitted on what is known before the game.
        config: Settings of the games.
        rounds: Number of rounds that are to be played, in all.
        horizons: Horizons of the forecasts; None: those of the settings, and the reveal lag.

    Raises:
        ConfigError: `config.lookback` is too short; the message names the forecasters, what each
            needs, and what to do.

    >>> from fg_core.baselines import AutoRegression
    >>> try:
    ...     check_lookback([AutoRegression(4)], SimulationConfig(lookback=2), 10)
    ... except ConfigError as error:
    ...     print(error)
    lookback = 2 is too short: ar needs 3 earlier values; set lookback to 3 or more
    """
    agents = tuple(forecasters)
    asked = {*config.horizons, config.reveal_lag} if horizons is None else set(horizons)
    needs = {agent.name: _need(agent, config, rounds, asked) for agent in agents}
    short = {name: need for name, need in needs.items() if need > config.lookback}
    if not short:
        return
    told = ", ".join(f"{name} needs {need} earlier values" for name, need in short.items())
    less = ""
    # The largest `refit_every` that lets a filter go on where its fit ended.
    often = config.lookback - config.reveal_lag - config.fit_gap + 2
    if often > 0:
        refitted = replace(config, refit_every=often)
        if all(_need(agent, refitted, rounds, asked) <= config.lookback for agent in agents):
            less = f", or refit every {often} rounds or more often (refit_every)"
    raise ConfigError(
        f"lookback = {config.lookback} is too short: {told}; set lookback to "
        f"{max(short.values())} or more{less}"
    )


def _need(agent: Any, config: SimulationConfig, rounds: int, horizons: Iterable[int]) -> int:
    since_fit = longest_since_fit(config, rounds)
    return max(
        required_history(
            agent,
            h,
            since_fit=since_fit,
            # It learns of every period, prints that are not revealed included (for one round).
            since_reveal=config.fit_gap + 1,
            refits=config.refit_every > 0,
        )
        for h in horizons
    )
