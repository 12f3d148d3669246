"""The density by which forecasts are judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from fg_core.errors import ConfigError
from fg_core.scoring._kernels import gaussian_log_score, student_t_log_score

__all__ = ["Likelihood"]

Array = NDArray[np.float64]
_HIGHEST = 1e250
"""Log scores above this count as this: a likelihood of zero tells none apart."""


@dataclass(frozen=True)
class Likelihood:
    """Normal, or Student t of the same variance.

    A normal density lets one outlier decide the weights: four standard deviations against five
    are a factor of 90, and with five degrees of freedom a factor of 3.

    Args:
        kind: "gaussian" or "student_t".
        degrees_of_freedom: Degrees of freedom of the latter, above 2.

    Raises:
        ConfigError: Another kind, or too few degrees of freedom.

    >>> judge = Likelihood("student_t")
    >>> bool(judge.log(0.0, 1.0, 6.0) > Likelihood().log(0.0, 1.0, 6.0))
    True
    """

    kind: Literal["gaussian", "student_t"] = "gaussian"
    degrees_of_freedom: float = 5.0

    def __post_init__(self) -> None:
        if self.kind not in ("gaussian", "student_t"):
            raise ConfigError(f"likelihood must be gaussian or student_t, got {self.kind!r}")
        if not self.degrees_of_freedom > 2.0:
            raise ConfigError(
                f"degrees_of_freedom must be in (2, inf), got {self.degrees_of_freedom!r}"
            )

    def log(self, means: Any, scales: Any, target: Any) -> Array:
        """Return log densities; shapes broadcast.

        Args:
            means: Means of the forecasts, in the unit of the series.
            scales: Standard deviations of the forecasts, same unit, above 0; not checked.
            target: Value that was forecast, same unit.

        Returns:
            Natural logarithms of the densities per unit of the series, of the shape to which the
            arguments broadcast.
        """
        if self.kind == "gaussian":
            score = gaussian_log_score(means, scales, target)
        else:
            dof = self.degrees_of_freedom
            width = scales * np.sqrt((dof - 2.0) / dof)
            score = student_t_log_score(means, width, dof, target)
        return -np.minimum(score, _HIGHEST)
