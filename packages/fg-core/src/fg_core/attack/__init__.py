"""Worst cases: the attack within a budget that costs a forecast most."""

from __future__ import annotations

from .dynamic_programming import best_hits
from .local_search import coordinate_search
from .worst_case import WorstCase, worst_case

__all__ = ["WorstCase", "best_hits", "coordinate_search", "worst_case"]
