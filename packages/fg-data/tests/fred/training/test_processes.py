"""Two real processes build the training set at once, from a service that counts."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

FakeFred = Any

_BUILD = """
import sys, time
from pathlib import Path
from fg_data import FredMacroAdapter, FredTrainingDataBuilder
from fg_data.http import HttpTransport, Pace

url, number = sys.argv[1:]
adapter = FredMacroAdapter(base_url=url, transport=HttpTransport(pace=Pace(0.0)))
Path(f"ready-{number}").touch()
while not Path("go").exists():
    time.sleep(0.005)
made = FredTrainingDataBuilder(adapter).build()
print(made.dataset.content_hash, len(made.bundle.train), made.provenance.is_synthetic)
"""


@pytest.mark.slow
def test_one_fetch_and_both_right(fake_fred: FakeFred) -> None:
    # So that the other comes in between; all is right if it does not, too.
    fake_fred.delay = lambda: time.sleep(0.05)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _BUILD, fake_fred.url, str(number)],
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for number in range(2)
    ]
    while not all(Path(f"ready-{number}").exists() for number in range(2)):
        assert all(process.poll() is None for process in processes)
        time.sleep(0.01)
    Path("go").touch()
    answers = [process.communicate(timeout=240) for process in processes]
    assert [error for _, error in answers] == ["", ""]
    first, second = (answer.split() for answer, _ in answers)
    assert first == second
    assert first[2] == "False"
    assert int(first[1]) > 100
    for path in ("series", "series/vintagedates", "series/observations"):
        assert sorted(fake_fred.asked(path)) == sorted(fake_fred.histories)
    files = {path.name for path in Path("data/cache").glob("*.json*")}
    assert files == {"fred_training.json"}
