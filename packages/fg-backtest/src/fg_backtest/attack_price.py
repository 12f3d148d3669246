"""The price of attack: accuracy and coverage against the budget of an adversary."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fg_core import AgentFactory, ConfigError, Dataset, Registry
from fg_core.policies import Policy, PolicySource, load_policies

from .agents import agents_named, line_up_of
from .attack_budgets import units_of
from .attack_certificates import with_certificates
from .attack_columns import column_attack_rows, on_columns
from .attack_curve import UNDEFENDED, PriceOfAttack, row_key
from .attack_matrix import PlayedRow, attack_rows
from .attacked_games import BlockUnderAttack, adversary_named, defenders_named
from .datasets import Data, prepared, still_asked
from .from_data import READING, backtester_of
from .game_settings import GameSettings
from .games import Progress, play_blocks
from .intermittent import line_up_for
from .schema import WORST, WORST_ON_COLUMNS
from .series_block import SeriesBlock
from .walk_forward import WalkForwardBacktester

__all__ = ["ADVERSARIES", "DEFENSES", "attack_backtest", "check_attack", "price_of_attack"]

ADVERSARIES = ("random_hits", "slow_poison", "against_trend", "two_quarter", WORST)
"""Attacks that are played where none is named."""

DEFENSES = ("innovation_gate", "clipping", "dampening")
"""Defenses that are played where none is named, beside none at all."""


def price_of_attack(
    data: Data,
    budgets: Sequence[float | str] = (4.0, 8.0, 16.0),
    *,
    cap: float = 3.0,
    adversaries: Sequence[str] = ADVERSARIES,
    defenses: Sequence[str] = DEFENSES,
    seeds: int = 5,
    series: str | Sequence[str] | None = None,
    agents: str | AgentFactory | None = None,
    policies: Iterable[PolicySource] = (),
    progress: Progress | None = None,
    steps: int = 2,
    jobs: int = 1,
    **settings: Any,
) -> PriceOfAttack:
    """Play attacks on the prints of recorded series against defenses, for several budgets.

    Hits fall on scored origins. "worst" is sought anew for each defense, with the whole series
    known: exactly on a grid of hits (quarters of the cap, and budgets for a smaller hit, both ways)
    where rounds separate, else by a search whose damage is a lower bound (`AttackRow.exact`,
    `AttackRow.searched`). It makes the CRPS of all horizons large together, each in units of its
    clean one.

    Args:
        data: Data as for `backtest`.
        budgets: Units that an attack may spend on a series, in step scales, increasing; "10%x3":
            those of hits of 3 on 10 % of the scored origins.
        cap: Largest hit, in step scales.
        adversaries: Names of plugins of `fg_core.adversaries`, "worst", and "worst_on_columns":
            the worst hits on the columns beside the series that a search finds, for data that have
            columns.
        defenses: Names of plugins of `fg_core.defenders` or `fg_core.defenses`, or stacks
            ("stack:clipping,dampening"); "none" is always played.
        seeds: Number of seeds of attacks that draw random numbers.
        series: Names of the series, or one name; None: all.
        agents: Line-up as for `backtest`; its own defenders play only where they are named.
        policies: Paths of policy files, or policies: a defender is a further defense and an
            adversary a further attack, named like its file; a correction or a forecaster joins the
            line-up.
        progress: Function that is called before each block of series and at the end.
        steps: Batches of attacks in the search where rounds do not separate; more find more and
            take longer.
        jobs: Processes that share the series; no figure depends on it.
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
        backtester,
        dataset,
        asked,
        budgets,
        cap,
        adversaries,
        defenses,
        seeds,
        progress,
        steps,
        jobs,
        trained,
    )


