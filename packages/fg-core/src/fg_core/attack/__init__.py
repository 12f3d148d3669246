"""Worst cases: the attack within a budget that costs a forecast most."""

from __future__ import annotations

from .dynamic_programming import best_hits, within_budget
from .local_search import coordinate_search, search_steps
from .table_search import FoundAttack, probes, table_search
from .worst_case import WorstCase, worst_case

__all__ = [
    "FoundAttack",
    "WorstCase",
    "best_hits",
    "coordinate_search",
    "probes",
    "search_steps",
    "table_search",
    "within_budget",
    "worst_case",
]
