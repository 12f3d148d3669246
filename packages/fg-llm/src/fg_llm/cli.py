"""The command `fg-llm`.

This module imports `fg_core.console`, click and the standard library and nothing else, so that
`--help` is quick.
"""

from __future__ import annotations

from typing import NoReturn

import click

from fg_core.console import CONTEXT_SETTINGS, OK, Program, debug_option, version_option

from . import __version__

__all__ = ["command", "main"]

PROGRAM = Program("fg-llm", interrupted="nothing was written")

_EPILOG = """\b
Examples:
  fg-train --source us_macro --refine
  fg-llm explain planning/training/refinement.jsonl

\b
Exit codes: 0 done; 2 wrong usage or input; 130 interrupted.
"""


@click.group(
    PROGRAM.name,
    epilog=_EPILOG,
    context_settings=CONTEXT_SETTINGS,
    invoke_without_command=True,
)
@version_option(PROGRAM.name, __version__)
@click.pass_context
def command(context: click.Context) -> int:
    """Refinement of strategies by a language model."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
    return OK


@command.command("explain")
@click.argument("record", metavar="RECORD")
@debug_option
def explain_command(record: str, **_options: bool) -> int:
    """Print what a refiner proposed, and what became of it and why.

    RECORD is a file of JSON lines that a refiner appended to, such as refinement.jsonl of fg-train.
    """

    def work() -> int:
        from .refiner.explain import explain_record
        from .refiner.record import read_record

        print(explain_record(read_record(record)))
        return OK

    return PROGRAM.run(work)


def main() -> NoReturn:
    """Run the command and leave with its exit code."""
    PROGRAM.main(command)
