"""What a least-squares autoregression has estimated, in one lane and in many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.authoring import lanes_of, latest_arrays, square_root
from fg_core.batch import StateArrays

__all__ = ["AutoRegressionFit", "AutoRegressionLanes"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class AutoRegressionFit:
    r"""Estimates of `AutoRegression.fit`: $z_t = c_0 + \sum_k \phi_k z_{t-k} + e_t$.

    The equation is in the reduced series $z = (y - \text{center}) / \text{unit}$, so that rounding
    depends neither on the level of the series nor on its unit.

    Args:
        phi: $\phi_1, \dots, \phi_p$, without unit.
        offset: $c_0$, the intercept of the reduced series.
        center: Center of the values, in the unit of the series.
        unit: Power of two, in the unit of the series.
        step_scale: Residual standard deviation, in the unit of the series, above 0.
    """

    phi: tuple[float, ...]
    offset: float
    center: float
    unit: float
    step_scale: float

    @property
    def order(self) -> int:
        """Number of lags."""
        return len(self.phi)

    @property
    def intercept(self) -> float:
        """The intercept of the equation in the series itself, in its unit."""
        return self.center * (1.0 - math.fsum(self.phi)) + self.unit * self.offset

    @property
    def spectral_radius(self) -> float:
        """Modulus of the largest characteristic root; 1 or more: forecasts do not settle."""
        return _largest_root(self.phi)

    def psi(self, n: int) -> tuple[float, ...]:
        r"""Return $\psi_0, \dots, \psi_n$, the response of $y_{t+j}$ to a unit change of $y_t$."""
        return _responses(self.phi, n)

    def responses(self, horizon: int, n: int) -> list[Any]:
        r"""Return $\partial \hat y_{t+h} / \partial y_{t-k}$ for $k = 0, \dots, n - 1$.

        The response of the iterated equation to a unit change of $y_{t-k}$ alone, 0 from $k = p$
        on.
        """
        found: list[Any] = []
        for k in range(n):
            path: list[Any] = [1.0, *[0.0] * k]
            for _ in range(horizon):
                path.append(_next(0.0, self.phi, path))
            found.append(path[-1])
        return found

    def change(self, numbers: Sequence[Any], horizon: int) -> Any:
        """Return the expected change from the last of `numbers` (one per period, or arrays)."""
        path = [(number - self.center) / self.unit for number in numbers]
        last = path[-1]
        for _ in range(horizon):
            path.append(_next(self.offset, self.phi, path))
        return self.unit * (path[-1] - last)

    def scale(self, horizon: int) -> float:
        """Return the standard deviation of the change in `horizon` steps."""
        return _scale_at(self.step_scale, self.phi, horizon)


@dataclass(frozen=True, eq=False)
class AutoRegressionLanes:
    """Fits of many lanes, asked together where they have the same order.

    (Zeros in place of the lags that a lane does not have would turn a number there that is not
    finite into no forecast.)

    Args:
        fits: One per lane.
        groups: Per order, its lanes and their fit, with arrays for numbers.
    """

    fits: tuple[AutoRegressionFit, ...]
    groups: tuple[tuple[NDArray[np.intp], AutoRegressionFit], ...]
    # Functions of the above, by horizon.
    _responses: dict[int, Array] = field(default_factory=dict, repr=False)
    _scales: dict[int, Array] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, fits: Sequence[AutoRegressionFit]) -> AutoRegressionLanes:
        """Return the fits, one per lane, grouped by their order."""
        by_order: dict[int, list[int]] = {}
        for lane, fit in enumerate(fits):
            by_order.setdefault(fit.order, []).append(lane)
        groups = []
        for lanes in by_order.values():
            same = [fits[lane] for lane in lanes]
            phi: Any = tuple(np.array(list(zip(*(fit.phi for fit in same), strict=True))))
            names = ("offset", "center", "unit", "step_scale")
            joint = AutoRegressionFit(phi, *(lanes_of(same, name) for name in names))
            groups.append((np.array(lanes, dtype=np.intp), joint))
        return cls(tuple(fits), tuple(groups))

    def change(self, name: str, state: StateArrays, horizon: int) -> Array:
        """Return the expected changes, shape (lane,); raises as `tail` does."""
        found = np.empty(len(self.fits))
        for lanes, fit in self.groups:
            numbers = latest_arrays(name, state, max(1, fit.order))
            if len(self.groups) > 1:
                numbers = tuple(number[lanes] for number in numbers)
            found[lanes] = fit.change(numbers, horizon)
        return found

    def response(self, horizon: int) -> Array:
        r"""Return $\psi_h$ of each lane, shape (lane,)."""
        if horizon not in self._responses:
            self._work_out(horizon)
        return self._responses[horizon]

    def responses(self, horizon: int, n: int) -> Array:
        """Return what `AutoRegressionFit.responses` returns in each lane, shape (n, lane)."""
        found = np.empty((n, len(self.fits)))
        for lanes, fit in self.groups:
            for k, response in enumerate(fit.responses(horizon, n)):
                found[k, lanes] = response
        return found

    def scale(self, horizon: int) -> Array:
        """Return the standard deviation of the change in each lane, shape (lane,)."""
        if horizon not in self._scales:
            self._work_out(horizon)
        return self._scales[horizon]

    def _work_out(self, horizon: int) -> None:
        response, scale = np.empty((2, len(self.fits)))
        for lanes, fit in self.groups:
            psi = _path_of_responses(fit.phi, horizon)
            response[lanes] = psi[horizon]
            scale[lanes] = _scale_of_change(fit.step_scale, psi[:horizon])
        self._responses[horizon], self._scales[horizon] = response, scale


@lru_cache(maxsize=256)  # every round asks for the same few
def _responses(phi: tuple[float, ...], n: int) -> tuple[float, ...]:
    return _path_of_responses(phi, n)


@lru_cache(maxsize=256, typed=True)
def _scale_at(step_scale: float, phi: tuple[float, ...], horizon: int) -> float:
    scale: float = _scale_of_change(step_scale, _responses(phi, horizon - 1))
    return scale


def _path_of_responses(phi: tuple[Any, ...], n: int) -> tuple[Any, ...]:
    weights = [1.0]
    for _ in range(n):
        weights.append(_next(0.0, phi, weights))
    return tuple(weights)


def _scale_of_change(step_scale: Any, psi: Sequence[Any]) -> Any:
    variance: Any = 0.0
    for weight in psi:
        variance = variance + weight * weight
    return step_scale * square_root(variance)


@lru_cache(maxsize=256)
def _largest_root(phi: tuple[float, ...]) -> float:
    if not phi:
        return 0.0
    companion = np.eye(len(phi), k=-1)
    companion[0] = phi
    return float(np.max(np.abs(np.linalg.eigvals(companion))))


def _next(offset: float, phi: tuple[float, ...], path: Sequence[Any]) -> Any:
    """Return the next number of a path that may be shorter than `phi` (zeros before it).

    Added from left to right: `sum` compensates for rounding from Python 3.12 on, and an array
    path over many games must be able to give the same bits.
    """
    total = offset
    for coefficient, number in zip(phi, reversed(path), strict=False):
        total = total + coefficient * number
    return total
