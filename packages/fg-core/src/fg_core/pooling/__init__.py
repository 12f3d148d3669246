"""Combining forecasters: weights, online scales, and the game's own aggregator.

- `PoolAggregator` plays a rule of weights, one of `fg_core.pooling.rules` or of one's own;
  `SharedPoolAggregator` learns one set of weights from all series of a panel.
- Rules are made of pure functions over arrays, forecaster last: `bayes_weights` and `forget`,
  `forget_evidence` and `update_evidence` (the same for grids of settings), `crps_weights`,
  `share_weights`, `rank_weights`, `reward_weights`, `inverse_loss_weights`, `group_weights`.
- For authors of aggregators that mix many pools: `hedge_weights`, `relative_losses` and
  `normal_losses` average over settings instead of choosing one, `moment_match` makes one component
  per forecaster of all pools, `logarithmic_pool` and `inflated` pool and widen normals.
- `array_to_plain`, `array_from_plain` and `field_of` save what was learned and read it back;
  `ordered_sum`, `ordered_rows` and `ordered_dot` give a row and a batch the same bits.
"""

from __future__ import annotations

from fg_core._numeric import ordered_dot, ordered_rows, ordered_sum
from fg_core.forecast import mixture_forecast

from .aggregator import PoolAggregator
from .by_name import rule_by_name
from .crps_learning import Regret, crps_regret, crps_weights, update_regret
from .evidence import forget_evidence, forget_ratio, update_evidence
from .hyperparameter_averaging import hedge_weights, normal_losses, relative_losses
from .likelihood import Likelihood
from .log_pool import logarithmic_pool
from .log_score import share_weights, update_shares
from .moment_matching import moment_match
from .prior import group_weights
from .saving import array_from_plain, array_to_plain, field_of
from .scale import ScaleRule, discounted_add
from .shared import SharedPoolAggregator
from .state import PoolState, inflated
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
    "PoolState",
    "Regret",
    "ScaleRule",
    "SharedPoolAggregator",
    "array_from_plain",
    "array_to_plain",
    "bayes_weights",
    "crps_regret",
    "crps_weights",
    "discounted_add",
    "equal_weights",
    "field_of",
    "forget",
    "forget_evidence",
    "forget_ratio",
    "group_weights",
    "hedge_weights",
    "inflated",
    "inverse_loss_weights",
    "logarithmic_pool",
    "mixture_forecast",
    "moment_match",
    "normal_losses",
    "normalise",
    "ordered_dot",
    "ordered_rows",
    "ordered_sum",
    "rank_weights",
    "relative_losses",
    "reward_weights",
    "rule_by_name",
    "share_weights",
    "update_evidence",
    "update_regret",
    "update_shares",
]
