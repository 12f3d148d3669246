"""How a command begins, speaks and ends: written once for all commands of Forecast Game.

    code  name         when
    0     OK           done
    1     FAILED       the run failed, or something happened that was not expected
    2     MISUSED      wrong usage or wrong input: options, data, plugins, files of ours
    3     FOUND        a check was made, and found something
    130   INTERRUPTED  Ctrl-C
    141   BROKEN_PIPE  the reader of the output has left, as `head` does

Whatever ends a command is told on stderr in one line that begins with its name; a traceback comes
with `--debug` alone. A command has three parts. A module of its own makes the program, for all
modules that have something to tell:

    PROGRAM = Program("fg-train", interrupted="no policy was written")

The module of the command imports this package, click and the standard library and nothing else, so
that `--help` is quick; the work, with all that it imports, is elsewhere:

    @click.command(PROGRAM.name, context_settings=CONTEXT_SETTINGS)
    @click.option("--series", multiple=True, callback=read_names)
    @debug_option
    @version_option(PROGRAM.name, __version__)
    def command(**options):
        def work():
            from ._command import run
            return run(options)

        return PROGRAM.run(work)

    def main():
        PROGRAM.main(command)

And the work prints to stdout, raises the errors of `fg_core.errors`, and returns an exit code.
"""

from __future__ import annotations

from .options import (
    CONTEXT_SETTINGS,
    SEED,
    WholeNumber,
    debug_option,
    read_horizons,
    read_names,
    read_pairs,
    version_option,
)
from .output import OutputStyle, check_output_path, output_style, takes_unicode
from .program import BROKEN_PIPE, FAILED, FOUND, INTERRUPTED, MISUSED, OK, Interrupted, Program
from .table_options import TABLE_OPTIONS, selection_options, table_options, table_texts

__all__ = [
    "BROKEN_PIPE",
    "CONTEXT_SETTINGS",
    "FAILED",
    "FOUND",
    "INTERRUPTED",
    "MISUSED",
    "OK",
    "SEED",
    "TABLE_OPTIONS",
    "Interrupted",
    "OutputStyle",
    "Program",
    "WholeNumber",
    "check_output_path",
    "debug_option",
    "output_style",
    "read_horizons",
    "read_names",
    "read_pairs",
    "selection_options",
    "table_options",
    "table_texts",
    "takes_unicode",
    "version_option",
]
