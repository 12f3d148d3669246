"""Line-ups: forecasters together with the pool that suits them, ready to play.

Each is an agent factory: give it to `ForecastGame` or to a backtest. What they were chosen on, and
how they fare beside all other ways of pooling, is in docs/research/pools.md.
"""

from __future__ import annotations

from dataclasses import replace

from fg_core import (
    AgentFactory,
    AgentRegistry,
    AutoRegression,
    PoolAggregator,
    RandomWalk,
    SeasonalNaive,
    SimulationConfig,
    default_agent_factory,
)
from fg_core.frozen import FrozenMapping
from fg_core.pooling.rules import CrpsLearningWeights
from fg_core.protocols import Forecaster

from .aggregate import PoolGrid, PoolOfPools
from .counts import intermittent_forecasters
from .known_ahead import known_ahead_forecasters
from .known_ahead.presets import GROUP as _KNOWN_AHEAD
from .linear import context_forecasters, macro_forecasters, univariate_forecasters

__all__ = [
    "default_lineup",
    "default_pool",
    "intermittent_lineup",
    "intermittent_pool",
    "macro_lineup",
    "macro_pool",
]

_ALONE = ("univariate", "seasonal")
"""Groups that need nothing but the series itself."""

_BASELINES = FrozenMapping(
    {
        "random_walk": "univariate",
        "drift": "univariate",
        "ar": "univariate",
        "ar4": "univariate",
        "seasonal_naive": "seasonal",
    }
)
"""Groups of the baselines of `fg_core`, which do not name one themselves."""

_PLAIN = frozenset({"linear_ar4", "ar_shrunk", "ari_shrunk", "seasonal"})
"""Forecasters that suit any series. Others of the presets are for series of a certain kind: a local
level, for instance, is hopeless on one that grows."""


def default_pool() -> PoolOfPools:
    """Return the pool for a series of which nothing is known: short, with few columns or none.

    Pools with and without the forecasters that look at other columns, times all settings of
    `PoolGrid`.

    >>> default_pool().grid.n_pools
    24
    """
    return PoolOfPools(grid=PoolGrid((_ALONE, ())), groups=_BASELINES, name="default")


def macro_pool() -> PoolOfPools:
    """Return the pool for macroeconomic panels.

    Pools of univariate forecasters, of all without money, and of all, times all settings of
    `PoolGrid`.

    >>> macro_pool().grid.n_pools
    36
    """
    sets = (_ALONE, (*_ALONE, "real", "rules"), ())
    return PoolOfPools(grid=PoolGrid(sets), groups=_BASELINES, name="macro")


def default_lineup(config: SimulationConfig) -> AgentRegistry:
    """Return few forecasters that suit any series, and the pool that mixes its settings.

    Random walk, autoregressions (of order 4, of an order by AICc, shrunk, and of changes), with a
    season those of changes over the season, and vector autoregressions of the series and the
    columns beside it, where there are any. Columns that are known in advance
    (`config.known_ahead`) add dynamic regressions on them.

    Args:
        config: The settings of the game; adversary, defender and refactorer follow from them as
            in `fg_core.default_agent_factory`.

    Returns:
        Registry of agents, not yet fitted.

    Raises:
        UnknownPluginError: `config` names a defense or refiner that no package provides.

    >>> default_lineup(SimulationConfig()).names[:5]
    ('random_walk', 'ar', 'linear_ar4', 'ar_shrunk', 'ari_shrunk')
    """
    season = config.season_length
    plain = [one for one in univariate_forecasters(season) if one.name in _PLAIN]
    seasonal = (SeasonalNaive(),) if season > 1 else ()
    forecasters = (RandomWalk(), *seasonal, AutoRegression(name="ar"), *plain)
    return _lineup(config, (*forecasters, *context_forecasters()), default_pool())


def macro_lineup(config: SimulationConfig) -> AgentRegistry:
    """Return forecasters for a macroeconomic series with others beside it, and their pool.

    Columns that are known in advance (`config.known_ahead`) add dynamic regressions on them.

    Args:
        config: Settings of the game, as for `default_lineup`.

    Returns:
        Registry of agents, not yet fitted.

    Raises:
        UnknownPluginError: `config` names a defense or refiner that no package provides.

    >>> len(macro_lineup(SimulationConfig()).forecasters)
    26
    """
    # The random walk of the core is what skill is measured against, and takes the other's place.
    presets = [one for one in macro_forecasters() if one.name != "linear_walk"]
    return _lineup(config, (RandomWalk(), *presets), macro_pool())


def intermittent_lineup(config: SimulationConfig) -> AgentRegistry:
    """Return forecasters of demand that is mostly zero, and the pool that suits them.

    Random walk and, with a season, the season before; Croston's method and its relatives, and the
    empirical and the negative-binomial distribution. There is no defender: a sale after many
    periods without one is what such a series does, and no sign of a bad print.

    Args:
        config: Settings of the game, as for `default_lineup`.

    Returns:
        Registry of agents, not yet fitted.

    Raises:
        UnknownPluginError: `config` names a refiner that no package provides.

    >>> intermittent_lineup(SimulationConfig()).names[:3]
    ('random_walk', 'croston', 'sba')
    """
    seasonal = (SeasonalNaive(),) if config.season_length > 1 else ()
    forecasters = (RandomWalk(), *seasonal, *intermittent_forecasters())
    agents = default_agent_factory(config)
    return replace(agents, forecasters=forecasters, aggregator=intermittent_pool(), defenders=())


def intermittent_pool() -> PoolAggregator:
    """Return the pool for demand that is mostly zero: weights learned by CRPS.

    A likelihood would compare the probability of a whole number with the density of a normal, and
    give everything up for one size that never came before; the CRPS compares distributions of
    either kind in the unit of the series.

    >>> intermittent_pool().rule.name
    'crps_learning'
    """
    return PoolAggregator(CrpsLearningWeights(), name="intermittent")


def default() -> AgentFactory:
    """Return `default_lineup`; by this function plugins find it."""
    return default_lineup


def intermittent() -> AgentFactory:
    """Return `intermittent_lineup`; by this function plugins find it."""
    return intermittent_lineup


def macro() -> AgentFactory:
    """Return `macro_lineup`; by this function plugins find it."""
    return macro_lineup


def _lineup(
    config: SimulationConfig, forecasters: tuple[Forecaster, ...], pool: PoolOfPools
) -> AgentRegistry:
    planned = known_ahead_forecasters(config.known_ahead, config.season_length)
    if planned:
        # A forecast without what is known to come is no match for one with it, and even a small
        # weight of it costs: there are pools without the others.
        grid = replace(pool.grid, member_sets=((_KNOWN_AHEAD,), *pool.grid.member_sets))
        pool = replace(pool, grid=grid)
        forecasters = (*forecasters, *planned)
    return replace(default_agent_factory(config), forecasters=forecasters, aggregator=pool)
