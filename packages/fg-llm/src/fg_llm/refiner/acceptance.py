r"""Whether a candidate is better than what there is: a paired test, and a comparison with chance.

A run of at most $R$ rounds validates at most one candidate per round, the best on the training
stretch, each at the level $\alpha / R$: on pure noise the probability that a *run* accepts
anything is at most $\alpha$ (Bonferroni), and the share of candidates that are accepted is smaller
still. The test is that of Diebold and Mariano on the differences of scores by period. On forecasts
that are right, a correction is known before the error that it meets, so these differences are those
of a martingale less what the correction costs: the test errs on the side of refusal.

A candidate must also have a lower mean score than the best of as many random programs had on the
same periods. That one is chosen by hindsight, which favours it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from fg_core.scoring import compare_scores

__all__ = ["Verdict", "expected_best", "judge"]

FEWEST_PERIODS = 8
"""Periods of validation below which nothing is accepted."""


@dataclass(frozen=True)
class Verdict:
    """What validation says of a candidate.

    Args:
        accepted: Whether it is accepted.
        why: Reason in words.
        gain: Mean score of the current strategy less the candidate's; above 0 it is better.
        p_value: Probability of such a gain, or a larger one, if both were equally good.
        random_gain: The same gain of the best random program.
    """

    accepted: bool
    why: str
    gain: float
    p_value: float
    random_gain: float


def judge(
    candidate: NDArray[np.float64],
    current: NDArray[np.float64],
    randoms: Sequence[NDArray[np.float64]],
    *,
    level: float,
    horizon: int = 1,
) -> Verdict:
    """Return whether a candidate replaces the current strategy.

    Args:
        candidate: Scores of the candidate on the validation stretch, shape (period,).
        current: Scores of the current strategy, same periods.
        randoms: Scores of as many random programs, same periods; at least one.
        level: Level of this test, one-sided.
        horizon: Horizon of the forecasts.

    >>> import numpy as np
    >>> noise = np.linspace(-0.1, 0.1, 20)
    >>> judge(1.0 + noise, 1.5 - noise, [1.6 + noise], level=0.01).accepted
    True
    """
    base = float(np.mean(current))
    gain = base - float(np.mean(candidate))
    random_gain = base - min(float(np.mean(one)) for one in randoms)
    test = compare_scores(candidate, current, horizon)
    sure = np.isfinite(test.standard_error) and test.n >= FEWEST_PERIODS
    one_sided = (test.p_value if test.mean < 0.0 else 2.0 - test.p_value) / 2.0 if sure else 1.0
    if gain <= 0.0:
        why = "no better than the current strategy on later periods"
    elif not sure:
        why = "too few periods, or differences that do not vary"
    elif one_sided > level:
        why = f"its gain may be chance: p {one_sided:.2g}, {level:.2g} is wanted"
    elif gain <= random_gain:
        why = "no better than the best random program"
    else:
        return Verdict(
            True, f"better on later periods: p {one_sided:.2g}", gain, one_sided, random_gain
        )
    return Verdict(False, why, gain, one_sided, random_gain)


def expected_best(gains: Sequence[float], n: int) -> float:
    r"""Return the expected largest of `n` gains drawn from a sample without replacement.

    $$E = \sum_{i=n}^{R} g_{(i)} \binom{i-1}{n-1} \Big/ \binom{R}{n}$$

    Args:
        gains: Gains of the $R$ random programs of the sample.
        n: Number drawn, from 1 to $R$.

    >>> expected_best([0.0, 1.0, 2.0], 1), expected_best([0.0, 1.0, 2.0], 3)
    (1.0, 2.0)
    """
    ordered = sorted(gains)
    whole = comb(len(ordered), n)
    total = 0.0
    for i in range(n, len(ordered) + 1):
        total += ordered[i - 1] * (comb(i - 1, n - 1) / whole)
    return total
