"""Refinement of strategies by a language model, on revealed forecasts, on a short leash."""

from .acceptance import Verdict, expected_best, judge
from .error_features import ERROR_FEATURES, REFINER_FEATURES
from .evidence import Evidence, PlayRules
from .explain import explain_record
from .limits import Caps
from .mock import mock_model
from .record import Record, read_record
from .recursive import RecursiveStrategyRefiner, mock_refiner, recursive_refiner
from .run import Refinement
from .seat import StrategyRefiner

__all__ = [
    "ERROR_FEATURES",
    "REFINER_FEATURES",
    "Caps",
    "Evidence",
    "PlayRules",
    "Record",
    "RecursiveStrategyRefiner",
    "Refinement",
    "StrategyRefiner",
    "Verdict",
    "expected_best",
    "explain_record",
    "judge",
    "mock_model",
    "mock_refiner",
    "read_record",
    "recursive_refiner",
]
