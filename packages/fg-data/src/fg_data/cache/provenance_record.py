"""Provenance as it is kept in files."""

from __future__ import annotations

import msgspec

from fg_core import Provenance

__all__ = ["ProvenanceRecord", "provenance_of", "record_of"]


class ProvenanceRecord(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The fields of `fg_core.Provenance`, as JSON has them."""

    source: str
    description: str
    licence: str
    vintage: str
    is_synthetic: bool
    fallback_for: str
    notices: tuple[str, ...]
    details: dict[str, str | int]


def record_of(provenance: Provenance) -> ProvenanceRecord:
    """Return the record of a provenance.

    Args:
        provenance: Provenance to be written.

    Returns:
        Record that `msgspec` can encode.

    >>> provenance = Provenance("here", "made up", "none", "none", notices=("Note.",))
    >>> provenance_of(record_of(provenance)) == provenance
    True
    """
    return ProvenanceRecord(
        provenance.source,
        provenance.description,
        provenance.licence,
        provenance.vintage,
        provenance.is_synthetic,
        provenance.fallback_for,
        provenance.notices,
        dict(provenance.details),
    )


def provenance_of(record: ProvenanceRecord) -> Provenance:
    """Return the provenance that was written.

    Args:
        record: Record that was read.

    Returns:
        Provenance, equal to the one that `record_of` was given.
    """
    return Provenance(
        record.source,
        record.description,
        record.licence,
        record.vintage,
        is_synthetic=record.is_synthetic,
        fallback_for=record.fallback_for,
        notices=record.notices,
        details=record.details,
    )
