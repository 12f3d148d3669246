"""Data of users: from tables in memory to datasets. No file is opened here."""

from __future__ import annotations

from .columns import Frame, Table
from .dataset import dataset_from_table

__all__ = ["Frame", "Table", "dataset_from_table"]
