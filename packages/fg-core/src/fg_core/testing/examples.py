"""Small worked examples of every kind of value: what the conformance checks play with.

They are the same on every machine and in every run, and ordinary: a quarterly series around 2
with a season, two context columns, three segments, and a few prints that are far off.

>>> example_window() == example_window()
True
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from fg_core.action import AgentAction, AgentMessage
from fg_core.dataset import Dataset
from fg_core.forecast import ProbabilisticForecast
from fg_core.frozen import FrozenMapping
from fg_core.observation import Observation, Provenance
from fg_core.protocols import AttackBudget, Revealed, RevealedForecast
from fg_core.record import TrajectoryEntry
from fg_core.rng import AgentDraws, Stream
from fg_core.segments import rescale_segments
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

__all__ = [
    "example_budget",
    "example_dataset",
    "example_draws",
    "example_outcomes",
    "example_predictive",
    "example_reveals",
    "example_states",
    "example_trajectory",
    "example_window",
]

_SEED = 20_240_229
_SEASON = (0.3, -0.1, -0.4, 0.2)
_LOOKBACK = 64


def _path(n: int) -> list[float]:
    draws = Stream(_SEED, "example")
    level, path = 2.0, []
    for t in range(n):
        level = 2.0 + 0.8 * (level - 2.0) + 0.5 * draws.normal(t)
        path.append(level + _SEASON[t % 4])
    return path


def _context(t: int) -> Mapping[str, float]:
    draws = Stream(_SEED, "example-context")
    return FrozenMapping({"rate": 3.0 + draws.normal(t, 0), "spread": 1.0 + draws.normal(t, 1)})


def _segments(t: int, value: float) -> Mapping[str, float]:
    """Return three parts of a value, two of them opposed: contributions, not shares."""
    draws = Stream(_SEED, "example-segments")
    apart = 2.0 + draws.normal(t, 0)
    parts = {"home": apart, "abroad": -apart, "stocks": 0.5 * draws.normal(t, 1)}
    return rescale_segments(parts, value)


def example_window(n: int = 120) -> TrainingWindow:
    """Return a training window of `n` quarters that ends in period `n - 1`.

    Args:
        n: Number of quarters, at least 1.

    Returns:
        Window of `n` values with context and segments, one row per quarter.

    >>> len(example_window(40)), example_window(40).end_t
    (40, 39)
    """
    path = _path(n)
    return TrainingWindow(
        path,  # any sequence of numbers will do
        n - 1,
        contexts=[_context(t) for t in range(n)],
        segments=[_segments(t, value) for t, value in enumerate(path)],
        season_length=4,
    )


def example_states(window: TrainingWindow | None = None) -> tuple[ForecastState, ...]:
    """Return states that come after `window`: ordinary, far off, flat, and without history.

    Args:
        window: Training window that they follow; None: `example_window()`.

    Returns:
        States in the order of their periods, in the unit of the window.

    >>> [state.t for state in example_states()][:3]
    [120, 121, 122]
    """
    window = example_window() if window is None else window
    known = [float(x) for x in window.values]
    draws = Stream(_SEED, "example-states")
    spread = window.step_scale or 1.0
    states = []
    for i in range(3):
        value = known[-1] + 0.5 * spread * draws.normal(i)
        states.append(
            ForecastState(
                window.end_t + 1 + i,
                value,
                0.0,
                0.0,
                segment_values=_segments(window.end_t + 1 + i, value),
                macro_context=_context(window.end_t + 1 + i),
                history=tuple(known[-_LOOKBACK:]),
                n_unrevealed=min(i, 1),
            )
        )
        known.append(value)
    last = states[-1]
    far = _moved(last, 25.0 * spread)
    below = replace(_moved(last, -25.0 * spread), exogenous=-0.7)
    flat = replace(last, history=(last.value,) * len(last.history))
    bare = ForecastState(last.t, last.value, 0.0, 0.0)
    return (*states, far, below, flat, bare)


def _moved(state: ForecastState, by: float) -> ForecastState:
    value = state.value + by
    return replace(state, value=value, segment_values=rescale_segments(state.segment_values, value))


def example_predictive(
    state: ForecastState, window: TrainingWindow | None = None
) -> ProbabilisticForecast:
    """Return what could have been forecast for a print: its predecessor, one usual step wide.

    Args:
        state: State whose value is the print.
        window: Training window that gives the usual step; None: `example_window()`.

    Returns:
        Normal forecast of the value of the state, in the unit of the series.
    """
    window = example_window() if window is None else window
    scale = window.step_scale or 1.0
    mean = state.history[-1] if state.history else state.value
    return ProbabilisticForecast(mean, scale * scale)


def example_reveals(window: TrainingWindow | None = None) -> tuple[Revealed, ...]:
    """Return reveals of the first example states: as printed, revised, and not forecast.

    The first tells the agent its own reward as well.

    Args:
        window: Training window that the states follow; None: `example_window()`.

    Returns:
        Reveals, oldest first.

    >>> [round(r.reported - r.value, 1) for r in example_reveals()]
    [0.0, 1.5, 0.0]
    """
    states = example_states(window)[:3]
    return (
        Revealed(
            states[0],
            states[0].value,
            example_predictive(states[0], window),
            reward=-0.2,
            own_reward=0.1,
        ),
        Revealed(
            states[1], states[1].value + 1.5, example_predictive(states[1], window), reward=-1.1
        ),
        Revealed(states[2], states[2].value),
    )


def example_outcomes(n: int = 12) -> tuple[RevealedForecast, ...]:
    """Return revealed one-step forecasts of a quarterly series, oldest first.

    Args:
        n: Number of forecasts.

    Returns:
        Forecasts with their targets, one per quarter; "north" is the one forecaster of two that has
        a forecast.

    >>> [round(one.target - one.forecast.mean, 1) for one in example_outcomes(3)]
    [0.3, -0.6, 1.1]
    """
    path = _path(n + 1)
    found = []
    for t in range(n):
        state = ForecastState(t, path[t], 0.0, 0.0, history=tuple(path[max(0, t - _LOOKBACK) : t]))
        actions = (AgentAction("north", 0.1, scale=0.5), None)
        forecast = ProbabilisticForecast(path[t] + 0.1, 0.25 + 0.01 * (t % 5))
        found.append(RevealedForecast(state, 1, actions, forecast, path[t + 1]))
    return tuple(found)


def example_draws(game: int = 0, *, round_idx: int = 120) -> AgentDraws:
    """Return the random numbers of an agent in a round of a game.

    Args:
        game: Number of the game; other games have other numbers.
        round_idx: Number of the round.

    Returns:
        Draws of a forecaster, the same in every call.

    >>> [example_draws().normal() == example_draws(game).normal() for game in (0, 1)]
    [True, False]
    """
    return AgentDraws(Stream(_SEED, "forecaster", "example", game), round_idx)


def example_budget(remaining: float = 10.0, *, cost: float = 0.0, game: int = 0) -> AttackBudget:
    """Return what an adversary may spend in a round.

    Args:
        remaining: Units of attack that are left for the game.
        cost: Cost per unit of attack.
        game: Number of the game; other games have other random numbers.

    Returns:
        Budget of at most one unit in the round, where a unit is 0.6 in the unit of the series.

    >>> example_budget().draws.normal() == example_budget().draws.normal()
    True
    """
    draws = AgentDraws(Stream(_SEED, "adversary", "example", game), 3)
    return AttackBudget(0.6, min(1.0, remaining), remaining, cost, draws, game=game)


def example_trajectory(n: int = 12) -> tuple[TrajectoryEntry, ...]:
    """Return the trajectory of a short game with one shock.

    Args:
        n: Number of rounds.

    Returns:
        Entries of the rounds, oldest first; the shock is in the middle one.

    >>> len(example_trajectory(3))
    3
    """
    path = _path(n + 1)
    entries = []
    for i in range(n):
        shock = 4.0 if i == n // 2 else 0.0
        state = ForecastState(i, path[i], 0.0, 0.0, history=tuple(path[:i]))
        forecast = path[i] + 0.1
        target = path[i + 1] + shock
        reward = -abs(target - forecast)
        entries.append(
            TrajectoryEntry(
                i,
                state,
                (AgentAction("adversary", 0.0), AgentAction("forecaster", 0.1, scale=0.5)),
                (AgentMessage("game", "record", "example"),) if shock else (),
                {"team": reward, "adversaries": -reward},
                forecast,
                target,
                variance=0.25,
                disturbance=shock,
            )
        )
    return tuple(entries)


def example_dataset(n: int = 24, *, series: tuple[str, ...] = ("alpha", "beta")) -> Dataset:
    """Return a small quarterly dataset; each value is known 30 days after its quarter.

    Args:
        n: Number of quarters per series.
        series: Names of the series.

    Returns:
        Dataset of `n` observations per series, marked as synthetic.

    >>> example_dataset(4).series_ids
    ('alpha', 'beta')
    """
    rows = []
    for k, name in enumerate(series):
        path = _path(n + k)[k:]
        for t in range(n):
            start = datetime(2000 + t // 4, 1 + 3 * (t % 4), 1, tzinfo=UTC)
            rows.append(
                Observation(
                    start, path[t], _context(t), start + timedelta(days=122), name, "example"
                )
            )
    provenance = Provenance("example", "made-up quarters", "none", "made up", is_synthetic=True)
    return Dataset(tuple(rows), provenance, frequency="Q", season_length=4)
