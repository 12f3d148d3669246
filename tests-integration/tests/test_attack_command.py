"""fg-backtest --attack on a file: the clean run, the attacked ones, and what is refused."""

import json

import jsonschema
import numpy as np
from click.testing import CliRunner

from fg_backtest import BacktestResult, report_schema
from fg_backtest.cli import command
from fg_core import ConfigError


def test_command_plays_attacks_beside_the_clean_run(tmp_path):
    rng = np.random.default_rng(5)
    lines = [f"{2001 + t // 4}Q{t % 4 + 1},{x:.2f}" for t, x in enumerate(rng.normal(size=40))]
    source, out = tmp_path / "data.csv", tmp_path / "r.json"
    source.write_text("\n".join(["ds,y", *lines]), encoding="utf-8")
    options = ["--source", str(source), "--out", str(out), "--agents", "baselines", "--warmup", "4"]
    chart = tmp_path / "curve.svg"
    attack = ["--attack", "--attack", "random_hits", "--attack-budget", "3"]
    attack += ["--defense", "stack:clipping+dampening", "--attack-plot", str(chart)]
    done = CliRunner().invoke(command, [*options, *attack], standalone_mode=False)
    assert done.exception is None
    rows = json.loads((tmp_path / "r_attack.json").read_text(encoding="utf-8"))
    assert {row["defense"] for row in rows} == {"none", "stack:clipping+dampening"}
    assert {row["attack"] for row in rows} == {"", "worst", "random_hits"}
    assert chart.read_bytes().startswith(b"<?xml")
    report = json.loads(out.read_text(encoding="utf-8"))
    jsonschema.validate(report, report_schema(), cls=jsonschema.Draft202012Validator)
    assert report["attack"]["rows"] == rows
    read = BacktestResult.read(out).price_of_attack
    assert read is not None
    assert read.budgets == (3.0,)
    assert report["attack"]["best_defense"]["1"]["3"] == read.best_defense(3.0, 1)
    assert "price of attack, 1 ahead" in done.output
    for wrong, says in (
        (["--defense", "gate"], "give --attack too"),
        (["--attack-plot", str(chart)], "give --attack too"),
        (["--attack", "--attack-plot", "curve.txt"], "must end in"),
    ):
        refused = CliRunner().invoke(command, [*options, *wrong])
        assert isinstance(refused.exception, ConfigError)
        assert says in str(refused.exception)
