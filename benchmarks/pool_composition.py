"""Choose the composition of a macroeconomic pool by targets before 1985 alone, and score it after.

The composition of `macro` (26 forecasters, 36 pools) comes from a study whose author had seen the
years after 1984. This script does what that author could not: it scores a list of compositions on
targets before 1985, takes the best, and only then scores that one, beside `macro` and AR(4), on
origins 1985Q1 to 2009Q2. Nothing else of the list is scored there.

The list: forecasters are one or more of the four groups of `macro` (15 choices), with or without
their members that forget (forecasters with a discount below 1); pools have the settings of
`PoolGrid` for everyone together, with equal weights per group or per forecaster, or for the member
sets of `default` or of `macro`. Of these 120 compositions, those that come to the same forecasters
and member sets count once. Settings within a pool and within a forecaster are those of `macro`.

    python benchmarks/pool_composition.py
    python benchmarks/pool_composition.py --origin quarter    forecasts wait for the whole quarter
    python benchmarks/pool_composition.py --refit 1           forecasters fitted anew every quarter

The choice is by the mean over series and horizons 1 and 4 of 1 - CRPS / CRPS of the random walk, as
in `pool_modes.py`. Log every run with a new list in docs/research/looks.md.
"""

from __future__ import annotations

import argparse
import itertools
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

import numpy as np  # noqa: E402
from pool_modes import Ungrouped  # noqa: E402
from pool_play import (  # noqa: E402
    EVALUATION,
    SERIES,
    SHOWN,
    TRAIN,
    Period,
    Recorded,
    Result,
    against,
    grouped,
    groups_of,
    measure,
    random_walk,
    record,
)

from fg_agents import (  # noqa: E402
    EnsembleAggregatorAgent,
    PoolOfPools,
    default_pool,
    macro_lineup,
    macro_pool,
)
from fg_core import AutoRegression, SimulationConfig  # noqa: E402
from fg_core.protocols import Aggregator  # noqa: E402
from fg_data import load_dataset  # noqa: E402

POOLS: dict[str, Aggregator] = {
    "everyone": PoolOfPools(),
    "everyone, no groups": Ungrouped(),
    "sets of `default`": default_pool(),
    "sets of `macro`": macro_pool(),
}


@dataclass(frozen=True)
class Composition:
    """Forecasters and the pool that mixes them.

    Args:
        title: What it is, for the table.
        names: Names of the forecasters.
        pool: The pool of these forecasters, which knows their groups.
    """

    title: str
    names: frozenset[str]
    pool: Aggregator


def compositions(groups: Mapping[str, str], forgetting: frozenset[str]) -> Iterator[Composition]:
    """Yield the list, each composition once.

    Args:
        groups: Group of each forecaster.
        forgetting: Names of the forecasters that forget.
    """
    seen = set()
    kinds = tuple(dict.fromkeys(groups.values()))
    for n in range(len(kinds), 0, -1):
        for chosen in itertools.combinations(kinds, n):
            for forget in (True, False):
                whole = frozenset(name for name, group in groups.items() if group in chosen)
                names = whole if forget else whole - forgetting
                for title, pool in POOLS.items():
                    alone = frozenset(name for name in names if groups[name] == "univariate")
                    sets = {names, alone} if title.startswith("sets") else {names}
                    if title == "sets of `macro`":
                        sets |= {frozenset(name for name in names if groups[name] != "money")}
                    key = names, frozenset(sets) - {frozenset()}, "no groups" in title
                    if names and key not in seen:
                        seen.add(key)
                        members = " + ".join(chosen) + ("" if forget else ", none that forgets")
                        yield Composition(f"{members}; {title}", names, grouped(pool, groups))


def recorded_in(
    period: Period, origin: str, refit: int
) -> tuple[Mapping[str, Recorded], dict[str, str], frozenset[str]]:
    """Return the expert forecasts of `macro`, and of AR(4), in a period.

    Returns:
        What they say by series, the groups of those of `macro`, and who of them forgets.
    """
    dataset = load_dataset("us_macro", end=period.end_of_data, options={"origin": origin})
    registry = macro_lineup(SimulationConfig())
    forecasters = (*registry.forecasters, AutoRegression(order=4, name="ar4"))
    groups = {**macro_pool().groups, **groups_of(registry)}
    groups = {name: groups[name] for name in registry.names}
    forgetting = frozenset(
        one.name
        for one in registry.forecasters
        if getattr(getattr(one, "specification", None), "discount", 1.0) < 1.0
    )
    found = {s: record(dataset, s, period, refit, forecasters) for s in SERIES}
    return found, groups, forgetting


def alone(recorded: Mapping[str, Recorded]) -> dict[str, Result]:
    """Return the scores of AR(4) alone, with its own scales and with scales that learn."""
    return {
        "AR(4)": measure(EnsembleAggregatorAgent(rescale=False), recorded, "ar4".__eq__),
        "AR(4), rescaled": measure(EnsembleAggregatorAgent(), recorded, "ar4".__eq__),
    }


def skill(result: Result, base: Result) -> float:
    """Return mean skill over series and the two horizons that are shown."""
    return float(np.mean(1.0 - result.means("crps", SHOWN) / base.means("crps", SHOWN)))


def row(title: str, result: Result, base: Result) -> str:
    """Return one row of a table."""
    inside = result.means("normal_80", SHOWN)
    return f"| {title} | {skill(result, base):.3f} | {inside.mean():.2f} ({inside.min():.2f}) |"


def main() -> None:
    """Score the list before 1985, then the best of it after 1984."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--refit", type=int, default=4, help="fit forecasters at every n-th origin")
    parser.add_argument("--origin", choices=("release", "quarter"), default="release")
    asked = parser.parse_args()
    early, groups, forgetting = recorded_in(TRAIN, asked.origin, asked.refit)
    base = random_walk(early)
    scored = [
        (skill(measure(one.pool, early, one.names.__contains__), base), one)
        for one in compositions(groups, forgetting)
    ]
    ranked = sorted(scored, key=lambda pair: -pair[0])
    best, macro = ranked[0][1], frozenset(groups)
    print(f"us_macro, origin {asked.origin}, refit every {asked.refit}")
    print(f"{len(ranked)} compositions, targets before 1985\n\n| rank | composition | skill |")
    print("|---|---|---|")
    for i, (found, one) in enumerate(ranked, 1):
        is_macro = one.names == macro and one.title.endswith("sets of `macro`")
        if i <= 10 or is_macro or i == len(ranked):
            print(f"| {i} | {one.title}{' (that is `macro`)' if is_macro else ''} | {found:.3f} |")
    for title, result in alone(early).items():
        print(f"| - | {title} | {skill(result, base):.3f} |")
    late, _, _ = recorded_in(EVALUATION, asked.origin, asked.refit)
    walk = random_walk(late)
    results = {
        **alone(late),
        "chosen": measure(best.pool, late, best.names.__contains__),
        "macro": measure(grouped(macro_pool(), groups), late, macro.__contains__),
    }
    print(f"\norigins {EVALUATION.name}\n\n| pool | skill | 80 % (least) |\n|---|---|---|")
    for title, result in results.items():
        print(row(f"chosen: {best.title}" if title == "chosen" else title, result, walk))
    for rival in ("AR(4)", "AR(4), rescaled", "macro"):
        print(f"\nchosen, gain over {rival} in % (p): {against(results['chosen'], results[rival])}")


if __name__ == "__main__":
    main()
