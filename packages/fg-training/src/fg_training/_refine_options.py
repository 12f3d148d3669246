"""Options of `fg-train` by which a refiner is given what the trained team forecasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

_OPTIONS = (
    click.option(
        "--refine",
        is_flag=False,
        flag_value="recursive",
        metavar="[NAME]",
        help="At the end, let a refiner correct the trained team; without a name, recursive, "
        "which asks a language model (fg-llm[ollama], OLLAMA_HOST).",
    ),
    click.option(
        "--explain",
        is_flag=True,
        help="Print what the refiner proposed, and what became of it and why.",
    ),
)


def refine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command these options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
