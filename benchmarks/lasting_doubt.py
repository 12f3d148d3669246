"""Measure what false prints that are revised late cost an AR(4) behind each defender.

    python benchmarks/lasting_doubt.py                  about 3 minutes on two cores
    python benchmarks/lasting_doubt.py --seeds 2        a rough picture

The protocol: `us_macro`, an AR(4) refitted at every fourth origin, origins 1975Q1 to 2009Q2 played
and those from 1985Q1 on scored, one and four quarters ahead. What is seen at an origin is a vintage
(`VintageWorld`) in which some of the newest eight prints are false; all else is the truth. Nothing
says that a value is final: a defender sees whether a print has moved. Sizes are in standard
deviations of the one-step changes over the whole sample, which no agent is told. Episodes are drawn
before the game from `default_rng([seed, number of the series, 1])` for the warm-up and `[..., 0]`
for the scored origins, so that the figures can be compared with those of other programs.

Defenders are named with the number of origins after which a value is settled: "episode_filter@8"
may doubt eight prints, "@1" the newest alone, and "@1-8" eight prints, though everybody else
learns from them after one origin (`doubted_for` of the world). With 8, fits that are kept between
refits end eight origins earlier, and defenders that do not learn from revisions learn as much
later.

Printed: skill, 1 - CRPS / CRPS of a random walk on clean data, mean over the eight cells (four
series, two horizons) and seeds, with the standard error of the mean over seeds; the cost of each
defender on clean data; and the skill cell by cell. Deterministic: the same numbers every time.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

import numpy as np
from numpy.typing import NDArray

from fg_core import (
    AgentRegistry,
    AutoRegression,
    ForecastGame,
    PoolAggregator,
    ReplayWorld,
    SimulationConfig,
)
from fg_core.agents.by_name import defender_from_name
from fg_core.game import GameGroup
from fg_core.scoring.crps import crps_gaussian
from fg_core.worlds import Release, VintageWorld
from fg_data import load_dataset

SERIES = ("infl", "unemp", "tbilrate", "growth")
HORIZONS = (1, 4)
LONGEST = 8
REFIT_EVERY = 4
DEFENDERS = (
    "none@1",
    "innovation_gate@1",
    "episode_filter@1",
    "episode_filter@1-8",
    "none@8",
    "innovation_gate@8",
    "episode_filter@8",
)

BEST = "episode_filter@1-8"
"""The filter with the origins for which it may doubt, as backtests of revised series play it."""

Array = NDArray[np.float64]
Episode = Iterator[tuple[int, int, float]]
"""Origin, age of the print and error there, for all origins at which an episode is seen."""


@dataclass(frozen=True)
class Kind:
    """A kind of episode: how often it begins, how large it is, and what is seen of it."""

    rate: float
    size: float
    prints: int
    seen: Callable[[int, float, float], Episode]


def single(t: int, c: float, _: float) -> Episode:
    yield t, 0, c


def mixed(t: int, c: float, share: float) -> Episode:
    yield t, 0, c * (0.15 + 1.85 * share)


def late(t: int, c: float, _: float) -> Episode:
    yield t, 0, c
    yield t + 1, 1, c


def together(*shape: float) -> Callable[[int, float, float], Episode]:
    """Prints in a row, all revised after the last; NaN: a random share of the first error."""

    def seen(t: int, c: float, share: float) -> Episode:
        errors = [c * (share if np.isnan(one) else one) for one in shape]
        for i in range(len(errors)):
            for age in range(i + 1):
                yield t + i, age, errors[i - age]

    return seen


def quick(t: int, c: float, _: float) -> Episode:
    for i in range(LONGEST):
        yield t + i, 0, c * (i + 1)


RAMP = tuple(float(i + 1) for i in range(LONGEST))
KINDS = {
    "single 3": Kind(0.2, 3.0, 1, single),
    "single 1.5": Kind(0.2, 1.5, 1, single),
    "single 5": Kind(0.2, 5.0, 1, single),
    "3 at 0.05": Kind(0.05, 3.0, 1, single),
    "3 at 0.35": Kind(0.35, 3.0, 1, single),
    "mixed": Kind(0.2, 3.0, 1, mixed),
    "late": Kind(0.1, 3.0, 1, late),
    "pair": Kind(0.1, 3.0, 2, together(1.0, 1.0)),
    "pair 1.5": Kind(0.1, 1.5, 2, together(1.0, 1.0)),
    "uneven": Kind(0.1, 3.0, 2, together(1.0, np.nan)),
    "opposite": Kind(0.1, 3.0, 2, together(1.0, -1.0)),
    "triple": Kind(0.07, 3.0, 3, together(1.0, 1.0, 1.0)),
    "drift": Kind(0.06, 0.25, LONGEST, together(*RAMP)),
    "quick": Kind(0.06, 0.25, LONGEST, quick),
}
"""Rates of beginning episodes; the size of "drift" and "quick" is one step of a ramp."""


def errors_of(kind: Kind, n: int, generator: np.random.Generator, sd: float) -> Array:
    """Return the errors that are seen, shape (origin, age of the print)."""
    found = np.zeros((n, LONGEST))
    begins = generator.random(n) < kind.rate
    sizes = kind.size * sd * np.where(generator.random(n) < 0.5, -1.0, 1.0)
    shares = generator.random(n)
    whole = kind.prints if kind.prints < LONGEST else 1  # a ramp may be cut off by the end
    t = 0
    while t < n:
        if begins[t] and t + whole <= n:
            for origin, age, error in kind.seen(t, float(sizes[t]), float(shares[t])):
                if origin < n:
                    found[origin, age] += error
            t += kind.prints
        else:
            t += 1
    return found


@dataclass(frozen=True)
class Track:
    """A series, and the rows at which the game and the scores begin."""

    record: ReplayWorld
    number: int
    first: int
    scored_from: int
    sd: float

    def world(self, kind: Kind | None, seed: int, settled: tuple[int, ...]) -> VintageWorld:
        """Return the series with false prints; `settled`: as the benchmark names defenders."""
        truth = [row.value for row in self.record.rows]
        releases = [Release(t, t, value) for t, value in enumerate(truth)]
        if kind is not None:
            warm_up, n = self.scored_from - self.first, len(truth) - 1 - self.scored_from
            errors = np.concatenate(
                [
                    errors_of(kind, m, np.random.default_rng([seed, self.number, part]), self.sd)
                    for m, part in ((warm_up, 1), (n, 0))
                ]
            )
            # What is false when it is eight origins old is revised at the next.
            errors = np.append(errors, np.zeros((len(errors), 1)), axis=1)
            for i, row in enumerate(errors):
                for age in range(min(LONGEST, i) + 1):
                    before = errors[i - 1, age - 1] if age else 0.0
                    if row[age] != before:
                        t = self.first + i
                        releases.append(Release(t - age, t, truth[t - age] + row[age]))
        return VintageWorld.of(
            self.record, releases, settled_after=settled[0], doubted_for=settled[-1]
        )


@cache
def track(name: str) -> Track:
    # An AR(4) reads no context, and rows without it are quicker to play.
    rows = tuple(replace(row, macro_context={}) for row in load_dataset("us_macro").series(name))
    record = ReplayWorld(rows)
    sd = float(np.std(np.diff([row.value for row in rows]), ddof=1))
    first, scored = (record.row_of(datetime(year, 1, 1, tzinfo=UTC)) for year in (1975, 1985))
    return Track(record, SERIES.index(name), first, scored, sd)


@cache
def random_walk(name: str) -> Array:
    """Return the CRPS of a random walk on clean data for each horizon."""
    found = track(name)
    y = np.array([row.value for row in found.record.rows])
    scores = []
    for h in HORIZONS:
        origins = np.arange(found.scored_from, len(y) - h)
        fitted = origins - (origins - found.scored_from) % REFIT_EVERY
        scale = np.array([np.sqrt(np.mean(np.diff(y[: t + 1]) ** 2) * h) for t in fitted])
        scores.append(np.mean(crps_gaussian(y[origins], scale, y[origins + h])))
    return np.array(scores)


@dataclass(frozen=True)
class Task:
    """All games of one defender on one series.

    Args:
        defender: Name of the defender, and after "@" after how many origins values are settled,
            and after "-" after how many they are not doubted any more.
        series: Name of the series.
        kinds: Kinds of episodes.
        seeds: Number of seeds.
    """

    defender: str
    series: str
    kinds: tuple[str, ...]
    seeds: int


def relative_scores(task: Task) -> Array:
    """Return CRPS relative to that of the clean random walk, shape (game, horizon).

    The first game is the clean one; kinds and then seeds follow.
    """
    found = track(task.series)
    name, _, after = task.defender.partition("@")
    settled = tuple(int(one) for one in after.split("-"))
    n = len(found.record.rows) - 1 - found.first
    config = SimulationConfig(
        horizon=n,
        max_rounds=n,
        horizons=HORIZONS,
        refit_every=REFIT_EVERY,
        disturbance_prob=0.0,
        enable_refactor=False,
    )
    registry = AgentRegistry(
        (AutoRegression(order=4, name="ar4"),),
        (),
        (defender_from_name(name),),
        # One forecaster, taken at its word: the AR(4) as it is, and not what a pool makes of it.
        PoolAggregator("equal", rescale=False),
    )
    played: list[tuple[Kind | None, int]] = [(None, 0)]
    played += [(KINDS[kind], seed) for kind in task.kinds for seed in range(task.seeds)]
    worlds = [found.world(kind, seed, settled) for kind, seed in played]
    groups = [GameGroup(world.initial_state(found.first), world) for world in worlds]
    out = ForecastGame(config, seed=0, registry=registry).run_groups(groups)
    begin = found.scored_from - found.first
    # A score stands in the round that books it.
    own = [np.nanmean(out.horizons[h].score[:, begin + h - 1 :], axis=1) for h in HORIZONS]
    return np.stack(own, axis=-1) / random_walk(task.series)


def print_bars(names: list[str], kinds: tuple[str, ...], skill: Array, clean: Array) -> None:
    """Print what is asked of the filter beside what was measured, where all of it was played."""
    if not {BEST, "none@1"} <= {*names} or not {"pair", "single 3"} <= {*kinds}:
        return
    mine, undefended = names.index(BEST), names.index("none@1")
    cost = 100.0 * (clean[mine] / clean[undefended] - 1.0)
    of = dict(zip(kinds, skill[mine].mean(axis=(1, 2, 3)), strict=True))
    rows = (
        ("skill, pair", of["pair"], 0.09, 1, "{:+.3f}"),
        ("skill, single 3", of["single 3"], 0.10, 1, "{:+.3f}"),
        ("clean cost, mean", cost.mean(), 0.1, -1, "{:+.2f} %"),
        ("clean cost, worst cell", cost.max(), 0.5, -1, "{:+.2f} %"),
    )
    print(f"\n| asked of `{BEST}` | measured | bar | |\n|---|---|---|---|")
    for label, measured, bar, sign, form in rows:
        side = "at least" if sign > 0 else "at most"
        held = "met" if sign * (measured - bar) >= 0.0 else "NOT met"
        print(f"| {label} | {form.format(measured)} | {side} {form.format(bar)} | {held} |")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seeds", type=int, default=10)
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument(
        "--defenders", default=",".join(DEFENDERS), help="NAME@SETTLED[-DOUBTED],..."
    )
    options.add_argument("--kinds", default=",".join(KINDS))
    given = options.parse_args()
    names, kinds, seeds = given.defenders.split(","), tuple(given.kinds.split(",")), given.seeds
    tasks = [Task(name, series, kinds, seeds) for name in names for series in SERIES]
    with ProcessPoolExecutor(given.jobs) as pool:
        done = list(pool.map(relative_scores, tasks))
    # (defender, series, game, horizon) to (defender, game, horizon, series)
    ratio = np.moveaxis(np.array(done).reshape(len(names), len(SERIES), -1, len(HORIZONS)), 1, 3)
    clean = ratio[:, 0]
    skill = 1.0 - ratio[:, 1:].reshape(len(names), len(kinds), seeds, len(HORIZONS), len(SERIES))
    print(f"{seeds} seeds; skill over the clean random walk, mean of eight cells\n")
    print(f"| | clean | {' | '.join(kinds)} | error at most |\n|{'---|' * (len(kinds) + 3)}")
    for name, own, base in zip(names, skill.mean(axis=(3, 4)), clean, strict=True):
        row = [1.0 - base.mean(), *own.mean(axis=1)]
        error = float(np.max(np.std(own, axis=1, ddof=1))) / np.sqrt(seeds)
        print(f"| `{name}` | {' | '.join(f'{one:+.3f}' for one in row)} | {error:.3f} |")
    print("\nCRPS on clean data against that of no defender, values settled as late")
    print("\n| clean cost | mean | worst cell |\n|---|---|---|")
    for name, base in zip(names, clean, strict=True):
        undefended = f"none@{name.partition('@')[2].partition('-')[0]}"
        if undefended in names:
            cost = 100.0 * (base / clean[names.index(undefended)] - 1.0)
            print(f"| `{name}` | {cost.mean():+.2f} % | {cost.max():+.2f} % |")
    print_bars(names, kinds, skill, clean)
    columns = [f"{one}, {h}" for h in HORIZONS for one in SERIES]
    print(f"\n| | | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 2)}")
    for i, kind in enumerate(["clean", *kinds]):
        for j, name in enumerate(names):
            row = 1.0 - clean[j] if i == 0 else skill[j, i - 1].mean(axis=0)
            print(f"| {kind} | `{name}` | {' | '.join(f'{one:+.3f}' for one in row.ravel())} |")


if __name__ == "__main__":
    main()
