r"""A simulated world that is calibrated on a recorded series, by least squares.

Changes of the value are regressed on what the law of motion (`fg_core.transition`) has:

$$\Delta v_{t+1} = b + a\,x_t + \textstyle\sum_k c_k m_{k,t} + \varepsilon_{t+1}, \qquad
  x_{t+1} = p\,x_t + \varepsilon_{t+1},$$

with trend $b$, coefficients $c_k$ of standardised context columns as they were known at $t$, and
the exogenous pressure $x$. No record has a pressure: it is taken as what past surprises have left,
so that its effect $a$ and its persistence $p$ say how changes go on, or are taken back. (Without
columns, $v$ is an ARIMA(1,1,1) with drift.) A disturbance leaves as much pressure as a surprise.

For given $p$ and $\theta = p - a$ all else is linear, by the filter
$x_{t+1} = \theta x_t + y_{t+1}$, $e_{t+1} = y_{t+1} - a\,x_t$ of the changes and of each
regressor; $p$ and $\theta$ have the smallest sum of squares on a grid of tenths, refined twice
around its best cell (conditional sum of squares: Box & Jenkins 1976, section 7.1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from fg_core.errors import ConfigError, DataError
from fg_core.frozen import FrozenMapping
from fg_core.nearest import nearest_first
from fg_core.observation import Observation
from fg_core.state import ForecastState
from fg_core.transcendental import log as natural_log
from fg_core.transition import ExogenousLaw
from fg_core.worlds import SimulatedWorld

__all__ = ["RESIDUAL_WINDOW", "Calibration", "ColumnScale", "Noise", "calibrate"]

Array = NDArray[np.float64]
Noise = Literal["normal", "residuals"]

RESIDUAL_WINDOW = 40
"""Number of the last residuals that the noise is taken from: chosen on `us_macro` before 1985."""

_LEAST_CHANGES = 16
_CHANGES_PER_COLUMN = 4
_EDGE = 0.95
_STEPS = (0.01, 0.001)


@dataclass(frozen=True)
class ColumnScale:
    """Mean and standard deviation of a context column in the rows that were calibrated on.

    Args:
        centre: Mean, in the unit of the column.
        scale: Standard deviation, in the unit of the column.
        coefficient: Change of the value in the next period per unit of the column.
        standard_error: Standard error of that coefficient, by least squares.
    """

    centre: float
    scale: float
    coefficient: float
    standard_error: float

    def standardised(self, value: float) -> float:
        """Return a number of the column as its distance from the mean in standard deviations."""
        return (value - self.centre) / self.scale


@dataclass(frozen=True, eq=False)
class Calibration:
    """A simulated world whose coefficients are those of a recorded series.

    Args:
        world: World; its context is standardised.
        initial: State at the last row, with the earlier values as its history.
        columns: Scale and effect of each context column.
        residuals: One-step errors in the rows, shape (change,), oldest first.
        n_changes: Number of changes that were regressed.
        series_id: Name of the series.
        values: Values of the rows in the unit of the series, shape (row,).
        times: First moments of their periods.
        log: Whether the world moves logarithms of the series.
    """

    world: SimulatedWorld
    initial: ForecastState
    columns: Mapping[str, ColumnScale]
    residuals: Array
    n_changes: int
    series_id: str
    values: Array
    times: tuple[datetime, ...]
    log: bool = False


def calibrate(
    rows: Sequence[Observation],
    columns: Sequence[str] = (),
    *,
    pressure: bool = True,
    noise: Noise = "normal",
    residual_window: int | None = RESIDUAL_WINDOW,
    window: int | None = None,
    log: bool = False,
) -> Calibration:
    """Return the simulated world that fits a series best, by least squares.

    Args:
        rows: Observations of one series, by period; the context of a row is what was known with
            its value. First rows that do not have all columns are left out.
        columns: Context columns that move the series.
        pressure: Whether the exogenous pressure is estimated; else there is none.
        noise: "normal", with the standard deviation of the residuals, or "residuals", which are
            drawn with replacement (bootstrap). Both are centred, and widened for the degrees of
            freedom that the coefficients took.
        residual_window: Number of the last residuals that the noise is taken from; None: all.
        window: Number of the last rows that are used; None: all.
        log: Whether to calibrate on logarithms of the values.

    Returns:
        World, state at the last row, and what was estimated.

    Raises:
        DataError: Rows that are too few, of several series or without a column; a series or a
            column that never changes; columns that depend on each other; values of 0 or less where
            logarithms are wanted.
        ConfigError: An option out of its range.

    >>> from fg_core.testing.examples import example_dataset
    >>> found = calibrate(example_dataset(40).series("alpha"), pressure=False)
    >>> changes = np.diff(found.values)
    >>> bool(abs(found.world.base_trend - changes.mean()) < 1e-12)
    True
    """
    _check_options(noise, residual_window, window)
    rows = tuple(rows)[-window:] if window else tuple(rows)
    rows, context = _complete(rows, tuple(dict.fromkeys(columns)))
    name = rows[0].series_id
    values = np.array([row.value for row in rows], dtype=np.float64)
    if log and not (values > 0.0).all():
        raise DataError(f"series {name!r} has values of 0 or less, which have no logarithm")
    played = np.asarray(natural_log(values)) if log else values
    changes = np.diff(played)
    least = _LEAST_CHANGES + _CHANGES_PER_COLUMN * context.shape[1]
    if changes.size < least:
        beside = f" on {context.shape[1]} columns" if context.shape[1] else ""
        raise DataError(
            f"series {name!r} has {len(rows)} rows that can be used, and calibrating{beside} needs "
            f"{least + 1}"
        )
    centre, scale = context.mean(axis=0), context.std(axis=0)
    if changes.max() == changes.min():
        raise DataError(f"series {name!r} always changes by {changes[0]:g}: there is no noise")
    names = tuple(dict.fromkeys(columns))
    for column, spread in zip(names, scale.tolist(), strict=True):
        if not spread > 0.0:
            raise DataError(
                f"context {column!r} of series {name!r} never changes: its effect cannot be told"
            )
    standard = (context - centre) / scale
    fitted = _fit(changes, standard[:-1], pressure=pressure, name=name)
    n_used = 1 + len(names) + (2 if pressure else 0)
    usual = fitted.residuals[-residual_window:] if residual_window else fitted.residuals
    usual = usual - usual.mean()
    widened = usual * np.sqrt(changes.size / (changes.size - n_used))
    sigma = float(np.sqrt(np.mean(widened * widened)))
    variance = float(fitted.residuals @ fitted.residuals) / (changes.size - n_used)
    world = SimulatedWorld(
        float(fitted.coefficients[0]),
        sigma,
        FrozenMapping(dict(zip(names, fitted.coefficients[1:].tolist(), strict=True))),
        exogenous_law=fitted.law,
        residuals=tuple(widened.tolist()) if noise == "residuals" else (),
    )
    errors = np.sqrt(variance * fitted.inverse_diagonal[1:]) / scale
    described = zip(
        names,
        centre.tolist(),
        scale.tolist(),
        (fitted.coefficients[1:] / scale).tolist(),
        errors.tolist(),
        strict=True,
    )
    initial = ForecastState(
        len(rows) - 1,
        float(played[-1]),
        fitted.pressure,
        0.0,
        macro_context=dict(zip(names, standard[-1].tolist(), strict=True)),
        history=tuple(played[:-1].tolist()),
    )
    return Calibration(
        world,
        initial,
        FrozenMapping({column: ColumnScale(*numbers) for column, *numbers in described}),
        fitted.residuals,
        changes.size,
        name,
        values,
        tuple(row.timestamp for row in rows),
        log,
    )


def _check_options(noise: str, residual_window: int | None, window: int | None) -> None:
    if noise not in get_args(Noise):
        raise ConfigError(f'noise must be "normal" or "residuals", got {noise!r}')
    for option, number in (("residual_window", residual_window), ("window", window)):
        if number is not None and (
            isinstance(number, bool) or not isinstance(number, int) or number < 2
        ):
            raise ConfigError(f"{option} must be a whole number >= 2, got {number!r}")


def _complete(
    rows: tuple[Observation, ...], columns: tuple[str, ...]
) -> tuple[tuple[Observation, ...], Array]:
    """Return the rows from the first one that has all columns, and those, (row, column)."""
    if not rows:
        raise DataError("there are no rows to calibrate on")
    name = rows[0].series_id
    if any(row.series_id != name for row in rows):
        raise DataError("a world is calibrated on one series, and these are rows of several")
    there = sorted({column for row in rows for column in row.macro_context})
    for column in columns:
        if column not in there:
            known = ", ".join(nearest_first(column, there)) or "none"
            raise DataError(
                f"series {name!r} has no context column {column!r}; it has (nearest first) {known}"
            )
    first = next(
        (i for i, row in enumerate(rows) if all(c in row.macro_context for c in columns)), len(rows)
    )
    kept = rows[first:]
    for row in kept:
        for column in columns:
            if column not in row.macro_context:
                raise DataError(
                    f"context {column!r} of series {name!r} is missing at {row.timestamp.date()}"
                )
    if not kept:
        raise DataError(f"no row of series {name!r} has all of {', '.join(columns)}")
    numbers = [[row.macro_context[column] for column in columns] for row in kept]
    return kept, np.array(numbers, dtype=np.float64).reshape(len(kept), len(columns))


@dataclass(frozen=True, eq=False)
class _Fit:
    """Coefficients (trend first), their inverse cross products' diagonal, and what is left."""

    coefficients: Array
    inverse_diagonal: Array
    residuals: Array
    law: ExogenousLaw
    pressure: float


