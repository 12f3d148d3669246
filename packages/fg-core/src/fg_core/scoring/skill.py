"""Skill: how much better than a benchmark, as a fraction of the benchmark's score."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from fg_core._numeric import FloatArray, common_shape, finite_or_nan, first_index
from fg_core.errors import DataError

__all__ = ["skill_score"]


def skill_score(score: ArrayLike, benchmark: ArrayLike) -> FloatArray:
    r"""Skill of a forecaster against a benchmark, $1 - S / S_{\text{benchmark}}$.

    For scores that are 0 at best (CRPS, absolute and squared errors): 1 is perfect, 0 as good as
    the benchmark, below 0 worse. Take it of *mean* scores; a mean of skills is not proper. It
    has no meaning for log scores, which have no zero: use their difference.

    Args:
        score: $S$, shape (...), mean score, lower is better; NaN gives NaN.
        benchmark: Mean score of the benchmark over the same periods, above 0, same unit; NaN
            gives NaN.

    Returns:
        Skill of the common shape, at most 1 for scores of at least 0, higher is better.

    Raises:
        DataError: A benchmark of 0 or less, an infinite score, or shapes that do not fit.

    Reference: Murphy (1988), Mon. Wea. Rev. 116,
    doi:10.1175/1520-0493(1988)116<2417:SSBOTM>2.0.CO;2.

    >>> float(skill_score(0.75, 1.0))
    0.25
    """
    ours, theirs = finite_or_nan("score", score), finite_or_nan("benchmark", benchmark)
    common_shape(score=ours, benchmark=theirs)
    wrong = np.asarray(theirs <= 0.0)
    if np.any(wrong):
        got = float(theirs.flat[int(np.argmax(wrong))])
        raise DataError(
            f"benchmark score is {got}{first_index(wrong)}, and skill divides by it: it must be "
            "above 0; report the difference of the scores instead"
        )
    return 1.0 - ours / theirs
