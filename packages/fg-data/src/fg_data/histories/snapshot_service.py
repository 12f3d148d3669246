"""Services that keep no vintages: facts about one, and the provenance of its figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial

from fg_core import Provenance
from fg_data.vintages import VintageHistory

from .facts import history_notes, series_details
from .series_set import SeriesDescription
from .service import DataService

__all__ = ["snapshot_service"]


def snapshot_service(
    name: str,
    title: str,
    base_url: str,
    default_series: tuple[str, ...],
    *,
    licence: str,
    citation: str,
    meaning: str,
    url_variable: str,
    spacing_seconds: float,
    row_frequency: str,
    conditional: bool = True,
) -> DataService[SeriesDescription]:
    """Return the facts about a service that keeps no vintages.

    Args:
        name: As of `DataService`, with `title`, `base_url` and `default_series`.
        title: Name of the service in prose.
        base_url: Address of the service.
        default_series: Series of a query that names none.
        licence: Terms under which the figures are used.
        citation: Notice that must stand wherever the data are shown.
        meaning: Notice on how the figures are to be read.
        url_variable: As of `DataService`, with the others.
        spacing_seconds: Least time between two requests.
        row_frequency: Frequency of the series that have rows where a query names none.
        conditional: Whether answers are asked for again only if they changed.

    Returns:
        The service. Its provenance has both notices, the notes of the histories and the editions.
    """
    return DataService(
        name,
        title,
        base_url,
        default_series,
        SeriesDescription,
        partial(_provenance, name, title, licence, citation, meaning),
        url_variable=url_variable,
        spacing_seconds=spacing_seconds,
        row_frequency=row_frequency,
        keeps_vintages=False,
        conditional=conditional,
        required_notices=(citation,),
    )


def _provenance(
    name: str,
    title: str,
    licence: str,
    citation: str,
    meaning: str,
    histories: Mapping[str, VintageHistory],
    metadata: Mapping[str, SeriesDescription],
    today: date,
) -> Provenance:
    editions = {series: about.edition for series, about in metadata.items()}
    vintages = max((len(one.observed_vintages) for one in histories.values()), default=0)
    kept = f"{vintages} kept fetches" if vintages > 1 else f"one, of {today.isoformat()}"
    named = ", ".join(sorted({edition for edition in editions.values() if edition}))
    details: dict[str, str | int] = {"retrieved": today.isoformat()}
    for series, history in histories.items():
        details |= series_details(series, history)
        if editions.get(series):
            details[f"{series}.edition"] = editions[series]
    return Provenance(
        name,
        f"{', '.join(histories) or 'nothing'} from {title}, retrieved on {today.isoformat()}",
        licence,
        f"{kept}{f' ({named})' if named else ''}; the service keeps no vintages",
        notices=(citation, meaning, *history_notes(histories)),
        details=details,
    )
