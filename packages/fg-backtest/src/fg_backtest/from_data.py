"""From data in whatever form to a backtest, or to today's forecast, in one call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fg_core import AgentFactory, ConfigError, Dataset

from .agents import agents_named, default_line_up, line_up_of, with_policies
from .checks import DOUBTED
from .datasets import Data, prepared, still_asked
from .exclusions import Exclusions, excluded_rows, exclusions_of
from .games import Progress
from .intermittent import line_up_for
from .latest import Forecasts, LatestForecaster, PrintChecks
from .latest.by_kind import forecast_by_kind
from .latest.print_checks import print_checks, require_threshold
from .result import BacktestResult
from .schedule import default_horizons
from .walk_forward import WalkForwardBacktester

__all__ = ["backtest", "check", "forecast"]


def backtest(
    data: Data,
    series: str | Sequence[str] | None = None,
    *,
    agents: str | AgentFactory | None = None,
    unique_id: str = "unique_id",
    ds: str = "ds",
    y: str | Sequence[str] = "y",
    date_format: str = "",
    na: str | Sequence[object] = (),
    fill: float | None = None,
    exclude: str | Sequence[str] = (),
    season_length: int | None = None,
    future: str | Sequence[str] = (),
    progress: Progress | None = None,
    summary_only: bool = False,
    strict: bool = False,
    jobs: int = 1,
    exclusions: Exclusions | None = None,
    **settings: Any,
) -> BacktestResult:
    """Play and score each series of a dataset, a data frame or a mapping of columns.

    It is what the command `fg-backtest` does: `WalkForwardBacktester(**settings).run(dataset)`,
    with the horizons of `default_horizons` where `settings` name none, and with these agents.

    Args:
        data: A dataset; a table in the long format (`unique_id`, `ds`, `y`) or in the wide one, as
            `fg_core.dataset_from_table` reads it; or the name of a source or a file.
        series: Names of those to play, or one name; None: all.
        agents: Name of a line-up, or an agent factory; None: the line-up "default" where fg-agents
            is installed, else "baselines" (`default_line_up`).
        unique_id: Column of a table with the names of series.
        ds: Column of a table with the dates.
        y: Column of a table with the values; in a wide table also several.
        date_format: Form of the dates of a table, such as "%d/%m/%Y"; empty: told from the dates.
        na: Marks of missing values of a table beside the usual ones, such as ("..", "-").
        fill: Value of periods of a table without a row, such as 0 where rows are there only when
            something was sold; None: they stay without.
        exclude: Names of series that are left out, or one name.
        season_length: Periods in a season; None: that of the dataset, or by frequency.
        future: Names of context columns that are known in advance (promotions, holidays, prices),
            or one name: forecasters get the value of the period that they forecast, and rows of a
            table after the last value may hold it.
        progress: Function that is called before each block of series and at the end.
        summary_only: Whether to leave the forecasts of each origin out of the report.
        strict: Whether to refuse series that are too short or never move, instead of leaving them
            out with a warning.
        jobs: Number of processes; no figure depends on it. A script that asks for several needs
            `if __name__ == "__main__":`.
        exclusions: Prints that were found to be bad, or the name of their file; each is missing at
            origins that were known after the day of the decision, and no target.
        **settings: See `WalkForwardBacktester`. Without `agent_factory`, the default agents play,
            or the line-up "intermittent" where the demand of at least half of the series is that.
            `policies=["policy.json"]` adds trained ones to them (`AgentRegistry.with_policies`).

    Returns:
        The report of the backtest, with methods that show and write it.

    Raises:
        DataError: A table that cannot be used as it is, an unknown series, or one that is too
            short for what is asked or does not move.
        ConfigError: A setting outside its range.

    >>> months = [f"{2001 + t // 12}-{t % 12 + 1:02}" for t in range(60)]
    >>> table = {"month": months, "sales": [t % 12 + t % 5 for t in range(60)]}
    >>> result = backtest(table, ds="month", y="sales")
    >>> result.report.provenance.season_length, list(result.report.series["sales"].horizons)
    (12, ['1', '3'])
    """
    dataset = prepared(
        data,
        series,
        unique_id=unique_id,
        ds=ds,
        y=y,
        date_format=date_format,
        na=na,
        fill=fill,
        exclude=exclude,
        strict=strict,
        season_length=season_length,
        future=future,
    )
    asked = still_asked(series, dataset, exclude, read=not isinstance(data, Dataset))
    if agents is None and "agent_factory" not in settings and not settings.get("log"):
        agents = line_up_for(dataset, asked, settings.get("start"), line_up_of(agents_named()))
    return backtester_of(settings, agents, dataset).run(
        dataset,
        asked,
        progress,
        summary_only=summary_only,
        strict=strict,
        jobs=jobs,
        exclusions=exclusions,
    )


def forecast(
    data: Data,
    series: str | Sequence[str] | None = None,
    *,
    horizons: Sequence[int] | None = None,
    agents: str | AgentFactory | None = None,
    unique_id: str = "unique_id",
    ds: str = "ds",
    y: str | Sequence[str] = "y",
    date_format: str = "",
    na: str | Sequence[object] = (),
    fill: float | None = None,
    exclude: str | Sequence[str] = (),
    season_length: int | None = None,
    future: str | Sequence[str] = (),
    progress: Progress | None = None,
    strict: bool = False,
    jobs: int = 1,
    exclusions: Exclusions | None = None,
    **settings: Any,
) -> Forecasts:
    """Forecast each series from its last row.

    It is what the command `fg-forecast` does. The agents, the pool, its weights and its calibration
    are those of a backtest, learned on the last origins of the series itself.

    Args:
        data: As for `backtest`.
        series: As for `backtest`.
        horizons: Steps ahead; None: those of `default_horizons`.
        agents: As for `backtest`; each series whose demand is intermittent is then played by the
            line-up "intermittent", whatever the others are.
        unique_id: As for `backtest`.
        ds: As for `backtest`.
        y: As for `backtest`.
        date_format: As for `backtest`.
        na: As for `backtest`.
        fill: As for `backtest`.
        exclude: As for `backtest`.
        season_length: As for `backtest`.
        future: As for `backtest`.
        progress: As for `backtest`.
        strict: As for `backtest`.
        jobs: As for `backtest`.
        exclusions: Prints that were found to be bad, or the name of their file; they are missing.
        **settings: See `fg_backtest.latest.LatestForecaster`; `warmup=0` is quick, and leaves
            weights and calibration unlearned, and `policies` are as for `backtest`.

    Returns:
        Forecasts by name of the series: `.to_frame()`, `.plot(series)`, `.trust()`.

    Raises:
        DataError: A table that cannot be used as it is, an unknown series, or no series that can be
            forecast.
        ConfigError: A setting outside its range.

    >>> quarters = [f"{2001 + t // 4}Q{t % 4 + 1}" for t in range(60)]
    >>> table = {"quarter": quarters, "sales": [t % 4 + t % 7 for t in range(60)]}
    >>> found = forecast(table, ds="quarter", y="sales", horizons=(1, 4), agents="baselines")
    >>> found
    <Forecasts of 1 series, horizons 1, 4>
    >>> [str(day) for day in found.columns()["ds"]]
    ['2016-01-01', '2016-10-01']
    """
    dataset = prepared(
        data,
        series,
        unique_id=unique_id,
        ds=ds,
        y=y,
        date_format=date_format,
        na=na,
        fill=fill,
        exclude=exclude,
        strict=strict,
        season_length=season_length,
        future=future,
    )
    asked = still_asked(series, dataset, exclude, read=not isinstance(data, Dataset))
    if horizons is not None:
        settings["horizons"] = tuple(horizons)
    forecaster = LatestForecaster(**_completed(settings, agents, dataset))
    how: dict[str, Any] = {"strict": strict, "jobs": jobs, "exclusions": exclusions}
    if agents is not None or "agent_factory" in settings:
        return forecaster.run(dataset, asked, progress, **how)
    return forecast_by_kind(forecaster, dataset, asked, line_up_of(agents_named()), progress, **how)


READING = (
    *("unique_id", "ds", "y", "date_format", "na", "fill", "exclude", "season_length", "future"),
)
"""Arguments that say how a table is read, which is once."""


def check(
    data: Data,
    series: str | Sequence[str] | None = None,
    *,
    threshold: float = DOUBTED,
    exclusions: Exclusions | None = None,
    **options: Any,
) -> PrintChecks:
    """Check whether the newest print of each series is suspicious.

    It is what `fg-forecast --check` does. The print is held against what the agents of `forecast`
    had forecast for it from the values before; the probability that it is bad is that of the
    defenders in the game.

    Args:
        data: Data as for `forecast`.
        series: Names of those to check, or one name; None: all. They are asked what they say of
            each other, beside the context columns of each.
        threshold: Probability of a bad print from which on one is doubted, above 0 and at most 1.
        exclusions: Prints that were found to be bad before, or the name of their file; they are
            missing.
        **options: Further arguments of `forecast`: columns and forms of a table, horizons for which
            forecasts with and without the print are made, agents with a defender among them.

    Returns:
        Newest prints by name of the series, the most doubted first: `.doubted`, `.to_frame()`.

    Raises:
        DataError: As for `forecast`.
        ConfigError: A setting outside its range, or agents without a defender.

    >>> quarters = [f"{2001 + t // 4}Q{t % 4 + 1}" for t in range(60)]
    >>> table = {"quarter": quarters, "sales": [t % 4 + t % 7 for t in range(60)]}
    >>> check(table, ds="quarter", y="sales", agents="baselines").doubted
    ()
    >>> table["sales"][-1] += 100
    >>> check(table, ds="quarter", y="sales", agents="baselines").doubted
    ('sales',)
    """
    require_threshold(threshold)
    if options.get("log"):
        raise ConfigError("a print is checked as it was reported: leave log out")
    reading = {name: options.pop(name) for name in READING if name in options}
    strict = options.get("strict", False)
    dataset = prepared(data, series, strict=strict, **reading)
    asked = still_asked(
        series, dataset, reading.get("exclude", ()), read=not isinstance(data, Dataset)
    )
    dataset = excluded_rows(dataset, exclusions_of(exclusions)).without(dataset)
    if options.get("agents") is None and "agent_factory" not in options:
        options["agents"] = default_line_up()  # which has a defender, whatever the demand
    found = forecast(dataset, asked, assess=True, **options)
    return print_checks(found, dataset, threshold)


def backtester_of(
    settings: dict[str, Any], agents: str | AgentFactory | None, dataset: Dataset
) -> WalkForwardBacktester:
    """Return the backtester of some settings, with horizons of the dataset where none are named.

    Args:
        settings: arguments of `WalkForwardBacktester`.
        agents: name of a line-up, or an agent factory; None: as for `backtest`.
        dataset: data that are to be played.

    Returns:
        The backtester.

    Raises:
        ConfigError: A setting outside its range.
    """
    return WalkForwardBacktester(**_completed(settings, agents, dataset))


def _completed(
    settings: dict[str, Any], agents: str | AgentFactory | None, dataset: Dataset
) -> dict[str, Any]:
    """Return settings with the agents, and with the horizons of the dataset if there are none."""
    found = {"horizons": default_horizons(dataset.frequency), **settings}
    policies = found.pop("policies", ())
    if "agent_factory" in settings:
        if agents is not None:
            raise ConfigError("agents and agent_factory say the same: give one of them")
        agents = settings["agent_factory"]
    if agents is None or isinstance(agents, str):
        agents = agents_named(agents)
    factory = with_policies(agents, policies, log=bool(settings.get("log")))
    return {**found, "agent_factory": factory}
