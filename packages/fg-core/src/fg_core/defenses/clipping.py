r"""Clipping: every print is moved back to its predictive mean, but only so far.

$$\Delta = \operatorname{clip}(-e, \pm c\, \sigma)$$

with the suspected displacement $e$ = print - predictive mean, the one-step scale $\sigma$ and
$c$ = `limit`. The limit is in one-step scales, the unit in which attacks are measured as well: the
default takes back half of the default adversary's hit. A hit far beyond the limit goes through
nearly whole, so clipping is for many small hits, not for a large one.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from fg_core.protocols import OutlierAssessment

from .correction import check_limit, clipped, plain_correction
from .memoryless import Memoryless

__all__ = ["Clipping"]


@dataclass(frozen=True)
class Clipping(Memoryless):
    """Takes back what is small enough; see the module for the formula.

    Args:
        limit: c, the largest correction in one-step scales; at least 0.

    Raises:
        ConfigError: A limit below 0.

    >>> float(Clipping().doubt((), 3.0, 1.0, 0.5).delta)
    -0.1
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    _: KW_ONLY
    limit: float = 0.2
    name: str = "clipping"

    def __post_init__(self) -> None:
        check_limit("limit", self.limit)

    def doubt(
        self,
        memory: tuple[Any, ...],  # noqa: ARG002 - nothing to remember
        displacement: Any,
        scale: Any,  # noqa: ARG002 - limits are in one-step scales
        step_scale: Any,
    ) -> OutlierAssessment:
        """Return the correction of a print that lies `displacement` from its predictive mean."""
        return plain_correction(clipped(displacement, self.limit, step_scale))
