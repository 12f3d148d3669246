"""Scores with a trained policy and without it, on the same origins."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from fg_core import AgentFactory, ConfigError
from fg_core.policies import Policy, PolicySource, load_policy
from fg_core.protocols import PolicyRole
from fg_core.scoring import block_bootstrap

from .attack_curve import PriceOfAttack, row_key
from .attack_price import price_of_attack
from .attacked_games import NO_DEFENSE
from .datasets import Data
from .defaults import quiet_settings
from .games import Progress
from .schema import WORST, AttackRow
from .tabular import frame_of

__all__ = ["PolicyComparison", "PolicyEffect", "compare"]

Array = NDArray[np.float64]
Case = Literal["clean", "attacked", "defended"]
_Key = tuple[str, str, float]


@dataclass(frozen=True)
class PolicyEffect:
    """Scores with a policy and without it, in one setting.

    Defense and attack are those that play without the policy. With it, a defender plays in place of
    the defense, an adversary in place of the attack, and a correction or a forecaster plays beside
    both. An attack that is optimised is sought anew for each side.

    Args:
        unique_id: name of the series; empty: all of them together.
        horizon: steps ahead.
        case: "clean" where nobody attacks without the policy, "attacked" without a defense, and
            "defended" with one.
        defense: name of the defense without the policy.
        attack: name of the attack without the policy; empty: none.
        budget: units that attacks may spend on a series, in step scales.
        n: number of scores that are compared: one per origin and series.
        crps_without: mean CRPS without the policy, in one-step scales of the series.
        crps_with: mean CRPS with it, alike.
        difference: the second less the first; below 0, the policy makes forecasts better.
        low: lower end of the 95 % interval of the difference, by the block bootstrap over time;
            NaN where there are too few origins.
        high: upper end, alike.
        exact: whether no attack on the grid of hits is worse, on both sides.
    """

    unique_id: str
    horizon: int
    case: Case
    defense: str
    attack: str
    budget: float
    n: int
    crps_without: float
    crps_with: float
    difference: float
    low: float
    high: float
    exact: bool


@dataclass(frozen=True, repr=False)
class PolicyComparison:
    """What a trained policy changes, by case, attack, budget, horizon and series.

    Args:
        rows: scores with the policy and without it; those of all series together come first.
        policy: name of the policy.
        role: role of the policy.
        cap: largest hit, in step scales.
    """

    rows: tuple[PolicyEffect, ...]
    policy: str
    role: PolicyRole
    cap: float

    def __repr__(self) -> str:
        n = len({row.unique_id for row in self.rows if row.unique_id})
        return f"<PolicyComparison of {self.policy!r}, a {self.role}, on {n} series>"

    def columns(self) -> dict[str, list[Any]]:
        """Return all rows as columns: the fields of `PolicyEffect`, by name."""
        names = [item.name for item in fields(PolicyEffect)]
        return {name: [getattr(row, name) for row in self.rows] for name in names}

    def to_frame(self) -> Any:
        """Return all rows as a pandas data frame; columns are those of `columns`.

        Raises:
            ConfigError: pandas is not installed.
        """
        return frame_of(self.columns())

    def table(self) -> str:
        """Return the rows of all series together as text, one line each below a header."""
        heads = ("case", "defense", "attack", "budget", "h", "without", "with", "diff", "95 %")
        lines = [heads]
        for row in self.rows:
            if not row.unique_id:
                attack = row.attack or "none"
                lines.append(
                    (
                        row.case,
                        row.defense,
                        attack + ("" if row.exact or WORST not in attack else " *"),
                        f"{row.budget:g}",
                        str(row.horizon),
                        f"{row.crps_without:.4f}",
                        f"{row.crps_with:.4f}",
                        f"{row.difference:+.4f}",
                        f"{row.low:+.4f} to {row.high:+.4f}",
                    )
                )
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        text = [
            "  ".join(
                cell.ljust(width) if place < 3 else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        note = (
            "CRPS in one-step scales of each series, mean over all; diff below 0: better with it."
        )
        searched = any(row.attack == WORST and not row.exact for row in self.rows)
        more = ["* Found by a search: the true worst case may be worse."] if searched else []
        return "\n".join([*text, note, *more]) + "\n"


def compare(
    data: Data,
    policy: PolicySource,
    budgets: Sequence[float] = (4.0, 8.0, 16.0),
    *,
    cap: float = 3.0,
    adversaries: Sequence[str] = ("random_hits", WORST),
    defense: str | None = None,
    seeds: int = 5,
    series: str | Sequence[str] | None = None,
    agents: str | AgentFactory | None = None,
    block: int | None = None,
    progress: Progress | None = None,
    steps: int = 2,
    jobs: int = 1,
    **settings: Any,
) -> PolicyComparison:
    """Play recorded series with a trained policy and without it, and compare the scores.

    It answers what training buys: on clean data, under attack where nothing defends, and beside a
    fixed defense. Both sides play the same origins, and the same hits where attacks do not depend
    on the defense; an optimised attack is sought anew for each side (`price_of_attack`), so that a
    defense is never judged by the attack on another one. Intervals are of the paired difference,
    by drawing blocks of periods with all series of a period together.

    Args:
        data: Data as for `backtest`.
        policy: Path of a policy file, or a policy.
        budgets: Units that an attack may spend on a series, in step scales, increasing.
        cap: Largest hit, in step scales.
        adversaries: Names of attacks as for `price_of_attack`.
        defense: Name of the fixed defense that the policy is held against; None: that of the
            settings, which the default line-ups play.
        seeds: Number of seeds of attacks that draw random numbers.
        series: Names of the series, or one name; None: all.
        agents: Line-up as for `backtest`.
        block: Periods in a block of the bootstrap; None: as many as the horizon, and at least the
            cube root of the number of periods.
        progress: Function that is called before each block of series and at the end.
        steps: Batches of attacks in the search where rounds do not separate.
        jobs: Processes that share the series; no figure depends on it.
        **settings: Further arguments of `backtest`.

    Returns:
        Scores with the policy and without it: `.to_frame()`, `.table()`.

    Raises:
        ArtifactError: The policy file is missing, damaged, or made for other features.
        UnknownPluginError: No loader of its format is installed, or an attack or defense is not
            there.
        ConfigError: As for `price_of_attack`.
        DataError: As for `backtest`.
    """
    trained = load_policy(policy)
    fixed = settings.get("config", quiet_settings()).defense_model if defense is None else defense
    if fixed == NO_DEFENSE:
        raise ConfigError("the policy is held against no defense anyway: name another defense")
    how: dict[str, Any] = {
        "cap": cap,
        "adversaries": tuple(adversaries),
        "defenses": (fixed,),
        "seeds": seeds,
        "series": series,
        "agents": agents,
        "progress": progress,
        "steps": steps,
        "jobs": jobs,
        **settings,
    }
    own = (*settings.get("policies", ()), trained)
    if trained.role in ("defender", "adversary"):
        both = price_of_attack(data, budgets, **{**how, "policies": own})
        sides = both, both
    else:
        sides = (
            price_of_attack(data, budgets, **how),
            price_of_attack(data, budgets, **{**how, "policies": own}),
        )
    seed = int(settings.get("seed", 0))
    rows = tuple(_effects(trained, fixed, tuple(adversaries), sides, block, seed))
    return PolicyComparison(rows, trained.name, trained.role, float(cap))


def _effects(
    policy: Policy,
    fixed: str,
    attacks: Sequence[str],
    sides: tuple[PriceOfAttack, PriceOfAttack],
    block: int | None,
    seed: int,
) -> Iterator[PolicyEffect]:
    without, with_it = (_by_setting(price) for price in sides)
    budgets, series = sides[0].budgets, sides[0].series
    attacked = [(name, budget) for name in attacks for budget in budgets]
    # Without an adversary's policy, nobody attacks; with it, it spends each of the budgets.
    clean = [("", budget) for budget in budgets] if policy.role == "adversary" else [("", 0.0)]
    for defense in (NO_DEFENSE, fixed):
        for attack, budget in (*clean, *attacked):
            before: _Key = (defense, attack, budget if attack else 0.0)
            after = before
            if policy.role == "defender":
                after = (policy.name, *before[1:])
            elif policy.role == "adversary":
                after = (defense, policy.name, budget)
            case: Case = "clean" if not attack else "defended" if defense == fixed else "attacked"
            for h in sides[0].horizons:
                pair = without[h][before], with_it[h][after]
                for name in ("", *series):
                    names = (name,) if name else series
                    scores = [
                        _side_by_side(price, rows, names)
                        for price, rows in zip(sides, pair, strict=True)
                    ]
                    exact = all(rows[one].exact for rows in pair for one in names)
                    setting = (name, h, case, defense, attack, budget)
                    yield _effect(setting, scores[0], scores[1], exact, block, seed)


def _by_setting(price: PriceOfAttack) -> dict[int, dict[_Key, dict[str, AttackRow]]]:
    """Return rows by horizon, by defense, attack and budget, and by series."""
    found: dict[int, dict[_Key, dict[str, AttackRow]]] = {h: {} for h in price.horizons}
    for row in price.rows:
        setting = found[row.horizon].setdefault((row.defense, row.attack, row.budget), {})
        setting[row.unique_id] = row
    return found


def _side_by_side(
    price: PriceOfAttack, rows: Mapping[str, AttackRow], names: Sequence[str]
) -> Array:
    """Return scores by period, shape (period, series); NaN where a series has none."""
    origins = price.origins
    periods = sorted({moment for name in names for moment in origins[name]})
    place = {moment: i for i, moment in enumerate(periods)}
    found = np.full((len(periods), len(names)), np.nan)
    for column, name in enumerate(names):
        found[[place[moment] for moment in origins[name]], column] = price.by_origin[
            row_key(rows[name])
        ]
    return found


def _effect(
    setting: tuple[str, int, Case, str, str, float],
    before: Array,
    after: Array,
    exact: bool,
    block: int | None,
    seed: int,
) -> PolicyEffect:
    difference = after - before
    size = block or max(setting[1], 2, math.ceil(len(before) ** (1 / 3)))
    found = block_bootstrap(difference, block=size, seed=seed)
    both = ~np.isnan(difference)
    means = float(before[both].mean()), float(after[both].mean())
    return PolicyEffect(*setting, found.n, *means, found.mean, found.low, found.high, exact)
