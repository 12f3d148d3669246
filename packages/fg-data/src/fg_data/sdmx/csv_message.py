"""SDMX-CSV, of both versions and with or without labels.

A row is an observation and repeats everything that is known of its series, long texts too. Only the
columns that are asked for are kept while the rows are read.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from fg_core import SourceError

from .series import SdmxSeries, SeriesRows

__all__ = ["SDMX_CSV", "read_sdmx_csv"]

SDMX_CSV = ("application/vnd.sdmx.data+csv", "text/csv", "application/csv")
"""Content types of SDMX-CSV."""

_TIME, _VALUE, _STATUS, _ACTION = "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "ACTION"
_LABEL = ": "
_DELETES = "D"
_LONGEST_CELL = 2**20


def read_sdmx_csv(
    body: bytes, dimensions: Sequence[str], *, attributes: Sequence[str] = (), what: str
) -> list[SdmxSeries]:
    """Return the series of a message.

    Args:
        body: Bytes of the message.
        dimensions: Dimensions that make a series, without that of time.
        attributes: Attributes that are kept, where the message has them.
        what: Name of the answer in messages.

    Returns:
        Series in the order in which they begin; none: the message has no rows.

    Raises:
        SourceError: Not UTF-8, a column that is missing, a row that is cut off or has too much, a
            row that withdraws another, or a period or value that cannot be read.

    >>> lines = ("FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE", "M,CH,2024-02,0", "M,CH,2024-01,-0.75")
    >>> body = chr(10).join(lines).encode()
    >>> (one,) = read_sdmx_csv(body, ["FREQ", "REF_AREA"], what="example")
    >>> one.key["REF_AREA"], list(one.values.values())
    ('CH', [-0.75, 0.0])
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"{what}: the answer is not UTF-8 (byte {error.start})") from None
    if text.lstrip()[:1] in ("<", "{"):
        raise SourceError(f"{what}: the answer is a web page, XML or JSON, not CSV")
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL))
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(rows, [])
        names = [cell.partition(_LABEL)[0].strip() for cell in header]
        labelled = [_LABEL in cell for cell in header]
        missing = [name for name in (*dimensions, _TIME, _VALUE) if name not in names]
        if missing:
            raise SourceError(f"{what}: the answer has no column {', '.join(missing)}")
        wanted = [
            (name, names.index(name))
            for name in dict.fromkeys((*dimensions, _TIME, _VALUE, _STATUS, _ACTION, *attributes))
            if name in names
        ]
        found: dict[tuple[str, ...], SeriesRows] = {}
        for row in rows:
            if not row:
                continue
            if len(row) != len(header):
                raise SourceError(
                    f"{what}: line {rows.line_num} has {len(row)} cells and the header has "
                    f"{len(header)}; the answer was cut off or changed its layout"
                )
            cells = {
                name: row[at].partition(_LABEL)[0].strip() if labelled[at] else row[at].strip()
                for name, at in wanted
            }
            if cells.get(_ACTION) == _DELETES:
                raise SourceError(f"{what}: line {rows.line_num} withdraws what was not asked for")
            key = tuple(cells[name] for name in dimensions)
            if key not in found:
                found[key] = SeriesRows(dict(zip(dimensions, key, strict=True)), what)
            kept = {name: cells[name] for name in (_STATUS, *attributes) if name in cells}
            found[key].add(cells[_TIME], cells[_VALUE], kept)
    except csv.Error as error:
        raise SourceError(f"{what}: line {rows.line_num} is no CSV ({error})") from None
    return [one.series() for one in found.values()]
