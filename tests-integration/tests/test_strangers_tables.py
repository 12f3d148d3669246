"""Tables as strangers have them: forecast, or refused in one line with a remedy that works."""

import gzip
import shlex
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from fg_backtest import backtest, forecast, forecast_cli
from fg_backtest import cli as backtest_cli
from fg_core import ConfigError, DataError
from fg_core.console import TABLE_OPTIONS
from fg_data import cli as data_cli
from fg_data import load_dataset

CASES = Path(__file__).parent / "cases"


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run a command on a case and return exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def run_one(case, *more):
        how = ("--fast", "--agents", "baselines", "--no-nonnegative")
        told = ("--source", str(CASES / case), *how, *more)
        monkeypatch.setattr(sys, "argv", ["fg-forecast", *told])
        with pytest.raises(SystemExit) as left:
            forecast_cli.main()
        out, err = capsys.readouterr()
        return left.value.code, out, err

    return run_one


def options_in(message):
    """Return the first options that a message proposes in brackets, as somebody would type them."""
    start = message.index("(--") + 1
    return shlex.split(message[start : message.index(")", start)].split(" or ")[0])


# ------------------------------------------------------------------------- taken as they are

READ = {
    "compact.csv": "dates like '20160101' are read as a date (2016-01-01)",
    "compact_month.csv": "dates like '201601' are read as a month (2016-01-01)",
    "mon_yy.csv": "dates like 'Jan-16' are read as a month (2016-01-01)",
    "month_start.csv": "",
    "discontinued.csv": "",
    "launch_after_zeros.csv": "",
    "step_constant.csv": "",
    "static_features.csv": "columns without numbers were left out: region",
}


@pytest.mark.parametrize("case", READ)
def test_tables_that_are_taken_and_what_is_said_of_them(run, case):
    code, out, err = run(case)
    assert (code, err) == (0, "")
    assert READ[case] in " ".join(out.split())


LEFT_OUT = {"one_dead_sku.csv": "sku4", "short_among_long.csv": "young"}


@pytest.mark.parametrize("case", LEFT_OUT)
def test_a_series_that_cannot_be_played_is_left_out_or_excluded(run, case):
    name = LEFT_OUT[case]
    code, _, err = run(case)
    assert (code, err.count("\n")) == (0, 1)
    assert f"left out one series: series {name!r}" in err
    assert run(case, "--strict")[0] == 2
    without = run(case, "--exclude", name)
    assert without[0] == 0
    assert without[2] == ""
    assert run(case, "--exclude", name, "--strict", "--quiet") == (0, "", "")
    assert f"\n{name}: forecasts" not in without[1]


def test_a_name_with_a_comma_is_given_in_quotes_or_excluded_in_quotes(run):
    name = "Store 1, North"
    names = load_dataset(str(CASES / "ids_with_comma_space.csv")).series_ids
    (other,) = (one for one in names if one != name)
    chosen = run("ids_with_comma_space.csv", "--series", f'"{name}"')
    excluded = run("ids_with_comma_space.csv", "--exclude", f'"{other}"')
    assert chosen == excluded
    assert chosen[1].startswith(f"{name}: forecasts")
    code, _, err = run("ids_with_comma_space.csv", "--exclude", "Store 1")
    assert code == 2
    assert "no series 'Store 1'; there are (nearest first) Store 1, North" in err


# ------------------------------------------------- refused in one line, with a remedy that works

REFUSED = {
    "dmy_slash.csv": "row 1 (line 2), column 'date': '01/01/2016' leaves open what is the day and "
    "what the month; say it with date_format (--date-format '%d/%m/%Y' or '%m/%d/%Y')",
    "mdy_slash.csv": "row 1 (line 2), column 'date': '01/01/2016' leaves open what is the day and "
    "what the month; say it with date_format (--date-format '%d/%m/%Y' or '%m/%d/%Y')",
    "dmy_daily_2digit.csv": "row 1 (line 2), column 'date': '01/01/23' does not say what is the "
    "day and what the month, and '13/01/23' in row 13 (line 14) does; say it with date_format "
    "(--date-format '%d/%m/%y')",
    "sparse_sales_rows.csv": "series 'p': its rows are weekly, and 97 of 148 weeks have none (the "
    "longest gap: 2022-08-08 to 2022-10-24); where no row means that nothing happened, fill them "
    "in with fill=0 (--fill 0)",
}


@pytest.mark.parametrize("case", REFUSED)
def test_tables_that_are_refused_until_the_option_in_the_message_is_given(run, case):
    code, out, err = run(case)
    assert (code, out) == (2, "")
    assert err in (
        f"fg-forecast: error: {case}, {REFUSED[case]}\n",
        f"fg-forecast: error: {case}: {REFUSED[case]}\n",
    )
    code, out, err = run(case, *options_in(err))
    assert code == 0
    assert "forecasts from" in out


def test_dates_of_two_forms_are_named_with_their_rows(run):
    code, _, err = run("mixed_formats.csv")
    assert code == 2
    assert err == (
        "fg-forecast: error: mixed_formats.csv, row 1 (line 2), column 'date': '01/01/2016' has "
        "another form than '2016-02-01' in row 2 (line 3) (there are 30 and 30 such dates); write "
        "all dates in one form\n"
    )


