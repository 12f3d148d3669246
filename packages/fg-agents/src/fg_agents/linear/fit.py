"""Estimates of a linear forecaster, and its forecasts as functions of the latest rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.batch.lazy import lazy

from .memory import Row
from .model import HorizonForms, LinearModel
from .panel import SEGMENTS
from .system import System

__all__ = ["LinearFit", "scale_floor"]

Array = NDArray[np.float64]

_EAGER = 4
"""Horizons that are worked out at a fit; further ones when they are asked for."""


@dataclass(frozen=True, eq=False)
class LinearFit:
    """Estimates of `LinearForecaster.fit`.

    Args:
        system: The columns and their forms.
        model: Coefficients and covariance; the series itself is column 0.
        rows: Effective number of rows of the fit.
        floor: Least standard deviation of a forecast: what rounding does to the series.
    """

    system: System
    model: LinearModel
    rows: float
    floor: float
    _known: list[_Known] = field(default_factory=list, init=False, repr=False)
    _plain: list[_Form] = field(default_factory=list, init=False, repr=False)

    @lazy
    def order(self) -> int:
        """Number of the latest rows that forecasts are made from."""
        return self.model.order

    @lazy
    def segments(self) -> tuple[tuple[int, str], ...]:
        """Other columns that are segments: place among them, and name of the segment."""
        return tuple(
            (i, name.removeprefix(SEGMENTS))
            for i, name in enumerate(self.system.names[1:])
            if name.startswith(SEGMENTS)
        )

    def form(self, horizon: int) -> _Form:
        """Return the forecast for a horizon as a linear function of the latest rows.

        Returns:
            Coefficients of the latest rows, and the scale of the forecast in the unit of the
            series.
        """
        if horizon > len(self._plain):
            known = self._of(horizon)
            # One assignment, so that another thread sees the old list or the new one.
            self._plain[:] = _plain(known.forms, known.scales)
        return self._plain[horizon - 1]

    def slope_with_segments(self, horizon: int, shares: Mapping[str, float]) -> float:
        """Return the derivative of the forecast by the last value, segments moving with it.

        Args:
            horizon: Steps ahead, in periods.
            shares: Derivative of each segment by the value, by name.

        Returns:
            Derivative of the forecast level by the last value, without a unit.
        """
        form = self.form(horizon)
        moved = [form.others[0][i] * shares.get(name, 0.0) for i, name in self.segments]
        return math.fsum([form.own[0], *moved])

    def forms(self, horizon: int) -> HorizonForms:
        """Return the forecasts for the horizons up to this one at least, as arrays.

        Returns:
            Coefficients on the latest rows, one entry per horizon from 1 on.
        """
        return self._of(horizon).forms

    def scales(self, horizon: int) -> Sequence[float]:
        """Return the standard deviations of forecasts for the horizons up to this one at least.

        Returns:
            One number per horizon from 1 on, in the unit of the series.
        """
        return self._of(horizon).scales

    def _of(self, horizon: int) -> _Known:
        if not self._works_out(horizon):
            with np.errstate(over="ignore", invalid="ignore"):
                self._keep(self.model.forms(0, max(_EAGER, horizon)))
        return self._known[0]

    def _works_out(self, horizon: int) -> bool:
        return bool(self._known) and horizon <= len(self._known[0].scales)

    def _keep(self, forms: HorizonForms) -> None:
        scales = np.sqrt(np.maximum(forms.variances, self.floor * self.floor)).tolist()
        self._known[:] = [_Known(forms, tuple(scales))]

    @staticmethod
    def work_out(fits: Sequence[LinearFit], horizon: int) -> None:
        """Work out the forecasts of some fits: models of one shape at once.

        Args:
            fits: The fits.
            horizon: Last horizon that is needed, in periods.
        """
        alike: dict[tuple[int, ...], list[LinearFit]] = {}
        for fit in fits:
            if not fit._works_out(horizon):
                alike.setdefault(fit.model.lags.shape, []).append(fit)
        for some in alike.values():
            models = [fit.model for fit in some]
            # Stacked, they keep the order of their axes in memory, on which last bits depend.
            stacked = LinearModel(
                np.stack([one.constant for one in models]),
                np.stack([one.lags for one in models]),
                np.stack([one.covariance for one in models]),
            )
            with np.errstate(over="ignore", invalid="ignore"):
                forms = stacked.forms(0, max(_EAGER, horizon))
            for i, fit in enumerate(some):
                fit._keep(HorizonForms(forms.offsets[i], forms.weights[i], forms.variances[i]))


@dataclass(frozen=True, eq=False)
class _Known:
    """Forms and scales of a fit for its first few horizons."""

    forms: HorizonForms
    scales: tuple[float, ...]


@dataclass(frozen=True)
class _Form:
    """A forecast as a linear function, in plain numbers."""

    offset: float
    own: tuple[float, ...]
    others: tuple[Row, ...]
    scale: float

    def change(self, numbers: Sequence[Any], rows: Sequence[Row]) -> Any:
        """Return the expected change from the last of `numbers`.

        Added from left to right, for one game and for many alike.
        """
        total = self.offset
        for weight, number in zip(self.own, reversed(numbers), strict=True):
            total = total + weight * number
        for weights, row in zip(self.others, rows, strict=True):
            for weight, number in zip(weights, row, strict=True):
                total = total + weight * number
        return total - numbers[-1]


def _plain(forms: HorizonForms, scales: Sequence[float]) -> list[_Form]:
    return [
        _Form(offset, tuple(row[0] for row in rows), tuple(tuple(row[1:]) for row in rows), scale)
        for offset, rows, scale in zip(
            forms.offsets.tolist(), forms.weights.tolist(), scales, strict=True
        )
    ]


def scale_floor(values: Array) -> Array:
    """Return the rounding of a series by each of its rows: its spacing at the largest value.

    Args:
        values: Values of the series, shape (time,).

    Returns:
        Array of shape (time,), in the unit of the series.

    >>> scale_floor(np.array([1.0, -4.0, 2.0])).tolist() == [2.0**-52, 2.0**-50, 2.0**-50]
    True
    """
    smallest = 2.0**-200  # for a series of zeros; its square is still a normal number
    largest = np.maximum.accumulate(np.abs(values))
    return np.asarray(np.maximum(np.finfo(np.float64).eps * largest, smallest), dtype=np.float64)