def attack_backtest(
    backtester: WalkForwardBacktester,
    dataset: Dataset,
    series: str | Sequence[str] | None,
    budgets: Sequence[float | str],
    cap: float,
    adversaries: Sequence[str] = ADVERSARIES,
    defenses: Sequence[str] = DEFENSES,
    seeds: int = 5,
    progress: Progress | None = None,
    steps: int = 2,
    jobs: int = 1,
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
        steps: batches of attacks in the search.
        jobs: processes that share the series.
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
    games = backtester._prepare(dataset, series, strict=False, jobs=jobs)
    spans = [block.schedules[name] for block in games.blocks for name in block.names]
    counts = [one.last_scored - one.first_scored + 1 for one in spans]
    plan = _AttackPlan(
        backtester._settings(),
        units_of(budgets, counts),
        float(cap),
        tuple(dict.fromkeys(name for name in adversaries if name != WORST)),
        tuple(dict.fromkeys((UNDEFENDED, *defenses))),
        tuple(range(backtester.seed, backtester.seed + seeds)),
        WORST in adversaries,
        steps,
        {one.name: one for one in policies},
    )
    found = play_blocks(_play_attacks, plan, games.blocks, progress, jobs)
    played = [pair for pairs in found.values() for pair in pairs]
    origins = {
        name: tuple(
            row.timestamp
            for row in block.rows(name)[schedule.first_scored : schedule.last_scored + 1]
        )
        for block in games.blocks
        for name, schedule in block.schedules.items()
    }
    return PriceOfAttack(
        tuple(row for row, _ in played),
        float(cap),
        seeds,
        origins,
        {row_key(row): scores for row, scores in played},
    )


@dataclass(frozen=True)
class _AttackPlan:
    """Settings of the games under attack, to be sent to any process; as for `attack_rows`."""

    settings: GameSettings
    budgets: tuple[float, ...]
    cap: float
    adversaries: tuple[str, ...]
    defenses: tuple[str, ...]
    seeds: tuple[int, ...]
    worst: bool
    steps: int
    policies: Mapping[str, Policy]


def _play_attacks(task: tuple[_AttackPlan, SeriesBlock]) -> dict[str, list[PlayedRow]]:
    """Return the rows of each series of a block, with their scores by origin."""
    plan, block = task
    game = plan.settings.game(block.rounds, block.season_length, block.panel, block.known_ahead)
    under = BlockUnderAttack(game, block, plan.policies)
    beside = [name for name in plan.adversaries if on_columns(under, name, plan.cap)]
    indirect = column_attack_rows(
        under, plan.budgets, plan.cap, beside, plan.defenses, plan.seeds, plan.steps
    )
    played = attack_rows(
        under,
        plan.budgets,
        plan.cap,
        [name for name in plan.adversaries if name not in beside],
        plan.defenses,
        plan.seeds,
        worst=plan.worst,
        steps=plan.steps,
    )
    rows = with_certificates(
        under, [row for row, _ in played], plan.defenses, plan.budgets, plan.cap
    )
    pairs = [(row, scores) for row, (_, scores) in zip(rows, played, strict=True)]
    pairs += indirect
    return {name: [pair for pair in pairs if pair[0].unique_id == name] for name in block.names}


def check_attack(
    budgets: Sequence[float | str],
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
    units_of(budgets, None)
    if not (math.isfinite(cap) and cap > 0.0):
        raise ConfigError(f"cap must be finite and above 0, got {cap!r}")
    if isinstance(seeds, bool) or not isinstance(seeds, int) or seeds < 1:
        raise ConfigError(f"seeds must be a whole number >= 1, got {seeds!r}")
    if not (adversaries or any(one.role == "adversary" for one in policies)):
        raise ConfigError("there is no attack to play: name one, such as worst")
    for name in adversaries:
        if name not in (WORST, WORST_ON_COLUMNS):
            adversary_named(name, cap)
    for name in defenses:
        defenders_named(name)
    known = {WORST, WORST_ON_COLUMNS, UNDEFENDED, *defenses, *adversaries}
    for group in ("adversaries", "defenders", "defenses"):
        known.update(Registry(f"fg_core.{group}").names())
    for one in policies:
        if one.name in known:
            raise ConfigError(f"policy {one.name!r} has the name of a plugin: rename its file")
