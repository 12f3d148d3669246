"""Figures and projections of the International Monetary Fund."""

from __future__ import annotations

from .adapter import ImfAdapter
from .outlook import ImfOutlook
from .service import IMF, IMF_NOTICE

__all__ = ["IMF", "IMF_NOTICE", "ImfAdapter", "ImfOutlook"]
