"""Training sets from histories: rows as first known, in a window, cut in three and scaled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from fg_core import DataError, Observation, Provenance
from fg_core.calendar import FREQUENCY_NAMES, is_finer, period_start
from fg_data.histories import SeriesHistories
from fg_data.level_shifts import splice_notice
from fg_data.vintages import VintageHistory

from .rows import automatic_reading, dataset_frequency, training_rows
from .settings import TrainingSettings
from .training_set import SeriesVintage, TrainingSet, make_training_set

__all__ = ["assemble"]

_FIRST_PRINTS = (
    "Values are first prints, and contexts hold what had been published by then; no row knows a "
    "figure that came out after it."
)


def assemble(
    settings: TrainingSettings, fetched: SeriesHistories[Any], *, source: str
) -> TrainingSet:
    """Return the training set that histories make.

    Args:
        settings: Settings of the training set.
        fetched: Whole histories of its series.
        source: Name of the source of such training sets, for the provenance of real figures.

    Returns:
        Rows in the units of the readings, cut in three, and their scaling.

    Raises:
        ForecastGameError: The error of a series that failed; DataError for too few rows.
    """
    fetched = fetched.require_all()
    histories = [fetched.histories[name] for name in settings.series]
    readings = {
        history.series_id: settings.readings.get(history.series_id, automatic_reading(history))
        for history in histories
    }
    frequency = dataset_frequency(histories)
    everything = training_rows(
        histories, readings, frequency, source=fetched.provenance.source, ages=settings.ages
    )
    rows = _in_window(everything, settings, frequency)
    vintages = {
        history.series_id: _vintage(history, readings[history.series_id], rows, fetched)
        for history in histories
    }
    return make_training_set(
        rows,
        _provenance(
            fetched.provenance,
            vintages,
            frequency,
            source,
            [notice for one in histories for notice in _splice(one, vintages, rows)],
        ),
        vintages,
        settings,
        frequency,
        {name: _unit(one) for name, one in vintages.items()},
    )


def _in_window(
    rows: Sequence[Observation], settings: TrainingSettings, frequency: str
) -> list[Observation]:
    firsts: dict[str, datetime] = {}
    for row in rows:
        firsts.setdefault(row.series_id, row.timestamp)
    missing = [name for name in settings.series if name not in firsts]
    if missing:
        raise DataError(
            f"no value can be read off {', '.join(missing)}: it has too few figures; leave it out"
        )
    start = settings.start or max(firsts.values())
    begin = period_start(start, frequency)
    return [
        row
        for row in rows
        if row.timestamp >= begin and (settings.end is None or row.timestamp <= settings.end)
    ]


def _vintage(
    history: VintageHistory,
    reading: str,
    rows: Sequence[Observation],
    fetched: SeriesHistories[Any],
) -> SeriesVintage:
    published = [one.published for one in history.prints]
    before = history.assumed_before
    assumed = [
        row
        for row in rows
        if row.series_id == history.series_id and before is not None and row.available_at < before
    ]
    return SeriesVintage(
        history.frequency,
        history.units,
        reading,
        len(published),
        min(published, default=None),
        max(published, default=None),
        before,
        len(assumed),
        fetched.fetched_at.get(history.series_id),
    )


def _splice(
    history: VintageHistory, vintages: Mapping[str, SeriesVintage], rows: Sequence[Observation]
) -> list[str]:
    """Return the notice that first levels of a series are spliced, if they are."""
    name = history.series_id
    if vintages[name].reading != "level":
        return []
    known = [row.available_at for row in rows if row.series_id == name]
    notice = splice_notice(history, min(known), max(known)) if known else ""
    return [notice] if notice else []


def _unit(vintage: SeriesVintage) -> str:
    if vintage.reading == "growth":
        return f"% a year, log growth of: {vintage.units}"
    return vintage.units


def _provenance(
    of: Provenance,
    vintages: Mapping[str, SeriesVintage],
    frequency: str,
    source: str,
    splices: Sequence[str],
) -> Provenance:
    """Return the provenance of the rows: that of the figures, and what was made of them."""
    notices = [_FIRST_PRINTS]
    growing = [name for name, one in vintages.items() if one.reading == "growth"]
    if growing:
        notices.append(
            f"{', '.join(growing)}: annualised log growth, each from two levels of one vintage."
        )
    for name, one in vintages.items():
        if one.frequency == frequency:
            continue
        calendar, own = FREQUENCY_NAMES[frequency], FREQUENCY_NAMES[one.frequency]
        if is_finer(frequency, than=one.frequency):
            text = f"{own}, with rows in its own periods only: a step of it is one of these"
        else:
            text = f"{own}, by its last value in each period of the {calendar} calendar"
        notices.append(f"{name} is {text}.")
    assumed = {name: one.n_assumed_rows for name, one in vintages.items() if one.n_assumed_rows}
    if assumed:
        listed = ", ".join(f"{name} {n}" for name, n in assumed.items())
        notices.append(
            f"Rows older than the archive of vintages, with figures of its first vintage and "
            f"assumed moments of publication: {listed}."
        )
    notices += splices
    return replace(
        of,
        source=of.source if of.is_synthetic else source,
        fallback_for=source if of.is_synthetic else of.fallback_for,
        notices=(*of.notices, *notices),
    )
