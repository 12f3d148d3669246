"""Parquet files, with the extra `fg-data[parquet]`."""

from __future__ import annotations

import io

from fg_core import DataError
from fg_core.plugins import INSTALL_HINT

from .content import kind_of
from .raw_table import RawTable, check_extent, check_names

__all__ = ["MAX_UNPACKED", "read_parquet"]

MAX_UNPACKED = 1024 * 1024 * 1024
"""Most bytes that a file may say it unpacks to."""

_INDEX = "__index_level_"


def read_parquet(data: bytes, label: str) -> RawTable:
    """Return the table of a Parquet file.

    The index of a pandas frame that has no name is left out, with a notice.

    Args:
        data: Bytes of the file.
        label: Name of the file in messages.

    Returns:
        Columns of plain values by name, all of the same length.

    Raises:
        DataError: It is something else or damaged, too large once unpacked, or pyarrow is not
            installed.
    """
    kind = kind_of(data)
    if kind != "a Parquet file":
        raise DataError(f"{label} is not Parquet but {kind or 'text'}; name it what it is")
    try:
        import pyarrow as pa  # type: ignore[import-untyped, import-not-found, unused-ignore]
        from pyarrow import parquet  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        raise DataError(
            f"{label}: Parquet is read with pyarrow, which the extra fg-data[parquet] brings; "
            f"{INSTALL_HINT}"
        ) from None
    try:
        file = parquet.ParquetFile(io.BytesIO(data))
        names = [name.strip() for name in file.schema_arrow.names]
        meta = file.metadata
        unpacked = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
        check_extent(meta.num_rows, len(names), label)
        if unpacked > MAX_UNPACKED:
            raise DataError(
                f"{label} unpacks to {unpacked:,} bytes, and at most {MAX_UNPACKED:,} are read; "
                "cut it into files of fewer series"
            )
        check_names(names, label)
        table = file.read()
        columns = {
            name: table.column(at).to_pylist()
            for at, name in enumerate(names)
            if name and not name.startswith(_INDEX)
        }
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        text = " ".join(str(error).split())[:200]
        raise DataError(f"{label}: a damaged Parquet file ({text})") from None
    left_out = len(names) - len(columns)
    notices = (f"{label}: columns without a name were left out: {left_out}.",) if left_out else ()
    return RawTable(columns, notices=notices)