def test_weeks_without_a_sale_are_filled_in_the_same_way_everywhere(run):
    case = "sparse_sales_rows.csv"
    filled = "sparse_sales_rows.csv: periods without a row were filled in with 0: p 97 of 148"
    code, _, err = run(case, "--fill", "0")
    assert (code, err) == (0, f"fg-forecast: warning: {filled}\n")
    frame = pd.read_csv(CASES / case)
    with pytest.warns(UserWarning, match="filled in with 0: p 97 of 148"):
        whole = load_dataset(str(CASES / case), options={"fill": "0"})
    with pytest.warns(UserWarning, match="filled in with 0: p 97 of 148"):
        result = backtest(frame, fill=0, summary_only=True, agents="baselines", nonnegative=False)
    assert len(whole) == 148
    assert sum(row.value for row in whole) == frame["y"].sum()
    assert list(result.report.series) == ["p"]


# --------------------------------------------------------- options are the same for all commands


def test_fg_data_takes_the_options_of_tables_too(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{2016 + t // 12}-{t % 12 + 1:02};{t % 7},5;..\n" for t in range(30))
    Path("t.csv.gz").write_bytes(gzip.compress(f"month;a;b\n2015-12;1;2\n{rows}".encode()))
    told = ["--ds", "month", "--y", "a,b", "--na", ".."]

    def show(*more):
        monkeypatch.setattr(sys, "argv", ["fg-data", "show", "--source", *more])
        with pytest.raises(SystemExit) as left:
            data_cli.main()
        return left.value.code, *capsys.readouterr()

    code, out, err = show("t.csv.gz", *told)
    assert code == 0
    assert err == (
        "fg-data: warning: t.csv.gz: one series was left out: series 'b': 1 row, and its frequency "
        "shows from 3 on (a backtest wants more than 20) (--strict refuses them)\n"
    )
    assert out.startswith("a\n")
    assert show("t.csv.gz", *told, "--exclude", "b")[2] == ""
    assert show("us_macro", "--fill", "0")[2] == (
        "fg-data: error: --fill says what is in a file; give the file with --source, such as "
        "--source sales.csv\n"
    )
    code, _, err = show("us_macro", "--exclude", "infla")
    assert code == 2
    assert "has no series 'infla' to leave out; it has (nearest first) infl" in err
    code, out, _ = show("us_macro", "--series", "infl,unemp", "--exclude", "infl")
    assert code == 0
    assert out.startswith("unemp")


def test_every_command_that_reads_files_has_the_options_of_tables():
    commands = [backtest_cli.command, forecast_cli.command]
    commands += [one for name, one in data_cli.command.commands.items() if name != "list"]
    for command in commands:
        found = {parameter.name: parameter for parameter in command.params}
        assert {*TABLE_OPTIONS, "series", "exclude"} <= set(found), command.name
        assert all(found[name].opts == [flag] for name, flag in TABLE_OPTIONS.items())


# -------------------------------------------------------------------------------- in notebooks


def test_frames_of_all_kinds_are_the_same_forecast():
    weeks = pd.period_range("2019-01-07", periods=60, freq="W-SUN")
    values = [float(t % 5 + t % 7) for t in range(60)]
    frame = pd.DataFrame({"ds": weeks, "y": values})

    class Lazy:  # as polars has it: no columns by name until it is collected
        def collect_schema(self):
            return ["ds", "y"]

        def collect(self):
            return frame

    dated = pd.DataFrame({"ds": weeks.start_time, "y": values})
    numbered = dated.set_axis([0, 1], axis="columns")
    settings = {"horizons": (1,), "agents": "baselines", "warmup": 0, "season_length": 1}
    found = {
        "periods": forecast(frame, **settings),
        "lazy": forecast(Lazy(), **settings),
        "dates": forecast(dated, **settings),
        "arrow": forecast(pa.Table.from_pandas(dated), **settings),
        "numbers": forecast(numbered, ds=0, y=1, **settings),
    }
    columns = {name: one.columns() for name, one in found.items()}
    for name, one in columns.items():
        assert list(one["mean"]) == list(columns["dates"]["mean"]), name
        assert [str(day)[:10] for day in one["ds"]] == ["2020-03-02"], name
    with pytest.raises(ConfigError, match=r"y must be the name of a column, got 1\.5"):
        forecast(dated, y=1.5)


def test_a_shop_that_is_closed_on_sundays_has_a_season_of_six_and_no_sunday_to_come():
    days = [d for d in pd.date_range("2021-01-04", periods=140) if d.weekday() != 6]
    table = {"ds": days, "y": [10 + d.weekday() + k % 5 for k, d in enumerate(days)]}
    found = forecast(table, horizons=(1, 2, 3, 4, 5, 6), agents="baselines", warmup=0)
    assert [str(day)[:10] for day in found.columns()["ds"]] == [
        *("2021-05-24", "2021-05-25", "2021-05-26", "2021-05-27", "2021-05-28", "2021-05-29"),
    ]
    result = backtest(table, horizons=(1,), summary_only=True)
    assert result.report.provenance.season_length == 6
    assert any("no rows on Sundays" in notice for notice in found.provenance.notices)


def test_a_typing_error_is_told_though_series_may_be_left_out_on_reading():
    table = {"ds": ["2001", "2002", "2003"] * 2, "unique_id": ["a"] * 3 + ["b"] * 3, "y": range(6)}
    for ask in ({"series": "c"}, {"series": ["a", "c"]}, {"exclude": "c"}):
        with pytest.raises(DataError, match=r"no series 'c'"):
            forecast(table, **ask)
