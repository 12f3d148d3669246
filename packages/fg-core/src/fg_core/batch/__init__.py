"""Many games at once: what agents with an array form are given and return, and what is left.

An agent has an *array form* where it can be asked once for all games of a batch. Methods, all
optional, and all pure and elementwise over the games:

* a forecaster: `act_array(state, horizon) -> ActionArrays`, and `sensitivity_array(state,
  horizon)` (else the game takes a finite difference); `update_array(revealed)` if it has `update`;
* an adversary: `delta(state, budget)`, what it adds to the values;
* a defender: `act_array(state, predictive) -> Suspicion`; `update_array(revealed)`;
* an aggregator: `aggregate_array(panel, horizon, inflation) -> MixtureArrays`,
  `update_array(outcome)`, `weights_array(horizon)`;
* a refactorer: `update_array(outcome)`, after which `bias(horizon)` is an array.

They promise the bits of the scalar methods (`fg_core.testing.check_array_form`). A property
`array_form` of False takes the promise back (a pool of forecasters one of which has none). Agents
without an array form work as well, game by game.
"""

from __future__ import annotations

from .calibration import CalibrationRule, QuantileCalibration
from .mixtures import MixtureArrays
from .outputs import BatchOutputs, DoubtRecord, HorizonArrays
from .panel import ActionArrays, Panel, has_array_form
from .states import StateArrays

__all__ = [
    "ActionArrays",
    "BatchOutputs",
    "CalibrationRule",
    "DoubtRecord",
    "HorizonArrays",
    "MixtureArrays",
    "Panel",
    "QuantileCalibration",
    "StateArrays",
    "has_array_form",
]
