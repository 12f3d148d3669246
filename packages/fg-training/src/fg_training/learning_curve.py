"""The learning curve as a picture (extra `fg-training[plot]`), and read from its lines."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from fg_core.errors import ArtifactError
from fg_core.plotting import new_figure

__all__ = ["learning_chart", "read_curve"]

_LOSSES = {
    "clean_loss": "nobody hits",
    "loss": "this episode",
    "adversary_loss": "the adversary as learned",
    "average_worst_loss": "worst case, expected budget",
    "worst_loss": "worst case",
    "challenger_loss": "fresh challenger",
}
_LEARNING = {
    "td_error": "TD error",
    "team_td_error": "TD error of the team",
    "policy_change": "policy change",
    "nash_conv": "NashConv",
    "coverage": "coverage",
}


def read_curve(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """Read a learning curve of JSON lines.

    Args:
        path: path of the file.

    Returns:
        Figures by name, an entry per episode.

    Raises:
        ArtifactError: A line is none of a learning curve, or there is no line.
        OSError: The file cannot be read.
    """
    rows = []
    for number, line in enumerate(Path(path).read_bytes().splitlines(), 1):
        try:
            row = msgspec.json.decode(line, type=dict[str, float | None])
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise ArtifactError(f"{os.fspath(path)}, line {number}: {error}") from error
        if row.get("episode") != number:
            raise ArtifactError(
                f"{os.fspath(path)}, line {number}: episode {number} wanted, got "
                f"{row.get('episode')!r}"
            )
        rows.append(row)
    if not rows:
        raise ArtifactError(f"{os.fspath(path)} has no episode")
    return rows


def learning_chart(curve: Sequence[Mapping[str, Any]], *, title: str = "") -> Any:
    """Return a chart of a learning curve: losses on the left, what learning came to on the right.

    Args:
        curve: figures of each episode, as `read_curve` returns them.
        title: text above the chart.

    Returns:
        `matplotlib.figure.Figure`.

    Raises:
        ConfigError: matplotlib is not installed.

    >>> figure = learning_chart([{"episode": 1, "clean_loss": 0.5, "td_error": 0.2}])
    >>> [len(axes.lines) for axes in figure.axes]
    [1, 1]
    """
    figure = new_figure(10.0, 4.2)
    left, right = figure.subplots(1, 2)
    for axes, lines, label in (
        (left, _LOSSES, "CRPS per round, step scales"),
        (right, _LEARNING, "per episode"),
    ):
        for name, text in lines.items():
            if name == "worst_loss" and any("average_worst_loss" in row for row in curve):
                continue  # the mean policy is what is played
            points = [(row["episode"], row[name]) for row in curve if row.get(name) is not None]
            if points:
                # A figure of few episodes is a point that should be seen.
                marker = "o" if len(points) * 2 < len(curve) or len(points) == 1 else None
                axes.plot(*zip(*points, strict=True), label=text, marker=marker, markersize=3.5)
        axes.set_xlabel("episode")
        axes.set_ylabel(label)
        axes.grid(axis="y", color="#e5e7eb", linewidth=0.8)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.legend(frameon=False, fontsize="small")
    right.set_ylim(bottom=0.0)
    figure.suptitle(title, color="#1f2937")
    return figure
