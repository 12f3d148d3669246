"""Options of `fg-train` that say where learning curves go beside the JSON lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

_OPTIONS = (
    click.option(
        "--tensorboard",
        metavar="DIR",
        help="Write the curve for TensorBoard to this folder too (fg-training[tensorboard]).",
    ),
    click.option(
        "--mlflow",
        metavar="URI",
        help="Write the curve to this store of MLflow too, such as sqlite:///runs.db; mlflow must "
        "be installed.",
    ),
)


def sink_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command these options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