def _fit(changes: Array, context: Array, *, pressure: bool, name: str) -> _Fit:
    regressors = np.column_stack([np.ones(changes.size), context])
    p = theta = np.zeros(1)
    if pressure:
        grid = np.linspace(-0.9, 0.9, 19)
        p, theta = _best(changes, regressors, grid, grid)
        for step in _STEPS:
            around = step * np.arange(-10, 11)
            near = (np.clip(one + around, -_EDGE, _EDGE) for one in (p, theta))
            p, theta = _best(changes, regressors, *near)
    filtered, last = _filtered(np.column_stack([changes, regressors]), p - theta, theta)
    y, x = filtered[:, 0, 0], filtered[:, 0, 1:]
    solved, _, rank, _ = np.linalg.lstsq(x, y, rcond=1e-10)
    coefficients: Array = np.asarray(solved, dtype=np.float64)
    if rank < x.shape[1]:
        raise DataError(
            f"context columns of series {name!r} depend on each other: their effects cannot be "
            "told apart; leave one out"
        )
    # A disturbance leaves what any other surprise does: the record does not tell them apart.
    kept = 1.0 if pressure else 0.0
    law = ExogenousLaw(float(p[0] - theta[0]), float(p[0]), from_disturbance=kept, from_noise=kept)
    left = float(last[0, 0] - last[0, 1:] @ coefficients) if pressure else 0.0
    diagonal: Array = np.diag(np.asarray(np.linalg.inv(x.T @ x), dtype=np.float64))
    return _Fit(coefficients, diagonal, y - x @ coefficients, law, left)


