"""Test doubles that are real, small implementations of the protocols.

They do one obvious thing each, so that a test that plays them has numbers one can work out by
hand. All of them pass their conformance check.
"""

from __future__ import annotations

from .agents import (
    ConstantForecaster,
    DrawingDefender,
    DrawingForecaster,
    NoBias,
    PlainAggregator,
    SilentDefender,
)
from .around import (
    DistanceEvaluator,
    FixedSource,
    PassingScenario,
)
from .listing import ListingDefender
from .models import (
    ConstantPolicyLoader,
    ConstantRuntime,
    DriftBackend,
    MeanErrorRefiner,
)
from .nature import (
    HalfwayDefense,
    LineWorld,
    StepDisturbance,
)
from .panels import PooledTrend
from .stated import (
    IntermittentForecaster,
    QuantileForecaster,
)

__all__ = [
    "ConstantForecaster",
    "ConstantPolicyLoader",
    "ConstantRuntime",
    "DistanceEvaluator",
    "DrawingDefender",
    "DrawingForecaster",
    "DriftBackend",
    "FixedSource",
    "HalfwayDefense",
    "IntermittentForecaster",
    "LineWorld",
    "ListingDefender",
    "MeanErrorRefiner",
    "NoBias",
    "PassingScenario",
    "PlainAggregator",
    "PooledTrend",
    "QuantileForecaster",
    "SilentDefender",
    "StepDisturbance",
]
