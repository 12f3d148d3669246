"""Strategy runtimes as forecasters: the one that a command names, and who answers for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from fg_core import ForecastingAgent, Registry
from fg_core.runtime_status import status_of

__all__ = ["RUNTIME", "chosen_forecasters", "runtime_forecaster", "tell_runtime"]

RUNTIME = "runtime:"
"""Beginning of the names of forecasters that play a strategy runtime."""


def runtime_forecaster(name: str) -> ForecastingAgent:
    """Return the forecaster that plays a strategy runtime.

    Args:
        name: name of the forecaster: `runtime:` and the name of a plugin of `fg_core.runtimes`.

    Returns:
        Forecaster of that name.

    Raises:
        UnknownPluginError: No runtime of that name is installed.

    >>> runtime_forecaster("runtime:python").name
    'runtime:python'
    """
    return ForecastingAgent(name, Registry("fg_core.runtimes").load(name.removeprefix(RUNTIME))())


def chosen_forecasters(options: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the forecasters that join a line-up.

    Args:
        options: options of a command by name.

    Returns:
        Those of --forecasters, and the one of --runtime.
    """
    runtime = options["runtime"]
    return (*options["forecasters"], *([f"{RUNTIME}{runtime}"] if runtime else []))


def tell_runtime(options: Mapping[str, Any]) -> None:
    """Write to the standard error who answers for the runtime that a command names.

    Args:
        options: options of the command by name.
    """
    name = options["runtime"]
    if name:
        status = status_of(runtime_forecaster(f"{RUNTIME}{name}").runtime)
        click.echo(f"Runtime {name}: {status}.", err=True)
