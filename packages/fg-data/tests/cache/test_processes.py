"""The cache under real processes: two that build it at once, one that is killed in mid-write."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

# Ends a test whose child process hangs; nothing else depends on it.
HANGS_SECONDS = 240

_SETUP = """
import sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from fg_data.cache import CacheKey, CacheStore, Format

folder = Path(sys.argv[1])
texts = Format("toy-text", 1, str, str, str, lambda _: False, lambda _: timedelta(hours=1))
key = CacheKey("fred", ("GDP",), "history")
"""

_BUILD = (
    _SETUP
    + """
def fetch():
    with (folder / "asked").open("a") as log:
        log.write("x")
    time.sleep(0.5)  # so that the other asks meanwhile; all is right if it does not, too
    return "figures"

(folder / f"ready-{sys.argv[2]}").touch()
while not (folder / "go").exists():
    time.sleep(0.005)
print(CacheStore(folder / "cache").get(key, texts, fetch).value)
"""
)

# A disk that stops half-way: the first half of the file is written, and then nothing happens.
_HALF = (
    _SETUP
    + """
import os
from fg_core import artifact

class Slow:
    def __init__(self, file):
        self.file = file
    def __enter__(self):
        return self
    def __exit__(self, *_):
        self.file.close()
    def write(self, data):
        self.file.write(data[: len(data) // 2])
        self.file.flush()
        (folder / "half").touch()
        time.sleep(600)

opened = os.fdopen
os.fdopen = lambda *a, **k: Slow(opened(*a, **k))
CacheStore(folder / "cache", refresh=True).get(key, texts, lambda: "new figures" * 1000)
"""
)


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments], text=True, stdout=subprocess.PIPE
    )


def answer(process: subprocess.Popen[str]) -> str:
    return process.communicate(timeout=HANGS_SECONDS)[0].strip()


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    while not path.exists():
        assert process.poll() is None
        time.sleep(0.005)


def test_two_processes_that_build_it_at_once_fetch_once(tmp_path: Path) -> None:
    processes = [start(_BUILD, str(tmp_path), str(number)) for number in range(2)]
    for number, process in enumerate(processes):
        wait_for(tmp_path / f"ready-{number}", process)
    (tmp_path / "go").touch()
    answers = [answer(process) for process in processes]
    assert answers == ["figures", "figures"]
    assert [process.returncode for process in processes] == [0, 0]
    assert (tmp_path / "asked").read_text() == "x"


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL on this system")
def test_a_writer_killed_in_mid_write_leaves_the_old_file_and_its_lock(tmp_path: Path) -> None:
    (tmp_path / "go").touch()
    assert answer(start(_BUILD, str(tmp_path), "0")) == "figures"
    (kept,) = (tmp_path / "cache" / "fred").glob("*.json")
    before = kept.read_bytes()

    writer = start(_HALF, str(tmp_path))
    try:
        wait_for(tmp_path / "half", writer)
        writer.send_signal(signal.SIGKILL)
        writer.communicate(timeout=HANGS_SECONDS)
        assert writer.returncode == -signal.SIGKILL
    finally:
        writer.kill()
    assert kept.read_bytes() == before
    (left,) = kept.parent.glob(".*.tmp")
    assert left.stat().st_size > 0

    # The dead process holds no lock: the next one reads, and a refresh writes and sweeps up.
    assert answer(start(_BUILD, str(tmp_path), "1")) == "figures"
    refresh = _SETUP + (
        "print(CacheStore(folder / 'cache', refresh=True, lock_timeout=240)"
        ".get(key, texts, lambda: 'newer').value)"
    )
    assert answer(start(refresh, str(tmp_path))) == "newer"
    assert list(kept.parent.glob(".*.tmp")) == []
