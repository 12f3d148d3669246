"""The source that the command `fg-data` means unless `--source` names another."""

from __future__ import annotations

__all__ = ["DEFAULT_SOURCE"]

DEFAULT_SOURCE = "fred"
