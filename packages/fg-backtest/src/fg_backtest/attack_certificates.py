"""Certificates beside the worst attacks that were found: what no attack can exceed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np

from fg_core.attack import Certificate, certified_damages

from .attacked_games import BlockUnderAttack
from .schema import WORST, AttackRow

__all__ = ["certificate_notes", "with_certificates"]


def certificate_notes(price: Any, horizon: int) -> list[str]:
    """Return the sentences on certificates below a table.

    Args:
        price: what was played, a `PriceOfAttack`.
        horizon: steps ahead.

    Returns:
        What a certificate is, and how loose; and why there is none, per reason the defenses.
    """
    found: list[str] = []
    ratios: list[float] = []
    missing: dict[str, list[str]] = {}
    for defense in price.defenses if WORST in price.attacks else ():
        clean = price.mean_over_series(defense, "", 0.0, horizon).damage
        row = price.mean_over_series(defense, WORST, price.budgets[-1], horizon)
        if row.certified is None:
            missing.setdefault(row.uncertified, []).append(defense)
        elif row.damage > clean:
            ratios.append((row.certified - clean) / (row.damage - clean))
    if ratios:
        found.append(
            "certified: no attack within the budget does more, whatever its hits. At a budget of "
            f"{price.budgets[-1]:g} that is {min(ratios):.2f} to {max(ratios):.2f} times what was "
            "found."
        )
    for reason, defenses in missing.items():
        found.append(f"Nothing is certified for {', '.join(defenses)}: {reason}.")
    return found


def with_certificates(
    under: BlockUnderAttack,
    rows: Iterable[AttackRow],
    defenses: Sequence[str],
    budgets: Sequence[float],
    cap: float,
) -> Iterator[AttackRow]:
    """Yield rows, those of the worst attack with an upper bound of the damage, where there is one.

    Args:
        under: games of the block.
        rows: scores of attacks against defenses.
        defenses: names of the defenses.
        budgets: units that may be spent, in step scales, increasing.
        cap: largest hit, in step scales.

    Yields:
        Rows in their order; `certified` is the largest `damage` that any attack within the budget
        may do, or `uncertified` says why nothing is known.
    """
    found: dict[str, dict[str, dict[int, Certificate]]] = {}
    for row in rows:
        if row.attack != WORST:
            yield row
            continue
        if row.unique_id not in found:
            found[row.unique_id] = _certificates(under, row.unique_id, defenses, budgets, cap)
        one = found[row.unique_id][row.defense][row.horizon]
        if not one.applies:
            yield msgspec.structs.replace(row, uncertified="; ".join(one.reasons))
            continue
        more = float(one.damage[list(budgets).index(row.budget)])
        undefended = row.crps / (1.0 + row.damage)
        worst = row.crps_clean + more / np.count_nonzero(~np.isnan(one.clean))
        yield msgspec.structs.replace(row, certified=float(worst / undefended - 1.0))


def _certificates(
    under: BlockUnderAttack,
    name: str,
    defenses: Sequence[str],
    budgets: Sequence[float],
    cap: float,
) -> dict[str, dict[int, Certificate]]:
    """Return the certificates of one series, by defense and horizon."""
    group = dict(zip(under.block.names, under.block.groups(), strict=True))[name]
    assert group.world is not None
    game = under._game("none", ())
    game.config = replace(game.config, attack_cap=cap)
    return certified_damages(
        game,
        group.initial,
        budgets,
        {defense: under.defenders(defense) for defense in defenses},
        world=group.world,
        first_round=under.first_scored(name),
        rounds=group.rounds,
    )
