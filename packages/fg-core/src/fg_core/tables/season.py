r"""Whether series have a season, by the values of their first rows alone."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core.transcendental import cos, exp, sin

__all__ = ["SEEN", "has_season", "season_that_shows"]

SEEN = 0.6
"""Share of the rows that are looked at, from the first on: those before the first scored origin of
a backtest, unless the user chooses another."""

_SEEN_TEXT = f"{100.0 * SEEN:.0f} %"
_LEVEL = 0.05
_LAGS = 2
_PAIRS = 2
_SPARE = 8
_SEASONS = 3

Array = NDArray[np.float64]


def has_season(values: ArrayLike, length: int) -> bool | None:
    r"""Return whether values have a season, after what trend and the last values tell of them.

    One-step changes are regressed on a constant, a trend, the value before and two changes before.
    There is a season if either of two tests finds one at half of 5 %:

    * An F test of two pairs of harmonics of the season (one where it has at most four periods)
      beside these regressors, which finds a smooth one; it needs three seasons of rows, since a
      slow wave looks alike in fewer.
    * The statistic $Q = n (n + 2) \left( \frac{r_m^2}{n - m} + \frac{r_{2m}^2}{n - 2m} \right)$ of
      the residuals, with $n$ their number, $m$ the length of the season, and $r$ their
      autocorrelation where it is above 0 (else 0), against the chi-squared distribution with two
      degrees of freedom, which finds single periods that stand out.

    A series that was adjusted for its season has none.

    Args:
        values: Values of the series, oldest first, shape (time,).
        length: Periods in a season, at least 2.

    Returns:
        Whether there is a season; None: that cannot be told, from too few values or changes that
        are all the same.

    Reference: the second is the QS statistic of X-13ARIMA-SEATS and JDemetra+, after Ljung & Box
    (1978), doi:10.1093/biomet/65.2.297.

    >>> months = range(60)
    >>> has_season([t % 12 + t % 5 for t in months], 12), has_season([t % 5 for t in months], 12)
    (True, False)
    """
    y = np.asarray(values, dtype=np.float64)
    changes = np.diff(y)[_LAGS:]
    n = changes.size
    if n < length + _SPARE or not np.any(np.diff(changes)):
        return None
    t = np.arange(n)
    plain = [np.ones(n), t / n, _scaled(y[_LAGS : _LAGS + n])]
    plain += [_scaled(np.diff(y)[_LAGS - k : _LAGS - k + n]) for k in range(1, _LAGS + 1)]
    residuals = _residuals(plain, changes)
    if float(residuals @ residuals) <= 1e-20 * float(changes @ changes):
        return None
    if _tail_of_repeats(residuals, length) < _LEVEL / 2:
        return True
    if n < _SEASONS * length:
        return None
    return _tail_of_waves(plain, changes, residuals, length) < _LEVEL / 2


def season_that_shows(series: Iterable[ArrayLike], length: int, label: str) -> tuple[int, str]:
    """Return the season to assume for series of one table, and why, in words.

    A season is assumed if it shows in the first 60 % of the rows of at least a quarter of the
    series in which that can be told, or if it can be told in none.

    Args:
        series: Values of each series, oldest first.
        length: Periods in a season, by frequency.
        label: Name of the table.

    Returns:
        `length`, or 1 for no season; and a notice, empty where nothing was tested.

    >>> season_that_shows([[8.0 * (t % 12 == 3) + t % 5 for t in range(90)]], 12, "t")
    (12, 't: a season of 12 rows shows in the first 60 % of the rows, and is assumed.')
    """
    if length < 2:
        return 1, ""
    looks = [np.asarray(values, dtype=np.float64) for values in series]
    told = [has_season(own[: int(SEEN * own.size)], length) for own in looks]
    known = [one for one in told if one is not None]
    shows = sum(known)
    season = f"{label}: a season of {length} rows"
    if not known:
        return length, ""
    several = f" of {shows} of {len(known)} series" if len(known) > 1 else ""
    seen = f"in the first {_SEEN_TEXT} of the rows"
    if 4 * shows >= len(known):
        return length, f"{season} shows {seen}{several}, and is assumed."
    where = several.replace(" of", " but", 1) if shows else several and " of any series"
    remedy = "season_length, --season-length"
    return 1, f"{season} does not show {seen}{where}, and none is assumed ({remedy})."


def _scaled(column: Array) -> Array:
    """Return a column around 0 and of size 1, so that a large level is not cut off as noise."""
    centred = column - np.mean(column)
    size = float(np.max(np.abs(centred)))
    return centred / size if size > 0.0 else centred


def _residuals(columns: list[Array], y: Array) -> Array:
    x = np.column_stack(columns)
    residuals: Array = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return residuals


def _tail_of_repeats(residuals: Array, length: int) -> float:
    """Return how seldom residuals without a season go together a season apart as these do."""
    n, size, statistic = residuals.size, float(residuals @ residuals), 0.0
    for lag in (length, 2 * length):
        if n > lag:
            r = max(0.0, float(residuals[lag:] @ residuals[:-lag]) / size)
            statistic += n * (n + 2.0) * r * r / (n - lag)
    return float(exp(-0.5 * statistic))  # chi-squared with two degrees of freedom


def _tail_of_waves(plain: list[Array], changes: Array, residuals: Array, length: int) -> float:
    """Return how seldom waves of a season tell as much of changes without one as of these."""
    n, pairs = changes.size, 1 if length <= 2 * _PAIRS else _PAIRS
    if length <= 2:
        return 1.0
    turn = 2.0 * np.pi * np.arange(n) / length
    waves = [wave(k * turn) for k in range(1, pairs + 1) for wave in (cos, sin)]
    left = _residuals([*plain, *waves], changes)
    half = 0.5 * (n - len(plain) - len(waves))
    # F's upper tail is that of a beta distribution, in closed form for two and four waves.
    x = float(left @ left) / float(residuals @ residuals)
    return float(x**half * (1.0 if pairs == 1 else 1.0 + half * (1.0 - x)))
