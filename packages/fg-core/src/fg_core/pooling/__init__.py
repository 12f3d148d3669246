"""Combining forecasters: weights, online scales, and the game's own aggregator.

- `PoolAggregator` plays a rule of weights, one of `fg_core.pooling.rules` or of one's own;
  `SharedPoolAggregator` learns one set of weights from all series of a panel.
- Rules are made of pure functions over arrays, forecaster last: `bayes_weights` and `forget`,
  `fade_evidence` and `gather_evidence` (the same for grids of settings), `crps_weights`,
  `share_weights`, `rank_weights`, `reward_weights`, `inverse_loss_weights`, `group_weights`.
- For authors of aggregators that mix many pools: `setting_weights`, `relative_losses` and
  `normal_losses` average over settings instead of choosing one, `by_forecaster` makes one component
  per forecaster of all pools, `logarithmic_pool` and `inflated` pool and widen normals.
- `array_to_plain`, `array_from_plain` and `field_of` save what was learned and read it back;
  `ordered_sum`, `ordered_rows` and `ordered_dot` give a row and a batch the same bits.
"""

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
