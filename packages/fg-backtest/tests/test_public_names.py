"""What is public, and what importing it costs."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import fg_backtest

_HEAVY = ("numpy", "scipy", "pandas", "rich", "msgspec")
_METADATA = ("importlib.metadata", "hashlib")


def test_every_public_name_is_there() -> None:
    for name in fg_backtest.__all__:
        assert getattr(fg_backtest, name) is not None
        assert name in dir(fg_backtest)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Backtester'"):
        _ = fg_backtest.Backtester


def test_the_version_is_that_of_the_distribution() -> None:
    project = Path(__file__).parents[1] / "pyproject.toml"
    assert fg_backtest.__version__ == tomllib.loads(project.read_text())["project"]["version"]


@pytest.mark.parametrize("options", [["--help"], ["--version"], ["--list"]])
def test_help_imports_nothing_heavy(options: list[str]) -> None:
    code = (
        "import sys\n"
        "from fg_backtest.cli import main\n"
        f"sys.argv = ['fg-backtest', *{options}]\n"
        "try:\n    main()\n"
        "finally:\n    print('LOADED', *sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stderr.split()
    assert "fg_backtest.cli" in loaded
    heavy = _HEAVY if options == ["--list"] else (*_HEAVY, *_METADATA)
    assert [name for name in heavy if name in loaded] == []
    assert ("fg_core.sources" if options == ["--list"] else "fg-backtest") in done.stdout


def test_the_command_says_how_many_threads_before_numpy_is_loaded() -> None:
    code = """
import os, sys

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "numpy":
            print("THREADS", os.environ.get("OPENBLAS_NUM_THREADS"))

sys.meta_path.insert(0, Watch())
sys.argv = ["fg-backtest", "--source", "nothing of the kind"]
from fg_backtest.cli import main
main()
"""
    ours = {k: v for k, v in os.environ.items() if not k.endswith("_THREADS")}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=ours)
    assert (done.returncode, done.stdout) == (2, "THREADS 1\n"), done.stderr
