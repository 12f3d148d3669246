"""Draw the tables of docs/defenses.md that `benchmarks/defense_curves.py` prints.

    python docs/img/make_defense_curves.py

Left: hits of several sizes at the same expected total; right: hits of 3 at several rates. The
picture is drawn from the published tables, so that it cannot say anything else.
"""

from __future__ import annotations

from pathlib import Path

from drawing import COLOURS, GREY, Panel, write_svg

WIDTH, HEIGHT = 640, 352
SIZES, RATES = "size at rate", "rate of 3"
TITLE = (
    "CRPS under attack relative to the defense's own clean score, by size and by rate of the hits"
)


def table(text: str, title: str) -> tuple[list[float], dict[str, list[float]]]:
    """Return the numbers at the head of the first table of that title, and those of each row."""
    lines = iter(text.splitlines())
    head = next(line for line in lines if line.startswith(f"| {title} |"))
    next(lines)
    rows = {}
    for line in lines:
        if not line.startswith("|"):
            break
        name, *numbers = _cells(line)
        rows[name.strip("`")] = [float(number) for number in numbers[:-1]]
    return [float(cell.split()[0]) for cell in _cells(head)[1:-1]], rows


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def main(folder: Path) -> None:
    """Write the picture."""
    text = (folder.parent / "defenses.md").read_text(encoding="utf-8")
    panels = (
        Panel(36, 30, 262, 224, (0.4, 5.1), (1.0, 1.75)),
        Panel(362, 30, 262, 224, (0.03, 0.52), (1.0, 2.7)),
    )
    labels = ("size of a hit, in one-step scales", "share of prints hit")
    panels[0].axes("CRPS attacked / own clean CRPS", labels[0])
    panels[1].axes("the same, hits of 3", labels[1])
    for panel, title in zip(panels, (SIZES, RATES), strict=True):
        xs, rows = table(text, title)
        colours = dict.fromkeys(rows, GREY) | dict(
            zip((name for name in rows if name != "none"), COLOURS, strict=True)
        )
        for name, ys in rows.items():
            panel.line(
                xs, ys, colours[name], dash="" if name in ("none", "innovation_gate") else "5 3"
            )
    for i, name in enumerate(rows):
        panels[0].text(36 + 110 * (i % 4), 308 + 20 * (i // 4), name, colour=colours[name])
    write_svg(folder / "defense_curves.svg", (WIDTH, HEIGHT), TITLE, panels)


if __name__ == "__main__":
    main(Path(__file__).parent)
