"""The command `fg-train`, on recorded data and in processes of its own."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
import tomllib
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
    assert (folder / "curve.png").read_bytes().startswith(b"\x89PNG")
    assert len((folder / "curve.jsonl").read_text().splitlines()) == 10
    agent = Registry("fg_core.policies").load("table_defender")().load(str(folder / "policy.json"))
    assert f"{agent.p_bad[0]:.2f}" in found.stdout


@pytest.mark.slow
def test_refinement_without_a_server_is_one_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    data = "--source", "us_macro", "--series", "infl", "--episodes", "2", "--evaluate-every", "0"
    found = train(tmp_path, *data, "--refine", "--explain")
    assert found.returncode == 0, found.stderr
    assert found.stderr.splitlines() == [
        "fg-train: warning: refiner recursive: ollama at 127.0.0.1:9: nothing answers; nothing was "
        "refined"
    ]
    folder = tmp_path / "planning" / "training"
    assert (folder / "policy.json").is_file()
    report = json.loads((folder / "refinement.json").read_text())
    assert (report["unavailable"][-15:], report["strategy"]) == ("nothing answers", "")

    found = train(tmp_path, *data, "--refine", "mock_llm", "--explain")
    assert (found.returncode, found.stderr) == (0, "")
    report = json.loads((folder / "refinement.json").read_text())
    assert (report["stop"], len(report["proposals"])) == ("rounds", 16)
    assert all(one["strategy"] in found.stdout for one in report["proposals"])


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_killed_run_that_is_resumed_ends_in_the_bits_of_one_that_was_not(tmp_path: Path) -> None:
    data = "--source", "us_macro", "--series", "infl", "--train-until", "1985"
    more = "--role", "both", "--episodes", "200", "--evaluate-every", "50"
    assert train(tmp_path, *data, *more, "--out", "whole").returncode == 0
    script = str(ROOT / "scripts" / "run_training.py")
    killed = subprocess.Popen(
        [sys.executable, script, *data, *more, "--out", "parts"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    curve, checkpoint = tmp_path / "parts" / "curve.jsonl", tmp_path / "parts" / "checkpoint.json"
    while killed.poll() is None:
        # After a checkpoint, and some episodes further on.
        if checkpoint.is_file() and curve.read_bytes().count(b"\n") % 20 > 5:
            killed.kill()
            break
        time.sleep(0.01)
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL, "it ended before it was killed"
    done = curve.read_bytes().count(b"\n")
    assert 20 < done < 200
    found = train(tmp_path, "resume", "--episodes", "200", "--out", "parts")
    assert found.returncode == 0, found.stderr
    names = sorted(one.name for one in (tmp_path / "whole").iterdir())
    assert "checkpoint-best.json" in names
    assert "checkpoint-000200.json" in names
    assert sorted(one.name for one in (tmp_path / "parts").iterdir()) == names
    for name in names:
        if name != "curve.png":
            whole, parts = ((tmp_path / run / name).read_bytes() for run in ("whole", "parts"))
            assert whole == parts, name


@pytest.mark.slow
def test_what_was_trained_is_scored_drawn_and_played(tmp_path: Path) -> None:
    data = "--source", "us_macro", "--series", "infl", "--train-until", "1985"
    for role in ("forecaster", "both"):
        found = train(
            tmp_path, *data, "--role", role, "--episodes", "4", "--evaluate-every", "2", "--out",
            role,
        )  # fmt: skip
        assert found.returncode == 0, found.stderr
        assert "best against a fresh challenger" in found.stdout
    registry = Registry("fg_core.policies")
    forecaster = registry.load("table_forecaster")().load(str(tmp_path / "forecaster/policy.json"))
    adversary = registry.load("table_adversary")().load(str(tmp_path / "both/adversary.json"))
    assert len(forecaster.corrections) == forecaster.grid.n_cells
    assert len(adversary.policy) == adversary.grid.n_cells
    scored = train(tmp_path, "evaluate", "--out", "both", "--episodes", "3", "--checkpoint", "2")
    assert scored.returncode == 0, scored.stderr
    assert "from 1985 on, which training has not seen" in scored.stdout
    answer = json.loads((tmp_path / "both" / "evaluation.json").read_text())
    assert answer["checkpoint"] == "2"
    teams = {one["name"]: one for one in answer["teams"]}
    assert {"none", "dampening", "untrained", "trained, no adversary", "trained"} <= set(teams)
    assert teams["innovation_gate"]["worst"] is None
    for one in teams.values():
        assert {"random", "slow", "trained adversary", "untrained adversary"} <= set(one["attacks"])
        if one["worst"] is not None:
            assert one["clean"] <= one["challenger"] <= one["worst"]
    price = teams["trained"]["clean"] - teams["trained, no adversary"]["clean"]
    assert answer["price_of_robustness"] == price
    calm, hit = answer["untrained_cells"]
    assert 0.0 <= calm <= hit < 0.5
    assert f"never in: {calm:.1%}, under hits {hit:.1%}" in scored.stdout
    drawn = train(tmp_path, "plot", "--out", "both", "--to", "curve.svg")
    assert (drawn.returncode, (tmp_path / "curve.svg").is_file()) == (0, True)


@pytest.mark.slow
def test_an_adversary_learns_against_the_defender_that_it_is_told(tmp_path: Path) -> None:
    data = "--source", "us_macro", "--series", "infl", "--train-until", "1985", "--episodes", "9"
    found = train(tmp_path, *data, "--algorithm", "minimax", "--tensorboard", "tb", "--out", "team")
    assert found.returncode == 0, found.stderr
    assert len(list((tmp_path / "tb").iterdir())) == 1
    lines = (tmp_path / "team" / "curve.jsonl").read_text().splitlines()
    assert [json.loads(line)["episode"] for line in lines] == list(range(1, 10))
    losses = {}
    for name in ("none", "team/policy.json"):
        out = name.replace("/", "-").removesuffix(".json")
        found = train(tmp_path, *data, "--role", "adversary", "--defender", name, "--out", out)
        assert found.returncode == 0, found.stderr
        assert f"the adversary learns against the defender {name}\n" in found.stdout
        curve = (tmp_path / out / "curve.jsonl").read_text().splitlines()
        losses[name] = json.loads(curve[-1])
    clean = [one["clean_loss"] for one in losses.values()]
    assert clean[0] != clean[1]  # another team plays
    assert all(one["adversary_loss"] > one["clean_loss"] for one in losses.values())
    scored = train(tmp_path, "evaluate", "--out", "team-policy", "--episodes", "2")
    assert scored.returncode == 0, scored.stderr
    assert "\npolicy " in scored.stdout


@pytest.mark.slow
def test_the_smoke_job_is_red_where_learners_do_not_learn(tmp_path: Path) -> None:
    tasks = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["poe"]["tasks"]
    assert "poe training-smoke" in (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    command = shlex.split(tasks["training-smoke"]["sequence"][-1]["cmd"])
    fault = "import fg_training._kernels\nfg_training._kernels.climb_row = lambda *_: None\n"
    (tmp_path / "sabotage.py").write_text(fault)
    codes = []
    for more in ((), ("-p", "sabotage")):
        found = subprocess.run(
            [sys.executable, "-m", *command, *more],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        codes.append((found.returncode, "learners are" in found.stdout))
    assert codes == [(0, False), (1, True)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("resume",), "nothing was trained"),
        (("evaluate", "--out", "nowhere"), "nothing was trained"),
        (("resume", "--checkpoint", "newest"), "neither latest nor best"),
        (("--role", "both", "--algorithm", "minimax"), "goes with q and wolf"),
        (("--algorithm", "dqn"), "dqn"),
        (("--source", "us_macro", "--series", "no_such"), "no_such"),
        (("--source", "us_macro", "--series", "infl", "--train-until", "1965"), "at least 50"),
        (("--algorithm", "minimax", "--resume"), "--resume"),
        (("--source", "us_macro", "--series", "infl", "--resume"), "checkpoint.json"),
        (("--role", "both", "--defender", "clipping"), "--role both learns itself"),
        (("--role", "adversary", "--defender", "nowhere.json"), "no policy file nowhere.json"),
        (
            ("--role", "adversary", "--defender", "innovation_gate", "--source", "us_macro"),
            "rounds do not separate: defender 'innovation_gate' learns from what was reported",
        ),
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
