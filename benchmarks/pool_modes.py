"""Measure every way of pooling forecasters on `us_macro`, the losers included.

The forecasters play the game once per series, with agents fitted as in a backtest and true prints;
what they said is kept, and every pool is then taught and asked in the game's own order. For one
pool the result is compared with that of the game itself, to the last bit.

    python benchmarks/pool_modes.py                    targets before 1985
    python benchmarks/pool_modes.py --evaluation       origins 1985Q1 to 2009Q2: log the look
    python benchmarks/pool_modes.py --refit 1          forecasters fitted anew every quarter
    python benchmarks/pool_modes.py --origin quarter   forecasts wait until the quarter is out
    uv run --project benchmarks python benchmarks/pool_modes.py --peers     beside statsforecast
    python benchmarks/pool_modes.py --markdown         as a table for docs/research/pools.md

Skill is the mean over series and horizons of 1 - CRPS / CRPS of the random walk (which is fitted
anew every fourth quarter in every table), with forecasts scored as the normal of their mean and
variance; `mixture` is the same with the mixture itself. `80 %` is the share of targets in the
central 80 % interval of that normal, mean and lowest of the eight cells (four series, one and four
quarters); `own 80 %` in the interval that the forecast itself states.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

from pool_peers import peers  # noqa: E402
from pool_play import (  # noqa: E402
    CRISIS,
    EVALUATION,
    HORIZONS,
    SERIES,
    SHOWN,
    TRAIN,
    Result,
    against,
    check_against_the_game,
    grouped,
    groups_of,
    measure,
    only,
    random_walk,
    record,
    row_of,
    with_targets_from,
)

from fg_agents import (  # noqa: E402
    BayesianAggregator,
    EnsembleAggregatorAgent,
    PoolGrid,
    PoolOfPools,
    default_lineup,
    default_pool,
    macro_lineup,
    macro_pool,
)
from fg_core import (  # noqa: E402
    AutoRegression,
    PoolAggregator,
    SimulationConfig,
)
from fg_core.pooling import Likelihood  # noqa: E402
from fg_core.pooling.rules import (  # noqa: E402
    BatesGrangerWeights,
    BayesWeights,
    CrpsLearningWeights,
    ForgettingGridWeights,
    LogScoreWeights,
)
from fg_core.protocols import Aggregator  # noqa: E402
from fg_data import load_dataset  # noqa: E402

# ------------------------------------------------------------------------------ the contenders


def pools() -> dict[str, Aggregator]:
    """Return every way of pooling, by name."""
    bayes, student = BayesianAggregator, Likelihood("student_t")
    grid = ForgettingGridWeights(likelihood=student)
    sets = macro_pool().grid.member_sets
    return {
        "equal weights, claims as they are": EnsembleAggregatorAgent(rescale=False),
        "equal weights": EnsembleAggregatorAgent(),
        "by rank": EnsembleAggregatorAgent(strategy="rank"),
        "by reward": EnsembleAggregatorAgent(strategy="reward_proportional"),
        "BMA, claims as they are": bayes(rescale=False),
        "BMA": bayes(),
        "forgetting 0.99": bayes(BayesWeights(0.99)),
        "forgetting 0.95": bayes(BayesWeights(0.95)),
        "forgetting 0.95, Student t": bayes(BayesWeights(0.95, likelihood=student)),
        "the same, shrunk by 0.2": bayes(BayesWeights(0.95, likelihood=student), shrinkage=0.2),
        "grid of forgetting factors": bayes(grid),
        "grid of factors, recalibrated": bayes(grid, recalibrate=True),
        "grid of factors, conformal": bayes(grid, conformal_rate=0.03),
        "Bates-Granger, discount 0.95": bayes(BatesGrangerWeights(0.95)),
        "CRPS learning": bayes(CrpsLearningWeights(1.0)),
        "CRPS learning, discount 0.98": bayes(CrpsLearningWeights(0.98)),
        "optimal log score, discount 0.98": bayes(LogScoreWeights(student, 0.98)),
        "log pool, forgetting 0.95": bayes(
            BayesWeights(0.95, likelihood=student), combination="logarithmic"
        ),
        "pool of the core": PoolAggregator(),
        "one pool (0.95, 1)": PoolOfPools(grid=PoolGrid(((),), (0.95,), (1.0,), (False,))),
        "one pool, recalibrated": PoolOfPools(grid=PoolGrid(((),), (0.95,), (1.0,), (True,))),
        "lean: 6 pools": PoolOfPools(grid=PoolGrid(sets, (0.9, 0.95), (0.25,), (True,))),
        "12 pools of everyone": PoolOfPools(),
        "12 pools, no groups": Ungrouped(),
        "default: 24 pools": default_pool(),
        "macro: 36 pools": macro_pool(),
    }


class Ungrouped(PoolOfPools):
    """A pool of pools that does not want to know any groups."""

    def with_groups(self, groups: Mapping[str, str]) -> PoolOfPools:  # noqa: ARG002
        return self


# ----------------------------------------------------------------------------------- the table


def row(name: str, result: Result, base: Result, markdown: bool) -> str:
    """Return one row of the table."""
    crps, walk = result.means("crps", HORIZONS), base.means("crps", HORIZONS)
    shown = [HORIZONS.index(h) for h in SHOWN]
    skill = 1 - crps / walk
    mixture = 1 - result.means("mixture", SHOWN) / walk[:, shown]
    normal, own = result.means("normal_80", SHOWN), result.means("own_80", SHOWN)
    numbers = (
        f"{skill[:, shown].mean():.3f}",
        f"{mixture.mean():.3f}",
        f"{skill.mean():.3f}",
        f"{normal.mean():.2f} ({normal.min():.2f})",
        f"{own.mean():.2f}",
        f"{result.cpu:.2f}",
    )
    if markdown:
        return "| " + " | ".join((name, *numbers)) + " |"
    cells = " ".join(f"{x:5.3f}" for x in crps[:, shown].T.ravel())
    return f"{name:36s} {cells}  " + " ".join(f"{x:>11s}" for x in numbers)


def main() -> None:
    """Record, replay, score, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--evaluation", action="store_true", help="the later period; log the look")
    parser.add_argument("--refit", type=int, default=4, help="fit forecasters at every n-th origin")
    parser.add_argument(
        "--origin",
        choices=("release", "quarter"),
        default="release",
        help="forecast when the series is out, or when the whole quarter is",
    )
    parser.add_argument("--only", default="", help="pools whose name holds this text")
    parser.add_argument("--peers", action="store_true", help="statsforecast as well")
    parser.add_argument("--markdown", action="store_true", help="rows of a Markdown table")
    chosen = parser.parse_args()
    period = EVALUATION if chosen.evaluation else TRAIN
    options = {"origin": chosen.origin}
    dataset = load_dataset("us_macro", end=period.end_of_data, options=options)
    registry = macro_lineup(SimulationConfig())
    # AR(4) is there to be beaten; the pool has the same one under another name.
    forecasters = (*registry.forecasters, AutoRegression(order=4, name="ar4"))
    groups = dict(macro_pool().with_groups(groups_of(registry)).groups)
    recorded = {s: record(dataset, s, period, chosen.refit, forecasters) for s in SERIES}
    members = frozenset(registry.names)
    pooled = {s: only(one, members.__contains__) for s, one in recorded.items()}
    alike = check_against_the_game(dataset, period, chosen.refit, pooled, registry.forecasters)
    print(
        f"us_macro, {period.name}, origin {chosen.origin}, refit every {chosen.refit}: "
        f"{len(members)} forecasters"
    )
    print(f"their part of the games: {sum(one.cpu for one in recorded.values()):.1f} s of CPU")
    print(f"replay and game agree to the last bit in {alike} forecasts")
    base = random_walk(recorded)
    rest = ("skill", "mixture", "h 1 to 4", "80 % (least)", "own 80 %", "CPU s")
    if chosen.markdown:
        print("| pool | " + " | ".join(rest) + " |\n|" + "---|" * 7)
    else:
        print(f"{'CRPS at one and at four quarters':84s}  " + " ".join(f"{x:>11s}" for x in rest))
    singles = {
        "AR(4)": measure(EnsembleAggregatorAgent(rescale=False), recorded, "ar4".__eq__),
        "AR(4), rescaled": measure(EnsembleAggregatorAgent(), recorded, "ar4".__eq__),
    }
    others = peers(recorded, chosen.refit) if chosen.peers else {}
    for name, result in (singles | others).items():
        print(row(name, result, base, chosen.markdown))
    for name, aggregator in pools().items():
        if chosen.only in name:
            result = measure(grouped(aggregator, groups), pooled)
            print(row(name, result, base, chosen.markdown), flush=True)
            if name.startswith("macro"):
                macro = result
            if name.startswith("macro") and not chosen.markdown:
                for title, other in singles.items():
                    print(f"  gain over {title} in % (p): {against(result, other)}")
    if chosen.evaluation and "macro".startswith(chosen.only):
        crisis = {s: row_of(dataset.series(s), CRISIS) for s in SERIES}
        walk = with_targets_from(base, recorded, crisis)
        for name, result in {**singles, "macro: 36 pools": macro}.items():
            late = with_targets_from(result, recorded, crisis)
            print(row(f"{name}, targets from 2007Q3", late, walk, chosen.markdown))
    alone = {s: only(one, lambda n: groups.get(n) == "univariate") for s, one in pooled.items()}
    result = measure(grouped(macro_pool(), groups), alone)
    print(row("macro, univariate members alone", result, base, chosen.markdown))
    few = default_lineup(SimulationConfig())
    if "default" not in chosen.only and chosen.only:
        return
    own = {s: record(dataset, s, period, chosen.refit, few.forecasters) for s in SERIES}
    result = measure(few.aggregator, own)
    print(row("default line-up", result, base, chosen.markdown))


if __name__ == "__main__":
    main()
