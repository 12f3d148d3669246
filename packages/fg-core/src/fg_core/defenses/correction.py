r"""Plain corrections: what the defenses without a probability have in common.

A plain correction $\Delta$ is carried out for certain: $p_\text{bad} = 1$ where it moves the
print, and 0 where it does not (no correction is no doubt). If the print was right after all, the
correction itself is the error, so $|\Delta|$ is the standard deviation that the corrected value
claims.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fg_core.errors import ConfigError
from fg_core.protocols import OutlierAssessment

__all__ = ["check_limit", "clipped", "plain_correction"]


def plain_correction(delta: Any) -> OutlierAssessment:
    """Return the assessment of a defense that moves prints by `delta` and asks no more.

    Args:
        delta: Corrections, a number or shape (game,), in the unit of the series.

    Returns:
        Corrections, probabilities of a bad print (1 where one is moved, else 0) and scales, of the
        shape of `delta`.

    >>> plain_correction(np.array([0.0, -1.5])).p_bad
    array([0., 1.])
    """
    delta = np.asarray(delta, dtype=np.float64)
    return OutlierAssessment(delta, np.where(delta == 0.0, 0.0, 1.0), np.abs(delta))


def clipped(displacement: Any, limit: float, step_scale: Any) -> Any:
    """Return the correction of `displacement`, of at most `limit` step scales.

    Args:
        displacement: Suspected displacement, a number or shape (game,), in the unit of the series.
        limit: Largest size of a correction, in step scales, at least 0.
        step_scale: One-step scale, a number or shape (game,), in the unit of the series.

    Returns:
        Corrections, a number or shape (game,), in the unit of the series, of the opposite sign.

    >>> clipped(np.array([0.5, -3.0]), 1.0, 2.0)
    array([-0.5,  2. ])
    """
    most = limit * np.asarray(step_scale, dtype=np.float64)
    return np.minimum(np.maximum(-np.asarray(displacement, dtype=np.float64), -most), most)


def check_limit(name: str, limit: float) -> None:
    """Raise `ConfigError` unless `limit` is a finite number from 0 on.

    >>> check_limit("limit", 0.2)
    """
    if isinstance(limit, bool) or not (
        isinstance(limit, int | float) and math.isfinite(limit) and limit >= 0.0
    ):
        raise ConfigError(f"{name} must be a finite number >= 0, got {limit!r}")
