"""Fits of linear specifications to panels: a fit with the latest rows, or why there is none.

Specifications of regressions are fitted together, many on many panels: the sums of panels of one
length are taken at once, and their normal equations are solved at once. What comes out is, to the
last bit, what each is fitted to by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fg_core import ForecastUnavailable
from fg_core.numerical import numerical_failures

from .fit import LinearFit, scale_floor
from .memory import Memory
from .model import LinearModel
from .panel import DataPanel
from .specification import LinearSpecification, RegressionSpecification
from .system import Estimation, Sums, System, solved

__all__ = ["Learned", "learned_from"]

_FAILED = "the fit has no numerical solution"
_SINGULAR = "the fit is singular or overflows"


@dataclass(frozen=True)
class Learned:
    """A fit with what is remembered of the latest rows; or why there is no fit.

    Args:
        fit: The fit; None: there is none.
        memory: The latest rows; None: there is no fit.
        reason: Why there is none; "": there is one.
    """

    fit: LinearFit | None
    memory: Memory | None
    reason: str = ""


def learned_from(
    specifications: Sequence[LinearSpecification], panels: Sequence[DataPanel]
) -> list[Learned]:
    """Return the fits of specifications to all rows of a panel each.

    What is learned from a panel is remembered with it, since a game often fits twice to the same
    rows.

    Args:
        specifications: Models and methods of estimation.
        panels: Panels, one per specification.

    Returns:
        One fit or reason per specification, in the order of `specifications`.
    """
    asked: dict[tuple[int, LinearSpecification], _Regression] = {}
    for specification, panel in zip(specifications, panels, strict=True):
        key = "learned", specification
        if key in panel.shared or (id(panel), specification) in asked:
            continue
        try:
            with numerical_failures(_FAILED):
                found = _begun(specification, panel)
        except ForecastUnavailable as error:
            found = Learned(None, None, str(error))
        if isinstance(found, Learned):
            panel.shared[key] = found
        else:
            asked[id(panel), specification] = found
    regressions = _summed(list(asked.values()))
    models = solved([(one.estimation, one.system, sums) for one, sums in regressions])
    for (one, _), model in zip(regressions, models, strict=True):
        one.panel.shared["learned", one.specification] = (
            Learned(None, None, _SINGULAR)
            if model is None
            else _with_memory(one.specification, one.panel, one.system, *model)
        )
    return [
        panel.shared["learned", specification]
        for specification, panel in zip(specifications, panels, strict=True)
    ]


@dataclass(frozen=True)
class _Regression:
    """A regression that is to be fitted."""

    specification: RegressionSpecification
    panel: DataPanel
    estimation: Estimation
    system: System


def _summed(asked: Sequence[_Regression]) -> list[tuple[_Regression, Sums]]:
    """Return regressions with their sums; those whose sums fail are remembered as without a fit."""
    alike: dict[tuple[object, ...], list[_Regression]] = {}
    for one in asked:
        how = one.estimation
        rules = how.order, how.discount, how.cutoff
        form = one.system.columns, one.system.start, one.system.steps
        alike.setdefault((rules, form, one.panel.values.shape), []).append(one)
    for some in alike.values():
        first = some[0]
        panels = list({id(one.panel): one.panel for one in some}.values())
        try:
            with numerical_failures(_FAILED):
                first.estimation.work_out_sums(panels, first.system, len(first.panel) - 1)
        except ForecastUnavailable:
            continue  # which of them it was shows below, where each is asked by itself
    found = []
    for one in asked:
        try:
            with numerical_failures(_FAILED):
                end = len(one.panel) - 1
                found.append((one, one.estimation.sums(one.panel, one.system, (end,))))
        except ForecastUnavailable as error:
            one.panel.shared["learned", one.specification] = Learned(None, None, str(error))
    return found


def _begun(specification: LinearSpecification, panel: DataPanel) -> Learned | _Regression:
    """Return the fit, or the regression that has to be fitted for it."""
    end = len(panel) - 1
    own = type(specification)
    if isinstance(specification, RegressionSpecification) and (
        own.fits is RegressionSpecification.fits
    ):
        estimation = specification.estimation
        system = specification.fittable(panel, end, estimation)
        if isinstance(system, str):
            return Learned(None, None, system)
        return _Regression(specification, panel, estimation, system)
    found = specification.fits(panel, [end])
    if found.reasons:
        return Learned(None, None, found.reasons[0])
    fits = found.systems[0]
    return _with_memory(specification, panel, fits.system, fits.model.at(0), float(fits.rows[0]))


def _with_memory(
    specification: LinearSpecification,
    panel: DataPanel,
    system: System,
    model: LinearModel,
    rows: float,
) -> Learned:
    if "floor" not in panel.shared:
        panel.shared["floor"] = float(scale_floor(panel.values[:, 0])[-1])
    memory = specification.memory(panel, system, model.order)
    return Learned(LinearFit(system, model, rows, panel.shared["floor"]), memory)
