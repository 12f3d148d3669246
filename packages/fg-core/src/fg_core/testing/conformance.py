"""One conformance check per protocol of `fg_core.protocols`.

A check plays what it is given, on fixed examples, and raises `ConformanceError` with the promise
that was broken and by what. It needs neither pytest nor hypothesis, draws nothing at random and
asks no network, so it can stand in any test of a plugin:

    def test_my_forecaster_conforms() -> None:
        check_forecaster(MyForecaster())
"""

from __future__ import annotations

from collections.abc import Callable

from fg_core.frozen import FrozenMapping

from ._play import ConformanceError
from .agents import check_adversary, check_defender, check_forecaster
from .around import (
    check_data_source,
    check_evaluator,
    check_executor,
    check_validation_scenario,
)
from .lineups import check_lineup
from .models import (
    check_model_backend,
    check_policy_loader,
    check_refiner,
    check_strategy_runtime,
)
from .nature import check_defense, check_disturbance, check_world
from .pools import check_aggregator, check_refactorer

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

CHECKS: FrozenMapping[str, Callable[..., None]] = FrozenMapping(
    {
        "fg_core.sources": check_data_source,
        "fg_core.forecasters": check_forecaster,
        "fg_core.adversaries": check_adversary,
        "fg_core.defenders": check_defender,
        "fg_core.aggregators": check_aggregator,
        "fg_core.lineups": check_lineup,
        "fg_core.backends": check_model_backend,
        "fg_core.disturbances": check_disturbance,
        "fg_core.defenses": check_defense,
        "fg_core.runtimes": check_strategy_runtime,
        "fg_core.executors": check_executor,
        "fg_core.policies": check_policy_loader,
        "fg_core.refiners": check_refiner,
        "fg_core.evaluators": check_evaluator,
        "fg_core.scenarios": check_validation_scenario,
    }
)
"""The check of each group of plugins; the one of policies wants a saved policy as well."""
