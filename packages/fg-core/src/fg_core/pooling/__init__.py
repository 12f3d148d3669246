"""Combining forecasters: weights, online scales, and the game's own aggregator."""

from __future__ import annotations

from fg_core._numeric import ordered_dot, ordered_rows, ordered_sum
from fg_core.forecast import mixture_forecast

from .aggregator import PoolAggregator
from .by_name import rule_by_name
from .collapse import by_forecaster
from .crps_learning import Regret, crps_regret, crps_weights, gather_regret
from .evidence import fade_evidence, fade_ratio, gather_evidence
from .likelihood import Likelihood
from .log_pool import logarithmic_pool
from .log_score import gather_shares, share_weights
from .memory import PoolMemory, inflated
from .prior import group_weights
from .saving import array_from_plain, array_to_plain, field_of
from .scale import ScaleRule, discounted_add
from .settings_mix import normal_losses, relative_losses, setting_weights
from .shared import SharedPoolAggregator
from .weights import (
    bayes_weights,
    equal_weights,
    forget,
    inverse_loss_weights,
    normalise,
    rank_weights,
    reward_weights,
)

__all__ = [
    "Likelihood",
    "PoolAggregator",
    "PoolMemory",
    "Regret",
    "ScaleRule",
    "SharedPoolAggregator",
    "array_from_plain",
    "array_to_plain",
    "bayes_weights",
    "by_forecaster",
    "crps_regret",
    "crps_weights",
    "discounted_add",
    "equal_weights",
    "fade_evidence",
    "fade_ratio",
    "field_of",
    "forget",
    "gather_evidence",
    "gather_regret",
    "gather_shares",
    "group_weights",
    "inflated",
    "inverse_loss_weights",
    "logarithmic_pool",
    "mixture_forecast",
    "normal_losses",
    "normalise",
    "ordered_dot",
    "ordered_rows",
    "ordered_sum",
    "rank_weights",
    "relative_losses",
    "reward_weights",
    "rule_by_name",
    "setting_weights",
    "share_weights",
]
