"""The command `fg-train`, on recorded data and in processes of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fg_core.plugins import Registry

ROOT = Path(__file__).resolve().parents[2]


def train(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    known = {key: value for key, value in os.environ.items() if key != "FRED_API_KEY"}
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "run_training.py"), *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env=known,
        check=False,
    )


def test_ten_episodes_without_a_key_converge_on_synthetic_data(tmp_path: Path) -> None:
    found = train(tmp_path, "--episodes", "10")
    assert found.returncode == 0, found.stderr
    assert "no FRED_API_KEY" in found.stderr
    assert "NashConv" in found.stdout
    folder = tmp_path / "planning" / "training"
    assert len((folder / "curve.jsonl").read_text().splitlines()) == 10
    agent = Registry("fg_core.policies").load("table_defender")().load(str(folder / "policy.json"))
    assert f"{agent.p_bad[0]:.2f}" in found.stdout


def test_a_run_that_was_resumed_is_one_that_was_not(tmp_path: Path) -> None:
    data = "--source", "us_macro", "--series", "infl", "--train-until", "1985"
    whole = train(tmp_path, *data, "--episodes", "9", "--out", "whole", "--tensorboard", "whole-tb")
    parts = [
        train(
            *(tmp_path, *data, "--episodes", n, "--out", "parts", *more),
            *("--tensorboard", "parts-tb"),
        )
        for n, more in (("4", ()), ("9", ("--resume",)))
    ]
    for one in (whole, *parts):
        assert one.returncode == 0, one.stderr
    events = [len(list((tmp_path / one).iterdir())) for one in ("whole-tb", "parts-tb")]
    assert events == [1, 2]  # a file of events per run
    for name in ("policy.json", "curve.jsonl", "checkpoint.json"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "parts" / name).read_bytes()
    last = json.loads((tmp_path / "whole" / "curve.jsonl").read_text().splitlines()[-1])
    assert last["episode"] == 9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--algorithm", "dqn"), "dqn"),
        (("--source", "us_macro", "--series", "no_such"), "no_such"),
        (("--source", "us_macro", "--series", "infl", "--train-until", "1965"), "at least 50"),
        (("--algorithm", "minimax", "--resume"), "--resume"),
        (("--source", "us_macro", "--series", "infl", "--resume"), "checkpoint.json"),
        (("--algorithm", "minimax", "--tensorboard", "tb"), "--tensorboard and --mlflow go with"),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    found = train(tmp_path, *arguments)
    assert (found.returncode, found.stdout) == (2, "")
    assert message in found.stderr
    assert len(found.stderr.strip().splitlines()) <= 2
    assert not (tmp_path / "planning").exists()
