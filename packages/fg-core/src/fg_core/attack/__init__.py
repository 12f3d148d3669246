"""Worst cases: the attack within a budget that costs a forecast most, and what none can exceed."""

from __future__ import annotations

from .certificate import Certificate, certified_damage, certified_damages
from .dynamic_programming import best_hits, within_budget
from .local_search import coordinate_search, search_steps
from .table_search import FoundAttack, probes, table_search
from .targets import FlipEvent, PushMean, Target
from .without_foresight import expected_gains, hits_without_foresight
from .worst_case import WorstCase, worst_case

__all__ = [
    "Certificate",
    "FlipEvent",
    "FoundAttack",
    "PushMean",
    "Target",
    "WorstCase",
    "best_hits",
    "certified_damage",
    "certified_damages",
    "coordinate_search",
    "expected_gains",
    "hits_without_foresight",
    "probes",
    "search_steps",
    "table_search",
    "within_budget",
    "worst_case",
]
