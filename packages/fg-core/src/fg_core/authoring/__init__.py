"""Contract for authors of forecasters and pools: checks, units, sensitivities, lanes.

A forecaster of one's own needs none of it to be played; with it, its errors read like those of
every other agent, and its arithmetic has the properties that `fg_core.testing` checks (the same
bits for a series in another unit, scales above zero).

- `checks`: what `fit` and `act` require of a window, a horizon and a state;
- `units`: units that are powers of two, root mean squares, scales that are never zero;
- `context`: which context columns a forecaster reads;
- `sensitivity`: how far a forecast moves with the last value;
- `stacking`: one agent for many series, so that a batch asks it once;
- `pools`: what an aggregator requires, and what its forecasters state as arrays.

>>> from dataclasses import dataclass, replace
>>> from fg_core import AgentAction, ForecastState, TrainingWindow
>>> @dataclass(frozen=True)
... class Halfway:
...     "Forecasts a move half-way to the mean of the training window."
...     name: str = "halfway"
...     fitted: tuple[float, float] | None = None
...     def fit(self, window):
...         require_rows(self.name, window, 2)
...         with fitting(self.name):
...             scale = floored(root_mean_square(window.values - window.values.mean()),
...                 window.values)
...         return replace(self, fitted=(float(window.values.mean()), scale))
...     def act(self, state, horizon=1):
...         require_horizon(self.name, horizon)
...         mean, scale = require_fit(self.name, self.fitted)
...         (value,) = latest(self.name, state, 1)
...         return forecast_action(self.name, 0.5 * (mean - value), scale)
>>> forecaster = Halfway().fit(TrainingWindow([1.0, 3.0]))
>>> state = ForecastState(t=0, value=4.0, exogenous=0.0, hidden_shift=0.0)
>>> forecaster.act(state).delta, level_sensitivity(forecaster, state)
(-1.0, 0.5)
"""

from __future__ import annotations

from .checks import (
    fitting,
    forecast_action,
    latest,
    latest_arrays,
    require_finite_fit,
    require_fit,
    require_horizon,
    require_rows,
)
from .context import ReadsNoContext, columns_read
from .pools import means_and_scales, memory_of, no_forecast, not_started
from .sensitivity import (
    MovesWithLevel,
    finite_difference,
    finite_difference_array,
    level_sensitivity,
    level_sensitivity_array,
)
from .stacking import are_alike, lanes_of, square_root, stack_fits, stacked
from .units import (
    SMALLEST_SCALE,
    binary_unit,
    binary_units,
    floored,
    power_of_two_above,
    root_mean_square,
)

__all__ = [
    "SMALLEST_SCALE",
    "MovesWithLevel",
    "ReadsNoContext",
    "are_alike",
    "binary_unit",
    "binary_units",
    "columns_read",
    "finite_difference",
    "finite_difference_array",
    "fitting",
    "floored",
    "forecast_action",
    "lanes_of",
    "latest",
    "latest_arrays",
    "level_sensitivity",
    "level_sensitivity_array",
    "means_and_scales",
    "memory_of",
    "no_forecast",
    "not_started",
    "power_of_two_above",
    "require_finite_fit",
    "require_fit",
    "require_horizon",
    "require_rows",
    "root_mean_square",
    "square_root",
    "stack_fits",
    "stacked",
]
