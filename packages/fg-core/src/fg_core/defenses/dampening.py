r"""Dampening: every print is moved back by a fixed share of its surprise.

$$\Delta = -d\, e$$

with the suspected displacement $e$ = print - predictive mean and $d$ = `share`. It has no
threshold: an honest surprise is dampened as much as a false one, which costs accuracy on clean
data, and no hit is large enough to be rejected altogether.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from fg_core.errors import ConfigError
from fg_core.protocols import OutlierAssessment

from .correction import plain_correction
from .memoryless import Memoryless

__all__ = ["Dampening"]


@dataclass(frozen=True)
class Dampening(Memoryless):
    """Takes back a share of every surprise; see the module for the formula.

    Args:
        share: d, in [0, 1].

    Raises:
        ConfigError: The share is outside its range.

    >>> float(Dampening().doubt((), 2.0, 1.0, 1.0).delta)
    -1.2
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    _: KW_ONLY
    share: float = 0.6
    name: str = "dampening"

    def __post_init__(self) -> None:
        if isinstance(self.share, bool) or not (
            isinstance(self.share, int | float) and 0.0 <= self.share <= 1.0
        ):
            raise ConfigError(f"share must be in [0, 1], got {self.share!r}")

    def doubt(
        self,
        memory: tuple[Any, ...],  # noqa: ARG002 - nothing to remember
        displacement: Any,
        scale: Any,  # noqa: ARG002 - every surprise is treated alike
        step_scale: Any,  # noqa: ARG002
    ) -> OutlierAssessment:
        """Return the correction of a print that lies `displacement` from its predictive mean."""
        return plain_correction(-self.share * np.asarray(displacement, dtype=np.float64))
