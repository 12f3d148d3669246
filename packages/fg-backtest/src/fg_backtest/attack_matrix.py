"""Attacks and defenses against each other on the series of a block; the worst is sought anew."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.attack import best_hits, search_steps, within_budget

from .attacked_games import AttackedSeries, BlockUnderAttack

__all__ = ["WORST", "AttackRow", "attack_rows"]

Array = NDArray[np.float64]
Places = NDArray[np.intp]

WORST = "worst"
"""Name of the worst attack that was found, sought anew for each defense."""

_GRID = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
_NONE = 2
_CANDIDATES = 3


@dataclass(frozen=True)
class AttackRow:
    """Scores of one series at one horizon, for one attack, budget and defense.

    Args:
        unique_id: name of the series.
        horizon: steps ahead.
        defense: name of the defense.
        attack: name of the attack; empty: there was none.
        budget: units that the attack may spend, in step scales.
        crps: mean CRPS over scored origins, and over seeds where the attack draws random numbers,
            in the unit of the series.
        half_width: half of the 95 % Monte Carlo interval of `crps`; 0 where nothing is drawn.
        coverage_80: share of targets in the central 80 % interval.
        crps_clean: mean CRPS of the same defense without an attack.
        damage: `crps / crps_clean - 1`, with `crps_clean` of the undefended forecast.
        spent: units that were spent, mean over seeds, in step scales.
        exact: whether no attack on the grid of hits is worse, counting all horizons; false also for
            attacks that are not optimised.
        by_origin: CRPS at each scored origin in one-step scales, mean over seeds, shape (origin,);
            NaN where there is no target. It is no column of a table.
    """

    unique_id: str
    horizon: int
    defense: str
    attack: str
    budget: float
    crps: float
    half_width: float
    coverage_80: float
    crps_clean: float
    damage: float
    spent: float
    exact: bool = False
    by_origin: Array = field(default_factory=lambda: np.empty(0), repr=False, compare=False)


def attack_rows(
    under: BlockUnderAttack,
    budgets: Sequence[float],
    cap: float,
    adversaries: Sequence[str],
    defenses: Sequence[str],
    seeds: Sequence[int],
    *,
    worst: bool = True,
    sweeps: int = 1,
) -> Iterator[AttackRow]:
    """Yield the scores of every attack against every defense on each series of a block.

    Args:
        under: games of the block.
        budgets: units that may be spent, in step scales, increasing.
        cap: largest hit, in step scales.
        adversaries: names of the attacks that are not optimised.
        defenses: names of the defenses, "none" the first.
        seeds: seeds of attacks that draw random numbers.
        worst: whether the worst attack is sought.
        sweeps: sweeps of the search where rounds do not separate.

    Yields:
        Rows by defense and series; without an attack first.
    """
    fixed = _FixedAttacks.of(under, budgets, cap, adversaries, seeds)
    undefended: dict[str, dict[int, float]] = {}
    norms: dict[str, dict[int, float]] = {}
    found: dict[str, list[Array]] = {name: [] for name in under.block.names}
    for defense in defenses:
        played = _play_known(under, defense, fixed, cap, worst)
        for name, one in played.known.items():
            clean = {h: float(np.nanmean(scores[0])) for h, scores in one.scores.items()}
            undefended.setdefault(name, clean)
            norms.setdefault(name, {h: max(crps, 1e-300) for h, crps in clean.items()})
            yield from _rows(name, defense, "", 0.0, one, [0], clean, undefended[name])
            for (attack, budget), rows in fixed.places[name].items():
                yield from _rows(name, defense, attack, budget, one, rows, clean, undefended[name])
        if not worst:
            continue
        exact = not under.reasons(defense)
        scripts = _worst_scripts(
            under, defense, budgets, cap, fixed, played, norms, found, 0 if exact else sweeps
        )
        for name, worst_ones in scripts.items():
            found[name] += list(worst_ones)
        final = under.play(defense, scripts, intervals=True)
        for name, one in final.items():
            known = played.known[name]
            clean = {h: float(np.nanmean(scores[0])) for h, scores in known.scores.items()}
            for i, budget in enumerate(budgets):
                yield from _rows(
                    *(name, defense, WORST, budget, one, [i], clean, undefended[name]), exact=exact
                )


@dataclass(frozen=True, eq=False)
class _FixedAttacks:
    """Attacks that are not optimised.

    Args:
        scripts: different scripts by series, shape (script, scored origin); the first is no attack.
        places: rows of the scripts, one per seed, by series, then by name and budget.
    """

    scripts: Mapping[str, Array]
    places: Mapping[str, Mapping[tuple[str, float], list[int]]]

    @classmethod
    def of(
        cls,
        under: BlockUnderAttack,
        budgets: Sequence[float],
        cap: float,
        names: Sequence[str],
        seeds: Sequence[int],
    ) -> _FixedAttacks:
        scripts = {name: {np.zeros(under.counted(name)).tobytes(): 0} for name in under.block.names}
        places: dict[str, dict[tuple[str, float], list[int]]] = {name: {} for name in scripts}
        for attack in names:
            for budget in budgets:
                hits = under.scripts(under.adversary(attack, cap), budget, cap, seeds)
                for name, rows in hits.items():
                    # A zero of either sign is no hit.
                    numbers = [
                        scripts[name].setdefault((row + 0.0).tobytes(), len(scripts[name]))
                        for row in rows
                    ]
                    places[name][attack, budget] = numbers
        return cls(
            {
                name: np.stack([np.frombuffer(key, dtype=np.float64) for key in keys])
                for name, keys in scripts.items()
            },
            places,
        )


@dataclass(frozen=True, eq=False)
class _Known:
    """Scores of a defense under attacks that are not optimised, and under constant hits.

    Args:
        known: games of the scripts, by series.
        table: games of constant hits on the grid, by series; empty where they were not played.
    """

    known: Mapping[str, AttackedSeries]
    table: Mapping[str, AttackedSeries]


def _play_known(
    under: BlockUnderAttack, defense: str, fixed: _FixedAttacks, cap: float, worst: bool
) -> _Known:
    known = under.play(defense, fixed.scripts, intervals=True)
    if not worst:
        return _Known(known, {})
    constant = {
        name: np.outer(_GRID * cap * known[name].step_scale, np.ones(under.counted(name)))
        for name in under.block.names
    }
    return _Known(known, under.play(defense, constant))


def _loss(scores: Mapping[int, Array], norms: Mapping[int, float]) -> Array:
    """Return the loss that attacks make large, in the shape of the scores of a horizon.

    It is the CRPS in units of the undefended clean mean CRPS of the horizon, summed over horizons.
    """
    total: Any = 0.0
    for h, booked in scores.items():
        total = total + np.nan_to_num(booked, nan=0.0) / (norms[h] * max(1, booked.shape[1]))
    return np.asarray(total)


def _worst_scripts(
    under: BlockUnderAttack,
    defense: str,
    budgets: Sequence[float],
    cap: float,
    fixed: _FixedAttacks,
    played: _Known,
    norms: Mapping[str, Mapping[int, float]],
    earlier: Mapping[str, Sequence[Array]],
    sweeps: int,
) -> dict[str, Array]:
    """Return the worst attack that is found for each budget, shape (budget, scored origin).

    Where rounds separate, dynamic programming has the worst on the grid. Else a search starts from
    it, from the worst for other defenses, and from the attack of the smaller budget. Attacks that
    are not optimised, which need not be on the grid, are taken where they are worse.
    """
    hits = _GRID * cap
    per_hit = {n: _loss(one.scores, norms[n]).T for n, one in played.table.items()}
    gains = {n: losses - losses[:, [_NONE]] for n, losses in per_hit.items()}
    units = {n: np.ascontiguousarray(one.units.T) for n, one in played.table.items()}
    scales = {n: one.step_scale for n, one in played.table.items()}
    known = {n: _loss(one.scores, norms[n]).sum(axis=1) for n, one in played.known.items()}
    best: dict[str, tuple[Array, float]] = {
        n: (np.zeros(len(g)), -np.inf) for n, g in gains.items()
    }
    on_grid: dict[str, Places] = {}
    rows: dict[str, list[Array]] = {n: [] for n in gains}
    for budget in budgets:
        found: dict[str, tuple[Places, float]] = {}
        searches: dict[str, Generator[Places, Array, tuple[Places, float]]] = {}
        for n, gain in gains.items():
            solved = best_hits(gain, units[n], hits, budget)
            found[n] = solved, float(per_hit[n][np.arange(solved.size), solved].sum())
            if sweeps:
                smaller = [on_grid[n]] if n in on_grid else []
                constant = [np.full(solved.size, place) for place in range(hits.size)]
                others = [_places(one, hits * scales[n]) for one in earlier[n]]
                searches[n] = search_steps(
                    [solved, *smaller, *constant, *others],
                    units[n],
                    hits,
                    budget,
                    promise=gain,
                    candidates=_CANDIDATES,
                    sweeps=sweeps,
                    climbs=1,
                )
        found |= _searched(under, defense, searches, hits, scales, norms)
        for n, (solved, reached) in found.items():
            on_grid[n] = within_budget(solved, units[n], hits, budget)
            if reached > best[n][1]:
                best[n] = hits[solved] * scales[n], reached
            for (_, spends), numbers in fixed.places[n].items():
                for number in numbers:
                    if spends <= budget and known[n][number] > best[n][1]:
                        best[n] = fixed.scripts[n][number], float(known[n][number])
            rows[n].append(best[n][0])
    return {n: np.stack(scripts) for n, scripts in rows.items()}


def _searched(
    under: BlockUnderAttack,
    defense: str,
    searches: Mapping[str, Generator[Places, Array, tuple[Places, float]]],
    hits: Array,
    scales: Mapping[str, float],
    norms: Mapping[str, Mapping[int, float]],
) -> dict[str, tuple[Places, float]]:
    """Return the attacks found on several series; each step of all searches is one batch."""
    asked = {name: next(steps) for name, steps in searches.items()}
    found: dict[str, tuple[Places, float]] = {}
    while asked:
        games = under.play(defense, {n: hits[places] * scales[n] for n, places in asked.items()})
        following: dict[str, Places] = {}
        for n, one in games.items():
            try:
                following[n] = searches[n].send(_loss(one.scores, norms[n]).sum(axis=1))
            except StopIteration as end:
                found[n] = end.value
        asked = following
    return found


def _places(script: Array, grid: Array) -> Places:
    """Return the nearest hits on the grid."""
    return np.asarray(np.abs(script[:, np.newaxis] - grid).argmin(axis=1), dtype=np.intp)


def _rows(
    name: str,
    defense: str,
    attack: str,
    budget: float,
    played: AttackedSeries,
    numbers: Sequence[int],
    clean: Mapping[int, float],
    undefended: Mapping[int, float],
    *,
    exact: bool = False,
) -> Iterator[AttackRow]:
    different = len(set(numbers)) > 1
    for h, scores in played.scores.items():
        means = np.nanmean(scores[numbers], axis=1)
        width = 1.96 * float(means.std(ddof=1)) / np.sqrt(len(numbers)) if different else 0.0
        crps = float(means.mean())
        yield AttackRow(
            name,
            h,
            defense,
            attack,
            float(budget),
            crps,
            float(width),
            float(np.nanmean(played.covered[h][numbers])),
            clean[h],
            crps / undefended[h] - 1.0,
            float(played.units[numbers].sum(axis=1).mean()),
            exact,
            scores[numbers if different else numbers[:1]].mean(axis=0) / played.step_scale,
        )
