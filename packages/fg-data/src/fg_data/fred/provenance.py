"""Provenance of figures of FRED, in the words that the service asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from fg_core import Provenance
from fg_data.histories import SyntheticDataWarning, history_notes, n_assumed, series_details
from fg_data.vintages import VintageHistory

from .metadata import SeriesMetadata
from .refusals import KEY_VARIABLE

__all__ = [
    "FRED_NOTICE",
    "SOURCE_NAME",
    "SyntheticDataWarning",
    "provenance_of",
    "synthetic_provenance",
]

SOURCE_NAME = "fred"
PROXY_NAME = "synthetic"

KEY_IS_NOT_SET = f"{KEY_VARIABLE} is not set"

FRED_NOTICE = (
    "This product uses the FRED® API but is not endorsed or certified by the Federal Reserve Bank "
    "of St. Louis."
)
"""Notices that the terms of use require wherever the data are used."""


def provenance_of(
    histories: Mapping[str, VintageHistory], metadata: Mapping[str, SeriesMetadata], today: date
) -> Provenance:
    """Return the provenance of figures: the service's notice, and a citation for each series.

    Args:
        histories: Histories by name of the series.
        metadata: Metadata by name of the series.
        today: Date of retrieval.

    Returns:
        Source, licence and required notices.
    """
    names = ", ".join(histories) or "nothing"
    total = sum(n_assumed(history) for history in histories.values())
    vintage = "every print with its own date of publication (ALFRED)"
    if total:
        vintage += (
            f"; {total} publications before the archive of a series begins are assumed from "
            "release lags"
        )
    details: dict[str, str | int] = {"retrieved": today.isoformat()}
    for name, history in histories.items():
        details |= series_details(name, history)
        if name in metadata:
            details[f"{name}.last_updated"] = metadata[name].last_updated.isoformat()
    return Provenance(
        SOURCE_NAME,
        f"{names} from FRED and ALFRED, retrieved on {today.isoformat()}",
        "terms of use of the FRED API; copyright is each series' own (see its tags)",
        vintage,
        notices=(FRED_NOTICE, *_citations(metadata.values(), today), *history_notes(histories)),
        details=details,
    )


def synthetic_provenance(names: Iterable[str], seed: int) -> Provenance:
    """Return the provenance of made-up figures.

    Args:
        names: Names of the series.
        seed: Seed of the path.

    Returns:
        Provenance that is marked as synthetic.
    """
    return Provenance(
        PROXY_NAME,
        f"synthetic stand-ins for {', '.join(names)}, 2005-01 to 2024-12, seed {seed}",
        "none needed: made-up numbers",
        "every print with its own date of publication, all made up",
        is_synthetic=True,
        fallback_for=SOURCE_NAME,
        notices=(
            f"{KEY_IS_NOT_SET}: these numbers are made up (seed {seed}), they are not FRED's, and "
            "no figure made from them says anything about an economy.",
        ),
    )


def _citations(metadata: Iterable[SeriesMetadata], today: date) -> list[str]:
    return [
        f"{one.title} [{one.series_id}], retrieved from FRED, Federal Reserve Bank of St. Louis; "
        f"https://fred.stlouisfed.org/series/{one.series_id}, {today.isoformat()}."
        for one in metadata
    ]
