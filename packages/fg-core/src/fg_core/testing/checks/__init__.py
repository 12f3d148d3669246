"""One conformance check per protocol of `fg_core.protocols`, each in a module of its name.

A check plays what it is given, on fixed examples, and raises `ConformanceError` with the promise
that was broken and by what. It needs neither pytest nor hypothesis, draws nothing at random and
asks no network, so it can stand in any test of a plugin:

    def test_my_forecaster_conforms() -> None:
        check_forecaster(MyForecaster())
"""

from __future__ import annotations

from fg_core.testing._play import ConformanceError

from .adversary import check_adversary
from .aggregator import check_aggregator
from .by_group import CHECKS
from .data_source import check_data_source
from .defender import check_defender
from .defense import check_defense
from .disturbance import check_disturbance
from .evaluator import check_evaluator
from .executor import check_executor
from .forecaster import check_forecaster
from .lineup import check_lineup
from .model_backend import check_model_backend
from .policy_loader import check_policy_loader
from .refactorer import check_refactorer
from .refiner import check_refiner
from .strategy_runtime import check_strategy_runtime
from .validation_scenario import check_validation_scenario
from .world import check_world

__all__ = [
    "CHECKS",
    "ConformanceError",
    "check_adversary",
    "check_aggregator",
    "check_data_source",
    "check_defender",
    "check_defense",
    "check_disturbance",
    "check_evaluator",
    "check_executor",
    "check_forecaster",
    "check_lineup",
    "check_model_backend",
    "check_policy_loader",
    "check_refactorer",
    "check_refiner",
    "check_strategy_runtime",
    "check_validation_scenario",
    "check_world",
]
