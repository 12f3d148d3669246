"""Result of a backtest: figures, a table, and the file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import msgspec

from fg_core import DataError

from .agents import ENSEMBLE
from .attack_curve import PriceOfAttack
from .checks import Check
from .frames import cells_of, forecast_columns, score_columns, series_columns
from .report import (
    DEFAULT_PATH,
    plain,
    read_report,
    results_hash,
    without_origins,
    write_report,
)
from .schema import Cell, Metrics, Report, Summary
from .tabular import frame_of, write_table

__all__ = ["BacktestResult"]


@dataclass(frozen=True, repr=False)
class BacktestResult:
    """A finished backtest.

    Args:
        report: Everything about it, as records.
    """

    report: Report

    @classmethod
    def read(cls, path: str | os.PathLike[str] = DEFAULT_PATH) -> Self:
        """Return the backtest of a report.

        Returns:
            A result that shows and scores what the file holds.

        Raises:
            ArtifactError: The file is damaged, or not a report of this version.
        """
        return cls(read_report(path))

    def __repr__(self) -> str:
        series = self.report.series
        horizons = sorted({int(h) for one in series.values() for h in one.horizons})
        skill = self.summary.contenders[ENSEMBLE].mean_skill
        told = "no skill known" if skill is None else f"mean CRPS skill {skill:.3f}"
        steps = ", ".join(map(str, horizons))
        return f"<BacktestResult of {len(series)} series, horizons {steps}: {told}>"

    @property
    def summary(self) -> Summary:
        """Mean skill of each contender over all series and horizons."""
        return self.report.summary

    @cached_property
    def results_hash(self) -> str:
        """SHA-256 over forecasts and figures: equal for equal runs, whenever they were made."""
        return results_hash(self.report)

    def cell(self, series: str, horizon: int = 1) -> Cell:
        """Return the cell of one series at one horizon.

        Returns:
            Forecasts of the origins and the figures that were computed from them.

        Raises:
            DataError: It was not played.
        """
        found = self.report.series.get(series)
        cell = None if found is None else found.horizons.get(str(horizon))
        if cell is None:
            played = {h for one in self.report.series.values() for h in one.horizons}
            raise DataError(
                f"no series {series!r} at horizon {horizon} in this backtest; it has "
                f"{', '.join(self.report.provenance.series)} at "
                f"{', '.join(sorted(played, key=int))}"
            )
        return cell

    def checks(self) -> tuple[Check, ...]:
        """Return the coded checks of the backtest, whatever they found.

        Returns:
            FG103 of the data, then FG101, FG102, FG105 and FG106 of each series and horizon
            (`fg_backtest.checks`).

        Raises:
            DataError: The report holds the summary only.
        """
        from .latest.trust_checks import report_checks

        return tuple(report_checks(self.report))

    def metrics(self, series: str, horizon: int = 1) -> Mapping[str, Metrics]:
        """Return the figures of one series at one horizon, by contender.

        Returns:
            Metrics by contender; each in the unit that `Metrics` states.

        Raises:
            DataError: It was not played.
        """
        return self.cell(series, horizon).contenders

    def to_frame(self) -> Any:
        """Return the forecasts of all scored origins, with what came, as a pandas data frame.

        Returns:
            The columns of `fg_backtest.frames.forecast_columns`, a row per series, origin and
            horizon.

        Raises:
            DataError: The report holds the summary only.
            ConfigError: pandas is not installed.
        """
        return frame_of(forecast_columns(self.report))

    def scores_frame(self) -> Any:
        """Return all figures as a pandas data frame.

        Returns:
            The columns of `fg_backtest.frames.score_columns`, a row per series, horizon and
            contender.

        Raises:
            ConfigError: pandas is not installed.
        """
        return frame_of(score_columns(self.report))

    def series_frame(self) -> Any:
        """Return a summary of each series as a pandas data frame.

        Returns:
            The columns of `fg_backtest.frames.series_columns`, a row per series.

        Raises:
            ConfigError: pandas is not installed.
        """
        return frame_of(series_columns(self.report))

    def write_csv(self, folder: str | os.PathLike[str]) -> tuple[Path, ...]:
        """Write forecasts, scores and a summary of each series as CSV files.

        Args:
            folder: where `forecasts.csv` (not of a report of the summary only), `scores.csv` and
                `series.csv` are written; it is made if it is missing.

        Returns:
            The files.

        Raises:
            OSError: A file cannot be written.
        """
        found = {"scores": score_columns(self.report), "series": series_columns(self.report)}
        if all(cell.origins is not None for _, _, cell in cells_of(self.report)):
            found = {"forecasts": forecast_columns(self.report), **found}
        paths = []
        for name, columns in found.items():
            paths.append(Path(folder) / f"{name}.csv")
            write_table(paths[-1], columns)
        return tuple(paths)

    def table(self, *, by_window: bool = False, all_series: bool = False, width: int = 100) -> str:
        """Return the figures as text.

        Args:
            by_window: Whether to show the windows of each series too.
            all_series: Whether to show a table for each series even if there are many.
            width: Width of a line, in characters.

        Returns:
            Text of several lines, for a page of `width` characters.
        """
        from .table import render

        return render(self.report, by_window=by_window, all_series=all_series, width=width)

    @property
    def price_of_attack(self) -> PriceOfAttack | None:
        """Price of attack, where attacks were played; else None."""
        found = self.report.attack
        return None if found is None else PriceOfAttack(found.rows, found.cap, found.n_seeds)

    def with_attack(self, price: PriceOfAttack) -> Self:
        """Return the same backtest with the price of attack in its report.

        Args:
            price: What attacks cost the forecasts of the same series.

        Returns:
            A copy whose report has it.
        """
        return type(self)(msgspec.structs.replace(self.report, attack=price.to_report()))

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values, as they are in its file."""
        return plain(self.report)

    def write(
        self, path: str | os.PathLike[str] = DEFAULT_PATH, *, summary_only: bool = False
    ) -> None:
        """Write the report, whole or not at all.

        Args:
            path: Path of the file.
            summary_only: Whether to leave out the forecasts of each origin.

        Raises:
            OSError: The file cannot be written.
        """
        if summary_only:
            write_report(without_origins(self.report), path)
            return
        # All has been hashed on the way, so that it need not be done again.
        self.__dict__["results_hash"] = write_report(self.report, path)

    def with_command(self, options: Mapping[str, Any]) -> Self:
        """Return the same backtest with the options of the command that made it.

        Returns:
            A copy whose report names the options.
        """
        return type(self)(msgspec.structs.replace(self.report, command=dict(options)))
