r"""Coded checks: what a reader of a forecast or a backtest must know, each with a stable code.

| code | severity | found where |
|---|---|---|
| FG101 | warning | the pool's CRPS is above the random walk's by more than luck |
| FG102 | warning | 80 % intervals covered too few or too many outcomes to be 80 % intervals |
| FG103 | note | the data are one revised vintage: forecasters saw figures that nobody had then |
| FG104 | warning | the newest print is doubted |
| FG105 | note | one forecaster was better than the pool throughout, by more than luck |
| FG106 | note | origins are too few to tell |
| FG107 | note | the step scale of the series is made by a few moves |

Each function is pure and returns one check, whether or not it found something. More than luck is
what `fg_core.scoring.compare_scores` (Diebold and Mariano's test) gives a p-value below 0.05.
Whoever makes many checks finds some by luck: one in forty of FG101 and one in a hundred of FG102
where all is well.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from fg_core.calendar import counted_periods
from fg_core.scoring import ScoreComparison

__all__ = [
    "DOUBTED",
    "FEW_ORIGINS",
    "Check",
    "beaten_by_one",
    "binomial_p_value",
    "coverage_broken",
    "few_moves",
    "few_origins",
    "found_only",
    "in_short",
    "print_doubted",
    "revised_only",
    "worse_than_walk",
]

Outcome: TypeAlias = Literal["found", "passed", "not applicable"]

DOUBTED = 0.05
"""Probability from which on a newest print counts as doubted, unless told otherwise.

