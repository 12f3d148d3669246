"""Columns of a vector autoregression, their forms, and its fit at many origins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_core.authoring import binary_units

from .minnesota import MinnesotaPrior, posterior
from .model import LinearModel
from .moments import Moments, lagged, moments_at
from .panel import DataPanel
from .running import running_moments_together

__all__ = [
    "Estimation",
    "Fits",
    "System",
    "SystemFits",
    "fits_by_system",
    "solved",
]

Array = NDArray[np.float64]
Sums = tuple[Moments, Array, Array]
"""Moments of columns that are reduced, with their centers and units."""

_LEAST_TARGETS = 8

_AT_ONCE = 64
"""Panels whose sums are taken at once: enough to be quick, few enough for the memory."""

_ONE_BY_ONE = np.lib.NumpyVersion(np.__version__) < "2.0.0"
"""Before numpy 2, last bits of a product of small matrices depend on how many there are."""


@dataclass(frozen=True)
class System:
    """Columns of a model and their forms.

    Args:
        columns: Numbers of the columns in the panel; the series itself, 0, first.
        names: Names of the columns.
        start: First row that is used.
        persistent: Whether each column wanders, so that its prior is a random walk.
        steps: A column is modelled as its change over so many periods; 0: as it is.
        sums: Whether each column has a sum-of-coefficients dummy.
    """

    columns: tuple[int, ...]
    names: tuple[str, ...]
    start: int
    persistent: tuple[bool, ...]
    steps: tuple[int, ...]
    sums: tuple[bool, ...]

    @property
    def own_lag(self) -> list[float]:
        """Prior mean of each column's effect on itself, a period later, in its form."""
        return [
            float(persistent and not step)
            for persistent, step in zip(self.persistent, self.steps, strict=True)
        ]


@dataclass(frozen=True, eq=False)
class SystemFits:
    """Models of one system, fitted at some origins.

    Args:
        system: Columns and their forms.
        at: Positions among the origins that were asked for.
        model: One model per origin, on the first axis.
        rows: Effective number of rows of each fit.
    """

    system: System
    at: tuple[int, ...]
    model: LinearModel
    rows: Array


@dataclass(frozen=True, eq=False)
class Fits:
    """Fits of a specification at many origins.

    Args:
        systems: Fits, by system; columns may come and go.
        reasons: Why there is none, by number of the origin among those that were asked for.
    """

    systems: tuple[SystemFits, ...]
    reasons: dict[int, str]


def fits_by_system(
    ends: Sequence[int],
    system_at: Callable[[int], System | str],
    fit: Callable[[System, Sequence[int]], tuple[LinearModel, Array]],
) -> Fits:
    """Return the fits at rows `ends`, each system fitted once for all of its rows.

    Args:
        ends: Last rows of the fits, rising.
        system_at: Function from the last row of a fit to its system, or to the reason why there is
            none.
        fit: Function from a system and some rows to its models, and to the number of rows of each.

    Returns:
        Models with one entry per origin that has a fit, and reasons for the other origins.
    """
    groups: dict[System, list[int]] = {}
    reasons = {}
    for position, end in enumerate(ends):
        system = system_at(end)
        if isinstance(system, str):
            reasons[position] = system
        else:
            groups.setdefault(system, []).append(position)
    found = []
    for system, positions in groups.items():
        with np.errstate(over="ignore", invalid="ignore"):
            model, rows = fit(system, [ends[position] for position in positions])
        finite = _finite(model)
        if finite.all():
            found.append(SystemFits(system, tuple(positions), model, rows))
            continue
        good = np.flatnonzero(finite)
        reasons.update(dict.fromkeys(positions, "the fit is singular or overflows"))
        kept = tuple(positions[i] for i in good.tolist())
        for position in kept:
            del reasons[position]
        found.append(SystemFits(system, kept, model.at(good), rows[good]))
    return Fits(tuple(found), reasons)


def _finite(model: LinearModel) -> NDArray[np.bool_]:
    every = np.logical_and.reduce
    found = every(np.isfinite(model.constant), axis=-1)
    found = found & every(np.isfinite(model.lags), axis=(-3, -2, -1))
    return np.asarray(found & every(np.isfinite(model.covariance), axis=(-2, -1)), dtype=np.bool_)


