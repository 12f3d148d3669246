"""Worst cases: the attack within a budget that costs a forecast most."""

from __future__ import annotations

from .certificate import Certificate, certified_damage, certified_damages
from .dynamic_programming import best_hits, within_budget
from .local_search import coordinate_search, search_steps
from .targets import FlipEvent, PushMean, Target
from .without_foresight import expected_gains, hits_without_foresight
from .worst_case import WorstCase, worst_case

__all__ = [
    "Certificate",
    "FlipEvent",
    "PushMean",
    "Target",
    "WorstCase",
    "best_hits",
    "certified_damage",
    "certified_damages",
    "coordinate_search",
    "expected_gains",
    "hits_without_foresight",
    "search_steps",
    "within_budget",
    "worst_case",
]