It is the gate's own probability of a bad print in a series of which nothing has been revealed yet
(`InnovationGate.prior`). A print at or above it is trusted less than that of an unknown source; and
who looks at every such print looks at fewer than twenty for each bad one.
"""

FEW_ORIGINS = 20
"""Fewer origins than these tell little: of 20 intervals of 80 %, between 12 and 19 cover their
outcome 19 times out of 20."""

_LUCK = 0.05
_REPEATED = 0.2
_BROKEN = 0.01
_NOMINAL = 0.8
_MOVES = 3
_DOMINATED = 0.5
_FEWEST_MOVES = 60
"""Of fewer normal changes, three have half of the squares now and then by luck (of 40: 1.6 %)."""


@dataclass(frozen=True)
class Check:
    """Result of one check.

    Args:
        code: stable code, such as "FG102".
        severity: "warning": the forecast is not what it says; "note": a reader must know it.
        outcome: "found", "passed", or "not applicable" where there is nothing to tell it from.
        series: name of the series; empty: the data as a whole.
        horizon: steps ahead; 0: not of one horizon.
        text: one sentence.
        figures: figures behind it, by name.
    """

    code: str
    severity: Literal["warning", "note"]
    outcome: Outcome
    series: str
    horizon: int
    text: str
    figures: Mapping[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


def found_only(checks: Iterable[Check]) -> list[Check]:
    """Return the checks that found something, warnings first.

    Args:
        checks: checks in any order.

    Returns:
        Those whose outcome is "found", else in their order.
    """
    found = [one for one in checks if one.outcome == "found"]
    return sorted(found, key=lambda one: one.severity != "warning")


def worse_than_walk(
    against_walk: ScoreComparison, walk_crps: float, series: str, horizon: int, frequency: str
) -> Check:
    """Return FG101: whether the pool is worse than the random walk by more than luck.

    Args:
        against_walk: the pool's CRPS less the random walk's, at the same origins.
        walk_crps: mean CRPS of the random walk there, in the unit of the series.
        series: name of the series.
        horizon: steps ahead.
        frequency: frequency of the series, such as "M".

    Returns:
        The check; not applicable where the comparison has no p-value.
    """
    outcome: Outcome = "not applicable"
    if not math.isnan(against_walk.standard_error):
        worse = against_walk.mean > 0.0 and against_walk.p_value < _LUCK
        outcome = "found" if worse else "passed"
    share = against_walk.mean / walk_crps if walk_crps > 0.0 else math.nan
    text = (
        f"Worse than the random walk {_ahead(horizon, frequency)}: the CRPS was {share:.0%} higher "
        f"at {against_walk.n} origins (p = {against_walk.p_value:.2g} that it is luck)."
        if outcome == "found"
        else f"Not shown to be worse than the random walk {_ahead(horizon, frequency)}."
    )
    figures = {"n": against_walk.n, "excess": share, "p_value": against_walk.p_value}
    return Check("FG101", "warning", outcome, series, horizon, text, figures)


def coverage_broken(
    n: int, coverage: float, series: str, horizon: int, frequency: str, *, ties: float = 0.0
) -> Check:
    """Return FG102: whether the share of outcomes in 80 % intervals is far from 80 %.

    The test is the exact binomial one. Errors of overlapping forecasts h steps ahead go together,
    so that n of them count as n / h. Where outcomes repeat, as zeros do, intervals end at values
    that have a probability of their own, and rightly hold more: there, only fewer count.

    Args:
        n: number of origins.
        coverage: share of outcomes inside the central 80 % intervals.
        series: name of the series.
        horizon: steps ahead.
        frequency: frequency of the series, such as "M".
        ties: share of outcomes that equal the most frequent one.

    Returns:
        The check; not applicable without origins that do not overlap.

    >>> [coverage_broken(40, 0.55, "a", horizon, "M").outcome for horizon in (1, 4)]
    ['found', 'passed']
    """
    apart = n // horizon
    if apart == 0 or math.isnan(coverage):
        text = "No origins to tell the coverage of the intervals from."
        return Check("FG102", "warning", "not applicable", series, horizon, text, {"n": n})
    inside = round(coverage * apart)
    p_value = binomial_p_value(inside, apart, _NOMINAL)
    found = p_value < _BROKEN and (coverage < _NOMINAL or ties < _REPEATED)
    where = f"{_ahead(horizon, frequency)} covered {coverage:.0%} of {n} outcomes"
    text = (
        f"The 80 % intervals {where}: too {'narrow' if coverage < _NOMINAL else 'wide'} "
        f"(p = {p_value:.2g} that it is luck)."
        if found
        else f"The 80 % intervals {where}."
    )
    figures = {"n": n, "coverage": coverage, "p_value": p_value}
    return Check("FG102", "warning", "found" if found else "passed", series, horizon, text, figures)


def binomial_p_value(k: int, n: int, p: float) -> float:
    """Return the probability of a number of successes that is as improbable as k, or more so.

    Args:
        k: number of successes, from 0 to n.
        n: number of trials, at least 1.
        p: probability of success, in (0, 1).

    Returns:
        Two-sided p-value in [0, 1].

    >>> round(binomial_p_value(5, 10, 0.8), 4)
    0.0328
    """
    tops = math.lgamma(n + 1)
    logs = [
        tops
        - math.lgamma(i + 1)
        - math.lgamma(n - i + 1)
        + i * math.log(p)
        + (n - i) * math.log1p(-p)
        for i in range(n + 1)
    ]
    limit = logs[k] + 1e-9  # equal ones, but for rounding
    return min(1.0, math.fsum(math.exp(one) for one in logs if one <= limit))


def revised_only(vintage: str, source: str) -> Check:
    """Return FG103: whether the data are one revised vintage.

    Args:
        vintage: vintage, as the provenance of the data names it.
        source: name of the source.

    Returns:
        The check; not applicable where nothing is known of the vintage.
    """
    found = vintage.startswith("one revised vintage")
    outcome: Outcome = "found" if found else "passed" if vintage else "not applicable"
    text = (
        f"{source} is one revised vintage: past forecasts saw figures that were not out then, and "
        "defenders learned that prints are never revised."
        if found
        else f"{source} is not known to be one revised vintage."
    )
    return Check("FG103", "note", outcome, "", 0, text)


def print_doubted(
    p_bad: float, threshold: float, series: str, figures: Mapping[str, float], detail: str = ""
) -> Check:
    """Return FG104: whether the newest print is doubted.

    Args:
        p_bad: the defenders' probability that it is bad.
        threshold: probability from which on it is doubted.
        series: name of the series.
        figures: figures beside it, by name.
        detail: what more is to be said.

    Returns:
        The check.
    """
    doubted = p_bad >= threshold
    text = (
        f"The last value is doubted: it is bad with probability {p_bad:.0%}.{detail}"
        if doubted
        else f"The last value is bad with probability {p_bad:.1%}, which is below {threshold:g}."
    )
    outcome: Outcome = "found" if doubted else "passed"
    return Check("FG104", "warning", outcome, series, 0, text, {"p_bad": p_bad, **figures})


def beaten_by_one(
    best: str,
    lead: ScoreComparison,
    crps: float,
    p_value: float,
    throughout: bool,
    series: str,
    horizon: int,
    frequency: str,
) -> Check:
    """Return FG105: whether one forecaster was better than the pool by more than luck.

    Args:
        best: name of the forecaster with the lowest CRPS; empty: none has any.
        lead: its CRPS less the pool's.
        crps: mean CRPS of the pool, in the unit of the series.
        p_value: probability that the best of so many leads as much by luck.
        throughout: whether it led in each third of the origins.
        series: name of the series.
        horizon: steps ahead.
        frequency: frequency of the series, such as "M".

    Returns:
        The check.
    """
    ahead = _ahead(horizon, frequency)
    figures = {"n": lead.n, "p_value": p_value, "throughout": float(throughout)}
    if not best:
        text = f"No forecaster has scores {ahead}."
        return Check("FG105", "note", "not applicable", series, horizon, text, figures)
    if not (lead.mean < 0.0 and p_value < _LUCK and crps > 0.0):
        text = f"No forecaster is shown to be better than the pool {ahead}."
        return Check("FG105", "note", "passed", series, horizon, text, figures)
    thirds = ", in each third of the origins" if throughout else ""
    share = -lead.mean / crps
    text = (
        f"{best} was better than the pool {ahead}: its CRPS was {share:.0%} lower "
        f"(p = {p_value:.2g} that it is luck){thirds}."
    )
    figures = {**figures, "lead": share}
    return Check("FG105", "note", "found", series, horizon, text, figures)


def few_origins(n: int, series: str, horizon: int, frequency: str) -> Check:
    """Return FG106: whether there are too few origins to tell how good forecasts are.

    Args:
        n: number of scored origins.
        series: name of the series.
        horizon: steps ahead.
        frequency: frequency of the series, such as "M".

    Returns:
        The check.
    """
    outcome: Outcome = "found" if n < FEW_ORIGINS else "passed"
    few = "only " if n < FEW_ORIGINS else ""
    text = f"Skill and coverage {_ahead(horizon, frequency)} are from {few}{n} origins."
    return Check("FG106", "note", outcome, series, horizon, text, {"n": n})


def few_moves(values: ArrayLike, series: str) -> Check:
    """Return FG107: whether a few moves make the one-step scale of a series.

    Budgets of attacks and the size of prints that are doubted are measured in that scale, the
    standard deviation of one-step changes.

    Args:
        values: values that the scale is of, oldest first, in the unit of the series.
        series: name of the series.

    Returns:
        The check: found where the three largest changes have more than half of the squares.

    >>> steps = [0.1, -0.1] * 30 + [9.0]
    >>> few_moves(np.cumsum(steps), "a").outcome, few_moves(np.cumsum(steps[:-1]), "a").outcome
    ('found', 'not applicable')
    """
    changes = np.diff(np.asarray(values, dtype=np.float64))
    squares = np.square(changes - np.mean(changes)) if changes.size else changes
    total = float(np.sum(squares))
    if changes.size < _FEWEST_MOVES or total == 0.0:
        text = "Too few changes to tell what makes the step scale."
        return Check("FG107", "note", "not applicable", series, 0, text, {"n": changes.size})
    share = float(np.sum(np.sort(squares)[-_MOVES:])) / total
    found = share > _DOMINATED
    end = ", so that usual changes look small and large errors pass." if found else "."
    text = f"{_MOVES} of {changes.size} changes make {share:.0%} of the squared step scale{end}"
    outcome: Outcome = "found" if found else "passed"
    return Check("FG107", "note", outcome, series, 0, text, {"n": changes.size, "share": share})


def in_short(checks: Sequence[Check], most: int) -> list[str]:
    """Return texts of checks that found something, each after its series and code.

    Args:
        checks: checks of several series.
        most: number of texts at most; what is left is counted by code.

    Returns:
        Lines of text.
    """
    found = found_only(checks)
    lines = [
        f"{one.code} {one.series}: {one.text}" if one.series else str(one) for one in found[:most]
    ]
    if len(found) > most:
        rest = [one.code for one in found[most:]]
        counts = ", ".join(f"{rest.count(code)} of {code}" for code in sorted(set(rest)))
        lines.append(f"{len(rest)} more checks found something: {counts}.")
    return lines


def _ahead(horizon: int, frequency: str) -> str:
    return f"{counted_periods(horizon, frequency)} ahead"
