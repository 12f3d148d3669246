"""Implementation of the command `fg-backtest`, with everything that it imports."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fg_core import ConfigError, ForecastGameError
from fg_core.calendar import parse_period, parse_period_end
from fg_core.console import Interrupted, check_output_path, output_style
from fg_core.policies import load_policies

from ._program import PROGRAM
from .agents import agents_named, line_up_of, with_policies
from .command_options import fit_settings
from .datasets import dataset_of_command, prepared, still_asked
from .exclusions import exclusions_of
from .intermittent import line_up_for
from .progress import DelayedProgress
from .result import BacktestResult
from .runtimes import chosen_forecasters, tell_runtime
from .schedule import default_horizons
from .tabular import write_table
from .walk_forward import WalkForwardBacktester

if TYPE_CHECKING:
    from .attack_curve import PriceOfAttack

__all__ = ["run"]

_ATTACK = ("attacks", "attack_budget", "attack_cap", "attack_plot", "defenses")
_NOT_IN_REPORT = (
    *_ATTACK,
    "out",
    "by_window",
    "all_series",
    "list_plugins",
    "quiet",
    "debug",
    "jobs",
    "csv",
    "policies",
)


def run(options: Mapping[str, Any]) -> int:
    """Fetch, play, write the report, and print the table."""
    out = Path(options["out"])
    written = False
    try:
        check_output_path("--out", out)
        if options["csv"] is not None:
            check_output_path("--csv", Path(options["csv"]) / "scores.csv")
        if options["attack_plot"] is not None:
            from .chart_files import check_chart

            check_chart("--attack-plot", options["attack_plot"])
        with PROGRAM.telling_warnings():
            results, price = _play(options)
            result = results[0] if price is None else results[0].with_attack(price)
            compared = None
            if options["compare_vintages"]:
                from .vintage_comparison import VintageComparison

                compared = VintageComparison.of(results)
        try:
            result.write(out)
        except OSError as error:
            raise ForecastGameError(
                f"the report could not be written to {out}: {_reason(error)}"
            ) from error
        written = True
        tables = (*_write_csv(result, options["csv"]), *_write_attack(price, out))
        chart = options["attack_plot"]
        if price is not None and chart is not None:
            _draw_attack(price, Path(chart))
        if not options["quiet"]:
            _print_table(result, by_window=options["by_window"], all_series=options["all_series"])
            if compared is not None:
                print(f"\n{compared.table()}", end="")
            if price is not None:
                style = output_style()
                text = price.table(
                    width=style.width, color=style.color, ascii_only=not style.unicode
                )
                print(f"\n{text}", end="")
            print(f"\nReport: {out} (results {result.results_hash[:16]})")
            for path in tables:
                print(f"Table: {path}")
            if chart is not None:
                print(f"Chart: {chart}")
            sys.stdout.flush()
    except KeyboardInterrupt:
        what = f"the report is complete: {out}" if written else "no report was written"
        raise Interrupted(what) from None
    return 0


def _write_csv(result: BacktestResult, folder: str | None) -> tuple[Path, ...]:
    """Write the tables that were asked for."""
    if folder is None:
        return ()
    try:
        return result.write_csv(folder)
    except OSError as error:
        raise ForecastGameError(
            f"the tables could not be written to {folder}: {_reason(error)}"
        ) from error


def _write_attack(price: PriceOfAttack | None, out: Path) -> tuple[Path, ...]:
    """Write what attacks cost to a file beside the report."""
    if price is None:
        return ()
    path = out.with_name(f"{out.stem}_attack.json")
    try:
        write_table(path, price.columns())
    except OSError as error:
        raise ForecastGameError(
            f"the price of attack could not be written to {path}: {_reason(error)}"
        ) from error
    return (path,)


def _draw_attack(price: PriceOfAttack, path: Path) -> None:
    """Write the chart of the price of attack."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        price.plot().savefig(path)
    except OSError as error:
        raise ForecastGameError(f"{path} could not be written: {_reason(error)}") from error


