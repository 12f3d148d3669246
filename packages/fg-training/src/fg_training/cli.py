"""The command `fg-train`.

This module imports `fg_core.console`, click and the standard library and nothing else, so that
`--help` is quick; the work, with all that it imports, is in `_command`.
"""

from __future__ import annotations

from collections.abc import Callable
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
from ._refine_options import refine_options
from ._sink_options import sink_options

__all__ = ["command", "main"]

_EPILOG = """\b
Examples:
  fg-train --source us_macro --series infl --episodes 200
  fg-train --source us_macro --train-until 1985 --algorithm wolf --out planning/training
  fg-train resume --episodes 400
  fg-train evaluate --checkpoint best
  fg-train --source us_macro --role both --budget 0.5
  fg-train --source us_macro --role adversary --defender dampening

Without --source, the training set of FRED is meant (fred_training), for which
FRED_API_KEY must be set. Without it, synthetic data stand in, with a warning.

\b
Exit codes: 0 done; 1 the run failed; 2 wrong usage or input;
130 interrupted.
"""


class _Commands(click.Group):
    """Commands of which `run` is meant where none is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `run` before options of its own."""
        own = ("-h", "--help", "--version")
        if not args or (args[0] not in self.commands and args[0] not in own):
            args = ["run", *args]
        return super().parse_args(ctx, args)


_OUT = click.option(
    "--out",
    default="planning/training",
    show_default=True,
    metavar="DIR",
    help="Folder of policies, checkpoints and the curve.",
)
_QUIET = click.option("--quiet", is_flag=True, help="No table; warnings and errors only.")
_JOBS = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes; the numbers are the same for any.",
)


def _episodes(text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(
        "--episodes", type=click.IntRange(min=1), default=100, show_default=True, help=text
    )


_EPISODES = _episodes("Episodes in all, those before a checkpoint included.")


def _read_checkpoint(
    _context: click.Context | None, _option: click.Parameter | None, given: str
) -> str:
    """Read "latest", "best", or the number of an episode."""
    if given not in ("latest", "best") and not (given.isascii() and given.isdigit()):
        raise click.BadParameter(f"{given!r} is neither latest nor best nor the number of one")
    return given


_CHECKPOINT = click.option(
    "--checkpoint",
    default="latest",
    show_default=True,
    callback=_read_checkpoint,
    metavar="latest|best|N",
    help="The last one, the best against a fresh challenger, or that of an evaluated episode.",
)


@click.group(PROGRAM.name, cls=_Commands, epilog=_EPILOG, context_settings=CONTEXT_SETTINGS)
@version_option(PROGRAM.name, __version__)
def command() -> None:
    """Train in the game on recorded series: a defender, a forecaster, an adversary, or both sides.

    Without the name of a command, `run` is meant; `fg-train run --help` has its options.
    """


@command.command("run")
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
    "--role",
    type=click.Choice(["defender", "forecaster", "adversary", "both"]),
    default="defender",
    show_default=True,
    help="Who learns: a defender that doubts prints, a forecaster that corrects the pool, an "
    "adversary that sees its budget, or a defender and an adversary.",
)
@click.option(
    "--algorithm",
    type=click.Choice(["q", "wolf", "minimax"]),
    default="wolf",
    show_default=True,
    help="q: epsilon-greedy Q-learning; wolf: WoLF-PHC; minimax: exact best responses in turn, "
    "against a pool.",
)
@_EPISODES
@click.option(
    "--budget",
    type=click.FloatRange(min=0.0),
    default=0.25,
    show_default=True,
    help="What hits may cost per period, in one-step scales of the series.",
)
@click.option(
    "--defender",
    default="none",
    show_default=True,
    metavar="NAME|FILE",
    help="Whom an adversary learns against: none, a defense, or a policy file (.json).",
)
@click.option(
    "--features",
    multiple=True,
    callback=read_names,
    metavar="NAME",
    help="What the learner sees: surprise, drift, speed, last_action (adversary); default: the "
    "usual ones of its role.",
)
@click.option("--seed", type=SEED, default=7, show_default=True)
@click.option(
    "--evaluate-every",
    type=click.IntRange(min=0),
    default=25,
    show_default=True,
    help="Episodes from one fresh challenger to the next; 0: none.",
)
@click.option(
    "--patience",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Stop after so many challengers without a better result; 0: do not.",
)
@_OUT
@click.option(
    "--resume",
    is_flag=True,
    help="Go on from the checkpoint in that folder, up to --episodes in all.",
)
@_JOBS
@sink_options
@refine_options
@_QUIET
@debug_option
def run_command(**options: Any) -> int:
    """Train against an adversary within a budget, or train the adversary.

    The game of an AR(4) is tabled by its own rules, series by series: what each hit and each action
    would have cost in each period. Prints how training converged; writes policies, checkpoints, the
    curve as JSON lines, and its picture.
    """

    def work() -> int:
        from ._command import run

        return run(options)

    return PROGRAM.run(work)


@command.command("resume")
@_EPISODES
@_CHECKPOINT
@_OUT
@_JOBS
@sink_options
@refine_options
@_QUIET
@debug_option
def resume_command(**options: Any) -> int:
    """Go on with the training of a folder, by the settings it began with."""

    def work() -> int:
        from ._command import resume

        return resume(options)

    return PROGRAM.run(work)


@command.command("evaluate")
@_episodes("Episodes of training of each challenger.")
@_CHECKPOINT
@_OUT
@_JOBS
@_QUIET
@debug_option
def evaluate_command(**options: Any) -> int:
    """Score what was trained, beside fixed defenses and training without an adversary.

    Each team is scored on clean data, under attacks of kinds that were never trained on, under
    challengers that are trained afresh against it, and in its exact worst case: on the periods that
    training left out, if it did, and on random numbers of its own. Differences of the trained team
    have intervals over time. Writes evaluation.json.
    """

    def work() -> int:
        from ._evaluate import evaluate

        return evaluate(options)

    return PROGRAM.run(work)


@command.command("plot")
@_OUT
@click.option("--to", metavar="PATH", help="Picture to write (.png, .svg, .pdf); default: in DIR.")
@_QUIET
@debug_option
def plot_command(**options: Any) -> int:
    """Draw the learning curve of a folder."""

    def work() -> int:
        from ._plot import plot

        return plot(options)

    return PROGRAM.run(work)


def main() -> NoReturn:
    """Run the command and leave with its exit code."""
    PROGRAM.main(command)
