"""The command as a user meets it: real child processes, a real signal, a real pipe."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

FakeFred = Any

# Ends a test whose child process hangs; nothing else depends on it.
HANGS_SECONDS = 240

_HEAVY = (
    *("numpy", "scipy", "pandas", "httpx", "httpcore", "stamina", "msgspec", "filelock"),
    *("importlib.metadata", "fg_data.datasets"),
)


def start(folder: Path, *args: str, **env: str) -> subprocess.Popen[str]:
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("FRED_", "FG_"))}
    return subprocess.Popen(
        [sys.executable, "-m", "fg_data", *args],
        cwd=folder,
        env={**ours, **env},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A run in the background may ignore Ctrl-C, and its children would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def run(folder: Path, *args: str, **env: str) -> tuple[int, str, str]:
    process = start(folder, *args, **env)
    out, err = process.communicate(timeout=HANGS_SECONDS)
    return process.returncode, out, err


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["check", "--help"], []])
def test_help_imports_nothing_heavy(args: list[str]) -> None:
    code = (
        "import sys\n"
        "from fg_data.cli import main\n"
        f"sys.argv = ['fg-data', *{args}]\n"
        "try:\n    main()\n"
        "finally:\n    print('LOADED', *sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stderr.split()
    assert "fg_data.cli" in loaded
    assert [name for name in _HEAVY if name in loaded] == []
    assert "fg-data" in done.stdout


def test_a_command_says_how_many_threads_before_numpy_is_loaded() -> None:
    code = """
import os, sys

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "numpy":
            print("THREADS", os.environ.get("OPENBLAS_NUM_THREADS"))

sys.meta_path.insert(0, Watch())
sys.argv = ["fg-data", "show", "--source", "nothing of the kind"]
from fg_data.cli import main
main()
"""
    ours = {k: v for k, v in os.environ.items() if not k.endswith("_THREADS")}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=ours)
    assert (done.returncode, done.stdout) == (2, "THREADS 1\n"), done.stderr


def test_every_command_explains_itself(tmp_path: Path) -> None:
    _, out, _ = run(tmp_path, "--help")
    for name in ("list", "fetch", "show", "vintages", "check"):
        assert f"  {name} " in out
        code, text, err = run(tmp_path, name, "--help")
        assert (code, err) == (0, "")
        assert "--source" in text


def test_the_script_is_the_module(tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("fg-data")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == run(tmp_path, "--version")[1]


@pytest.mark.slow
def test_over_the_network_with_its_own_adapter(fake_fred: FakeFred, tmp_path: Path) -> None:
    """Nothing replaced: the address and the key from the environment, requests spaced."""
    env = {"FRED_BASE_URL": fake_fred.url, "FRED_API_KEY": fake_fred.key}
    code, out, err = run(tmp_path, "fetch", "--series", "UNRATE", "--out", "u.csv", **env)
    assert (code, err) == (0, "")
    assert "84 rows written to u.csv" in out
    assert sorted(fake_fred.requests) == [
        ("series", "UNRATE"),
        ("series/observations", "UNRATE"),
        ("series/vintagedates", "UNRATE"),
    ]
    # Offline from here on, and without a key.
    code, out, err = run(tmp_path, "vintages", "--series", "UNRATE", "--rows", "1", FG_OFFLINE="1")
    assert (code, err) == (0, "")
    assert out.splitlines()[2].startswith("2024-12")
    assert len(fake_fred.requests) == 3


@pytest.mark.slow
def test_ctrl_c_is_one_line_and_leaves_the_cache_as_it_was(
    fake_fred: FakeFred, tmp_path: Path
) -> None:
    gone = threading.Event()
    fake_fred.delay = lambda: gone.wait(HANGS_SECONDS)
    env = {"FRED_BASE_URL": fake_fred.url, "FRED_API_KEY": fake_fred.key}
    process = start(tmp_path, "fetch", "--series", "UNRATE", **env)
    try:
        while not fake_fred.requests:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=HANGS_SECONDS)
    finally:
        process.kill()
        process.communicate()
        gone.set()
    assert process.returncode == 130
    assert (out, err) == ("", "fg-data: interrupted; what was in the cache before is as it was\n")
    assert [p for p in tmp_path.rglob("*") if p.is_file() and ".locks" not in p.parts] == []


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    process = start(tmp_path, "show", "--source", "us_macro", "--rows", "200")
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate(timeout=HANGS_SECONDS)
    assert (process.returncode, err) == (141, "")


@pytest.mark.slow
def test_an_output_without_unicode_gets_ascii(tmp_path: Path) -> None:
    code, out, err = run(tmp_path, "show", "--source", "us_macro", PYTHONIOENCODING="ascii")
    assert (code, err) == (0, "")
    assert out.isascii()
    assert "us_macro is one revised vintage" in out
