"""The picture of `fg-train`: a learning curve, where matplotlib is installed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fg_core.artifact import write_atomically
from fg_core.console import OK
from fg_core.errors import ConfigError

from .learning_curve import learning_chart, read_curve
from .training_settings import read_settings

_ENDINGS = (".png", ".svg", ".pdf")


def draw_curve(curve: Path, picture: Path, title: str) -> Path | None:
    """Write the picture of a curve; return its path, or None without matplotlib."""
    if find_spec("matplotlib") is None:
        return None
    from io import BytesIO

    drawn = BytesIO()
    figure = learning_chart(read_curve(curve), title=title)
    figure.savefig(drawn, format=picture.suffix[1:])
    write_atomically(picture, drawn.getvalue())
    return picture


def plot(options: Mapping[str, Any]) -> int:
    """Draw the curve of a folder; return the exit code."""
    out = Path(options["out"])
    settings = read_settings(out)
    picture = Path(options["to"] or out / "curve.png")
    if picture.suffix not in _ENDINGS:
        raise ConfigError(f"{os.fspath(picture)}: a picture ends in {', '.join(_ENDINGS)}")
    curve = out / "curve.jsonl"
    if not curve.is_file():
        raise ConfigError(f"{curve} is not there: train anew")
    title = f"{settings.role}, {settings.algorithm}, budget {settings.budget:g} per round"
    if draw_curve(curve, picture, title) is None:
        raise ConfigError("pictures need matplotlib: install fg-training[plot]")
    if not options["quiet"]:
        print(f"written: {picture}")
    return OK
