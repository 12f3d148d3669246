"""Hypothesis strategies for the values of the game; needs the extra `fg-core[testing]`.

>>> from hypothesis import find
>>> find(states(), lambda state: True).value
0.0
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

try:
    from hypothesis import strategies as st
except ImportError as error:
    raise ImportError(
        "fg_core.testing.strategies needs hypothesis: install the extra fg-core[testing] from this "
        "project's workspace, its wheels or your own index"
    ) from error

import numpy as np

from fg_core.action import AgentAction
from fg_core.components import Components
from fg_core.config import SimulationConfig
from fg_core.distributions import Mass, NormalPart, QuantileGrid, StatedDistribution
from fg_core.frozen import FrozenMapping
from fg_core.observation import Observation
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

__all__ = [
    "actions",
    "configs",
    "mixtures",
    "names",
    "observations",
    "stated_distributions",
    "states",
    "training_windows",
    "values",
]


def values(limit: float = 1e6) -> st.SearchStrategy[float]:
    """Return finite numbers of ordinary size, zeros and tiny ones included.

    Args:
        limit: Largest size of a number, above 0.

    Returns:
        Strategy of numbers from -`limit` to `limit`.
    """
    return st.floats(-limit, limit, allow_nan=False, allow_infinity=False)


def names() -> st.SearchStrategy[str]:
    """Return names of agents, columns and series."""
    return st.text("abcdefghijklmnopqrstuvwxyz_0123456789", min_size=1, max_size=12)


def _by_name(max_size: int = 4) -> st.SearchStrategy[FrozenMapping[str, float]]:
    return st.dictionaries(names(), values(), max_size=max_size).map(FrozenMapping)


@st.composite
def states(draw: st.DrawFn, *, max_history: int = 24) -> ForecastState:
    """Return states with or without history, context (also known in advance) and segments.

    Segments add up to the value.

    Args:
        draw: Function that hypothesis gives.
        max_history: Most values before the current one.

    Returns:
        State of a single series.
    """
    segments = draw(_by_name(3))
    history = tuple(draw(st.lists(values(), max_size=max_history)))
    value = sum(segments.values()) if segments else draw(values())
    return ForecastState(
        draw(st.integers(0, 10_000)),
        value,
        draw(values(10.0)),
        draw(values(10.0)),
        draw(st.sampled_from(["", "north"])),
        segments,
        draw(_by_name()),
        history,
        n_unrevealed=draw(st.integers(0, min(3, len(history)))),
        displacement=draw(values(10.0)),
        game=draw(st.integers(0, 10_000)),
        known_ahead=tuple(draw(st.lists(_by_name(2), max_size=3))),
    )


@st.composite
def actions(draw: st.DrawFn, actor: str | None = None) -> AgentAction:
    """Return actions of `actor`, or of any agent.

    Args:
        draw: Function that hypothesis gives.
        actor: Name of the agent; None: any name.

    Returns:
        Action that its constructor takes.
    """
    return AgentAction(
        draw(names()) if actor is None else actor,
        draw(values()),
        scale=draw(st.none() | st.floats(0.0, 1e6)),
        p_bad=draw(st.none() | st.floats(0.0, 1.0)),
        context=draw(_by_name(2)),
    )


@st.composite
def configs(draw: st.DrawFn, *, max_rounds: int = 60) -> SimulationConfig:
    """Return valid settings of short games.

    Args:
        draw: Function that hypothesis gives.
        max_rounds: Most rounds of a game.

    Returns:
        Settings of a game.
    """
    small = st.floats(0.0, 5.0)
    horizons = draw(st.lists(st.integers(1, 8), min_size=1, max_size=3, unique=True))
    return SimulationConfig(
        horizon=draw(st.integers(0, max_rounds)),
        max_rounds=draw(st.integers(0, max_rounds)),
        base_noise_std=draw(small),
        disturbance_prob=draw(st.floats(0.0, 1.0)),
        disturbance_scale=draw(small),
        adversarial_intensity=draw(small),
        enable_refactor=draw(st.booleans()),
        attack_cost=draw(small),
        horizons=tuple(horizons),
        reveal_lag=draw(st.integers(1, 4)),
        lookback=draw(st.integers(1, 64)),
        attack_cap=draw(small),
        attack_total=draw(small),
        step_scale=draw(st.none() | st.floats(0.01, 5.0)),
        persistence=draw(st.none() | st.floats(0.0, 1.0)),
        observe_exogenous=draw(st.booleans()),
        base_trend=draw(values(5.0)),
        refit_every=draw(st.integers(0, 8)),
        train_window=draw(st.none() | st.integers(2, 60)),
        fit_gap=draw(st.integers(0, 3)),
        season_length=draw(st.sampled_from([1, 4, 12])),
    )


@st.composite
def training_windows(
    draw: st.DrawFn, *, min_size: int = 1, max_size: int = 60, with_context: bool = True
) -> TrainingWindow:
    """Return windows; with context or segments, there is a row of them for each value.

    Args:
        draw: Function that hypothesis gives.
        min_size: Least number of values.
        max_size: Largest number of values.
        with_context: Whether windows may have context.

    Returns:
        Window of one series.
    """
    path = draw(st.lists(values(1e4), min_size=min_size, max_size=max_size))
    contexts: list[FrozenMapping[str, float]] = []
    if with_context and draw(st.booleans()):
        columns = draw(st.lists(names(), min_size=1, max_size=3, unique=True))
        contexts = [FrozenMapping(dict.fromkeys(columns, value)) for value in path]
    return TrainingWindow(
        np.array(path),
        draw(st.integers(len(path) - 1, 10_000)),
        contexts=contexts,
        season_length=draw(st.sampled_from([1, 4, 12])),
    )


@st.composite
def mixtures(draw: st.DrawFn, *, max_size: int = 5) -> Components:
    """Return Gaussian mixtures; a weight may be 0, scales lie between 0.001 and 1000.

    Args:
        draw: Function that hypothesis gives.
        max_size: Most components.

    Returns:
        Components of a mixture, weights of sum 1.
    """
    n = draw(st.integers(1, max_size))
    weights = np.array(draw(st.lists(st.floats(0.0, 1.0), min_size=n, max_size=n)))
    weights[draw(st.integers(0, n - 1))] += 0.1  # at least one is there
    return Components(
        weights / weights.sum(),
        np.array(draw(st.lists(values(1e3), min_size=n, max_size=n))),
        np.array(draw(st.lists(st.floats(1e-3, 1e3), min_size=n, max_size=n))),
        tuple(f"m{i}" for i in range(n)) if draw(st.booleans()) else (),
    )


@st.composite
def stated_distributions(
    draw: st.DrawFn, *, max_levels: int = 6, limit: float = 50.0
) -> StatedDistribution:
    """Return distributions of all kinds: grids with ties and tails, normals, and masses.

    Args:
        draw: Function that hypothesis gives.
        max_levels: Most levels of a grid, 2 or more.
        limit: Largest place, mean and scale.

    Returns:
        Distribution as a forecaster can state it.
    """
    kind = draw(st.sampled_from(["grid", "normal", "masses"]))
    # Six decimals: quantiles that differ by rounding alone are one place, and have their own test.
    places = st.sampled_from([0.0, 1.0]) | values(limit).map(lambda x: round(x, 6))
    at = draw(st.lists(places, min_size=int(kind == "masses"), max_size=2, unique=True))
    shares = np.array(draw(st.lists(st.floats(0.05, 1.0), min_size=len(at), max_size=len(at))))
    total = 1.0 if kind == "masses" else draw(st.floats(0.05, 0.98))
    shares = shares * (total / shares.sum()) if at else shares
    masses = tuple(Mass(x, float(p)) for x, p in zip(at, shares, strict=True))
    if kind == "masses":
        return StatedDistribution(None, masses)
    if kind == "normal":
        return StatedDistribution(
            NormalPart(draw(values(limit)), draw(st.floats(0.01, limit))), masses
        )
    hundredths = st.integers(0, 100)
    levels = draw(st.lists(hundredths, min_size=2, max_size=max_levels, unique=True))
    n = len(levels)
    quantiles = draw(st.lists(places, min_size=n, max_size=n))
    grid = QuantileGrid(tuple(x / 100.0 for x in sorted(levels)), tuple(sorted(quantiles)))
    return StatedDistribution(grid, masses)


@st.composite
def observations(draw: st.DrawFn, *, series_id: str | None = None) -> Observation:
    """Return observations that became available at some time after their period began.

    Args:
        draw: Function that hypothesis gives.
        series_id: Name of the series; None: any name.

    Returns:
        Observation with a time at which it became available.
    """
    start = datetime(1950, 1, 1, tzinfo=UTC) + timedelta(days=draw(st.integers(0, 36_000)))
    return Observation(
        start,
        draw(values()),
        draw(_by_name()),
        start + timedelta(hours=draw(st.integers(0, 20_000))),
        draw(names()) if series_id is None else series_id,
        draw(names()),
    )
