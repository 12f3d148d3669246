"""Curve of the price of attack: scores of every attack against every defense, by budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core import ConfigError

from .schema import WORST, AttackReport, AttackRow
from .tabular import frame_of

__all__ = ["UNDEFENDED", "PriceOfAttack", "certified_mean", "row_key"]

UNDEFENDED = "none"
"""Name of no defense at all."""


Array = NDArray[np.float64]
RowKey = tuple[str, int, str, str, float]


def row_key(row: AttackRow) -> RowKey:
    """Return the key of a row: series, horizon, defense, attack and budget."""
    return row.unique_id, row.horizon, row.defense, row.attack, row.budget


def certified_mean(rows: Sequence[AttackRow]) -> float | None:
    """Return the mean of what is certified of several series; None where one has no certificate.

    Args:
        rows: rows of one attack, budget, defense and horizon, one per series.

    Returns:
        Upper bound of the mean damage, a share of the undefended clean CRPS.
    """
    bounds = [row.certified for row in rows if row.certified is not None]
    return float(np.mean(bounds)) if len(bounds) == len(rows) else None


@dataclass(frozen=True, repr=False)
class PriceOfAttack:
    """Scores of every attack against every defense, by series, horizon and budget.

    Args:
        rows: scores, those without an attack first.
        cap: largest hit, in step scales.
        n_seeds: number of seeds of attacks that draw random numbers.
        origins: first moments of the periods of the scored origins, by series; of a price that was
            read from a report there are none.
        by_origin: CRPS at each scored origin in one-step scales by `row_key`, mean over seeds,
            shape (origin,), NaN where there is no target; likewise.
    """

    rows: tuple[AttackRow, ...]
    cap: float
    n_seeds: int
    origins: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    by_origin: Mapping[RowKey, Array] = field(default_factory=dict)

    def __repr__(self) -> str:
        return (
            f"<PriceOfAttack of {len(self.series)} series, {len(self.attacks)} attacks, "
            f"{len(self.defenses)} defenses>"
        )

    def _different(self, name: str) -> tuple[Any, ...]:
        return tuple(dict.fromkeys(getattr(row, name) for row in self.rows))

    @property
    def series(self) -> tuple[str, ...]:
        """Names of the series."""
        return self._different("unique_id")

    @property
    def horizons(self) -> tuple[int, ...]:
        """Steps ahead."""
        return self._different("horizon")

    @property
    def defenses(self) -> tuple[str, ...]:
        """Names of the defenses, "none" the first."""
        return self._different("defense")

    @property
    def attacks(self) -> tuple[str, ...]:
        """Names of the attacks."""
        return tuple(name for name in self._different("attack") if name)

    @property
    def budgets(self) -> tuple[float, ...]:
        """Units that attacks may spend, in step scales, increasing."""
        return tuple(budget for budget in self._different("budget") if budget > 0.0)

    def mean_over_series(self, defense: str, attack: str, budget: float, horizon: int) -> AttackRow:
        """Return the mean of the scores of all series, with relative figures that suit any unit.

        Args:
            defense: name of the defense.
            attack: name of the attack; empty: none.
            budget: units that it may spend; 0 without an attack.
            horizon: steps ahead.

        Returns:
            Row of the series named "": `damage` and `coverage_80` are means over series, `crps` is
            the mean CRPS in units of the undefended clean one, `half_width` likewise.

        Raises:
            ConfigError: There is no such row.
        """
        key = (defense, attack, budget, horizon)
        rows = [r for r in self.rows if (r.defense, r.attack, r.budget, r.horizon) == key]
        if not rows:
            raise ConfigError(f"nothing was played for {key}")
        # crps / (1 + damage) is the undefended clean CRPS.
        units = np.array([row.crps / (1.0 + row.damage) for row in rows])
        widths = np.array([row.half_width for row in rows]) / units
        return AttackRow(
            "",
            horizon,
            defense,
            attack,
            budget,
            float(np.mean([1.0 + row.damage for row in rows])),
            float(np.sqrt((widths**2).sum()) / len(rows)),
            float(np.mean([row.coverage_80 for row in rows])),
            float(np.mean([row.crps_clean for row in rows] / units)),
            float(np.mean([row.damage for row in rows])),
            float(np.mean([row.spent for row in rows])),
            all(row.exact for row in rows),
            certified=certified_mean(rows),
            uncertified="; ".join(dict.fromkeys(r.uncertified for r in rows if r.uncertified)),
            columns=", ".join(
                sorted({one for r in rows for one in r.columns.split(", ") if r.columns})
            ),
        )

    def is_on_columns(self, attack: str) -> bool:
        """Return whether an attack hits context columns in place of the value.

        Args:
            attack: name of the attack.
        """
        return any(row.attack == attack and row.columns for row in self.rows)

    def worst_attack(
        self, defense: str, budget: float, horizon: int, *, on_columns: bool | None = None
    ) -> AttackRow:
        """Return the attack on a defense with the largest mean damage over series.

        Args:
            defense: name of the defense.
            budget: units that it may spend, in step scales.
            horizon: steps ahead.
            on_columns: whether attacks on context columns alone are meant, or those on prints
                alone; None: all.

        Raises:
            ConfigError: There is no such attack.
        """
        names = [name for name in self.attacks if on_columns in (None, self.is_on_columns(name))]
        if not names:
            raise ConfigError(f"no attack was played {'on columns' if on_columns else 'on prints'}")
        return max(
            (self.mean_over_series(defense, name, budget, horizon) for name in names),
            key=lambda row: row.damage,
        )

    def best_defense(self, budget: float, horizon: int) -> str:
        """Return the defense whose worst attack does least damage, mean over series."""
        return min(self.defenses, key=lambda name: self.worst_attack(name, budget, horizon).damage)

    def clean_costs(self) -> dict[tuple[str, int, str], float]:
        """Return the cost of each defense without an attack: share of the undefended CRPS.

        Returns:
            Cost by defense, horizon and series; negative: the defense helps.
        """
        return {
            (row.defense, row.horizon, row.unique_id): row.damage
            for row in self.rows
            if not row.attack and row.defense != UNDEFENDED
        }

    def columns(self) -> dict[str, list[Any]]:
        """Return all rows as columns by name."""
        names = AttackRow.__struct_fields__
        return {name: [getattr(row, name) for row in self.rows] for name in names}

    def to_report(self) -> AttackReport:
        """Return all figures as the section of a report."""
        best = {
            str(h): {f"{b:g}": self.best_defense(b, h) for b in self.budgets} for h in self.horizons
        }
        return AttackReport(self.cap, self.n_seeds, self.rows, best)

    def to_frame(self) -> Any:
        """Return all rows as a pandas data frame; columns are the fields of `AttackRow`.

        Raises:
            ConfigError: pandas is not installed.
        """
        return frame_of(self.columns())

    def table(self, *, width: int = 100, color: bool = False, ascii_only: bool = False) -> str:
        """Return the curve, the costs and the best defense per budget as text.

        Args:
            width: characters in a line.
            color: whether to mark with colours (ANSI codes) too.
            ascii_only: whether to leave out all but ASCII characters.
        """
        from .attack_table import attack_table
        from .drawing import Look

        return attack_table(self, Look(width, color, ascii_only))

    def plot(self, horizon: int | None = None) -> Any:
        """Return a chart of damage and coverage against budget, a line per defense.

        Args:
            horizon: steps ahead; None: the first.

        Returns:
            A matplotlib figure: the worst attack, mean over series, in the band of its 95 % Monte
            Carlo interval where it draws random numbers. Attacks on prints and on context columns
            have lines of their own.

        Raises:
            ConfigError: matplotlib is not installed, or nothing was played for this horizon.
        """
        from fg_core.plotting import budget_chart

        h = self.horizons[0] if horizon is None else horizon
        if h not in self.horizons:
            raise ConfigError(f"horizon {h!r} was not played; there are {self.horizons}")
        damage: dict[str, list[float]] = {}
        widths: dict[str, list[float]] = {}
        coverage: dict[str, list[float]] = {}
        kinds = {self.is_on_columns(name) for name in self.attacks}
        for on_columns in sorted(kinds):
            for name in self.defenses:
                clean = self.mean_over_series(name, "", 0.0, h)
                line = f"{name}, on columns" if on_columns else name
                worst = [self.worst_attack(name, b, h, on_columns=on_columns) for b in self.budgets]
                damage[line] = [row.damage for row in (clean, *worst)]
                coverage[line] = [row.coverage_80 for row in (clean, *worst)]
                widths[line] = [row.half_width for row in (clean, *worst)]
        certified: dict[str, list[Any]] = {}
        for name in self.defenses if WORST in self.attacks else ():
            bounds = [self.mean_over_series(name, WORST, b, h).certified for b in self.budgets]
            if None not in bounds:
                certified[name] = [damage[name][0], *bounds]
        return budget_chart(
            (0.0, *self.budgets),
            damage,
            coverage,
            half_widths=widths,
            certified=certified,
            title=f"Worst attack, {h} ahead, mean over series",
        )
