"""fg-backtest --attack on a file: the clean run, the attacked ones, and what is refused."""

import json

import numpy as np
from click.testing import CliRunner

from fg_backtest.cli import command
from fg_core import ConfigError


def test_command_plays_attacks_beside_the_clean_run(tmp_path):
    rng = np.random.default_rng(5)
    lines = [f"{2001 + t // 4}Q{t % 4 + 1},{x:.2f}" for t, x in enumerate(rng.normal(size=40))]
    source, out = tmp_path / "data.csv", tmp_path / "r.json"
    source.write_text("\n".join(["ds,y", *lines]), encoding="utf-8")
    options = ["--source", str(source), "--out", str(out), "--agents", "baselines", "--warmup", "4"]
    attack = ["--attack", "--attack-budget", "3", "--defense", "stack:clipping+dampening"]
    done = CliRunner().invoke(command, [*options, *attack], standalone_mode=False)
    assert done.exception is None
    rows = json.loads((tmp_path / "r_attack.json").read_text(encoding="utf-8"))
    assert {row["defense"] for row in rows} == {"none", "stack:clipping+dampening"}
    assert {row["attack"] for row in rows} == {"", "worst"}
    assert "price of attack, 1 ahead" in done.output
    refused = CliRunner().invoke(command, [*options, "--defense", "gate"])
    assert isinstance(refused.exception, ConfigError)
    assert "give --attack too" in str(refused.exception)
