"""The forecasting game: types, rounds, worlds, scores, pools and baseline forecasters.

Names that most programs use are importable from here, and imported when they are first used:
`import fg_core` loads neither numpy nor scipy. Everything else is public in its module:

* `fg_core.scoring`, `.pooling`, `.distributions`, `.transforms`: scores, pools, distributions;
* `fg_core.baselines`, `.agents`, `.defenses`, `.disturbances`, `.worlds`: who plays, and where;
* `fg_core.game`, `.batch`, `.trajectory`, `.checkpoint`: games, many games, and their records;
* `fg_core.fans`: simulated fans, and worlds that are calibrated on data;
* `fg_core.protocols`, `.plugins`, `.testing`: for authors of plugins;
* `fg_core.errors`: every error that is raised on purpose.

`ARCHITECTURE.md` tells which module holds what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

# It says how many threads linear algebra takes, so it stands before all that imports numpy.
from . import blas as _blas  # noqa: F401
from .lazy_names import lazy_names

__all__ = [
    "Adversary",
    "AdversaryAgent",
    "AgentAction",
    "AgentError",
    "AgentFactory",
    "AgentMessage",
    "AgentRegistry",
    "Aggregator",
    "ArtifactError",
    "AutoRegression",
    "ConfidenceInterval",
    "ConfigError",
    "DataError",
    "DataSource",
    "Dataset",
    "DatasetBundle",
    "Defender",
    "DefenderAgent",
    "Drift",
    "EqualWeightPool",
    "ForecastGame",
    "ForecastGameError",
    "ForecastState",
    "ForecastUnavailable",
    "Forecaster",
    "ForecastingAgent",
    "GameOutputs",
    "InnovationGate",
    "ModelBackend",
    "Observation",
    "PluginError",
    "PoolAggregator",
    "ProbabilisticForecast",
    "Provenance",
    "Query",
    "RandomHits",
    "RandomWalk",
    "RefactoringAgent",
    "Registry",
    "ReplayWorld",
    "ScenarioFan",
    "ScenarioGenerator",
    "ScriptedAdversary",
    "SeasonalNaive",
    "SimulatedWorld",
    "SimulationConfig",
    "SourceError",
    "StepResult",
    "StrategyRuntime",
    "TrainingWindow",
    "TrajectoryEntry",
    "World",
    "__version__",
    "crps",
    "dataset_from_table",
    "default_agent_factory",
    "evolve_state",
    "four_agent_factory",
    "frozen_mapping",
    "interval_coverage",
    "mae",
    "mase",
    "pit_score",
    "rmse",
    "skill_score",
]

__version__ = "0.2.0"

if TYPE_CHECKING:
    from .action import AgentAction, AgentMessage
    from .agents import (
        AdversaryAgent,
        DefenderAgent,
        RandomHits,
        RefactoringAgent,
        ScriptedAdversary,
    )
    from .baselines import (
        AutoRegression,
        Drift,
        EqualWeightPool,
        ForecastingAgent,
        RandomWalk,
        SeasonalNaive,
    )
    from .config import SimulationConfig
    from .dataset import Dataset, DatasetBundle
    from .defenses import InnovationGate
    from .errors import (
        AgentError,
        ArtifactError,
        ConfigError,
        DataError,
        ForecastGameError,
        ForecastUnavailable,
        PluginError,
        SourceError,
    )
    from .fans import ScenarioFan, ScenarioGenerator
    from .forecast import ConfidenceInterval, ProbabilisticForecast
    from .game import ForecastGame
    from .mappings import frozen_mapping
    from .observation import Observation, Provenance
    from .plugins import Registry
    from .pooling import PoolAggregator
    from .protocols import (
        Adversary,
        Aggregator,
        DataSource,
        Defender,
        Forecaster,
        ModelBackend,
        Query,
        StrategyRuntime,
        World,
    )
    from .record import GameOutputs, StepResult, TrajectoryEntry
    from .registry import AgentFactory, AgentRegistry, default_agent_factory, four_agent_factory
    from .scoring import crps, interval_coverage, mae, mase, pit_score, rmse, skill_score
    from .state import ForecastState
    from .tables import dataset_from_table
    from .transition import evolve_state
    from .window import TrainingWindow
    from .worlds import ReplayWorld, SimulatedWorld
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".action": ("AgentAction", "AgentMessage"),
            ".agents": (
                "AdversaryAgent",
                "DefenderAgent",
                "RandomHits",
                "RefactoringAgent",
                "ScriptedAdversary",
            ),
            ".baselines": (
                "AutoRegression",
                "Drift",
                "EqualWeightPool",
                "ForecastingAgent",
                "RandomWalk",
                "SeasonalNaive",
            ),
            ".config": ("SimulationConfig",),
            ".dataset": ("Dataset", "DatasetBundle"),
            ".defenses": ("InnovationGate",),
            ".errors": (
                "AgentError",
                "ArtifactError",
                "ConfigError",
                "DataError",
                "ForecastGameError",
                "ForecastUnavailable",
                "PluginError",
                "SourceError",
            ),
            ".fans": ("ScenarioFan", "ScenarioGenerator"),
            ".forecast": ("ConfidenceInterval", "ProbabilisticForecast"),
            ".game": ("ForecastGame",),
            ".mappings": ("frozen_mapping",),
            ".observation": ("Observation", "Provenance"),
            ".plugins": ("Registry",),
            ".pooling": ("PoolAggregator",),
            ".protocols": (
                "Adversary",
                "Aggregator",
                "DataSource",
                "Defender",
                "Forecaster",
                "ModelBackend",
                "Query",
                "StrategyRuntime",
                "World",
            ),
            ".record": ("GameOutputs", "StepResult", "TrajectoryEntry"),
            ".registry": (
                "AgentFactory",
                "AgentRegistry",
                "default_agent_factory",
                "four_agent_factory",
            ),
            ".scoring": (
                "crps",
                "interval_coverage",
                "mae",
                "mase",
                "pit_score",
                "rmse",
                "skill_score",
            ),
            ".state": ("ForecastState",),
            ".tables": ("dataset_from_table",),
            ".transition": ("evolve_state",),
            ".window": ("TrainingWindow",),
            ".worlds": ("ReplayWorld", "SimulatedWorld"),
        },
    )
