"""The training values of a fit, continued by what a state shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fg_core import AgentError, ForecastState

from ._reduction import FloatArray

__all__ = ["Record"]


@dataclass(frozen=True)
class Record:
    """Record of what a fit has seen.

    Args:
        values: Training values, oldest first, in the unit of the series.
        end_t: Number of the period of the last.

    >>> record = Record((1.0, 2.0), end_t=5)
    >>> record.until("model", ForecastState(7, 4.0, 0.0, 0.0, history=(3.0,)))
    array([1., 2., 3., 4.])
    """

    values: tuple[float, ...]
    end_t: int

    def until(self, who: str, state: ForecastState) -> FloatArray:
        """Return the series from the first training row up to the state's period.

        Where the state's own path and the training values overlap, the state's count: it is the
        state that is asked about. In the game the two agree.

        Raises:
            AgentError: The state's history does not reach back to the end of the training values,
                the state lies before their beginning, or a number is not finite.
        """
        n = state.t - self.end_t + len(self.values)
        path = state.path
        begins = n - len(path)
        if n < 1:
            raise AgentError(
                f"{who} was fitted on periods {self.end_t - len(self.values) + 1} to {self.end_t} "
                f"and asked for a forecast from period {state.t}: fit it on earlier data"
            )
        if begins > len(self.values):
            need = state.t - self.end_t - 1
            raise AgentError(
                f"{who} was fitted up to period {self.end_t} and needs the {need} values between "
                f"that and period {state.t} in state.history, got {len(state.history)}: set "
                f"lookback to {need} or more, or refit more often (refit_every)"
            )
        series = np.array([*self.values[: max(begins, 0)], *path[max(-begins, 0) :]])
        if not np.isfinite(series).all():
            wrong = float(series[~np.isfinite(series)][0])
            raise AgentError(
                f"{who} cannot use {wrong} at or before period {state.t}: state.value and "
                "state.history must be finite"
            )
        return series
