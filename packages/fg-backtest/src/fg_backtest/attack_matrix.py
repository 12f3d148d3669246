"""Attacks and defenses against each other on the series of a block, as rows of scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.transcendental import stdtrit

from .attack_search import (
    FirstAttacks,
    FixedAttacks,
    clean_scores,
    grid_of,
    searched_for,
    solved,
    worst_fixed,
)
from .attacked_games import AttackedSeries, BlockUnderAttack
from .schema import WORST, AttackRow

__all__ = ["PlayedRow", "attack_rows", "scored_rows"]

Array = NDArray[np.float64]
Places = NDArray[np.intp]

PlayedRow = tuple[AttackRow, Array]
"""A row, and its CRPS at each scored origin in one-step scales: mean over seeds, shape (origin,);
NaN where there is no target."""


def attack_rows(
    under: BlockUnderAttack,
    budgets: Sequence[float],
    cap: float,
    adversaries: Sequence[str],
    defenses: Sequence[str],
    seeds: Sequence[int],
    *,
    worst: bool = True,
    steps: int = 2,
) -> list[PlayedRow]:
    """Return the scores of every attack against every defense on each series of a block.

    Args:
        under: games of the block.
        budgets: units that may be spent, in step scales, increasing.
        cap: largest hit, in step scales.
        adversaries: names of the attacks that are not optimised.
        defenses: names of the defenses, "none" the first.
        seeds: seeds of attacks that draw random numbers.
        worst: whether the worst attack is sought.
        steps: batches of the search where rounds do not separate.

    Returns:
        Rows by defense and series; without an attack first.
    """
    fixed = FixedAttacks.of(under, budgets, cap, adversaries, seeds)
    scales, hits = under.step_scales(), grid_of(cap, budgets)
    undefended: dict[str, dict[int, float]] = {}
    found: dict[str, list[Places]] = {name: [] for name in under.block.names}
    rows_of: dict[str, list[PlayedRow]] = {defense: [] for defense in defenses}
    separable = {defense: not under.reasons(defense) for defense in defenses}
    # A search begins with what hurts the defenses against which the worst is known exactly.
    for defense in (defenses[0], *sorted(defenses[1:], key=lambda one: not separable[one])):
        exact, rows = separable[defense], rows_of[defense]
        attacks = FirstAttacks.of(fixed, scales, hits, found, worst=worst, probed=not exact)
        played = under.play(defense, attacks.scripts)
        for name, one in played.items():
            undefended.setdefault(name, clean_scores(one))
            rows += scored_rows(name, defense, "", 0.0, one, [0], undefended[name])
            for (attack, budget), games in fixed.places[name].items():
                rows += scored_rows(name, defense, attack, budget, one, games, undefended[name])
        if not worst:
            continue
        optimised = (
            solved(attacks, played, undefended, budgets)
            if exact
            else searched_for(under, defense, attacks, played, undefended, budgets, steps)
        )
        for name, on_grid in optimised.items():
            found[name] += [worst_one.places for worst_one in on_grid]
            for budget, worst_one in zip(budgets, on_grid, strict=True):
                game, where = worst_one.games, worst_one.played
                other = worst_fixed(fixed, name, played[name], undefended[name], budget)
                if other is not None and other[1] > worst_one.loss:
                    game, where = other[0], played[name]
                rows += scored_rows(
                    *(name, defense, WORST, budget, where, [game], undefended[name]),
                    clean=clean_scores(played[name]),
                    exact=exact,
                    searched=worst_one.searched,
                )
    return [row for defense in defenses for row in rows_of[defense]]


def scored_rows(
    name: str,
    defense: str,
    attack: str,
    budget: float,
    played: AttackedSeries,
    games: list[Any],
    undefended: Mapping[int, float],
    *,
    clean: Mapping[int, float] | None = None,
    exact: bool = False,
    searched: int = 0,
) -> Iterator[PlayedRow]:
    """Yield the row of each horizon: means over games, one per seed.

    Args:
        name: name of the series.
        defense: name of the defense.
        attack: name of the attack; empty: none.
        budget: units that it may spend, in step scales.
        played: games of the series, the first without an attack.
        games: number of the game of each seed, or, where rounds separate, of each scored origin.
        undefended: mean CRPS of the undefended forecast without an attack, by horizon.
        clean: mean CRPS of this defense without an attack, by horizon; None: it was played here.
        exact: whether no attack on the grid is worse.
        searched: number of attacks that were compared.
    """
    clean = clean_scores(played) if clean is None else clean
    rounds = np.arange(played.units.shape[1])
    # Attacks that draw nothing are one game for all seeds.
    numbers = games if len(games) == 1 else sorted(set(games))
    shares = np.array([1.0]) if len(games) == 1 else np.array([games.count(n) for n in numbers])
    shares = shares / shares.sum()
    where = [(np.broadcast_to(one, rounds.shape), rounds) for one in numbers]
    for h, scores in played.scores.items():
        means = np.array([np.nanmean(scores[one]) for one in where])
        covered = np.array([np.nanmean(played.covered(h, one)) for one in numbers])
        crps = float(means @ shares)
        by_origin = shares @ np.array([scores[one] for one in where]) / played.step_scale
        row = AttackRow(
            name,
            h,
            defense,
            attack,
            float(budget),
            crps,
            _half_width(means, shares, len(games)),
            float(covered @ shares),
            clean[h],
            crps / undefended[h] - 1.0,
            float(np.array([played.units[one].sum() for one in where]) @ shares),
            exact,
            searched,
        )
        yield row, by_origin


def _half_width(means: Array, shares: Array, n: int) -> float:
    """Return half of the 95 % interval of a mean over n draws (Student); 0 where all are one.

    Args:
        means: different outcomes.
        shares: share of the draws that had each.
        n: number of draws.
    """
    if means.size == 1:
        return 0.0
    variance = n / (n - 1) * float(shares @ (means - shares @ means) ** 2)
    return float(stdtrit(n - 1, 0.975)) * float(np.sqrt(variance / n))
