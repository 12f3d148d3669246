"""The price of attack as tables."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from .attack_certificates import certificate_notes
from .drawing import Part, box_lines, drawn
from .formatting import percent

__all__ = ["attack_table"]


def attack_table(
    price: Any, *, width: int = 100, color: bool = False, ascii_only: bool = False
) -> str:
    """Return the matrix of attacks and defenses, clean costs and the best defense as text.

    Args:
        price: what was played, a `PriceOfAttack`.
        width: characters in a line.
        color: whether to mark with colours (ANSI codes) too.
        ascii_only: whether to leave out all but ASCII characters.

    Returns:
        Text of several lines.
    """
    parts = [_matrix(price, h, ascii_only) for h in price.horizons]
    if len(price.defenses) > 1:
        parts.append(_costs(price, ascii_only))
    return drawn(parts, width=width, color=color, ascii_only=ascii_only)


def _matrix(price: Any, horizon: int, ascii_only: bool) -> Part:
    table = Table(box=box_lines(ascii_only), header_style="bold", pad_edge=False)
    table.add_column("defense", no_wrap=True)
    table.add_column("attack", no_wrap=True)
    for budget in (0.0, *price.budgets):
        table.add_column("clean" if budget == 0.0 else f"{budget:g}", justify="right", no_wrap=True)
    for budget in (0.0, price.budgets[-1]):
        heading = "cov." if budget == 0.0 else f"cov. {budget:g}"
        table.add_column(heading, justify="right", no_wrap=True)
    drawn_at_random = False
    for defense in price.defenses:
        clean = price.mean_over_series(defense, "", 0.0, horizon)
        for attack in price.attacks:
            rows = [price.mean_over_series(defense, attack, b, horizon) for b in price.budgets]
            texts = [percent(clean.damage)]
            for row in rows:
                text = percent(row.damage)
                if row.half_width > 0.0:
                    drawn_at_random = True
                    text += f" {'+-' if ascii_only else '±'}{100.0 * row.half_width:.1f}"
                texts.append(text)
            cover = [percent(row.coverage_80) for row in (clean, rows[-1])]
            mark = "" if attack != "worst" or rows[0].exact else " *"
            table.add_row(defense, attack + mark, *texts, *cover)
            if attack == "worst" and all(row.certified is not None for row in rows):
                bounds = [percent(row.certified) for row in rows]
                table.add_row(defense, "certified", "", *bounds, "", "")
    best = ", ".join(f"{b:g}: {price.best_defense(b, horizon)}" for b in price.budgets)
    notes = [
        "Percentages are CRPS beyond that of the undefended forecast without an attack, mean over "
        f"{len(price.series)} series; columns are budgets in step scales, hits at most "
        f"{price.cap:g} each. cov.: share of targets in the central 80 % interval.",
        f"Best defense by budget, judged by its worst attack: {best}.",
    ]
    if any(row.attack == "worst" and not row.exact for row in price.rows):
        notes.append("* Found by a search: the true worst case may be worse.")
    notes += certificate_notes(price, horizon)
    if drawn_at_random:
        notes.append(f"Half-widths are 95 % Monte Carlo intervals over {price.n_seeds} seeds.")
    return Part(f"price of attack, {horizon} ahead", table, tuple(notes))


def _costs(price: Any, ascii_only: bool) -> Part:
    table = Table(box=box_lines(ascii_only), header_style="bold", pad_edge=False)
    table.add_column("defense", no_wrap=True)
    table.add_column("h", justify="right")
    for name in price.series:
        table.add_column(name, justify="right", no_wrap=True)
    found = price.clean_costs()
    for defense in price.defenses[1:]:
        for h in price.horizons:
            costs = [percent(found[defense, h, name]) for name in price.series]
            table.add_row(defense, str(h), *costs)
    notes = ("CRPS without an attack beyond that of the undefended forecast; negative: it helps.",)
    return Part("cost of each defense without an attack", table, notes)