def solved(
    asked: Sequence[tuple[Estimation, System, Sums]],
) -> list[tuple[LinearModel, float] | None]:
    """Return the models of many regressions with one fit each, solved at once.

    Args:
        asked: Method of estimation of each, its columns, and its sums (`Estimation.sums`).

    Returns:
        For each its model and how many rows it had, to the last bit what `Estimation.fit` returns
        by itself; None where the fit is singular or overflows.
    """
    found: list[tuple[LinearModel, float] | None] = [None] * len(asked)
    alike: dict[tuple[int, tuple[bool, ...], bool, float, int], list[int]] = {}
    for i, (how, system, _) in enumerate(asked):
        shrunk = how.prior.tightness is not None
        key = how.order, system.sums, shrunk, how.prior.decay, i if _ONE_BY_ONE else 0
        alike.setdefault(key, []).append(i)
    for (_, sums, *_), places in alike.items():
        with np.errstate(over="ignore", invalid="ignore"):
            parts = [asked[i][2] for i in places]
            moments = Moments.joined([one for one, _, _ in parts])
            center, unit = (np.array([part[at] for part in parts]) for at in (1, 2))
            means = _sum_means(moments, sums, center, unit) if any(sums) else None
            priors = [asked[i][0].prior for i in places]
            own_lag = np.array([asked[i][1].own_lag for i in places])
            means_of = posterior(moments, priors, own_lag, means)
            model = _unscaled(means_of.coefficients, means_of.covariance, center, unit)
            by_steps: dict[tuple[int, ...], list[int]] = {}
            for row, i in enumerate(places):
                by_steps.setdefault(asked[i][1].steps, []).append(row)
            for steps, rows in by_steps.items():
                own = model if len(rows) == len(places) else model.at(np.array(rows))
                own = _in_levels(own, steps)
                for at, (row, finite) in enumerate(zip(rows, _finite(own).tolist(), strict=True)):
                    if finite:
                        found[places[row]] = own.at(at), float(moments.count[row])
    return found


def _sum_means(moments: Moments, sums: Sequence[bool], center: Array, unit: Array) -> Array:
    """Return the means of columns that have a sum-of-coefficients dummy, else 0."""
    k = len(sums)
    average = moments.xx[:, 0, 1 : 1 + k] / moments.count[:, np.newaxis]
    return np.where(sums, average + center / unit, 0.0)


@dataclass(frozen=True)
class Estimation:
    """Rules by which a system is estimated.

    Args:
        order: Lags of the columns in their forms.
        prior: Prior of the coefficients.
        discount: Factor in (0, 1] by which the weight of a row is multiplied per period.
        cutoff: Size above which a row is broken (see `row_weights`); None: no row is.
    """

    order: int
    prior: MinnesotaPrior
    discount: float = 1.0
    cutoff: float | None = None

    def lost(self, system: System) -> int:
        """Return the number of rows from the start on that are no targets.

        Returns:
            Number of rows.
        """
        return max(system.steps) + self.order

    def lacking(self, system: System, end: int) -> str:
        """Return the reason why a fit to the rows up to `end` is impossible; "": it is possible.

        Returns:
            Text with the number of rows that are needed and that there are.
        """
        least = _LEAST_TARGETS
        if self.prior.tightness is None:
            least = max(least, len(system.columns) * self.order + 3)
        targets = end + 1 - system.start - self.lost(system)
        if targets >= least:
            return ""
        return f"{least + self.lost(system)} rows wanted, {max(0, end + 1 - system.start)} there"

    def fit(
        self, panel: DataPanel, system: System, ends: Sequence[int]
    ) -> tuple[LinearModel, Array]:
        """Return the models of the rows up to each of `ends`, and how many rows they had.

        Returns:
            Models with one entry per row of `ends`, and an array of shape (origin,) with numbers of
            rows.
        """
        moments, center, unit = self.sums(panel, system, ends)
        means = None
        if any(system.sums):
            means = _sum_means(moments, system.sums, center, unit)
        found = posterior(moments, self.prior, system.own_lag, means)
        model = _unscaled(found.coefficients, found.covariance, center, unit)
        return _in_levels(model, system.steps), moments.count

    def sums(self, panel: DataPanel, system: System, ends: Sequence[int]) -> Sums:
        """Return the moments of the rows up to each of `ends`, and the columns' centers and units.

        Models that differ in their priors alone share them: the panel remembers them.

        Returns:
            Moments of shape (origin, ...) of the reduced columns; centers and units of shape
            (column,), in the units of the columns.
        """
        form = system.columns, system.start, system.steps
        key = *form, self.order, self.discount, self.cutoff, tuple(ends)
        found: Sums | None = panel.shared.get(key)
        if found is None:
            if len(ends) == 1:  # a game, which fits again when there are a few rows more
                self.work_out_sums([panel], system, ends[0])
                return self.sums(panel, system, ends)
            skipped = system.start + self.lost(system)
            weights = panel.weights(self.cutoff, self.lost(system))[skipped:]
            rows, center, unit = _reduced([panel], *form, ends[0])
            x, y = lagged(rows[0], self.order)
            moments = moments_at(x, y, weights, [end - skipped for end in ends], self.discount)
            found = panel.shared[key] = moments, center[0], unit[0]
        return found

    def work_out_sums(self, panels: Sequence[DataPanel], system: System, end: int) -> None:
        """Work out the sums of panels of one length up to their last row, at once.

        What is worked out is, to the last bit, what it is for each panel by itself.

        Args:
            panels: Panels; those that know the sums are left alone.
            system: Columns and their forms, with the same numbers in all panels.
            end: Number of their last row that counts.
        """
        form = system.columns, system.start, system.steps
        key = *form, self.order, self.discount, self.cutoff, (end,)
        wanted = [one for one in panels if key not in one.shared]
        skipped = system.start + self.lost(system)
        n = end + 1 - skipped
        for begin in range(0, len(wanted), _AT_ONCE):
            some = wanted[begin : begin + _AT_ONCE]
            DataPanel.work_out_sizes(some if self.cutoff is not None else ())
            lost = self.lost(system)
            weights = np.stack([one.weights(self.cutoff, lost)[skipped:][:n] for one in some])
            rows, center, unit = _reduced(some, *form, end)
            rows = rows[:, : n + self.order]
            found = running_moments_together(rows, weights, self.order, self.discount)
            for i, (panel, moments) in enumerate(zip(some, found, strict=True)):
                panel.shared[key] = moments, center[i], unit[i]


