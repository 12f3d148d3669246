"""Many games at once: what agents with an array form are given and return, and what is left.

An agent has an *array form* where it can be asked once for all games of a batch. Methods, all
optional, and all pure and elementwise over the games:

* a forecaster: `act_array(state, horizon) -> ActionArrays`, and `sensitivity_array(state,
  horizon)` and `sensitivities_array(state, horizon, n)` of shape (n,) or (n, game) (else the game
  takes a finite difference); `update_array(revealed)` if it has `update`;
* an adversary: `delta(state, budget)`, what it adds to the values;
* a defender: `act_array(state, predictive) -> OutlierAssessment` (with `AlternativeArrays` where it
  doubts several prints; one that wants sensitivities is given `sensitivities` of shape (value,
  game)); `update_array(revealed)`;
* an aggregator: `aggregate_array(panel, horizon, inflation) -> MixtureArrays`,
  `update_array(outcome)`, `weights_array(horizon)`; `update_panel_array(outcome, n_series)` if it
  has `update_panel` (lanes are laid out series by series: lane `s * count + k` is series s in
  panel k of `count`);
* a refactorer: `update_array(outcome)`, after which `bias(horizon)` is an array.

They promise the bits of the scalar methods (`fg_core.testing.check_array_form`). A property
`array_form` of False takes the promise back (a pool of forecasters one of which has none). Agents
without an array form work as well, game by game. What they are given refuses to be written to.

Games may differ in their series, and games of one series share what they learn. A *lane* is a row
of the arrays: a game, or a series that many games share. Further methods, all optional:

* `stack(members)`, a class method of any agent: one agent that does in each lane what the member of
  that lane does (which was fitted on that lane's series), or None where these cannot be one. It is
  asked by its array form. A stacked forecaster is not fitted again: the members are.
* `take(lanes)`, where an agent has learned as arrays: the same agent with the rows of these lanes,
  in their order; lanes may repeat. So what a series has learned is given to each of its games.
* `lane(i)`, of an aggregator that has learned as arrays: the agent of one lane, in scalar form.

Attributes that say what may be shared, all optional:

* `learns_from_values`, of a forecaster with `update`: True where it reads nothing of a reveal but
  the state with the true value (no reward, no predictive, not what was reported). What it learned
  from a reported value that turns out true is then kept, and games of one series share it. Who has
  no `update` need not say so.
* `waits_for_reveals`, of a refactorer: True where it learns from revealed values alone, once each,
  and never provisionally from reported ones (one that asks a service, for instance).
* `with_draws`: a forecaster that draws random numbers is never shared, since games have their own.
"""

from __future__ import annotations

from .calibration import CalibrationRule, QuantileCalibration
from .forecast_arrays import ActionArrays, ForecastArrays, has_array_form
from .mixtures import MixtureArrays
from .outputs import BatchOutputs, DoubtRecord, HorizonArrays
from .states import StateArrays

__all__ = [
    "ActionArrays",
    "BatchOutputs",
    "CalibrationRule",
    "DoubtRecord",
    "ForecastArrays",
    "HorizonArrays",
    "MixtureArrays",
    "QuantileCalibration",
    "StateArrays",
    "has_array_form",
]
