"""Play `us_macro` once, keep what forecasters said, and teach and score any pool with it.

What the scripts about pools share. Each forecaster plays the game once a series, with agents
fitted as in a backtest and true prints; a pool is then taught and asked in the game's own order.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from scipy.special import ndtr  # noqa: E402
from scipy.stats import t as student  # noqa: E402

from fg_agents import (  # noqa: E402
    macro_pool,
)
from fg_core import (  # noqa: E402
    AgentAction,
    AgentRegistry,
    Dataset,
    ForecastGame,
    ForecastState,
    PoolAggregator,
    ReplayWorld,
    SimulationConfig,
    TrainingWindow,
)
from fg_core.protocols import (  # noqa: E402
    Aggregator,
    Forecaster,
    RevealedForecast,
)
from fg_core.scoring import (  # noqa: E402
    crps_gaussian,
    crps_mixture,
)

Array = NDArray[np.float64]
SERIES = ("infl", "unemp", "tbilrate", "growth")
HORIZONS = (1, 2, 3, 4)
SHOWN = (1, 4)
LEVEL = 0.8


@dataclass(frozen=True)
class Period:
    """Which origins are played and scored."""

    name: str
    end_of_data: datetime | None
    played_from: tuple[int, int]
    scored_from: tuple[int, int]
    last_origin: tuple[int, int]


TRAIN = Period("before 1985", datetime(1984, 12, 31, tzinfo=UTC), (1965, 1), (1970, 1), (1984, 3))
CRISIS = (2007, 3)
EVALUATION = Period("1985Q1 to 2009Q2", None, (1965, 1), (1985, 1), (2009, 2))


@dataclass(frozen=True)
class Listening:
    """An aggregator with a note of every forecast that it is taught; for this measurement only."""

    pool: Aggregator
    heard: dict
    name: str = "listening"

    def start(self, names: Sequence[str], window: TrainingWindow, horizons: Sequence[int]):
        return replace(self, pool=self.pool.start(names, window, horizons))

    def aggregate(self, state, actions, *, horizon=1, inflation=()):
        return self.pool.aggregate(state, actions, horizon=horizon, inflation=inflation)

    def update(self, outcome: RevealedForecast):
        key = outcome.state.t, outcome.horizon
        self.heard.setdefault(key, (outcome.state, outcome.actions))
        return replace(self, pool=self.pool.update(outcome))


@dataclass(frozen=True)
class Recorded:
    """What forecasters said about one series, origin by origin.

    Args:
        names: Of the forecasters.
        values: The series, whole.
        first: Row of the first origin.
        states: What was seen at each origin, and in the period before the first.
        said: Their actions, by origin and horizon; of that period too.
        window: What was known before the first origin.
        scored: Rows of the first and last scored origins.
        cpu: Processor time of the game, in seconds.
    """

    names: tuple[str, ...]
    values: Array
    first: int
    states: Mapping[int, ForecastState]
    said: Mapping[tuple[int, int], tuple[AgentAction | None, ...]]
    window: TrainingWindow
    scored: tuple[int, int]
    cpu: float


@dataclass(frozen=True)
class Result:
    """Scores of one contender, by name of the score: arrays by origin, by series and horizon."""

    by_cell: Mapping[tuple[str, int], Mapping[str, Array]]
    cpu: float

    def means(self, score: str, horizons: Sequence[int]) -> Array:
        """Return mean scores, (series, horizon)."""
        return np.array([[self.by_cell[s, h][score].mean() for h in horizons] for s in self.series])

    @property
    def series(self) -> tuple[str, ...]:
        """The series, in order."""
        return tuple(dict.fromkeys(series for series, _ in self.by_cell))


def row_of(rows: Sequence, quarter: tuple[int, int]) -> int:
    """Return the row of a quarter."""
    year, number = quarter
    month = 3 * number - 2
    return next(
        i
        for i, row in enumerate(rows)
        if (row.timestamp.year, row.timestamp.month) == (year, month)
    )


def game_of(
    dataset: Dataset,
    series: str,
    period: Period,
    refit: int,
    forecasters: Sequence[Forecaster],
    aggregator: Aggregator,
) -> tuple[ForecastGame, ReplayWorld, int, tuple[int, int]]:
    """Return the game of a series, its world, the first origin and the scored ones."""
    rows = dataset.series(series)
    scored = row_of(rows, period.scored_from), row_of(rows, period.last_origin)
    begin = row_of(rows, period.played_from)
    begin -= -(scored[0] - begin) % refit  # the first scored origin is one that is fitted at
    config = SimulationConfig(
        horizon=scored[1] - begin + 1,
        max_rounds=10_000,
        horizons=HORIZONS,
        refit_every=refit,
        enable_refactor=False,
        lookback=16,
    )
    registry = AgentRegistry(tuple(forecasters), aggregator=aggregator)
    return ForecastGame(config, seed=7, registry=registry), ReplayWorld(rows), begin, scored


def record(
    dataset: Dataset, series: str, period: Period, refit: int, forecasters: Sequence[Forecaster]
) -> Recorded:
    """Play the game once and keep what forecasters said."""
    heard: dict = {}
    listener = Listening(PoolAggregator("equal"), heard)
    game, world, begin, scored = game_of(dataset, series, period, refit, forecasters, listener)
    start = world.initial_state(begin)
    began = time.process_time()
    out = game.run(start, world=world, disturbed=False, attribution=False)
    cpu = time.process_time() - began
    said = {(one.origin, one.horizon): one.actions for step in out.steps for one in step.issued}
    states = {step.observation.t: step.observation for step in out.steps}
    # The first print was forecast in the period before it.
    for (t, h), (state, actions) in heard.items():
        if t < begin:
            states[t], said[t, h] = state, actions
    values = np.array([row.value for row in dataset.series(series)])
    return Recorded(
        game.registry.names, values, begin, states, said, world.training(start), scored, cpu
    )


def replay(aggregator: Aggregator, recorded: Recorded) -> tuple[dict, float]:
    """Teach and ask an aggregator in the game's order; return forecasts and processor time."""
    began = time.process_time()
    pool = aggregator.start(recorded.names, recorded.window, HORIZONS)
    found: dict = {}
    for t, state in sorted(recorded.states.items()):
        for h in HORIZONS:
            if (t - h, h) in found:
                then, actions = recorded.states[t - h], recorded.said[t - h, h]
                outcome = RevealedForecast(then, h, actions, found[t - h, h], state.value)
                pool = pool.update(outcome)
        for h in HORIZONS:
            if (t, h) in recorded.said:
                found[t, h] = pool.aggregate(state, recorded.said[t, h], horizon=h)
    return found, time.process_time() - began


