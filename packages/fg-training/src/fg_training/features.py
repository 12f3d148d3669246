"""States of a table: cells of features that have no unit.

A key made of rounded values never comes back on a series that wanders. The features here are ratios
of what the past shows, so a series in other units has the same cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core.errors import ConfigError, DataError

__all__ = [
    "ATTACK_CELLS",
    "CORRECTION_CELLS",
    "FORECAST_CELLS",
    "PRINT_CELLS",
    "FeatureGrid",
    "cells_of_role",
    "forecast_features",
    "past_features",
    "state_features",
]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FeatureGrid:
    """Features cut at edges; a state is the number of the cell.

    The number counts the last feature fastest. It is arithmetic on stored edges, so it is the same
    in every process and for every version of Python.

    Args:
        edges: edges of each feature, ascending; a feature with k edges has k + 1 intervals, and a
            value on an edge is in the upper one.
        names: names of the features.

    Raises:
        ConfigError: Edges that do not ascend, or names that do not match.

    >>> grid = FeatureGrid(((-1.0, 1.0), (0.5,)), ("surprise", "speed"))
    >>> grid.n_cells, grid.cell([[0.0, 0.2], [2.0, 0.5]]).tolist()
    (6, [2, 5])
    """

    edges: tuple[tuple[float, ...], ...]
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.edges or len(self.edges) != len(self.names):
            raise ConfigError(f"{len(self.names)} names for {len(self.edges)} features")
        for name, cuts in zip(self.names, self.edges, strict=True):
            if not np.isfinite(cuts).all() or any(b <= a for a, b in pairwise(cuts)):
                raise ConfigError(f"edges of {name!r} must be finite and ascend, got {cuts!r}")

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        n = 1
        for cuts in self.edges:
            n *= len(cuts) + 1
        return n

    def cell(self, features: ArrayLike) -> NDArray[np.intp]:
        """Return the cells of rows of features.

        Args:
            features: shape (..., feature), finite.

        Returns:
            Numbers of cells, shape (...).

        Raises:
            DataError: Another number of features, or one that is not finite.
        """
        rows = np.asarray(features, dtype=np.float64)
        if rows.ndim == 0 or rows.shape[-1] != len(self.edges):
            raise DataError(
                f"{len(self.edges)} features wanted in the last axis ({', '.join(self.names)}), "
                f"got shape {rows.shape}"
            )
        if not np.isfinite(rows).all():
            raise DataError("features must be finite")
        found = np.zeros(rows.shape[:-1], dtype=np.intp)
        for k, cuts in enumerate(self.edges):
            place = np.searchsorted(np.asarray(cuts, dtype=np.float64), rows[..., k], side="right")
            found = found * (len(cuts) + 1) + place
        return found


FORECAST_CELLS = FeatureGrid(
    ((-0.8416, -0.2533, 0.2533, 0.8416), (-0.15, 0.15), (0.8, 1.25)),
    ("surprise", "drift", "speed"),
)
"""45 cells: quintiles of a standard normal for the last surprise, a dead zone for the drift, and
calm, usual or wild for the speed.

