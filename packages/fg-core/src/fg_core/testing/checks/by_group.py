"""The check of each group of plugins."""

from __future__ import annotations

from collections.abc import Callable

from fg_core.frozen import FrozenMapping

from .adversary import check_adversary
from .aggregator import check_aggregator
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
from .refiner import check_refiner
from .strategy_runtime import check_strategy_runtime
from .validation_scenario import check_validation_scenario

__all__ = ["CHECKS"]

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
