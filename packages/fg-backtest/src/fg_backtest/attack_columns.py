"""Attacks on context columns in place of the value: those that are given, and the worst found.

The worst is sought over (column, round, size), anew for each defense: a hit of the grid is a size
on one column, so that the search over a table of payoffs that finds the worst prints finds the
worst columns too. It begins with every constant hit, with hits far apart where the defense
remembers, with the attacks that are given and with random ones; what it finds is a lower bound.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

import msgspec
import numpy as np
from numpy.typing import NDArray

from fg_core import AgentRegistry, ConfigError, ForecastGame, RandomWalk
from fg_core.agents import random_columns
from fg_core.attack import probes, table_search
from fg_core.game.history import PathPast
from fg_core.resolution import round_hit

from .attack_matrix import PlayedRow, scored_rows
from .attack_search import clean_scores, losses_of
from .attacked_games import AttackedSeries, BlockUnderAttack, started
from .schema import WORST_ON_COLUMNS

__all__ = ["ColumnHits", "column_attack_rows", "hits_columns", "on_columns"]

Array = NDArray[np.float64]
Places = NDArray[np.intp]

_APART = 8
"""Rounds between the hits of attacks that tell what a single hit brings."""
_RANDOM = 3
"""Random attacks per budget with which the search begins."""


def hits_columns(adversary: Any) -> bool:
    """Return whether an adversary hits context columns, as it declares.

    Args:
        adversary: an adversary.

    >>> hits_columns(random_columns())
    True
    """
    return bool(getattr(adversary, "hits_columns", False))


def on_columns(under: BlockUnderAttack, name: str, cap: float) -> bool:
    """Return whether an attack is one on context columns.

    Args:
        under: games of the block.
        name: name of the attack.
        cap: largest hit, in step scales.
    """
    return name == WORST_ON_COLUMNS or hits_columns(under.adversary(name, cap))


@dataclass(frozen=True, eq=False)
class ColumnHits:
    """Context columns of one series that may be hit, and what hits on them count and cost.

    Args:
        names: names of the columns that moved before the game.
        scales: one unit of attack on each, shape (column,), in the unit of the column.
        decimals: resolution of each, shape (column,); -1: none.
        true: true values, shape (column, scored origin); NaN where a period does not show one.
    """

    names: tuple[str, ...]
    scales: Array
    decimals: NDArray[np.intp]
    true: Array

    @classmethod
    def of(cls, under: BlockUnderAttack, name: str, attack: str) -> ColumnHits:
        """Return the columns of a series.

        Args:
            under: games of the block.
            name: name of the series.
            attack: name of the attack that needs them.

        Raises:
            ConfigError: None is played with the series, or its values are late or revised.
        """
        group = dict(zip(under.block.names, under.block.groups(), strict=True))[name]
        world: Any = group.world
        if hasattr(world, "vintage"):
            raise ConfigError(
                f"attack {attack!r} hits context columns, which are not followed where values are "
                f"late or revised, as those of {name!r} are: leave it out"
            )
        past = PathPast.of(
            world.training(group.initial), world.withheld, "", gap=under.game.config.reveal_lag - 1
        )
        begin = group.initial.t - world.first_t + under.first_scored(name)
        rows = world.rows[begin : begin + under.counted(name)]
        usable = [one for one, scale in past.column_scales.items() if scale > 0.0]
        names = tuple(
            one for one in sorted(usable) if any(one in row.macro_context for row in rows)
        )
        if not names:
            raise ConfigError(
                f"attack {attack!r} hits the columns beside a series, and {name!r} is played "
                "without any that move: give data with other columns (macro_context), or leave "
                "this attack out"
            )
        return cls(
            names,
            np.array([past.column_scales[one] for one in names]),
            np.array([past.column_decimals[one] for one in names], dtype=np.intp),
            np.array([[row.macro_context.get(one, np.nan) for row in rows] for one in names]),
        )

    def counted(self, hits: Mapping[str, Array]) -> tuple[dict[str, Array], Array]:
        """Return hits as they count, rounded to the resolution of the columns.

        Args:
            hits: hits by column, in its unit, shape (script, scored origin); one may be missing.

        Returns:
            Hits that count, likewise, 0 where the column is not shown; and their units, shape
            (script, scored origin), in step scales of the columns.
        """
        found, units = {}, np.zeros(next(iter(hits.values())).shape)
        for i, column in enumerate(self.names):
            if column in hits:
                shown = ~np.isnan(self.true[i])
                asked = np.where(shown, hits[column], 0.0)
                value = np.where(shown, self.true[i], 0.0)
                _, found[column] = round_hit(value, asked, int(self.decimals[i]))
                units = units + np.abs(found[column]) / self.scales[i]
        return found, units


@dataclass(frozen=True, eq=False)
class _Scripts:
    """Attacks on the columns of one series.

    Args:
        columns: the columns.
        grid: nominal hits, shape (hit,), in step scales, 0 (no hit) the first.
        which: number of the column of each, shape (hit,).
        costs: units that are booked, shape (scored origin, hit).
        given: hits of attacks that are not on the grid, the first none, by column, shape
            (script, scored origin), in the unit of the column.
        places: rows of these, one per seed, by name and budget of the attack.
    """

    columns: ColumnHits
    grid: Array
    which: NDArray[np.intp]
    costs: Array
    given: Mapping[str, Array]
    places: Mapping[tuple[str, float], list[int]]

    def hits(self, places: Places) -> dict[str, Array]:
        """Return hits by column, in its unit, of attacks on the grid, shape (attack, round)."""
        sizes = self.grid[places]
        return {
            column: np.where(self.which[places] == i, sizes, 0.0) * self.columns.scales[i]
            for i, column in enumerate(self.columns.names)
        }


def column_attack_rows(
    under: BlockUnderAttack,
    budgets: Sequence[float],
    cap: float,
    names: Sequence[str],
    defenses: Sequence[str],
    seeds: Sequence[int],
    steps: int = 2,
) -> list[PlayedRow]:
    """Return the scores of attacks on context columns against every defense.

    They are played in batches of their own, so that no other figure depends on them.

    Args:
        under: games of the block.
        budgets: units that may be spent, in step scales of the columns, increasing.
        cap: largest hit in a round, likewise.
        names: names of the attacks, `WORST_ON_COLUMNS` the one that is sought.
        defenses: names of the defenses, "none" the first.
        seeds: seeds of attacks that draw random numbers.
        steps: batches of attacks in the search.

    Returns:
        Rows by defense and series.

    Raises:
        ConfigError: A series has no columns that can be hit.
    """
    if not names:
        return []
    scripts = {
        name: _scripts(under, name, budgets, cap, names, seeds) for name in under.block.names
    }
    undefended: dict[str, dict[int, float]] = {}
    earlier: dict[str, list[Places]] = {name: [] for name in scripts}
    found: list[PlayedRow] = []
    for defense in defenses:
        remembers = bool(under.reasons(defense))
        starts = {
            name: _starts(one, under.counted(name), earlier[name], remembers)
            if WORST_ON_COLUMNS in names
            else np.empty((0, under.counted(name)), dtype=np.intp)
            for name, one in scripts.items()
        }
        played = _play(under, defense, scripts, {n: s.given for n, s in scripts.items()}, starts)
        for name, one in played.items():
            undefended.setdefault(name, clean_scores(one))
            for (attack, budget), games in scripts[name].places.items():
                if attack in names:
                    found += scored_rows(
                        name, defense, attack, budget, one, games, undefended[name]
                    )
        if WORST_ON_COLUMNS in names:
            found += _sought(
                under, defense, scripts, starts, played, undefended, earlier, budgets, steps
            )
    told = {name: ", ".join(one.columns.names) for name, one in scripts.items()}
    return [(msgspec.structs.replace(row, columns=told[row.unique_id]), own) for row, own in found]


def _scripts(
    under: BlockUnderAttack,
    name: str,
    budgets: Sequence[float],
    cap: float,
    names: Sequence[str],
    seeds: Sequence[int],
) -> _Scripts:
    """Return the attacks on the columns of a series, which depend on no defense."""
    columns = ColumnHits.of(under, name, names[0])
    n = under.counted(name)
    sizes = sorted({0.5 * cap, cap} | {min(budgets[0], cap)})
    signed = [sign * size for size in sizes for sign in (-1.0, 1.0)]
    grid = np.array([0.0, *(hit for _ in columns.names for hit in signed)])
    which = np.array([0, *(i for i in range(len(columns.names)) for _ in signed)], dtype=np.intp)
    costs = np.zeros((n, grid.size))
    for place in range(1, grid.size):
        one = columns.names[which[place]]
        hit = np.full((1, n), grid[place] * columns.scales[which[place]])
        costs[:, place] = columns.counted({one: hit})[1][0]
    rows: list[dict[str, Array]] = [{one: np.zeros(n) for one in columns.names}]
    places: dict[tuple[str, float], list[int]] = {}
    wanted = [(one, under.adversary(one, cap), seeds) for one in names if one != WORST_ON_COLUMNS]
    if WORST_ON_COLUMNS in names:
        # The search begins with random attacks, so that it never finds less than they do.
        begun = range(seeds[0], seeds[0] + _RANDOM)
        wanted.append(("", replace(random_columns(), size=cap), tuple(begun)))
    for attack, adversary, own in wanted:
        for budget in budgets:
            for seed in own:
                places.setdefault((attack, budget), []).append(len(rows))
                rows.append(_script(under, name, columns, adversary, budget, cap, seed))
    given = {one: np.stack([row[one] for row in rows]) for one in columns.names}
    return _Scripts(columns, grid, which, costs, given, places)


def _script(
    under: BlockUnderAttack,
    name: str,
    columns: ColumnHits,
    adversary: Any,
    budget: float,
    cap: float,
    seed: int,
) -> dict[str, Array]:
    """Return the hits of an adversary by column, within the budget, in the unit of the column."""
    group = dict(zip(under.block.names, under.block.groups(), strict=True))[name]
    assert group.world is not None
    begin, n = under.first_scored(name), under.counted(name)
    config = replace(
        under._config(), attack_cap=cap, attack_total=budget, horizons=(1,), horizon=begin + n
    )
    delayed: Any = started(adversary, group.initial.t + begin)
    # What it does depends on the true series alone, so that any forecaster will do.
    game = ForecastGame(
        config,
        seed=seed,
        registry=AgentRegistry((RandomWalk(),), (delayed,)),
        game=crc32(name.encode()),
    )
    steps = game.run(group.initial, world=group.world).steps[begin : begin + n]
    found = {one: np.zeros(n) for one in columns.names}
    for r, step in enumerate(steps):
        for column, hit in step.actions[0].context.items():
            # The sum of value and hit may be a little short of the next decimal, and rounds towards
            # the truth: so much more makes it the same report again.
            decimals = int(columns.decimals[columns.names.index(column)])
            more = 0.0 if decimals < 0 else 1e-6 * 10.0**-decimals
            found[column][r] = hit + np.copysign(more, hit)
    return found


def _starts(scripts: _Scripts, rounds: int, earlier: Sequence[Places], remembers: bool) -> Places:
    """Return the attacks on the grid that the search begins with: constant ones the first."""
    parts = [np.repeat(np.arange(scripts.grid.size)[:, np.newaxis], rounds, axis=1)]
    if remembers:
        largest = np.abs(scripts.grid) == np.abs(scripts.grid).max()
        apart = probes(rounds, scripts.grid.size, 0, _APART)
        parts.append(apart[largest[apart.max(axis=1)]])
        parts += [one[np.newaxis] for one in earlier]
    return np.concatenate(parts)


def _play(
    under: BlockUnderAttack,
    defense: str,
    scripts: Mapping[str, _Scripts],
    given: Mapping[str, Mapping[str, Array]],
    on_grid: Mapping[str, Places],
) -> dict[str, AttackedSeries]:
    """Play attacks that are given and then those on the grid, as one batch."""
    hits: dict[str, dict[str, Array]] = {}
    for name, places in on_grid.items():
        more, known = scripts[name].hits(places), given.get(name, {})
        hits[name] = {
            one: np.concatenate([known[one], rows]) if one in known else rows
            for one, rows in more.items()
        }
    counted = {name: scripts[name].columns.counted(one) for name, one in hits.items()}
    shown = {
        name: {
            one: np.where(counted[name][0][one] != 0.0, asked, 0.0) for one, asked in own.items()
        }
        for name, own in hits.items()
    }
    nothing = {name: np.zeros(units.shape) for name, (_, units) in counted.items()}
    played = under.play(defense, nothing, shown)
    return {name: replace(one, units=counted[name][1]) for name, one in played.items()}


def _sought(
    under: BlockUnderAttack,
    defense: str,
    scripts: Mapping[str, _Scripts],
    starts: Mapping[str, Places],
    played: Mapping[str, AttackedSeries],
    undefended: Mapping[str, Mapping[int, float]],
    earlier: Mapping[str, list[Places]],
    budgets: Sequence[float],
    steps: int,
) -> list[PlayedRow]:
    """Return the rows of the worst attacks that a search finds for one defense."""
    found: list[PlayedRow] = []
    for name, first in played.items():
        own, norm = scripts[name], undefended[name]
        begin = len(first.units) - len(starts[name])
        losses = losses_of(first, norm)
        search = table_search(
            starts[name], losses[begin:], own.costs, own.grid, budgets, steps=steps
        )
        batches, sent = [(begin, first)], None
        while True:
            try:
                asked = search.send(sent)  # type: ignore[arg-type]
            except StopIteration as end:
                best = end.value
                break
            games = _play(under, defense, {name: own}, {}, {name: asked})[name]
            batches.append((0, games))
            sent = losses_of(games, norm)
        for budget, one in zip(budgets, best, strict=True):
            number, where = one.number, first
            for skipped, where in batches:
                number += skipped
                if number < len(where.units):
                    break
                number -= len(where.units)
            rows = [n for (_, b), all_of in own.places.items() if b <= budget for n in all_of]
            beside = max(rows, key=lambda n: losses[n].sum(), default=0)
            if losses[beside].sum() > one.loss:
                number, where = beside, first
            earlier[name].append(one.places)
            found += scored_rows(
                *(name, defense, WORST_ON_COLUMNS, budget, where, [number], norm),
                clean=clean_scores(first),
                searched=one.played + len(rows),
            )
    return found
