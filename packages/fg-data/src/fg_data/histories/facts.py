"""Facts that every provenance of histories states."""

from __future__ import annotations

from collections.abc import Mapping

from fg_data.vintages import VintageHistory, day_of_news

__all__ = ["history_notes", "n_assumed", "series_details"]


def n_assumed(history: VintageHistory) -> int:
    """Return the number of publications that are assumed rather than observed.

    Args:
        history: Prints of a series.

    Returns:
        Number of prints.
    """
    before = history.assumed_before
    return 0 if before is None else sum(one.published < before for one in history.prints)


def series_details(name: str, history: VintageHistory) -> dict[str, str | int]:
    """Return the details of a provenance that are about one series.

    Args:
        name: Name of the series.
        history: Every print of it.

    Returns:
        Number of vintages on record, number of assumed publications, and the day (UTC) of the last
        change, if there was one.

    >>> series_details("GDP", VintageHistory("GDP", "Q", "Billions of Dollars", ()))
    {'GDP.vintages': 0, 'GDP.assumed_dates': 0}
    """
    changes = history.vintage_dates
    details: dict[str, str | int] = {
        f"{name}.vintages": len(history.observed_vintages),
        f"{name}.assumed_dates": n_assumed(history),
    }
    if changes:
        details[f"{name}.last_change"] = day_of_news(changes[-1]).isoformat()
    return details


def history_notes(histories: Mapping[str, VintageHistory]) -> tuple[str, ...]:
    """Return the notes of histories as notices of a provenance, each with the name of its series.

    Args:
        histories: Histories by name of the series.

    Returns:
        Notices, one per note.
    """
    return tuple(
        f"{name}: {note}." for name, history in histories.items() for note in history.notes
    )