def _play(options: Mapping[str, Any]) -> tuple[list[BacktestResult], PriceOfAttack | None]:
    """Return the backtest, with --compare-vintages that on revised data, and the attacked one."""
    # Everything that can be wrong with the options is found before data are fetched.
    settings = _settings(options)
    chosen, exclusions = chosen_forecasters(options), exclusions_of(options["exclusions"])
    attacks = options["attacks"]
    policies = load_policies(options["policies"])
    seated = [one for one in policies if one.role != "adversary" or not attacks]
    factory = with_policies(
        agents_named(options["agents"], options["aggregator"] or "", chosen),
        seated,
        log=options["log"],
    )
    backtester = WalkForwardBacktester(**settings, agent_factory=factory)
    factory(backtester.config)
    tell_runtime(options)
    if attacks:  # with what an attack needs, which other runs do without
        from .attack_price import DEFENSES, attack_backtest, check_attack

        defenses = tuple(options["defenses"]) or DEFENSES
        check_attack(
            options["attack_budget"], options["attack_cap"], attacks, defenses, policies=policies
        )
        for name in ("log", "exclusions"):
            if options[name]:
                raise ConfigError(f"--attack and --{name} cannot be given together: leave one out")
    elif options["defenses"] or options["attack_plot"]:
        what = (
            "defense says what is attacked (--defender chooses who doubts)"
            if options["defenses"]
            else "attack-plot is of attacks"
        )
        raise ConfigError(f"--{what}: give --attack too")
    dataset = dataset_of_command(options, PROGRAM)
    dataset = prepared(dataset, season_length=options["season_length"], future=options["future"])
    if options["agents"] is None and not options["aggregator"] and not options["log"]:
        usual = line_up_of(factory)
        line_up = line_up_for(dataset, options["series"] or None, backtester.start, usual)
        factory = with_policies(agents_named(line_up, "", chosen), seated)
        backtester = replace(backtester, agent_factory=factory)
    if options["horizons"] is None:
        backtester = replace(backtester, horizons=default_horizons(dataset.frequency))
    with DelayedProgress(shown=sys.stderr.isatty() and not options["quiet"]) as progress:
        results = [
            replace(backtester, revised_data=revised).run(
                dataset,
                still_asked(options["series"] or None, dataset, options["exclude"]),
                progress,
                summary_only=options["summary_only"],
                strict=options["strict"],
                jobs=options["jobs"],
                exclusions=exclusions,
            )
            for revised in ((False, True) if options["compare_vintages"] else (False,))
        ]
        price = None
        if attacks:
            price = attack_backtest(
                backtester,
                dataset,
                still_asked(options["series"] or None, dataset, options["exclude"]),
                options["attack_budget"],
                options["attack_cap"],
                attacks,
                defenses,
                progress=progress,
                jobs=options["jobs"],
                policies=policies,
            )
    command = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in options.items()
        if name not in _NOT_IN_REPORT
    }
    command["agents"] = line_up_of(factory)
    if options["source"] is not None:
        command["source"] = Path(options["source"]).name  # never a path of this machine
    if options["policies"]:
        command["policies"] = [Path(path).name for path in options["policies"]]
    if options["exclusions"] is not None:
        command["exclusions"] = Path(options["exclusions"]).name
    return [result.with_command(command) for result in results], price


def _settings(options: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "horizons": options["horizons"] or (1,),
        "start": None if options["start"] is None else parse_period(options["start"]),
        "end": None if options["end"] is None else parse_period_end(options["end"]),
        "warmup": _warmup(options["warmup"]),
        "step": options["step"],
        **fit_settings(options),
    }


def _warmup(text: str | None) -> datetime | int | None:
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 3:
        return int(text)
    return parse_period(text)


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def _print_table(result: BacktestResult, *, by_window: bool, all_series: bool) -> None:
    from .table import render  # with all of rich, which a quiet run does without

    style = output_style()
    text = render(
        result.report,
        by_window=by_window,
        all_series=all_series,
        width=style.width,
        color=style.color,
        ascii_only=not style.unicode,
    )
    sys.stdout.write(text)
