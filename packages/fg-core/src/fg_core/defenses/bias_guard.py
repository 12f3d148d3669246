r"""The bias guard: small displacements are taken back whole, and of large ones no more than that.

$$\Delta = \begin{cases} -e & |e| < b\, \sigma \\ -b\, \sigma \operatorname{sign}(e) & \text{else}
\end{cases}$$

with the suspected displacement $e$ = print - predictive mean, the one-step scale $\sigma$ and
$b$ = `limit`. That is `clipping` with a lower limit: it is aimed at a small and steady bias in the
prints, and does next to nothing against a large hit.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from .clipping import Clipping

__all__ = ["BiasGuard"]


@dataclass(frozen=True)
class BiasGuard(Clipping):
    """Takes back small displacements; see the module for the formula.

    Args:
        limit: b, the largest correction in one-step scales; at least 0.

    Raises:
        ConfigError: A limit below 0.

    >>> [float(BiasGuard().doubt((), e, 1.0, 1.0).delta) for e in (0.05, 4.0)]
    [-0.05, -0.12]
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    _: KW_ONLY
    limit: float = 0.12
    name: str = "bias_guard"
