"""Data of users: from tables in memory to datasets. No file is opened here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fg_core.lazy_names import lazy_names

__all__ = ["Frame", "Table", "dataset_from_table"]

if TYPE_CHECKING:
    from .columns import Frame, Table
    from .dataset import dataset_from_table
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".columns": (
                "Frame",
                "Table",
            ),
            ".dataset": ("dataset_from_table",),
        },
    )
