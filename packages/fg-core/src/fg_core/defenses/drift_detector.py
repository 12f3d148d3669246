r"""The drift detector: prints that are off to one side again and again, each by a little.

A cumulative sum test (Page 1954, Biometrika 41, doi:10.1093/biomet/41.1-2.100) for each side. With
displacement $e$ = print - predictive mean $m$, its standard deviation $s$, and $z_t$ = revision of
print $t$ in units of $s$ where that is known, else $e_t / s$ for the newest print:

$$S_t = \max(0,\; S_{t-1} + z_t - k)$$

and a drift is suspected while $S_t > h$. The sum counts what was *revealed* to be false, so that a
series with trends of its own, whose surprises go to one side as well, raises no alarm; the newest
print's surprise only adds to it. From $n$ such revisions $r_i$ since the sum was last 0, the error
of the newest print is foreseen by least squares on their number, $\hat r = \bar r + \hat b (n + 1)
/ 2$, shrunk towards 0 as a mean of $n$ numbers with variance $s^2$ is by one more of 0. Of that the
print is corrected, towards the predictive mean and no further: a plain correction, which states its
own size as its standard deviation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from fg_core.errors import ConfigError
from fg_core.protocols import OutlierAssessment

__all__ = ["DriftDetector"]

_LEAST = 2.0**-200
"""In one-step scales: what a stated scale of 0 is taken for."""
_FARTHEST = 1e100
_SIDES = (1.0, -1.0)


@dataclass(frozen=True)
class DriftDetector:
    """Corrects prints while revisions go to one side; see the module for the test.

    Args:
        allowance: k, the standardised error per print that is let pass, at least 0.
        threshold: h, the sum at which a drift is suspected, above 0.
        name: Name of the defense.

    Raises:
        ConfigError: A constant is outside its range.

    >>> detector, memory = DriftDetector(), DriftDetector().start()
    >>> for error in (0.5, 1.0, 1.5, 2.0):
    ...     memory = detector.learn(memory, error, 0.0, 1.0, 1.0)
    >>> float(detector.doubt(memory, 2.4, 1.0, 1.0).delta)
    -2.0
    """

    leaves_arrays_alone: ClassVar[bool] = True

    allowance: float = 0.25
    threshold: float = 1.0
    name: str = "drift_detector"

    def __post_init__(self) -> None:
        if not 0.0 <= self.allowance < np.inf:
            raise ConfigError(f"allowance must be in [0, inf), got {self.allowance!r}")
        if not 0.0 < self.threshold < np.inf:
            raise ConfigError(f"threshold must be in (0, inf), got {self.threshold!r}")

    def start(self) -> tuple[Any, ...]:
        """Return the memory before any reveal.

        For each side: the sum of the test, and since it was last 0 the number of revisions, their
        sum, and their sum weighted with their number, in the unit of the series.
        """
        return (0.0,) * 8

    def doubt(
        self, memory: tuple[Any, ...], displacement: Any, scale: Any, step_scale: Any
    ) -> OutlierAssessment:
        """Return the correction of a print that lies `displacement` from its predictive mean.

        Args:
            memory: Memory as `start` and `learn` return it.
            displacement: e, in the unit of the series.
            scale: s, at least 0, likewise.
            step_scale: One-step scale, above 0, likewise.
        """
        e = np.asarray(displacement, dtype=np.float64)
        s = np.maximum(scale, _LEAST * np.asarray(step_scale, dtype=np.float64))
        z = np.minimum(np.maximum(e / s, -_FARTHEST), _FARTHEST)
        total = np.zeros(np.broadcast_shapes(e.shape, s.shape))
        for side, (test, n, errors, weighted) in zip(_SIDES, _by_side(memory), strict=True):
            alarm = (n >= 2.0) & (test > 0.0) & (test + side * z - self.allowance > self.threshold)
            count = np.maximum(n, 2.0)
            mean = errors / count
            # Slope of the revisions on 1 ... n.
            slope = (weighted - 0.5 * (count + 1.0) * errors) * 12.0 / (count * (count**2 - 1.0))
            foreseen = (mean + 0.5 * slope * (count + 1.0)) * count / (count + 1.0)
            size = np.minimum(np.maximum(side * foreseen, 0.0), np.maximum(side * e, 0.0))
            total = total - np.where(alarm, side * size, 0.0)
        p_bad = np.where(total != 0.0, 1.0, 0.0)
        return OutlierAssessment(total, p_bad, np.abs(total))

    def learn(
        self,
        memory: tuple[Any, ...],
        revision: Any,
        surprise: Any,  # noqa: ARG002 - a true surprise is no evidence of a false print
        scale: Any,
        step_scale: Any,
    ) -> tuple[Any, ...]:
        """Return the memory after a print's value is revealed; arguments as of any defense."""
        r = np.asarray(revision, dtype=np.float64)
        s = np.maximum(scale, _LEAST * np.asarray(step_scale, dtype=np.float64))
        z = np.minimum(np.maximum(r / s, -_FARTHEST), _FARTHEST)
        found: list[Any] = []
        for side, (test, n, errors, weighted) in zip(_SIDES, _by_side(memory), strict=True):
            now = np.maximum(test + side * z - self.allowance, 0.0)
            goes_on = now > 0.0
            kept = (n + 1.0, errors + r, weighted + (n + 1.0) * r)
            found += [now, *[np.where(goes_on, one, 0.0) for one in kept]]
        return tuple(found)


def _by_side(memory: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    return memory[:4], memory[4:]
