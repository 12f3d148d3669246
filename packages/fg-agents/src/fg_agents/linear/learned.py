"""Fits of linear specifications to panels: a fit with the latest rows, or why there is none.

Specifications of regressions are fitted together, many on many panels: the sums of panels of one
length are taken at once, and their normal equations are solved at once. What comes out is, to the
last bit, what each is fitted to by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
    wanted: dict[tuple[int, LinearSpecification], tuple[LinearSpecification, DataPanel]] = {}
    for specification, panel in zip(specifications, panels, strict=True):
        key = "learned", specification
        if key in panel.shared or (id(panel), specification) in wanted:
            continue
        wanted[id(panel), specification] = specification, panel
    asked = []
    for found, (specification, panel) in zip(
        _all_begun(wanted.values()), wanted.values(), strict=True
    ):
        if isinstance(found, Learned):
            panel.shared["learned", specification] = found
        else:
            asked.append(found)
    regressions = _summed(asked)
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

    def sums(self) -> Sums:
        """Return the sums of all rows of the panel."""
        return self.estimation.sums(self.panel, self.system, (len(self.panel) - 1,))


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
    try:
        with numerical_failures(_FAILED):
            return [(one, one.sums()) for one in asked]
    except ForecastUnavailable:
        pass  # which of them it was shows below
    found = []
    for one in asked:
        try:
            with numerical_failures(_FAILED):
                found.append((one, one.sums()))
        except ForecastUnavailable as error:
            one.panel.shared["learned", one.specification] = Learned(None, None, str(error))
    return found


def _all_begun(
    wanted: Collection[tuple[LinearSpecification, DataPanel]],
) -> list[Learned | _Regression]:
    """Return the begun fit of each forecaster, or the reason where its arithmetic fails."""
    try:
        with numerical_failures(_FAILED):
            return [_begun(*one) for one in wanted]
    except ForecastUnavailable:
        pass  # which of them it was shows below, where each is asked by itself
    found: list[Learned | _Regression] = []
    for one in wanted:
        try:
            with numerical_failures(_FAILED):
                found.append(_begun(*one))
        except ForecastUnavailable as error:
            found.append(Learned(None, None, str(error)))
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
