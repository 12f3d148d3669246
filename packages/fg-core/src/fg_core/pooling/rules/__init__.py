"""Rules by which a pool weighs its forecasters: one class per file, and their names.

A rule is a value: `PoolAggregator(RankWeights(discount=0.9))`. Where there are only texts (options,
files, older calls) it is found by its name: `fg_core.pooling.rule_by_name("rank")`.

A rule of one's own is a subclass of `WeightRule`, and needs no name here to be played. One that
ships with this package is a file here, and a line each in the imports and in the table below.
"""

from __future__ import annotations

from fg_core.frozen import FrozenMapping

from .base import ScoredForecasts, WeightRule
from .bates_granger import BatesGrangerWeights
from .bayes import BayesWeights
from .by_loss import LossWeights
from .crps_learning import CrpsLearningWeights
from .equal import EqualWeights
from .forgetting_grid import ForgettingGridWeights
from .log_score import LogScoreWeights
from .rank import RankWeights
from .reward import RewardWeights

__all__ = [
    "RULES",
    "BatesGrangerWeights",
    "BayesWeights",
    "CrpsLearningWeights",
    "EqualWeights",
    "ForgettingGridWeights",
    "LogScoreWeights",
    "LossWeights",
    "RankWeights",
    "RewardWeights",
    "ScoredForecasts",
    "WeightRule",
]

RULES: FrozenMapping[str, type[WeightRule]] = FrozenMapping(
    {
        rule.name: rule
        for rule in (
            BayesWeights,
            ForgettingGridWeights,
            EqualWeights,
            RankWeights,
            RewardWeights,
            BatesGrangerWeights,
            CrpsLearningWeights,
            LogScoreWeights,
        )
    }
)
"""The rules of this package by name."""
