r"""The recursions of exponential smoothing, and the variances of its forecasts.

In terms of the one-step error $\varepsilon_t$ the states of models with additive and with
multiplicative errors follow the same recursion; they differ in likelihood and variance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from ._reduction import FloatArray, Reduction

__all__ = ["ETSModel", "ETSShape", "ETSTrack"]


@dataclass(frozen=True)
class ETSShape:
    """Components of a model.

    Args:
        error: "add" or "mul".
        trend: Whether there is one; it is additive.
        damped: Whether it is damped.
        season: "add", "mul" or None.
        length: Periods in a season; 1 without one.

    >>> ETSShape("add", True, True, None, 1).label
    'ETS(A,Ad,N)'
    """

    error: Literal["add", "mul"]
    trend: bool
    damped: bool
    season: Literal["add", "mul"] | None
    length: int

    @property
    def label(self) -> str:
        """The model's usual name."""
        trend = ("Ad" if self.damped else "A") if self.trend else "N"
        season = "N" if self.season is None else self.season[0].upper()
        return f"ETS({self.error[0].upper()},{trend},{season})"


@dataclass(frozen=True)
class ETSModel:
    r"""Estimates of `ETSBackend.fit`, for the reduced series.

    Args:
        shape: The components.
        alpha: $\alpha$.
        beta: $\beta$; 0 without a trend.
        gamma: $\gamma$; 0 without a season.
        phi: $\phi$; 1 where nothing is damped.
        level: $\ell_0$.
        growth: $b_0$; 0 without a trend.
        figures: $s_{1-m}, \dots, s_0$.
        sigma: Standard deviation of the errors, relative ones for `error="mul"`.
        reduction: Center and unit by which the series is reduced.
    """

    shape: ETSShape
    alpha: float
    beta: float
    gamma: float
    phi: float
    level: float
    growth: float
    figures: tuple[float, ...]
    sigma: float
    reduction: Reduction

    @property
    def gamma_star(self) -> float:
        r"""$\gamma / (1 - \alpha)$: the weight of what is seen of a factor, $y_t / \ell_t$."""
        return self.gamma / (1.0 - self.alpha) if self.alpha < 1.0 else 0.0

    def damping(self, steps: int) -> float:
        r"""Return $\phi + \dots + \phi^h$; 0 without a trend."""
        if not self.shape.trend:
            return 0.0
        total, power = 0.0, 1.0
        for _ in range(steps):
            power *= self.phi
            total += power
        return total

    def response(self, steps: int) -> float:
        """Return $c_j$: what an error moves the forecast `steps` steps after it."""
        seasonal = self.gamma if steps % self.shape.length == 0 else 0.0
        return self.alpha + self.beta * self.damping(steps) + seasonal

    def track(self, values: FloatArray) -> ETSTrack:
        """Return the smoothing pass over `values`."""
        reduced = tuple(self.reduction.reduce(values).tolist())
        factor = self.shape.season == "mul"
        level, growth = self.level, self.growth
        levels, growths, figures = [level], [growth], list(self.figures)
        for t, value in enumerate(reduced):
            base = level + self.phi * growth
            figure = figures[t] if figures else 0.0
            error = value - (base * figure if factor else base + figure)
            step = _ratio(error, figure) if factor else error
            level = base + self.alpha * step
            growth = self.phi * growth + self.beta * step
            levels.append(level)
            growths.append(growth)
            if figures:
                moved = _ratio(value, level) - figure if factor else error
                figures.append(figure + (self.gamma_star if factor else self.gamma) * moved)
        return ETSTrack(self, reduced, tuple(levels), tuple(growths), tuple(figures))


@dataclass(frozen=True)
class ETSTrack:
    """States by period, those before the first value at index 0; see `Track`."""

    model: ETSModel
    values: tuple[float, ...]
    levels: tuple[float, ...]
    growths: tuple[float, ...]
    figures: tuple[float, ...]

    def change(self, origin: int, horizon: int) -> float:
        base, figure = self._base(origin, horizon), self._figure(origin, horizon)
        mean = base * figure if self.model.shape.season == "mul" else base + figure
        return self.model.reduction.unit * (mean - self.values[origin])

    def scale(self, origin: int, horizon: int) -> float:
        """Return the standard deviation; NaN where a multiplicative model meets a mean <= 0."""
        model = self.model
        if model.shape.error == "add":
            spread = 1.0
            for j in range(1, horizon):
                spread += model.response(j) ** 2
            return model.reduction.unit * model.sigma * math.sqrt(spread)
        return model.reduction.unit * self._multiplicative(origin, horizon)

    def _multiplicative(self, origin: int, horizon: int) -> float:
        r"""Tables 6.2 and 6.3: $\theta_h = \mu_h^2 + \sigma^2 \sum_j c_j^2 \theta_{h-j}$."""
        model, factor = self.model, self.model.shape.season == "mul"
        variance = model.sigma**2
        mean, thetas, responses = 0.0, list[float](), list[float]()
        for h in range(1, horizon + 1):
            figure = self._figure(origin, h)
            mean = self._base(origin, h) + (0.0 if factor else figure)
            if not mean > 0.0 or (factor and not figure > 0.0):
                return math.nan
            theta = mean * mean
            for j, response in enumerate(responses, start=1):
                theta += variance * response**2 * thetas[h - 1 - j]
            thetas.append(theta)
            if factor:  # the season enters as a factor of its own below
                responses.append(model.alpha + model.beta * model.damping(h))
            else:
                responses.append(model.response(h))
        spread = thetas[-1] * (1.0 + variance)
        if not factor:
            return math.sqrt(spread - mean**2)
        seasons = (horizon - 1) // model.shape.length
        spread *= (1.0 + model.gamma**2 * variance) ** seasons
        return self._figure(origin, horizon) * math.sqrt(spread - mean**2)

    def slope(self, origin: int, horizon: int) -> float:
        model = self.model
        if model.shape.season != "mul":
            return model.response(horizon)
        before, level = self.figures[origin], self.levels[origin + 1]
        moved = model.alpha + model.beta * model.damping(horizon)
        slope = moved * _ratio(self._figure(origin, horizon), before)
        if horizon % model.shape.length == 0:
            seen = _ratio(self.values[origin], level)
            figure = _ratio(1.0 - seen * _ratio(model.alpha, before), level)
            slope += model.gamma_star * figure * self._base(origin, horizon)
        return slope

    def _base(self, origin: int, horizon: int) -> float:
        return self.levels[origin + 1] + self.model.damping(horizon) * self.growths[origin + 1]

    def _figure(self, origin: int, horizon: int) -> float:
        if not self.figures:
            return 0.0
        length = self.model.shape.length
        return self.figures[origin + 1 + (horizon - 1) % length]


def _ratio(above: float, below: float) -> float:
    return above / below if below != 0.0 else math.nan
