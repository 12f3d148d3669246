"""One fitted forecaster per segment, and their errors together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fg_core import TrainingWindow
from fg_core.protocols import Forecaster

from .in_window import complete_rows, window_errors
from .reconcile import shrunk_correlation

__all__ = ["SegmentFit", "learns_from_values", "scale_of_sum", "stated_or_seen"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SegmentFit:
    """Fitted members of the segments of a window.

    Args:
        names: Names of the segments; empty: there is no fit.
        members: A forecaster a segment, as it was at the end of the window.
        windows: Training windows of the segments.
        reason: Why there is no fit; empty: there is.
    """

    names: tuple[str, ...] = ()
    members: tuple[Forecaster, ...] = ()
    windows: tuple[TrainingWindow, ...] = ()
    reason: str = ""
    # Functions of the above, worked out when they are first asked for.
    _errors: dict[int, tuple[Array, ...]] = field(default_factory=dict, compare=False, repr=False)
    _correlations: dict[int, Array] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(
        cls, member: Forecaster, names: tuple[str, ...], windows: tuple[TrainingWindow, ...]
    ) -> Self:
        """Return `member` fitted to each window.

        Returns:
            Fitted members, one per segment.

        Raises:
            DataError: A window is too short for it.
        """
        fit = getattr(member, "fit", None)
        members = tuple(member if fit is None else fit(window) for window in windows)
        return cls(names, members, windows)

    def errors(self, horizon: int) -> tuple[Array, ...]:
        """Return the errors of each member in its window, shape (time - horizon,) each.

        Returns:
            One array per segment, in the unit of the series; NaN where there is no forecast.
        """
        if horizon not in self._errors:
            self._errors[horizon] = tuple(
                window_errors(member, window, horizon)
                for member, window in zip(self.members, self.windows, strict=True)
            )
        return self._errors[horizon]

    def correlation(self, horizon: int) -> Array:
        """Return the shrunk correlations of those errors, shape (segment, segment).

        Returns:
            Symmetric matrix with ones on the diagonal, without a unit.
        """
        if horizon not in self._correlations:
            found = shrunk_correlation(complete_rows(self.errors(horizon)))
            self._correlations[horizon] = found
        return self._correlations[horizon]

    def scales(
        self, stated_scales: Sequence[float | None], horizon: int
    ) -> tuple[float, ...] | None:
        """Return the scales that members state, from their errors where they state none.

        Returns:
            None where one has neither.
        """
        if all(scale is not None for scale in stated_scales):
            return tuple(scale for scale in stated_scales if scale is not None)
        return stated_or_seen(stated_scales, self.errors(horizon))


def learns_from_values(member: Forecaster) -> bool:
    """Return whether what a forecaster learns from a reveal depends on `Revealed.state` alone.

    Args:
        member: Forecaster of a segment.

    Returns:
        True where it learns nothing, or from values alone.
    """
    return not hasattr(member, "update") or getattr(member, "learns_from_values", False)


def stated_or_seen(
    stated_scales: Sequence[float | None], errors: Sequence[Array]
) -> tuple[float, ...] | None:
    """Return stated scales; in place of None the root mean square of errors.

    Args:
        stated_scales: Scales of the series, one per series.
        errors: Errors, one array per series; NaN where there is none.

    Returns:
        None where a series has neither.

    >>> stated_or_seen((2.0, None), (np.empty(0), np.array([3.0, np.nan, -3.0])))
    (2.0, 3.0)
    """
    scales = []
    for scale, error in zip(stated_scales, errors, strict=True):
        known = error[np.isfinite(error)]
        if scale is None and known.size == 0:
            return None
        scales.append(math.sqrt(float(np.mean(np.square(known)))) if scale is None else scale)
    return tuple(scales)


def scale_of_sum(scales: Sequence[float], correlation: Array) -> float:
    r"""Return $\sqrt{s' R s}$, at least the rounding of the largest scale.

    Errors that cancel leave rounding alone; a predictive scale must stay above 0.

    Args:
        scales: Standard deviations $s$ of the terms.
        correlation: Correlations $R$ of the terms, shape (term, term).

    Returns:
        Standard deviation of the sum, in the unit of the scales.

    >>> scale_of_sum((3.0, 4.0), np.eye(2))
    5.0
    """
    s = np.array(scales)
    variance = float(s @ correlation @ s)
    return max(math.sqrt(max(variance, 0.0)), 2.0**-52 * float(np.max(s)))
