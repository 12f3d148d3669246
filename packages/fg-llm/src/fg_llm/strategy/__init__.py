"""The strategy language: small total programs over features of a series.

A strategy is data. It is checked before anything runs, always terminates, computes the same bits
in every implementation, and is named by a hash of its canonical form.
"""

from .canonical import canonical_text, constant_value, strategy_hash
from .evaluation import evaluate, evaluate_arrays
from .features import FEATURES, FEATURES_VERSION, series_features
from .operations import OPERATIONS
from .program import (
    LANGUAGE_VERSION,
    Node,
    Program,
    StrategyError,
    check_program,
    read_program,
)
from .random_program import random_program

__all__ = [
    "FEATURES",
    "FEATURES_VERSION",
    "LANGUAGE_VERSION",
    "OPERATIONS",
    "Node",
    "Program",
    "StrategyError",
    "canonical_text",
    "check_program",
    "constant_value",
    "evaluate",
    "evaluate_arrays",
    "random_program",
    "read_program",
    "series_features",
    "strategy_hash",
]
