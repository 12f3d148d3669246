"""The price of attack: accuracy and coverage against the budget of an adversary."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np

from fg_core import AgentFactory, ConfigError, Dataset, Registry
from fg_core.policies import Policy, PolicySource, load_policies

from .agents import agents_named, line_up_of
from .attack_matrix import WORST, AttackRow, attack_rows
from .attacked_games import BlockUnderAttack, adversary_named, defenders_named
from .datasets import Data, prepared, still_asked
from .from_data import READING, backtester_of
from .games import Progress
from .intermittent import line_up_for
from .tabular import frame_of
from .walk_forward import WalkForwardBacktester

__all__ = ["ADVERSARIES", "DEFENSES", "PriceOfAttack", "attack_backtest", "price_of_attack"]

ADVERSARIES = ("random_hits", "slow_poison", "against_trend", "two_quarter", WORST)
"""Attacks that are played where none is named."""

DEFENSES = ("innovation_gate", "clipping", "dampening")
"""Defenses that are played where none is named, beside none at all."""

_UNDEFENDED = "none"


@dataclass(frozen=True, repr=False)
class PriceOfAttack:
    """Scores of every attack against every defense, by series, horizon and budget.

    Args:
        rows: scores, those without an attack first.
        cap: largest hit, in step scales.
        n_seeds: number of seeds of attacks that draw random numbers.
        origins: first moments of the periods of the scored origins, by series.
    """

    rows: tuple[AttackRow, ...]
    cap: float
    n_seeds: int
    origins: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)

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
        )

    def worst_attack(self, defense: str, budget: float, horizon: int) -> AttackRow:
        """Return the attack on a defense with the largest mean damage over series."""
        return max(
            (self.mean_over_series(defense, name, budget, horizon) for name in self.attacks),
            key=lambda row: row.damage,
        )

    def best_defense(self, budget: float, horizon: int) -> str:
        """Return the defense whose worst attack does least damage, mean over series."""
        return min(self.defenses, key=lambda name: self.worst_attack(name, budget, horizon).damage)

    def clean_costs(self) -> dict[tuple[str, int, str], float]:
        """Return what defenses cost without an attack, per series: share of the undefended CRPS.

        Returns:
            Cost by defense, horizon and series; negative: the defense helps.
        """
        return {
            (row.defense, row.horizon, row.unique_id): row.damage
            for row in self.rows
            if not row.attack and row.defense != _UNDEFENDED
        }

    def columns(self) -> dict[str, list[Any]]:
        """Return all rows as columns: the fields of `AttackRow`, without scores by origin."""
        names = [item.name for item in fields(AttackRow) if item.name != "by_origin"]
        return {name: [getattr(row, name) for row in self.rows] for name in names}

    def to_frame(self) -> Any:
        """Return all rows as a pandas data frame; columns are those of `columns`.

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

        return attack_table(self, width=width, color=color, ascii_only=ascii_only)

    def plot(self, horizon: int | None = None) -> Any:
        """Return a chart of damage and coverage against budget, a line per defense.

        Args:
            horizon: steps ahead; None: the first.

        Returns:
            A matplotlib figure: the worst attack, mean over series.

        Raises:
            ConfigError: matplotlib is not installed, or nothing was played for this horizon.
        """
        from fg_core.plotting import budget_chart

        h = self.horizons[0] if horizon is None else horizon
        if h not in self.horizons:
            raise ConfigError(f"horizon {h!r} was not played; there are {self.horizons}")
        damage: dict[str, list[float]] = {}
        coverage: dict[str, list[float]] = {}
        for name in self.defenses:
            clean = self.mean_over_series(name, "", 0.0, h)
            rows = [clean, *(self.worst_attack(name, b, h) for b in self.budgets)]
            damage[name] = [row.damage for row in rows]
            coverage[name] = [row.coverage_80 for row in rows]
        return budget_chart(
            (0.0, *self.budgets),
            damage,
            coverage,
            title=f"Worst attack, {h} ahead, mean over series",
        )


