r"""No defense: every print is believed.

$$\Delta = 0, \qquad p_\text{bad} = 0$$
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from fg_core.protocols import OutlierAssessment

from .memoryless import Memoryless

__all__ = ["NoDefense"]


@dataclass(frozen=True)
class NoDefense(Memoryless):
    """Believes everything; what the other defenses are compared with.

    >>> bool(NoDefense().doubt((), 5.0, 1.0, 1.0) == OutlierAssessment(0.0, 0.0, 0.0))
    True
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    name: str = "none"

    def doubt(
        self,
        memory: tuple[Any, ...],  # noqa: ARG002 - nothing to remember
        displacement: Any,
        scale: Any,  # noqa: ARG002 - nothing to compare with
        step_scale: Any,  # noqa: ARG002
    ) -> OutlierAssessment:
        """Return no doubt."""
        nothing = np.zeros(np.shape(displacement))
        return OutlierAssessment(nothing, nothing, nothing)
