"""Attacks and defenses against each other on the series of a block; the worst is sought anew."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from fg_core.transcendental import stdtrit

from fg_core.attack import FoundAttack, best_hits, probes, table_search

from .attacked_games import AttackedSeries, BlockUnderAttack, adversary_named

__all__ = ["WORST", "AttackRow", "attack_rows"]

Array = NDArray[np.float64]
Places = NDArray[np.intp]

WORST = "worst"
"""Name of the worst attack that was found, sought anew for each defense."""

_GRID = np.array([-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0])
"""Hits of the worst attack, in shares of the cap."""
_NONE = 4
_APART = 8
"""Rounds between the hits of attacks that tell what a single hit brings."""


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
        searched: number of attacks within the budget that were played to find this one; 0 where
            none was searched for.
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
    searched: int = 0


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
        steps: batches of the search where rounds do not separate.

    Yields:
        Rows by defense and series; without an attack first.
    """
    fixed = _FixedAttacks.of(under, budgets, cap, adversaries, seeds)
    scales = under.step_scales()
    undefended: dict[str, dict[int, float]] = {}
    found: dict[str, list[Places]] = {name: [] for name in under.block.names}
    for defense in defenses:
        exact = not under.reasons(defense)
        attacks = _Attacks.of(fixed, scales, cap, found, worst=worst, probed=not exact)
        played = under.play(defense, attacks.scripts)
        for name, one in played.items():
            undefended.setdefault(name, _clean(one))
            yield from _rows(name, defense, "", 0.0, one, [0], undefended[name])
            for (attack, budget), rows in fixed.places[name].items():
                yield from _rows(name, defense, attack, budget, one, rows, undefended[name])
        if not worst:
            continue
        optimised = (
            _solved(attacks, played, undefended, budgets)
            if exact
            else _searched(under, defense, attacks, played, undefended, budgets, steps)
        )
        for name, on_grid in optimised.items():
            found[name] += [one.places for one in on_grid]
            for budget, one in zip(budgets, on_grid, strict=True):
                games, where = one.games, one.played
                other = _worst_fixed(fixed, name, played[name], undefended[name], budget)
                if other is not None and other[1] > one.loss:
                    games, where = other[0], played[name]
                yield from _rows(
                    *(name, defense, WORST, budget, where, [games], undefended[name]),
                    clean=_clean(played[name]),
                    exact=exact,
                    searched=one.searched,
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
                hits = under.scripts(adversary_named(attack, cap), budget, cap, seeds)
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
class _Attacks:
    """Attacks that are played in the first batch of a defense.

    Args:
        scripts: hits by series, shape (script, scored origin): those that are not optimised, then
            those on the grid.
        on_grid: places on the grid of the latter, by series; the first are the same hit all along.
        scales: one-step scales by series, in its unit.
        hits: the grid, in step scales.
    """

    scripts: Mapping[str, Array]
    on_grid: Mapping[str, Places]
    scales: Mapping[str, float]
    hits: Array

    @classmethod
    def of(
        cls,
        fixed: _FixedAttacks,
        scales: Mapping[str, float],
        cap: float,
        earlier: Mapping[str, Sequence[Places]],
        *,
        worst: bool,
        probed: bool,
    ) -> _Attacks:
        scripts, on_grid = {}, {}
        for name, known in fixed.scripts.items():
            n = known.shape[1]
            parts = [np.repeat(np.arange(_GRID.size)[:, np.newaxis], n, axis=1)] if worst else []
            if worst and probed:
                parts.append(probes(n, _GRID.size, _NONE, _APART))
                parts += [one[np.newaxis] for one in earlier[name]]
            on_grid[name] = np.concatenate([*parts, np.empty((0, n), dtype=np.intp)])
            hits = (_GRID * cap)[on_grid[name]] * scales[name]
            scripts[name] = np.concatenate([known, hits])
        return cls(scripts, on_grid, scales, _GRID * cap)

    def first(self, name: str) -> int:
        """Return the number of the first script of a series that is on the grid."""
        return len(self.scripts[name]) - len(self.on_grid[name])


@dataclass(frozen=True, eq=False)
class _Optimised:
    """Worst attack on the grid: its places, its loss, and the games that its rounds are taken of.

    Args:
        places: places on the grid, shape (scored origin,).
        loss: loss that it does.
        played: games of the series.
        games: number of its game; where rounds separate, that of each scored origin.
        searched: number of attacks that were played to find it.
    """

    places: Places
    loss: float
    played: AttackedSeries
    games: Any
    searched: int


def _clean(played: AttackedSeries) -> dict[int, float]:
    """Return the mean CRPS without an attack, which is the first script, by horizon."""
    return {h: float(np.nanmean(scores[0])) for h, scores in played.scores.items()}


def _losses(played: AttackedSeries, undefended: Mapping[int, float]) -> Array:
    """Return the loss that attacks make large, shape (script, scored origin).

    It is the CRPS in units of the undefended clean mean CRPS of the horizon, mean over scored
    origins where it is summed, and summed over horizons.
    """
    total: Any = 0.0
    for h, scores in played.scores.items():
        known = max(1, int(np.count_nonzero(~np.isnan(scores[0]))))
        total = total + np.nan_to_num(scores, nan=0.0) / (max(undefended[h], 1e-300) * known)
    return np.asarray(total)


def _worst_fixed(
    fixed: _FixedAttacks,
    name: str,
    played: AttackedSeries,
    undefended: Mapping[int, float],
    budget: float,
) -> tuple[int, float] | None:
    """Return the number and the loss of the worst attack that is not optimised; it may be off grid.

    None: there is none within the budget.
    """
    numbers = sorted(
        {n for (_, spends), rows in fixed.places[name].items() if spends <= budget for n in rows}
    )
    if not numbers:
        return None
    losses = _losses(played, undefended)[numbers].sum(axis=1)
    best = int(np.argmax(losses))
    return numbers[best], float(losses[best])


def _solved(
    attacks: _Attacks,
    played: Mapping[str, AttackedSeries],
    undefended: Mapping[str, Mapping[int, float]],
    budgets: Sequence[float],
) -> dict[str, list[_Optimised]]:
    """Return the worst attacks on the grid where rounds separate, by dynamic programming.

    A round's scores are those of the game that has the same hit all along, to the last bit.
    """
    found: dict[str, list[_Optimised]] = {}
    for name, one in played.items():
        first = attacks.first(name)
        constant = slice(first, first + _GRID.size)
        table = _losses(one, undefended[name])[constant].T
        units, rounds = np.ascontiguousarray(one.units[constant].T), np.arange(table.shape[0])
        found[name] = []
        for budget in budgets:
            places = best_hits(table - table[:, [_NONE]], units, attacks.hits, budget)
            loss = float(table[rounds, places].sum())
            found[name].append(_Optimised(places, loss, one, first + places, 0))
    return found


def _searched(
    under: BlockUnderAttack,
    defense: str,
    attacks: _Attacks,
    played: Mapping[str, AttackedSeries],
    undefended: Mapping[str, Mapping[int, float]],
    budgets: Sequence[float],
    steps: int,
) -> dict[str, list[_Optimised]]:
    """Return the worst attacks on the grid that a search finds; a step on all series is one batch.

    The search begins with the same hit all along, hits that are far apart, and the worst for the
    defenses before.
    """
    hits, scales = attacks.hits, attacks.scales
    searches: dict[str, Generator[Places, Array, list[FoundAttack]]] = {}
    batches: dict[str, list[AttackedSeries]] = {}
    found: dict[str, list[_Optimised]] = {}
    sent: dict[str, Array | None] = dict.fromkeys(played)
    for name, one in played.items():
        first = attacks.first(name)
        searches[name] = table_search(
            attacks.on_grid[name],
            _losses(one, undefended[name])[first:],
            np.ascontiguousarray(one.units[first : first + _GRID.size].T),
            hits,
            budgets,
            steps=steps,
        )
        batches[name] = [one]
    while sent:
        asked: dict[str, Places] = {}
        for name, losses in sent.items():
            try:
                asked[name] = searches[name].send(losses)  # type: ignore[arg-type]
            except StopIteration as end:
                first = attacks.first(name)
                found[name] = [_optimised(one, batches[name], first) for one in end.value]
        sent = {}
        if asked:
            games = under.play(defense, {n: hits[one] * scales[n] for n, one in asked.items()})
            for name, one in games.items():
                batches[name].append(one)
                sent[name] = _losses(one, undefended[name])
    return found


def _optimised(found: FoundAttack, batches: Sequence[AttackedSeries], first: int) -> _Optimised:
    """Return the attack with its game, whose number counts over batches from a first game on."""
    number = found.number + first
    for one in batches:
        if number < len(one.units):
            return _Optimised(found.places, found.loss, one, number, found.played)
        number -= len(one.units)
    raise AssertionError(found.number)


def _rows(
    name: str,
    defense: str,
    attack: str,
    budget: float,
    played: AttackedSeries,
    games: Sequence[Any],
    undefended: Mapping[int, float],
    *,
    clean: Mapping[int, float] | None = None,
    exact: bool = False,
    searched: int = 0,
) -> Iterator[AttackRow]:
    """Yield the row of each horizon: means over games, one per seed."""
    clean = _clean(played) if clean is None else clean
    rounds = np.arange(played.units.shape[1])
    where = [(np.broadcast_to(one, rounds.shape), rounds) for one in games]
    width = _interval_factor(len(games)) if len({np.asarray(n).tobytes() for n in games}) > 1 else 0
    for h, scores in played.scores.items():
        means = np.array([np.nanmean(scores[one]) for one in where])
        covered = [float(np.nanmean(played.covered(h, one))) for one in games]
        crps = float(means.mean())
        yield AttackRow(
            name,
            h,
            defense,
            attack,
            float(budget),
            crps,
            width * float(means.std(ddof=1)) / np.sqrt(len(games)) if width else 0.0,
            float(np.mean(covered)),
            clean[h],
            crps / undefended[h] - 1.0,
            float(np.mean([played.units[one].sum() for one in where])),
            exact,
            searched,
        )


def _interval_factor(n: int) -> float:
    """Return by what the standard error of a mean of n draws is multiplied for 95 % (Student)."""
    return float(stdtrit(n - 1, 0.975))