def check_against_the_game(
    dataset: Dataset, period: Period, refit: int, recorded: Mapping[str, Recorded], forecasters
) -> int:
    """Compare one pool's forecasts with those of the game itself; return how many are alike.

    Raises:
        SystemExit: One differs.
    """
    series, one = next(iter(recorded.items()))
    registry = AgentRegistry(tuple(forecasters), aggregator=macro_pool())
    parts = game_of(dataset, series, period, refit, forecasters, registry.aggregator)
    game, world, begin, _ = parts
    out = game.run(world.initial_state(begin), world=world, disturbed=False, attribution=False)
    replayed, _ = replay(registry.aggregator, one)
    issued = [item for step in out.steps for item in step.issued]
    for item in issued:
        if replayed[item.origin, item.horizon] != item.forecast:
            raise SystemExit(
                f"{series}, row {item.origin}, {item.horizon} ahead: the game issued "
                f"{item.forecast.mean!r}, the replay {replayed[item.origin, item.horizon].mean!r}"
            )
    return len(issued)


def scores(forecasts: Mapping, recorded: Recorded, horizon: int) -> dict[str, Array]:
    """Return, by origin, CRPS as a normal and of the mixture, and hits of two 80 % intervals."""
    found: dict[str, list[float]] = {"crps": [], "mixture": [], "normal_80": [], "own_80": []}
    for t in range(recorded.scored[0], recorded.scored[1] + 1):
        if t + horizon >= recorded.values.size:
            continue
        y, forecast = recorded.values[t + horizon], forecasts[t, horizon]
        found["crps"].append(float(crps_gaussian(forecast.mean, forecast.scale, y)))
        parts = forecast.components
        found["mixture"].append(float(crps_mixture(parts.weights, parts.means, parts.scales, y)))
        u = float(ndtr((y - forecast.mean) / forecast.scale))
        found["normal_80"].append(0.5 - LEVEL / 2 < u < 0.5 + LEVEL / 2)
        if horizon in SHOWN:
            low, high = forecast.quantile([0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
            found["own_80"].append(low <= y <= high)
    return {name: np.array(values, dtype=np.float64) for name, values in found.items()}


def measure(
    aggregator: Aggregator,
    recorded: Mapping[str, Recorded],
    keep: Callable[[str], bool] = lambda _: True,
) -> Result:
    """Score an aggregator of some of the forecasters on all series."""
    cells: dict[tuple[str, int], dict[str, Array]] = {}
    cpu = 0.0
    for series, one in recorded.items():
        chosen = only(one, keep)
        forecasts, used = replay(aggregator, chosen)
        cpu += used
        for h in HORIZONS:
            cells[series, h] = scores(forecasts, chosen, h)
    return Result(cells, cpu)


def only(recorded: Recorded, keep: Callable[[str], bool]) -> Recorded:
    """Return what some of the forecasters said."""
    which = [i for i, name in enumerate(recorded.names) if keep(name)]
    said = {key: tuple(actions[i] for i in which) for key, actions in recorded.said.items()}
    return Recorded(
        tuple(recorded.names[i] for i in which),
        recorded.values,
        recorded.first,
        recorded.states,
        said,
        recorded.window,
        recorded.scored,
        recorded.cpu,
    )


def random_walk(recorded: Mapping[str, Recorded]) -> Result:
    """Return the scores of the random walk, fitted anew every fourth quarter."""
    cells = {}
    for series, one in recorded.items():
        for h in HORIZONS:
            losses = []
            for t in range(one.scored[0], one.scored[1] + 1):
                if t + h < one.values.size:
                    fitted = t - (t - one.scored[0]) % 4
                    scale = np.sqrt(np.mean(np.diff(one.values[: fitted + 1]) ** 2) * h)
                    losses.append(float(crps_gaussian(one.values[t], scale, one.values[t + h])))
            cells[series, h] = {"crps": np.array(losses)}
    return Result(cells, 0.0)


def diebold_mariano(ours: Array, theirs: Array, horizon: int) -> float:
    """Return the two-sided p value of equal mean loss (Harvey, Leybourne & Newbold 1997)."""
    d = theirs - ours
    n, mean = d.size, float(d.mean())
    e = d - mean
    variance = float(e @ e) / n
    variance += 2 * sum((1 - k / horizon) * float(e[k:] @ e[:-k]) / n for k in range(1, horizon))
    if variance <= 0.0:
        return float("nan")
    correction = np.sqrt((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n)
    return float(2 * student.sf(abs(correction * mean / np.sqrt(variance / n)), n - 1))


def against(ours: Result, theirs: Result) -> str:
    """Return gains in per cent and p values by series, one quarter ahead and then four."""
    parts = []
    for h in SHOWN:
        for series in ours.series:
            a, b = ours.by_cell[series, h]["crps"], theirs.by_cell[series, h]["crps"]
            gain = 100 * (1 - a.mean() / b.mean())
            parts.append(f"{series}/{h} {gain:+.1f} ({diebold_mariano(a, b, h):.2f})")
    return "  ".join(parts)


def with_targets_from(
    result: Result, recorded: Mapping[str, Recorded], first: Mapping[str, int]
) -> Result:
    """Return the scores of forecasts whose target is row `first` of its series, or later."""
    cells = {}
    for (series, h), found in result.by_cell.items():
        skip = max(0, first[series] - h - recorded[series].scored[0])
        cells[series, h] = {name: values[skip:] for name, values in found.items()}
    return Result(cells, result.cpu)


def grouped(aggregator: Aggregator, groups: Mapping[str, str]) -> Aggregator:
    """Return an aggregator that knows the groups, as a registry makes it."""
    has = getattr(aggregator, "with_groups", None)
    return aggregator if has is None else has(groups)


def groups_of(registry: AgentRegistry) -> dict[str, str]:
    """Return the groups of the forecasters that have one."""
    return {a.name: a.group for a in registry.forecasters if hasattr(a, "group")}