def price_of_attack(
    data: Data,
    budgets: Sequence[float] = (4.0, 8.0, 16.0),
    *,
    cap: float = 3.0,
    adversaries: Sequence[str] = ADVERSARIES,
    defenses: Sequence[str] = DEFENSES,
    seeds: int = 5,
    series: str | Sequence[str] | None = None,
    agents: str | AgentFactory | None = None,
    policies: Iterable[PolicySource] = (),
    progress: Progress | None = None,
    sweeps: int = 1,
    **settings: Any,
) -> PriceOfAttack:
    """Play attacks on the prints of recorded series against defenses, for several budgets.

    Hits fall on scored origins. "worst" is sought anew for each defense, with the whole series
    known: exactly on a grid of hits (half of the cap and all of it, both ways) where rounds
    separate, else by a search whose damage is a lower bound (`AttackRow.exact`). It makes the CRPS
    of all horizons large together, each in units of its clean one.

    Args:
        data: Data as for `backtest`.
        budgets: Units that an attack may spend on a series, in step scales, increasing.
        cap: Largest hit, in step scales.
        adversaries: Names of plugins of `fg_core.adversaries`, and "worst".
        defenses: Names of plugins of `fg_core.defenders` or `fg_core.defenses`, or stacks
            ("stack:clipping,dampening"); "none" is always played.
        seeds: Number of seeds of attacks that draw random numbers.
        series: Names of the series, or one name; None: all.
        agents: Line-up as for `backtest`; its own defenders play only where they are named.
        policies: Paths of policy files, or policies: a defender is a further defense and an
            adversary a further attack, named like its file; a correction or a forecaster joins the
            line-up.
        progress: Function that is called before each block of series and at the end.
        sweeps: Sweeps of the search where rounds do not separate; more find more and take longer.
        **settings: Further arguments of `backtest`: columns and forms of a table, and settings of
            `WalkForwardBacktester`.

    Returns:
        Scores of every attack against every defense: `.to_frame()`, `.table()`, `.plot()`.

    Raises:
        DataError: As for `backtest`.
        ConfigError: A budget, cap or number of seeds out of its range, or agents that see all
            series at once.
        UnknownPluginError: A name of an adversary or defense that is not there, or no loader of the
            format of a policy.
        ArtifactError: A policy file is missing, damaged, or made for other features.

    >>> quarters = [f"{2001 + t // 4}Q{t % 4 + 1}" for t in range(60)]
    >>> table = {"quarter": quarters, "sales": [t % 4 + t % 7 for t in range(60)]}
    >>> found = price_of_attack(table, (3.0,), ds="quarter", y="sales", seeds=1, horizons=(1,),
    ...     agents="baselines", adversaries=("worst",), defenses=("clipping",))
    >>> found
    <PriceOfAttack of 1 series, 1 attacks, 2 defenses>
    """
    trained = load_policies(policies)
    check_attack(budgets, cap, adversaries, defenses, seeds, trained)
    reading = {name: settings.pop(name) for name in READING if name in settings}
    dataset = prepared(data, series, **reading)
    asked = still_asked(
        series, dataset, reading.get("exclude", ()), read=not isinstance(data, Dataset)
    )
    if agents is None and "agent_factory" not in settings:
        usual = line_up_of(agents_named())
        agents = line_up_for(dataset, asked, settings.get("start"), usual)
    in_line_up = [one for one in trained if one.role in ("correction", "forecaster")]
    backtester = backtester_of({**settings, "policies": in_line_up}, agents, dataset)
    return attack_backtest(
        *(backtester, dataset, asked, budgets, cap, adversaries, defenses, seeds, progress),
        sweeps=sweeps,
        policies=trained,
    )


