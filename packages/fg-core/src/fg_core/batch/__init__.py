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

Games of a batch may be on different series. A *lane* is a row of the arrays: a game, or a series
that games share. For this there are further methods, all optional:

* a classmethod `stack(agents)` of forecasters, defenders, aggregators and refactorers: one agent
  whose array form acts for lane i as `agents[i]` does alone; None where that is not possible;
* `take(lanes)` of aggregators and refactorers that have learned as arrays: the same agent for
  these lanes; `lane(i)`: the agent of one lane, for its scalar methods;
* `learns_from_values = True` of a forecaster whose `update` reads the revealed state alone, so
  that games on one series share what it learned;
* `waits_for_reveals = True` of a refactorer that is shown revealed forecasts only.

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
