"""The program behind a command: its name, its messages, and its exit codes."""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass
from typing import Any, NoReturn

import click

from fg_core.errors import ArtifactError, ConfigError, DataError, ForecastGameError, PluginError

__all__ = [
    "BROKEN_PIPE",
    "FAILED",
    "FOUND",
    "INTERRUPTED",
    "MISUSED",
    "OK",
    "Interrupted",
    "Program",
]

OK, FAILED, MISUSED, FOUND, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 3, 130, 141
"""Exit codes; `FOUND` is that of a check that found something, and the last two are 128 and the
number of the signal, as shells have them."""


class Interrupted(Exception):  # noqa: N818 - no error: the user wanted it
    """Ctrl-C; the message says what became of the work, if that differs from what is usual."""


@dataclass(frozen=True)
class Program:
    """A command as its user knows it.

    Args:
        name: Name of the command, which begins each of its messages.
        interrupted: State that an interrupted command has left, in words: "no report was written".
    """

    name: str
    _: KW_ONLY
    interrupted: str

    def tell(self, text: str) -> None:
        """Print a message on stderr, after the name of the program.

        Args:
            text: Message. It becomes one line, whatever white space is in it, and what stderr
                cannot encode is escaped.
        """
        line = f"{self.name}: {' '.join(text.split())}"
        encoding = sys.stderr.encoding or "utf-8"
        print(line.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr)

    @contextmanager
    def telling_warnings(self, *, once: bool = False) -> Iterator[None]:
        """Have warnings told as messages while this lasts, each in a line.

        Which warnings there are is left to `python -W` and `PYTHONWARNINGS`; without either, a
        warning is told once per place that it comes from.

        Args:
            once: Whether equal texts are told only the first time, wherever they come from.
        """
        told: set[str] = set()

        def show(message: Warning | str, *_args: Any, **_options: Any) -> None:
            text = str(message)
            if not once or text not in told:
                told.add(text)
                self.tell(f"warning: {text}")

        with warnings.catch_warnings():
            if not sys.warnoptions:
                warnings.simplefilter("default")
            warnings.showwarning = show
            yield

    def run(self, work: Callable[[], int]) -> int:
        """Do the work of a command, inside of it: click would add lines of its own to what ends it.

        Args:
            work: Imports what it needs, does the work, and returns the exit code.

        Returns:
            That code; `BROKEN_PIPE` if the reader of stdout has left.

        Raises:
            Interrupted: Ctrl-C. Work that has more to say than what is usual raises it itself.
        """
        try:
            code = work()
            sys.stdout.flush()
        except BrokenPipeError:
            _let_go_of_stdout()
            return BROKEN_PIPE
        except KeyboardInterrupt:
            raise Interrupted from None
        return code

    def main(self, command: click.Command) -> NoReturn:
        """Run a command with the arguments of the process, and leave with its exit code.

        Args:
            command: Command, or a group of them; what it calls returns an exit code, by way of
                `run`.

        Raises:
            SystemExit: Always.
        """
        try:
            code = command.main(prog_name=self.name, standalone_mode=False)
        except click.ClickException as error:
            self.tell(f"error: {error.format_message()} (see {self.name} --help)")
            code = error.exit_code
        except (click.Abort, Interrupted) as interruption:
            self.tell(f"interrupted; {str(interruption) or self.interrupted}")
            code = INTERRUPTED
        except Exception as error:  # noqa: BLE001 - the outermost edge: it is told, as one line
            code = self._explain(error)
        sys.exit(code)

    def _explain(self, error: Exception) -> int:
        """Say what went wrong and return the exit code."""
        # Read by hand, since the options may not even have been parsed.
        if "--debug" in sys.argv[1:]:
            traceback.print_exception(error)
        if not isinstance(error, ForecastGameError):
            self.tell(
                f"error: unexpected {type(error).__name__}: {error} (--debug shows where; please "
                "report it)"
            )
            return FAILED
        notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
        self.tell(f"error: {error}{notes}")
        wrong_input = isinstance(error, ConfigError | DataError | PluginError | ArtifactError)
        return MISUSED if wrong_input else FAILED


def _let_go_of_stdout() -> None:
    """Drop what is left in the buffer: its reader is gone, and it would raise again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
