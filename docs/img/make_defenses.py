"""Draw what each defense makes of a print, as a function of its surprise.

    python docs/img/make_defenses.py

Left: the expected correction, p_bad x delta; right: p_bad. Nothing is drawn at random.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from drawing import COLOURS, GREY, Panel, write_svg

from fg_core.defenses import defense_from_name

NAMES = (
    "innovation_gate",
    "dampening",
    "clipping",
    "bias_guard",
    "ensemble",
    "stack:clipping,innovation_gate",
)
WIDTH, HEIGHT = 640, 320


def main(folder: Path) -> None:
    """Write the picture."""
    e = np.linspace(0.0, 10.0, 101)
    left = Panel(44, 30, 250, 200, (0.0, 10.0), (-10.2, 0.3))
    right = Panel(360, 30, 250, 200, (0.0, 10.0), (-0.02, 1.02))
    left.axes("expected correction, p_bad × Δ", "surprise e, in predictive sd")
    right.axes("p_bad", "surprise e, in predictive sd")
    for i, name in enumerate(NAMES):
        defense = defense_from_name(name)
        found = defense.doubt(defense.start(), e, 1.0, 1.0)
        dash = "" if i in (0, 5) else "5 3"
        left.line(e.tolist(), (found.p_bad * found.delta).tolist(), COLOURS[i], dash=dash)
        if i in (0, 1):
            right.line(e[1:].tolist(), found.p_bad[1:].tolist(), COLOURS[i], dash=dash)
        left.text(44 + 196 * (i % 3), 288 + 18 * (i // 3), name, colour=COLOURS[i])
    gate = defense_from_name("innovation_gate")
    memory = gate.start()
    for k in range(40):
        memory = gate.learn(memory, 3.0 if k % 5 == 0 else 0.0, (-1.0) ** k, 1.0, 1.0)
    wary = gate.doubt(memory, e, 1.0, 1.0)
    left.line(e.tolist(), (wary.p_bad * wary.delta).tolist(), COLOURS[0], dash="1 3")
    right.line(e.tolist(), wary.p_bad.tolist(), COLOURS[0], dash="1 3")
    right.text(
        right.x(9.9), right.y(0.76), "after 8 hits in 40 prints", colour=COLOURS[0], anchor="end"
    )
    right.text(right.x(9.9), right.y(0.26), "before any reveal", colour=COLOURS[0], anchor="end")
    right.text(right.x(0.2), right.y(0.93), "every rule but the gate: 1", colour=GREY)
    write_svg(
        folder / "defenses.svg",
        (WIDTH, HEIGHT),
        "What each defense makes of a print, by the size of its surprise",
        (left, right),
    )


if __name__ == "__main__":
    main(Path(__file__).parent)
