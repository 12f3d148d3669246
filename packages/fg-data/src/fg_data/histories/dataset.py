"""Datasets from histories: one frequency, one figure per period, and what stood beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from fg_core import DataError, Dataset, Observation, Provenance, Query
from fg_core.calendar import FREQUENCIES, FREQUENCY_NAMES
from fg_data.level_shifts import splice_notice
from fg_data.selection import known_rows
from fg_data.vintages import KnownValue, VintageHistory

from .aggregation import METHODS, aggregate_history
from .options import HistoryOptions
from .transforms import SCALED, UNITS, transform_history

__all__ = ["dataset_of"]

_NOTICES = {
    "first": "Values are first prints, each dated by its own publication; later revisions are not "
    "in them.",
    "known": "Values are those that stood at the moment asked about, each dated by its own "
    "publication: a period that was revised counts as known from the revision on. For a "
    "walk-forward test take first prints.",
    "all": "Values are all that were published, each dated by its own publication: what stood at "
    "an origin is known there, and a revision from its own publication on.",
    "latest": "LOOK-AHEAD: values are revised ones, dated by the first publication of their "
    "period. Forecasters saw other figures at the time, so errors here are smaller than they "
    "would have been.",
}


def dataset_of(
    histories: Mapping[str, VintageHistory],
    query: Query,
    as_of: datetime | None,
    options: HistoryOptions,
    provenance: Provenance,
    *,
    context_only: Collection[str] = (),
) -> Dataset:
    """Return the rows of a query.

    Histories are brought to one frequency and transformed as histories, so that every figure comes
    from values of one moment; then one figure is taken per period, or every one of them. The
    context of a row is the latest figure of each other series as it stood when the row was
    published.

    Args:
        histories: Histories by name, all periods of them.
        query: Query whose `start` and `end` bound the first moment of a period.
        as_of: Moment by which figures must have been known; None: all.
        options: Options that choose the figures.
        provenance: Provenance of the histories; notices are added.
        context_only: Series that have no rows, and stand beside those of the others as they are
            published, whatever their frequency.

    Returns:
        Rows in the units that the options ask for, one per period and series.

    Raises:
        DataError: No row is left.
        ConfigError: Frequencies that cannot be brought together as asked.
    """
    rowed = {name: h for name, h in histories.items() if name not in context_only}
    lowest = min((h.frequency for h in rowed.values()), key=FREQUENCIES.index)
    frequency = options.frequency or lowest
    ready = {
        name: transform_history(
            aggregate_history(history, frequency, options.aggregation)
            if name in rowed
            else history,
            options.units,
        )
        for name, history in histories.items()
    }
    moments = {name: history.until(as_of) for name, history in ready.items()} if as_of else ready
    rows: list[Observation] = []
    earlier: list[Observation] = []
    n_early = 0
    for name in rowed:
        history = moments[name]
        beside = {other: h for other, h in moments.items() if other != name}
        for known in _figures(history, options.vintage):
            if known.available_at < known.period:
                n_early += 1
                continue
            if rows and (rows[-1].series_id, rows[-1].timestamp) == (name, known.period):
                earlier.append(rows.pop())
            rows.append(_row(name, known, beside, provenance.source))
    if not rows:
        # Nothing was out yet: the periods that there are say what could be asked instead.
        rows = [
            _row(name, known, {}, provenance.source)
            for name in rowed
            for known in _figures(ready[name], "first")
            if known.available_at >= known.period
        ]
    if not rows:
        raise DataError(
            f"source {provenance.source!r} has no figures of {', '.join(rowed)} as asked "
            f"({FREQUENCY_NAMES[frequency]}, units {options.units!r})"
        )
    notices = []
    finer = [name for name, history in rowed.items() if history.frequency != frequency]
    if finer:
        notices.append(
            f"{', '.join(finer)}: the {METHODS[options.aggregation]} of each "
            f"{FREQUENCY_NAMES[frequency]} period, known when its last part is."
        )
    if options.units != "lin":
        notices.append(f"All series: {UNITS[options.units]}, from figures of one vintage each.")
    if context_only:
        notices.append(
            f"{', '.join(context_only)}: of another frequency, so without rows of their own; they "
            "stand in the context of the others as they were published."
        )
    if n_early:
        notices.append(
            f"{n_early} figures that were published before their period began (projections) are "
            "left out."
        )
    if options.vintage == "all":
        notices += _withdrawals([moments[name] for name in rowed if moments[name].prints])
    kept = known_rows(rows, query, as_of, source=provenance.source)
    periods = {(row.series_id, row.timestamp) for row in kept}
    notices = [*provenance.notices, _notice(options.vintage, kept, moments), *notices]
    before = tuple(row for row in earlier if (row.series_id, row.timestamp) in periods)
    if options.vintage in ("first", "all") and options.units in SCALED:
        notices += _splices(histories, (*kept, *before), options.vintage)
    return Dataset(
        kept,
        replace(provenance, notices=tuple(notices)),
        frequency=frequency,
        season_length=options.season_length,
        units={name: ready[name].units for name in rowed},
        earlier_values=before,
    )


def _notice(
    vintage: str, rows: Collection[Observation], histories: Mapping[str, VintageHistory]
) -> str:
    """Return what the values are; revised ones of before a record began are not called prints."""
    notice = _NOTICES[vintage]
    if vintage != "first":
        return notice
    begins = {name: history.assumed_before for name, history in histories.items()}
    firsts = [(row.available_at, begins[row.series_id]) for row in rows]
    if not any(begin is not None and at <= begin for at, begin in firsts):
        return notice
    return notice.replace(
        "Values are first prints",
        "Values are first prints, but for those from before the record of a series begins, which "
        "may have been revised by then",
    )


def _withdrawals(histories: Collection[VintageHistory]) -> list[str]:
    """Return a notice for each series with periods whose last value was taken back."""
    found = []
    for history in histories:
        standing = {known.period for known in history.as_of(history.vintage_dates[-1])}
        n = len({known.period for known in history.first_prints()} - standing)
        if n:
            found.append(
                f"{history.series_id}: the values of {n} periods were taken back, and have no "
                "successor; the last of them stands here."
            )
    return found


def _splices(
    histories: Mapping[str, VintageHistory], rows: Collection[Observation], vintage: str
) -> list[str]:
    """Return a notice for each series whose base changed between its first and last row."""
    known: dict[str, list[datetime]] = {}
    for row in rows:
        known.setdefault(row.series_id, []).append(row.available_at)
    found = (
        splice_notice(histories[name], min(at), max(at), vintage=vintage)
        for name, at in known.items()
    )
    return [notice for notice in found if notice]


def _figures(history: VintageHistory, vintage: str) -> tuple[KnownValue, ...]:
    if vintage == "first" or not history.prints:
        return history.first_prints()
    if vintage == "all":
        return history.every_value()
    standing = history.as_of(history.vintage_dates[-1])
    if vintage == "known":
        return standing
    first = {known.period: known.available_at for known in history.first_prints()}
    return tuple(replace(known, available_at=first[known.period]) for known in standing)


def _row(
    name: str, known: KnownValue, beside: Mapping[str, VintageHistory], source: str
) -> Observation:
    context = {}
    for other, history in beside.items():
        latest = history.latest(known.available_at)
        if latest is not None:
            context[other] = latest.value
    return Observation(known.period, known.value, context, known.available_at, name, source)