def _filtered(columns: Array, effect: Array, theta: Array) -> tuple[Array, Array]:
    """Return what the pressure does not explain of columns, and the pressure at the end.

    Args:
        columns: Changes and regressors, shape (time, column).
        effect: Effects of the pressure, shape (cell,).
        theta: Coefficients of its filter, shape (cell,).

    Returns:
        Shapes (time, cell, column) and (cell, column).
    """
    a, keep = effect[:, np.newaxis], theta[:, np.newaxis]
    found = np.empty((columns.shape[0], effect.size, columns.shape[1]))
    x = np.zeros(found.shape[1:])
    for t, row in enumerate(columns):
        found[t] = row - a * x
        x = keep * x + row
    return found, x


def _best(changes: Array, regressors: Array, ps: Array, thetas: Array) -> tuple[Array, Array]:
    """Return persistence and filter coefficient of the least sum of squares, shape (1,) each."""
    p, theta = (one.ravel() for one in np.meshgrid(ps, thetas, indexing="ij"))
    filtered, _ = _filtered(np.column_stack([changes, regressors]), p - theta, theta)
    # A triangle per cell: the last diagonal entry is what the regressors do not explain.
    ordered = np.concatenate([filtered[:, :, 1:], filtered[:, :, :1]], axis=2)
    triangle: Array = np.linalg.qr(ordered.transpose(1, 0, 2), mode="r")  # type: ignore[assignment]
    best = int(np.argmin(np.abs(triangle[:, -1, -1])))
    return p[best : best + 1], theta[best : best + 1]
