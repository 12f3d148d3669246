"""The engine of this checkout and the last one before it, each in a process of its own.

The old engine is a commit of this repository, unpacked into a temporary folder. Both run with the
same Python and the same installed packages, with one thread of linear algebra, and with bytecode
that is written once. They are asked in turns, so that whatever else the machine does meets both.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

__all__ = ["OLD_COMMIT", "Engine", "unpack_old"]

OLD_COMMIT = "a953319"
"""The last commit in which the game was written twice."""
HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
_COMMAND = "import sys; sys.argv[0] = 'fg-backtest'; from fg_backtest.cli import main; main()"


def unpack_old(folder: Path) -> Path:
    """Write the packages of the old engine into a folder, and return it.

    Exits with a message where the history does not have the commit.
    """
    git = ["git", "-C", str(ROOT)]
    known = subprocess.run(
        [*git, "cat-file", "-e", f"{OLD_COMMIT}^{{commit}}"], capture_output=True, check=False
    )
    if known.returncode:
        sys.exit(
            f"the old engine is commit {OLD_COMMIT} of this repository, which {ROOT} does not "
            "have: run this in a clone with the whole history (git fetch --unshallow)"
        )
    packed = subprocess.run(
        [*git, "archive", "--format=tar", OLD_COMMIT, "packages"], capture_output=True, check=True
    )
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


class Engine:
    """One of the two engines.

    Args:
        name: What it is called.
        root: Folder that has its `packages`.
        cache: Folder for bytecode.
    """

    def __init__(self, name: str, root: Path, cache: Path) -> None:
        self.name = name
        sources = sorted(str(path) for path in root.glob("packages/*/src"))
        self._environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("PYTHON")},
            "PYTHONPATH": os.pathsep.join(sources),
            "PYTHONPYCACHEPREFIX": str(cache),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-u", str(HERE / "engine_tasks.py")],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        found = Path(self.ask("where"))
        if not found.is_relative_to(root):
            sys.exit(f"the {name} engine was to be that of {root}, but {found} was imported")

    def ask(self, task: str, **options: Any) -> Any:
        """Return the result of a task of `engine_tasks`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"task": task, "options": options}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            sys.exit(f"the {self.name} engine failed in {task}{options}; see above")
        return json.loads(line)

    def command(self, arguments: list[str]) -> tuple[float, float]:
        """Run `fg-backtest` in a process of its own; return its CPU seconds and peak memory in MB.

        Imports are included.
        """
        process = subprocess.Popen(
            [sys.executable, "-c", _COMMAND, *arguments],
            env=self._environment,
            stdout=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"fg-backtest {' '.join(arguments)} failed with the {self.name} engine")
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024.0

    def close(self) -> None:
        """End its process."""
        self._process.communicate()
