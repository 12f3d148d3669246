"""Specifications of linear forecasters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .memory import ContextMemory, Memory
from .minnesota import MinnesotaPrior
from .panel import DataPanel
from .system import Estimation, Fits, System, fits_by_system

__all__ = ["LinearSpecification", "RegressionSpecification", "estimation_of"]

Array = NDArray[np.float64]


class LinearSpecification(Hashable, Protocol):
    """A family of linear models, and how one is estimated. Immutable and hashable."""

    def fits(self, panel: DataPanel, ends: Sequence[int]) -> Fits:
        """Return the models of the rows up to each of `ends`, which rise.

        A fit uses nothing after its row, and what comes later changes no bit of it.

        Returns:
            Models by system, and reasons where there is none.
        """

    def regressors(self, panel: DataPanel, system: System) -> Array:
        """Return the columns of a system, shape (time, column), the series itself first.

        Returns:
            Array in the units of the columns.
        """

    def memory(self, panel: DataPanel, system: System, order: int) -> Memory:
        """Return the memory of the latest rows of a forecaster fitted to the whole panel.

        Args:
            panel: Panel that the forecaster is fitted to.
            system: The columns of its model.
            order: Number of lags of its model.

        Returns:
            Memory of as many rows as a forecast reads, or more.
        """


class RegressionSpecification(ABC):
    """A regression on lags of columns of the panel: which columns, and how estimated."""

    @property
    @abstractmethod
    def estimation(self) -> Estimation:
        """Rules by which a system is estimated."""

    @abstractmethod
    def system(self, panel: DataPanel, end: int) -> System | str:
        """Return the columns of a fit to the rows up to `end`, or why there can be none.

        Returns:
            Columns and their forms, or a text that says why there are none.
        """

    def fits(self, panel: DataPanel, ends: Sequence[int]) -> Fits:
        """Return the models of the rows up to each of `ends`, which rise.

        Returns:
            Models by system, and reasons where there is none.
        """
        estimation = self.estimation
        return fits_by_system(
            ends,
            lambda end: self.fittable(panel, end, estimation),
            lambda system, rows: estimation.fit(panel, system, rows),
        )

    def fittable(self, panel: DataPanel, end: int, estimation: Estimation) -> System | str:
        """Return the columns of a fit to the rows up to `end`, or why it is impossible.

        Returns:
            Columns and their forms, or a text that says what is lacking.
        """
        found = self.system(panel, end)
        if isinstance(found, str):
            return found
        return estimation.lacking(found, end) or found

    def regressors(self, panel: DataPanel, system: System) -> Array:
        """Return the columns of a system, shape (time, column).

        Returns:
            Array in the units of the columns.
        """
        return panel.values[:, list(system.columns)]

    def memory(self, panel: DataPanel, system: System, order: int) -> Memory:
        """Return the latest rows of the context columns, one memory for all with these columns.

        Returns:
            Memory of the columns other than the series itself.
        """
        key = "memory", system.names[1:], system.columns[1:], order
        if key not in panel.shared:
            rows = panel.values[-(order + 1) :, list(system.columns[1:])].tolist()
            known = tuple([tuple(row) for row in rows])
            panel.shared[key] = ContextMemory(system.names[1:], panel.end_t, known, order)
        found: Memory = panel.shared[key]
        return found


@lru_cache(maxsize=256)  # every fit asks for the rules of its forecaster
def estimation_of(
    order: int,
    tightness: float | None,
    sum_tightness: float,
    discount: float,
    cutoff: float | None,
) -> Estimation:
    """Return the rules of estimation with a Minnesota prior; one object for all that ask alike.

    Args:
        order: Lags of the columns in their forms.
        tightness: Tightness of the prior; None: no prior.
        sum_tightness: Tightness of its sum-of-coefficients dummies.
        discount: Factor in (0, 1] by which the weight of a row is multiplied per period.
        cutoff: Size above which a row is broken; None: no row is.

    Returns:
        The rules.
    """
    prior = MinnesotaPrior(tightness, sum_tightness=sum_tightness)
    return Estimation(order, prior, discount, cutoff)
