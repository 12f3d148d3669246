"""The price of attack as tables."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.table import Table

from .attack_certificates import certificate_notes
from .drawing import Look, Part, drawn
from .formatting import percent
from .schema import WORST, WORST_ON_COLUMNS

__all__ = ["attack_table"]

_MOST_SERIES = 12
"""Series whose clean costs are shown."""


def attack_table(price: Any, look: Look) -> str:
    """Return the matrix of attacks and defenses, clean costs and the best defense as text.

    Args:
        price: what was played, a `PriceOfAttack`.
        look: how the page looks.

    Returns:
        Text of several lines.
    """
    parts = [_matrix(price, h, look) for h in price.horizons]
    if len(price.defenses) > 1:
        parts.append(_costs(price, look.lines))
    return drawn(parts, look)


def _matrix(price: Any, horizon: int, look: Look) -> Part:
    table = Table(box=look.lines, header_style="bold", pad_edge=False, collapse_padding=True)
    # Where a line is short, names are folded: figures are never cut.
    table.add_column("attack on defense", overflow="fold", min_width=len(" random_hits"))
    for budget in (0.0, *price.budgets):
        table.add_column("clean" if budget == 0.0 else f"{budget:g}", justify="right", no_wrap=True)
    for budget in (0.0, price.budgets[-1]):
        heading = "cov." if budget == 0.0 else f"cov. {budget:g}"
        table.add_column(heading, justify="right", no_wrap=True)
    drawn_at_random = False
    for defense in price.defenses:
        clean = price.mean_over_series(defense, "", 0.0, horizon)
        cover = _number(clean.coverage_80)
        table.add_row(defense, _number(clean.damage), *("" for _ in price.budgets), cover)
        for attack in price.attacks:
            rows = [price.mean_over_series(defense, attack, b, horizon) for b in price.budgets]
            texts = []
            for row in rows:
                text = _number(row.damage)
                if row.half_width > 0.0:
                    drawn_at_random = True
                    text += f"{'+-' if look.ascii_only else '±'}{100.0 * row.half_width:.1f}"
                texts.append(text)
            mark = "" if attack not in (WORST, WORST_ON_COLUMNS) or rows[0].exact else " *"
            cover = _number(rows[-1].coverage_80)
            table.add_row(f" {attack}{mark}", "", *texts, "", cover)
            if attack == WORST and all(row.certified is not None for row in rows):
                bounds = [_number(row.certified) for row in rows]
                table.add_row("  certified", "", *bounds, "", "")
    best = ", ".join(f"{b:g}: {price.best_defense(b, horizon)}" for b in price.budgets)
    notes = [
        "CRPS beyond that of the undefended forecast without an attack, in %, mean over "
        f"{len(price.series)} series; columns are budgets in step scales, hits at most "
        f"{price.cap:g} each. cov.: share of targets in the central 80 % interval, in %.",
        f"Best defense by budget, judged by its worst attack: {best}.",
    ]
    if any(row.attack in (WORST, WORST_ON_COLUMNS) and not row.exact for row in price.rows):
        tried = [row.searched for row in price.rows if row.searched]
        several = f"{min(tried)} to {max(tried)}" if min(tried) < max(tried) else f"{tried[0]}"
        effort = f" of {several} attacks per series and budget"
        notes.append(f"* Found by a search{effort}: the true worst case may be worse.")
    notes += certificate_notes(price, horizon)
    if beside := [name for name in price.attacks if price.is_on_columns(name)]:
        notes.append(
            f"Hits of {', '.join(beside)} are on context columns, in step scales of the column; "
            "certificates are about hits on prints."
        )
    if drawn_at_random:
        notes.append(f"Half-widths are 95 % Monte Carlo intervals over {price.n_seeds} seeds.")
    return Part(f"price of attack, {horizon} ahead", table, tuple(notes))


def _costs(price: Any, lines: box.Box) -> Part:
    found = price.clean_costs()
    defenses = price.defenses[1:]
    dearest = sorted(
        price.series,
        key=lambda name: -max(found[d, h, name] for d in defenses for h in price.horizons),
    )[:_MOST_SERIES]
    table = Table(box=lines, header_style="bold", pad_edge=False)
    table.add_column("series", overflow="fold")
    table.add_column("h", justify="right", no_wrap=True)
    for defense in defenses:
        table.add_column(defense, justify="right", overflow="fold", min_width=len("100.0"))
    for name in price.series:
        for h in price.horizons if name in dearest else ():
            table.add_row(name, str(h), *(_number(found[d, h, name]) for d in defenses))
    notes = [
        "CRPS without an attack beyond that of the undefended forecast, in %; negative: it helps."
    ]
    if len(dearest) < len(price.series):
        notes.append(
            f"The {len(dearest)} of {len(price.series)} series with the largest cost; the report "
            "has all."
        )
    return Part("cost of each defense without an attack", table, tuple(notes))


def _number(share: float) -> str:
    return percent(round(share, 3) + 0.0).removesuffix(" %")
