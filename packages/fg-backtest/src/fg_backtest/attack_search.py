"""Attacks on the series of a block: those that are given, and the worst for each defense."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.attack import FoundAttack, best_hits, probes, table_search

from .attacked_games import AttackedSeries, BlockUnderAttack

__all__ = [
    "FirstAttacks",
    "FixedAttacks",
    "OptimisedAttack",
    "clean_scores",
    "grid_of",
    "losses_of",
    "searched_for",
    "solved",
    "worst_fixed",
]

Array = NDArray[np.float64]
Places = NDArray[np.intp]

_APART = 8
"""Rounds between the hits of attacks that tell what a single hit brings."""


def grid_of(cap: float, budgets: Sequence[float]) -> Array:
    """Return the hits of the worst attack: quarters of the cap, and budgets for a smaller hit.

    Args:
        cap: largest hit, in step scales.
        budgets: units that may be spent, in step scales.

    Returns:
        Hits in step scales, both ways and increasing, 0 among them.

    >>> grid_of(4.0, (1.5, 4.0)).tolist()
    [-4.0, -3.0, -2.0, -1.5, -1.0, 0.0, 1.0, 1.5, 2.0, 3.0, 4.0]
    """
    sizes = {cap * share for share in (0.25, 0.5, 0.75, 1.0)} | {b for b in budgets if b < cap}
    return np.array(sorted({0.0, *sizes, *(-size for size in sizes)}))


@dataclass(frozen=True, eq=False)
class FixedAttacks:
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
    ) -> FixedAttacks:
        """Return the hits of these adversaries; arguments as for `attack_rows`."""
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
class FirstAttacks:
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
        fixed: FixedAttacks,
        scales: Mapping[str, float],
        hits: Array,
        earlier: Mapping[str, Sequence[Places]],
        *,
        worst: bool,
        probed: bool,
    ) -> FirstAttacks:
        """Return the attacks of the first batch.

        Args:
            fixed: attacks that are not optimised.
            scales: one-step scales by series, in its unit.
            hits: the grid, in step scales.
            earlier: worst attacks on the grid for other defenses, by series.
            worst: whether the worst attack is sought.
            probed: whether it is searched for.
        """
        scripts, on_grid = {}, {}
        for name, known in fixed.scripts.items():
            n = known.shape[1]
            parts = [np.repeat(np.arange(hits.size)[:, np.newaxis], n, axis=1)] if worst else []
            if worst and probed:
                parts.append(probes(n, hits.size, int(np.argmin(np.abs(hits))), _APART))
                parts += [one[np.newaxis] for one in earlier[name]]
            on_grid[name] = np.concatenate([*parts, np.empty((0, n), dtype=np.intp)])
            scripts[name] = np.concatenate([known, hits[on_grid[name]] * scales[name]])
        return cls(scripts, on_grid, scales, hits)

    def first(self, name: str) -> int:
        """Return the number of the first script of a series that is on the grid."""
        return len(self.scripts[name]) - len(self.on_grid[name])


@dataclass(frozen=True, eq=False)
class OptimisedAttack:
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


def clean_scores(played: AttackedSeries) -> dict[int, float]:
    """Return the mean CRPS without an attack, which is the first script, by horizon."""
    return {h: float(np.nanmean(scores[0])) for h, scores in played.scores.items()}


def losses_of(played: AttackedSeries, undefended: Mapping[int, float]) -> Array:
    """Return the loss that attacks make large, shape (script, scored origin).

    It is the CRPS in units of the undefended clean mean CRPS of the horizon, mean over scored
    origins where it is summed, and summed over horizons.
    """
    total: Any = 0.0
    for h, scores in played.scores.items():
        known = max(1, int(np.count_nonzero(~np.isnan(scores[0]))))
        total = total + np.nan_to_num(scores, nan=0.0) / (max(undefended[h], 1e-300) * known)
    return np.asarray(total)


def worst_fixed(
    fixed: FixedAttacks,
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
    losses = losses_of(played, undefended)[numbers].sum(axis=1)
    best = int(np.argmax(losses))
    return numbers[best], float(losses[best])


def solved(
    attacks: FirstAttacks,
    played: Mapping[str, AttackedSeries],
    undefended: Mapping[str, Mapping[int, float]],
    budgets: Sequence[float],
) -> dict[str, list[OptimisedAttack]]:
    """Return the worst attacks on the grid where rounds separate, by dynamic programming.

    A round's scores are those of the game that has the same hit all along, to the last bit.
    """
    found: dict[str, list[OptimisedAttack]] = {}
    for name, one in played.items():
        first = attacks.first(name)
        constant = slice(first, first + attacks.hits.size)
        none = int(np.argmin(np.abs(attacks.hits)))
        table = losses_of(one, undefended[name])[constant].T
        units, rounds = np.ascontiguousarray(one.units[constant].T), np.arange(table.shape[0])
        found[name] = []
        for budget in budgets:
            places = best_hits(table - table[:, [none]], units, attacks.hits, budget)
            loss = float(table[rounds, places].sum())
            found[name].append(OptimisedAttack(places, loss, one, first + places, 0))
    return found


def searched_for(
    under: BlockUnderAttack,
    defense: str,
    attacks: FirstAttacks,
    played: Mapping[str, AttackedSeries],
    undefended: Mapping[str, Mapping[int, float]],
    budgets: Sequence[float],
    steps: int,
) -> dict[str, list[OptimisedAttack]]:
    """Return the worst attacks on the grid that a search finds; a step on all series is one batch.

    The search begins with the same hit all along, hits that are far apart, and the worst for the
    defenses before.
    """
    hits, scales = attacks.hits, attacks.scales
    searches: dict[str, Generator[Places, Array, list[FoundAttack]]] = {}
    batches: dict[str, list[AttackedSeries]] = {}
    found: dict[str, list[OptimisedAttack]] = {}
    sent: dict[str, Array | None] = dict.fromkeys(played)
    for name, one in played.items():
        first = attacks.first(name)
        searches[name] = table_search(
            attacks.on_grid[name],
            losses_of(one, undefended[name])[first:],
            np.ascontiguousarray(one.units[first : first + hits.size].T),
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
                found[name] = [_with_game(one, batches[name], first) for one in end.value]
        sent = {}
        if asked:
            games = under.play(defense, {n: hits[one] * scales[n] for n, one in asked.items()})
            for name, one in games.items():
                batches[name].append(one)
                sent[name] = losses_of(one, undefended[name])
    return found


def _with_game(
    found: FoundAttack, batches: Sequence[AttackedSeries], first: int
) -> OptimisedAttack:
    """Return the attack with its game, whose number counts over batches from a first game on."""
    number = found.number + first
    for one in batches:
        if number < len(one.units):
            return OptimisedAttack(found.places, found.loss, one, number, found.played)
        number -= len(one.units)
    raise AssertionError(found.number)