def attack_backtest(
    backtester: WalkForwardBacktester,
    dataset: Dataset,
    series: str | Sequence[str] | None,
    budgets: Sequence[float],
    cap: float,
    adversaries: Sequence[str] = ADVERSARIES,
    defenses: Sequence[str] = DEFENSES,
    seeds: int = 5,
    progress: Progress | None = None,
    sweeps: int = 1,
    policies: Sequence[Policy] = (),
) -> PriceOfAttack:
    """Return the price of attack on the series of a backtest; arguments as for `price_of_attack`.

    Args:
        backtester: settings and agents of the backtest.
        dataset: rows as they were known.
        series: names of the series; None: all.
        budgets: units that an attack may spend on a series.
        cap: largest hit, in step scales.
        adversaries: names of attacks.
        defenses: names of defenses.
        seeds: number of seeds.
        progress: called before each block of series and at the end.
        sweeps: sweeps of the search.
        policies: trained defenders and adversaries, which are played beside the named ones; those
            of other roles are among the agents of `backtester`.

    Returns:
        Scores of every attack against every defense.
    """
    check_attack(budgets, cap, adversaries, defenses, seeds, policies)
    defenses = (*defenses, *(one.name for one in policies if one.role == "defender"))
    adversaries = (*adversaries, *(one.name for one in policies if one.role == "adversary"))
    if backtester.log:
        raise ConfigError("attacks are played on values as they are reported: leave log out")
    games = backtester._prepare(dataset, series, strict=False, jobs=1)
    fixed = tuple(dict.fromkeys(name for name in adversaries if name != WORST))
    names = tuple(dict.fromkeys((_UNDEFENDED, *defenses)))
    rows: list[AttackRow] = []
    total = sum(len(block.names) for block in games.blocks)
    done = 0
    for block in games.blocks:
        if progress is not None:
            progress(done, total, block.label)
        game = backtester._settings().game(
            block.rounds, block.season_length, block.panel, block.known_ahead
        )
        under = BlockUnderAttack(game, block, {one.name: one for one in policies})
        rows += attack_rows(
            under,
            tuple(float(b) for b in budgets),
            float(cap),
            fixed,
            names,
            tuple(range(backtester.seed, backtester.seed + seeds)),
            worst=WORST in adversaries,
            sweeps=sweeps,
        )
        done += len(block.names)
    if progress is not None:
        progress(total, total, "")
    origins = {
        name: tuple(
            row.timestamp
            for row in block.rows(name)[schedule.first_scored : schedule.last_scored + 1]
        )
        for block in games.blocks
        for name, schedule in block.schedules.items()
    }
    return PriceOfAttack(tuple(rows), float(cap), seeds, origins)


def check_attack(
    budgets: Sequence[float],
    cap: float,
    adversaries: Sequence[str],
    defenses: Sequence[str],
    seeds: int = 1,
    policies: Sequence[Policy] = (),
) -> None:
    """Refuse what cannot be played, before anything is.

    Args:
        budgets: units that an attack may spend.
        cap: largest hit, in step scales.
        adversaries: names of attacks.
        defenses: names of defenses.
        seeds: number of seeds.
        policies: policies that are played beside them.

    Raises:
        ConfigError: A number out of its range, no attack, or a policy that has the name of one.
        UnknownPluginError: A name that is not there.
    """
    numbers = list(budgets)
    if not numbers or any(not (math.isfinite(b) and b > 0.0) for b in numbers):
        raise ConfigError(f"budgets must be finite and above 0, got {budgets!r}")
    if any(b <= a for a, b in pairwise(numbers)):
        raise ConfigError(f"budgets must increase, got {budgets!r}")
    if not (math.isfinite(cap) and cap > 0.0):
        raise ConfigError(f"cap must be finite and above 0, got {cap!r}")
    if isinstance(seeds, bool) or not isinstance(seeds, int) or seeds < 1:
        raise ConfigError(f"seeds must be a whole number >= 1, got {seeds!r}")
    if not (adversaries or any(one.role == "adversary" for one in policies)):
        raise ConfigError("there is no attack to play: name one, such as worst")
    for name in adversaries:
        if name != WORST:
            adversary_named(name, cap)
    for name in defenses:
        defenders_named(name)
    known = {WORST, _UNDEFENDED, *defenses, *adversaries}
    for group in ("adversaries", "defenders", "defenses"):
        known.update(Registry(f"fg_core.{group}").names())
    for one in policies:
        if one.name in known:
            raise ConfigError(f"policy {one.name!r} has the name of a plugin: rename its file")
