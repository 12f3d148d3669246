"""With fg-agents installed, its line-up plays wherever nobody names one, and it is said."""

import re
import sys
from pathlib import Path

import pytest

from fg_backtest import backtest, cli, forecast, forecast_cli

README = Path(__file__).resolve().parents[2] / "README.md"


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    quarters = [f"{2001 + t // 4}Q{t % 4 + 1}" for t in range(40)]
    return {"ds": quarters, "y": [round(t % 4 + (t * t) % 7 / 3, 2) for t in range(40)]}


def run(monkeypatch, program, *args):
    name = {cli: "fg-backtest", forecast_cli: "fg-forecast"}[program]
    monkeypatch.setattr(sys, "argv", [name, *args])
    with pytest.raises(SystemExit) as left:
        program.main()
    assert left.value.code == 0


def test_functions_and_commands_follow_one_rule(table, monkeypatch, capsys):
    played = backtest(table, horizons=(1,), refit_every=0)
    assert played.report.configuration["line_up"] == "default"
    assert "ari_shrunk" in played.report.contenders
    assert "Line-up: default." in played.table()
    assert forecast(table, horizons=(1,), warmup=0).line_up == "default"
    rows = (f"{ds},{y}\n" for ds, y in zip(*table.values(), strict=True))
    Path("t.csv").write_text("ds,y\n" + "".join(rows))
    for program in (cli, forecast_cli):
        run(monkeypatch, program, "--source", "t.csv", "--horizons", "1", "--refit-every", "0")
        assert "Line-up: default. Unless --agents names another" in capsys.readouterr().out


def test_what_is_not_chosen_on_the_data_is_not_said(table):
    assert "were chosen on" not in backtest(table, horizons=(1,), refit_every=0).table()


@pytest.mark.slow
def test_the_first_table_of_the_readme_is_what_the_first_command_prints(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    text = README.read_text(encoding="utf-8")
    (table,) = re.findall(r"^    mean over 8 cells.*?\n(?=\n[^ ])", text, re.DOTALL | re.MULTILINE)
    shown = [line[4:] for line in table.splitlines()]
    run(monkeypatch, cli, "--source", "us_macro")
    out = capsys.readouterr().out
    assert len(shown) > 14
    assert "\n".join(shown).rstrip() in out
    assert "chosen on us_macro with targets before 1985" in " ".join(out.split())
