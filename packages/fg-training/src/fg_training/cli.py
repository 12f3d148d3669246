"""The command `fg-train`.

This module imports `fg_core.console`, click and the standard library and nothing else, so that
`--help` is quick; the work, with all that it imports, is in `_command`.
"""

from __future__ import annotations

from typing import Any, NoReturn

import click

from fg_core.console import (
    CONTEXT_SETTINGS,
    SEED,
    debug_option,
    read_names,
    version_option,
)

from . import __version__
from ._program import PROGRAM
from ._sink_options import sink_options

__all__ = ["command", "main"]

_EPILOG = """\b
Examples:
  fg-train --source us_macro --series infl --episodes 200
  fg-train --source us_macro --train-until 1985 --algorithm wolf --out planning/training
  fg-train --source us_macro --episodes 400 --resume

Without --source, the training set of FRED is meant (fred_training), for which
FRED_API_KEY must be set. Without it, synthetic data stand in, with a warning.

\b
Exit codes: 0 done; 1 the run failed; 2 wrong usage or input;
130 interrupted.
"""


@click.command(PROGRAM.name, epilog=_EPILOG, context_settings=CONTEXT_SETTINGS)
@click.option("--source", metavar="NAME|PATH", help="A source of data, or a file.")
@click.option(
    "--series", multiple=True, callback=read_names, metavar="NAME", help="Series; default: all."
)
@click.option(
    "--train-until",
    type=click.IntRange(1000, 9999),
    metavar="YEAR",
    help="Train on periods before this year alone, so that later ones can be scored.",
)
@click.option(
    "--algorithm",
    type=click.Choice(["q", "wolf", "minimax"]),
    default="wolf",
    show_default=True,
    help="q: epsilon-greedy Q-learning; wolf: WoLF-PHC; minimax: exact best responses in turn, "
    "against a pool.",
)
@click.option("--episodes", type=click.IntRange(min=1), default=100, show_default=True)
@click.option(
    "--budget",
    type=click.FloatRange(min=0.0),
    default=0.25,
    show_default=True,
    help="What hits may come to per period in expectation, in one-step scales of the series.",
)
@click.option("--seed", type=SEED, default=7, show_default=True)
@click.option(
    "--out",
    default="planning/training",
    show_default=True,
    metavar="DIR",
    help="Folder of the policy, the checkpoint and the curve.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Go on from the checkpoint in that folder, up to --episodes in all.",
)
@sink_options
@click.option("--quiet", is_flag=True, help="No table; warnings and errors only.")
@debug_option
@version_option(PROGRAM.name, __version__)
def command(**options: Any) -> int:
    """Train a defender on recorded series, against an adversary within a budget.

    The game of an AR(4) is tabled by its own rules, series by series: what each hit and each doubt
    would have cost in each period. The defender learns what to doubt by how surprising a print is.
    Prints how training converged; writes policy.json, checkpoint.json and curve.jsonl.
    """

    def work() -> int:
        from ._command import run

        return run(options)

    return PROGRAM.run(work)


def main() -> NoReturn:
    """Run the command and leave with its exit code."""
    PROGRAM.main(command)
