"""The command `fg-validate`.

This module imports `fg_core.console`, click and the standard library and nothing else, so that
`--help` is quick; the work, with all that it imports, is in `_command`.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, NoReturn

import click

from fg_core.console import CONTEXT_SETTINGS, SEED, Program, debug_option, version_option

__all__ = ["PROGRAM", "command", "main"]

PROGRAM = Program("fg-validate", interrupted="no file was written")

_EPILOG = """\b
Examples:
  fg-validate
  fg-validate baseline_synthetic bayesian_calibration --seed 11
  fg-validate --list
  fg-validate --live --json validation.json

\b
Exit codes: 0 none failed; 1 a scenario failed; 2 wrong usage or input;
130 interrupted (no file is written).
"""


@click.command(PROGRAM.name, epilog=_EPILOG, context_settings=CONTEXT_SETTINGS)
@click.argument("names", nargs=-1, metavar="[NAMES]...")
@click.option(
    "--list", "list_scenarios", is_flag=True, help="List the scenarios, and those that are due."
)
@click.option("--json", "json_path", metavar="FILE", help="Write the results to this file.")
@click.option("--seed", type=SEED, default=7, show_default=True, help="Seed of all random numbers.")
@click.option(
    "--live",
    is_flag=True,
    help="Ask the services themselves as well, over the network and with your keys. Without it, "
    "scenarios of services ask a server of their own on this machine.",
)
@debug_option
@version_option(PROGRAM.name, version("fg-core"))
def command(**options: Any) -> int:
    """Run validation scenarios: checks of behaviour that can fail.

    Each installed package brings those of its own behaviour. Without NAMES all are run. Random
    numbers decide nothing: what is asserted of them fails by chance once in ten thousand seeds.
    """

    def work() -> int:
        from ._command import run

        return run(options)

    return PROGRAM.run(work)


def main() -> NoReturn:
    """Run the command and leave with its exit code."""
    PROGRAM.main(command)