Figures of `docs/training.md`: on a random walk under 1 % of later origins fall in a cell that
training never saw, where values rounded to a decimal leave 92 % unseen.
"""


def forecast_features(
    errors: ArrayLike, changes: ArrayLike, *, fast: float = 0.06, slow: float = 0.01
) -> Array:
    """Return last surprise, drift and speed at each origin, from what was confirmed before it.

    With squared changes averaged exponentially, at a fast and a slow rate: the *surprise* is the
    last error of the forecast over the fast scale as it stood before that error, the *drift* the
    mean change (averaged at a rate of 0.1) over the slow scale, and the *speed* the fast scale over
    the slow one.

    Args:
        errors: errors (value less forecast) of confirmed one-step forecasts, oldest first, shape
            (time,), in the unit of the series.
        changes: confirmed one-step changes, alike.
        fast: rate of the fast scale, in (0, 1).
        slow: rate of the slow one, in (0, 1).

    Returns:
        Shape (time + 1, 3): row t uses the first t errors and changes alone. Where there is no
        scale yet, a feature is as on a usual day: 0 for surprise and drift, 1 for speed.

    Raises:
        DataError: Numbers that are not finite, or of different length.
        ConfigError: A rate out of its range.

    >>> forecast_features([1.0, -3.0], [1.0, -3.0]).round(3).tolist()
    [[0.0, 0.0, 1.0], [0.0, 0.1, 1.0], [-3.0, -0.202, 1.171]]
    """
    for name, rate in (("fast", fast), ("slow", slow)):
        if not 0.0 < rate < 1.0:
            raise ConfigError(f"{name} must be between 0 and 1, got {rate!r}")
    error = np.asarray(errors, dtype=np.float64)
    change = np.asarray(changes, dtype=np.float64)
    if error.ndim != 1 or error.shape != change.shape:
        raise DataError(
            f"errors and changes must have one axis and one length, got {error.shape} and "
            f"{change.shape}"
        )
    if not (np.isfinite(error).all() and np.isfinite(change).all()):
        raise DataError("errors and changes must be finite")
    found = np.empty((error.size + 1, 3))
    found[0] = 0.0, 0.0, 1.0
    quick = steady = drift = 0.0
    for t, (e, d) in enumerate(zip(error.tolist(), change.tolist(), strict=True)):
        surprise = e / np.sqrt(quick) if quick > 0.0 else 0.0
        drift += 0.1 * (d - drift)
        if steady > 0.0:
            quick += fast * (d * d - quick)
            steady += slow * (d * d - steady)
        else:
            quick = steady = d * d
        scale = np.sqrt(steady)
        found[t + 1] = (
            surprise,
            drift / scale if scale > 0.0 else 0.0,
            np.sqrt(quick / steady) if steady > 0.0 else 1.0,
        )
    return found


_DRIFT = (-0.15, 0.15)
_SPEED = (0.8, 1.25)

_EDGES: dict[str, dict[str, tuple[float, ...]]] = {
    "defender": {
        "surprise": (-4.0, -3.0, -2.0, -1.5, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0),
        "drift": _DRIFT,
        "speed": _SPEED,
    },
    "forecaster": {"surprise": (-0.5, 0.5), "drift": _DRIFT, "speed": _SPEED},
    "adversary": {
        "surprise": (-0.8416, 0.8416),
        "drift": _DRIFT,
        "speed": _SPEED,
        "last_action": (-0.25, 0.25),
        "budget": (0.05, 0.25, 0.5, 0.75),
    },
}
_USUAL = {
    "defender": ("surprise",),
    "forecaster": ("surprise", "drift"),
    "adversary": ("surprise", "speed"),
}


def cells_of_role(role: str, names: Sequence[str] = ()) -> FeatureGrid:
    """Return cells of what a role may see, by the names of the features.

    | feature | what it is | who may see it |
    |---|---|---|
    | surprise | of the print (defender), or the last change (others) | all |
    | drift | mean change over the slow scale | all |
    | speed | volatility regime: fast scale over the slow one | all |
    | last_action | own last hit, in one-step scales | adversary |
    | budget | share of the budget left | adversary, always |

    Args:
        role: "defender", "forecaster" or "adversary".
        names: names of the features; empty: the usual ones of the role. An adversary's budget need
            not be named.

    Returns:
        Cells with the features in the order of this table.

    Raises:
        ConfigError: A name that this role does not see.

    >>> cells_of_role("forecaster", ["speed", "drift"]).names
    ('drift', 'speed')
    >>> cells_of_role("adversary").names
    ('surprise', 'speed', 'budget')
    """
    own = _EDGES[role]
    wanted = {*(names or _USUAL[role]), *(["budget"] if "budget" in own else [])}
    unknown = sorted(wanted - set(own))
    if unknown:
        raise ConfigError(f"features of a {role} are {', '.join(own)}, not {unknown[0]!r}")
    found = [name for name in own if name in wanted]
    return FeatureGrid(tuple(own[name] for name in found), tuple(found))


PRINT_CELLS = cells_of_role("defender")
"""13 cells of the surprise of a print, in standard deviations of its predictive."""

CORRECTION_CELLS = cells_of_role("forecaster")
"""9 cells of the surprise and the drift, for corrections of a forecast.

Fewer than `FORECAST_CELLS`: where there is nothing to correct, what cells learn from the noise of K
of them in N rounds costs a share of some K / (4 N) of the CRPS.
"""

ATTACK_CELLS = cells_of_role("adversary")
"""45 cells for hits: surprise and speed of the true series, and the share of the budget left."""

_PLACES = {"surprise": 0, "drift": 1, "speed": 2}


def state_features(state: Any, names: Sequence[str]) -> Array:
    """Return features of a state alone, so of what its agent may see.

    They are those of `forecast_features` for the random walk: the surprise is the last change.

    Args:
        state: state with `history` (oldest first) and `value`, in the unit of the series.
        names: names of the features: surprise, drift, speed.

    Returns:
        Shape (feature,); features have no unit.

    Raises:
        ConfigError: A name that is none of these.

    >>> from fg_core import ForecastState
    >>> state_features(ForecastState(3, -2.0, 0.0, 0.0, history=(0.0, 1.0)), ["surprise"]).tolist()
    [-3.0]
    """
    return _of_path([*state.history, state.value], names)


def past_features(state: Any, names: Sequence[str]) -> Array:
    """Return features of the revealed values before a state, so of nothing that is reported in it.

    Args:
        state: state with `history` (oldest first) and `n_unrevealed`, its end that is not revealed.
        names: names of the features: surprise, drift, speed.

    Returns:
        Shape (feature,); features have no unit.

    Raises:
        ConfigError: A name that is none of these.

    >>> from fg_core import ForecastState
    >>> state = ForecastState(3, 9.0, 0.0, 0.0, history=(0.0, 1.0, 3.0))
    >>> past_features(state, ["speed"]).round(2).tolist()
    [1.07]
    """
    known = len(state.history) - state.n_unrevealed
    return _of_path(state.history[:known], names)


def _of_path(path: Sequence[float], names: Sequence[str]) -> Array:
    unknown = [name for name in names if name not in _PLACES]
    if unknown:
        raise ConfigError(f"a state has the features {', '.join(_PLACES)}, not {unknown[0]!r}")
    changes = np.diff(np.asarray(path, dtype=np.float64))
    last = forecast_features(changes, changes)[-1]
    return np.array([last[_PLACES[name]] for name in names])
