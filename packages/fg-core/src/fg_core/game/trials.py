"""Consequences of reported values, kept until the true ones are revealed.

Where a reported value turns out to be true, what was made of it would only be made once more. So it
is kept for a round, and taken over lane by lane.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_core.window import TrainingWindow

from .sharing import lanes_with, lanes_with_windows, same_lanes, same_values
from .team import ExpertForecasts, Experts

__all__ = ["Trial", "Trials"]

Array = NDArray[np.float64]
Lanes = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Trial:
    """Consequences of the reported values of one round.

    Nothing is learned from it: what is taken from a trial is what would be computed once more.

    Args:
        t: Period of the values.
        paths: Path of each lane; None: one lane per path.
        reported: Values, shape (lane,), in the unit of the series.
        experts: Provisional experts that have learned them.
        forecasts: Expert forecasts by horizon.
        windows: Windows that the experts were fitted on, one per lane; None: they were not fitted
            anew.
        context_hits: Whether a context column was hit in a lane, so that what was reported is not
            true whatever the values are; None: in none.
    """

    t: int
    paths: Lanes | None
    reported: Array
    experts: Experts
    forecasts: Mapping[int, ExpertForecasts]
    windows: Sequence[TrainingWindow] | None
    context_hits: NDArray[np.bool_] | None = None


class Trials:
    """The trials of a round, and the experts whose pool has learned a value that may be true."""

    def __init__(self) -> None:
        self._trials: list[Trial] = []
        # By period: values that it may have, and the experts once their pool has learned them.
        self._scored: list[tuple[int, Lanes | None, Array, Experts]] = []

    def __len__(self) -> int:
        return len(self._trials) + len(self._scored)

    def clear(self) -> None:
        """Forget all: the true values are known."""
        self._trials.clear()
        self._scored.clear()

    def keep(self, trial: Trial) -> None:
        """Keep what followed from reported values."""
        self._trials.append(trial)

    def keep_scored(self, period: int, paths: Lanes | None, value: Array, experts: Experts) -> None:
        """Keep experts whose pool has learned a value.

        Args:
            period: Whose value it is.
            paths: Path of each lane; None: one lane per path.
            value: Values that they learned, shape (lane,), in the unit of the series.
            experts: Experts of the games.
        """
        self._scored.append((period, paths, value, experts))

    def fitted_on(
        self, t: int, windows: Sequence[TrainingWindow], n_series: int
    ) -> tuple[Experts | None, Lanes | None]:
        """Return experts that were fitted on such windows, and which of their lanes to take.

        Args:
            t: Period of the fit.
            windows: Windows, one per lane.
            n_series: Number of series of a panel.
        """
        for trial in self._trials:
            if trial.t == t and trial.windows is not None:
                reuse = lanes_with_windows(trial.windows, windows, n_series)
                if (reuse >= 0).any():
                    return trial.experts, reuse
        return None, None

    def that_came_true(
        self, period: int, value: Array, n_series: int
    ) -> tuple[Trial, Lanes | None] | None:
        """Return the trial that took the true values for reported, and its lane for each path.

        Args:
            period: Period of the values.
            value: True values, shape (path,).
            n_series: Number of series of a panel.
        """
        for trial in self._trials:
            if trial.t != period:
                continue
            found, lanes = lanes_with(
                trial.paths, trial.reported, value, n_series, trial.context_hits
            )
            if found:
                return trial, lanes
        return None

    def scored_with(self, period: int, paths: Lanes | None, value: Array) -> Experts | None:
        """Return the experts whose pool has learned these very values in these lanes, if any."""
        for known_period, known_paths, known, experts in self._scored:
            if (
                known_period == period
                and same_lanes(known_paths, paths)
                and same_values(known, value)
            ):
                return experts
        return None

    def scored_with_true(self, period: int, value: Array, n_series: int) -> Experts | None:
        """Return the experts of paths whose pool has learned the true values, if any."""
        for known_period, paths, known, experts in self._scored:
            if known_period != period:
                continue
            found, lanes = lanes_with(paths, known, value, n_series)
            if found:
                return experts if lanes is None else experts.take(lanes)
        return None
