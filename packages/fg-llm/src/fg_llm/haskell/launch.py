"""How the Haskell program is started: a built binary, or `cabal run`, or why neither is there."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Launch", "find_program"]

PROGRAM_VARIABLE = "FG_RLM"
FOLDER_VARIABLE = "FG_HASKELL_RLM"
_FOLDER = "haskell-rlm"
_CONFIG = "offline-cabal.config"
_LIST_SECONDS = 30.0


@dataclass(frozen=True)
class Launch:
    """A way to start the program, or the reason why there is none.

    Args:
        command: Program and arguments; empty where it cannot be started.
        reason: Why it cannot be started, and what to do; empty where it can.
        folder: Folder to start it in; None is the present one.
        environment: Variables to set beside those that are there.
        builds: Whether starting it may compile it first.
    """

    command: tuple[str, ...] = ()
    reason: str = ""
    folder: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    builds: bool = False


def find_program(start: Path | None = None) -> Launch:
    """Return how to start `rlm`.

    In this order: the program that the variable `FG_RLM` names; the binary that cabal has built in
    the folder of `haskell-rlm` (the variable `FG_HASKELL_RLM`, else that name in the working
    directory or one above it); `cabal run` there, which compiles it first. cabal is given the
    empty configuration of that folder, so that it asks no package index.

    Args:
        start: Folder that the search starts in; None is the working directory.

    Returns:
        The launch, or one that says what is missing.
    """
    named = os.environ.get(PROGRAM_VARIABLE, "")
    if named:
        if os.access(named, os.X_OK) and Path(named).is_file():
            return Launch((named,))
        return Launch(reason=f"{PROGRAM_VARIABLE} names no program that can be run: {named!r}")
    folder = _folder(Path.cwd() if start is None else start)
    if folder is None:
        return Launch(
            reason=f"no folder {_FOLDER} here or above: set {FOLDER_VARIABLE} to it, or "
            f"{PROGRAM_VARIABLE} to the built program"
        )
    cabal = shutil.which("cabal")
    missing = "cabal (install cabal-install)" if cabal is None else "ghc (install ghc)"
    if cabal is None or shutil.which("ghc") is None:
        return Launch(reason=f"{missing} is not on the path")
    environment = {} if "CABAL_CONFIG" in os.environ else {"CABAL_CONFIG": str(folder / _CONFIG)}
    built = _built(cabal, folder, environment)
    if built is not None:
        return Launch((built,))
    command = (cabal, "-v0", "run", "exe:rlm")
    return Launch(command, folder=str(folder), environment=environment, builds=True)


def _folder(start: Path) -> Path | None:
    named = os.environ.get(FOLDER_VARIABLE, "")
    places = [Path(named)] if named else [one / _FOLDER for one in (start, *start.parents)]
    for place in places:
        if (place / "haskell-rlm.cabal").is_file():
            return place.resolve()
    return None


def _built(cabal: str, folder: Path, environment: dict[str, str]) -> str | None:
    """Return the path of the binary where cabal has built it."""
    try:
        found = subprocess.run(  # noqa: S603 - cabal, as the path has it
            [cabal, "-v0", "list-bin", "exe:rlm"],
            cwd=folder,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=_LIST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    path = found.stdout.strip()
    return path if found.returncode == 0 and os.access(path, os.X_OK) else None