def _reduced(
    panels: Sequence[DataPanel],
    columns: tuple[int, ...],
    start: int,
    steps: tuple[int, ...],
    end: int,
) -> tuple[Array, Array, Array]:
    """Return columns in their forms, reduced, with their centers and units.

    Args:
        panels: Panels of one length.
        columns: Numbers of the columns.
        start: First row that is used.
        steps: A column is modelled as its change over so many periods; 0: as it is.
        end: The last row that units may depend on.

    Returns:
        Rows of shape (panel, time, column), centers and units of shape (panel, column).
    """
    lost, picked = max(steps), list(columns)
    levels = np.stack([one.values[start:, picked] for one in panels])
    rows = _in_forms(levels, steps)[:, lost:]
    center = rows[:, :1]
    moved = rows[:, : end + 1 - start - lost] - center
    unit = binary_units(moved.swapaxes(0, 1))
    return (rows - center) / unit[:, np.newaxis], center[:, 0], unit


def _in_forms(levels: Array, steps: Sequence[int]) -> Array:
    """Return columns as they are modelled; the first max(steps) rows are not to be used.

    Args:
        levels: Columns as they are, shape (panel, time, column).
        steps: A column is modelled as its change over so many periods; 0: as it is.
    """
    rows = levels.copy()
    for j, step in enumerate(steps):
        if step:
            rows[:, step:, j] = levels[:, step:, j] - levels[:, :-step, j]
    return rows


def _unscaled(coefficients: Array, covariance: Array, center: Array, unit: Array) -> LinearModel:
    """Return the model of columns from that of `(columns - center) / unit`.

    Args:
        coefficients: Coefficients of shape (origin, regressor, column).
        covariance: Covariances of shape (origin, column, column).
        center: Centers of the columns, shape (column,) or (origin, column).
        unit: Units of the columns, shape as `center`.
    """
    n, m, k = coefficients.shape
    by_lag = coefficients[:, 1:].reshape(n, (m - 1) // k, k, k)
    own, other = unit[..., np.newaxis], unit[..., np.newaxis, :]
    if unit.ndim > 1:
        lags = by_lag.swapaxes(-1, -2) * own[:, np.newaxis] / other[:, np.newaxis]
    else:
        lags = by_lag.swapaxes(-1, -2) * own / other
    constant = coefficients[:, 0] * unit + center
    constant = constant - (np.add.reduce(lags, axis=1) @ center[..., np.newaxis])[..., 0]
    return LinearModel(constant, lags, covariance * own * other)


def _in_levels(model: LinearModel, steps: Sequence[int]) -> LinearModel:
    r"""Return the model of columns from that of their changes over `steps` periods.

    $z_t = x_t - x_{t-d}$ for a column turns each of its effects $A_l z_{t-l}$ into
    $A_l x_{t-l} - A_l x_{t-l-d}$, and its own equation gains $x_{t-d}$.
    """
    longest = max(steps)
    if not longest:
        return model
    n, order, k, _ = model.lags.shape
    lags = np.zeros((n, order + longest, k, k))
    lags[:, :order] = model.lags
    for j, step in enumerate(steps):
        if step:
            lags[:, step : step + order, :, j] -= model.lags[:, :, :, j]
            lags[:, step - 1, j, j] += 1.0
    return LinearModel(model.constant, lags, model.covariance)
