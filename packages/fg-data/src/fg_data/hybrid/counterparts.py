"""Made-up paths that stand in for series, in standard deviations.

The paths are those of the source `synthetic`, monthly; for a series of quarters or years they are
averaged. What is taken of a path depends on the series: of a rate its level (for prices and product
their growth), of a level its growth, since that is what has a mean.
"""

from __future__ import annotations

import math
from itertools import pairwise

from fg_core import ConfigError, DataError
from fg_core.mappings import FrozenMapping
from fg_data.synthetic import N_MONTHS, SERIES, synthetic_paths

__all__ = ["COUNTERPARTS", "MONTHS", "counterpart_of", "standard_path"]

MONTHS = FrozenMapping({"M": 1, "Q": 3, "Y": 12})
"""Months in a period, of the frequencies that there are paths for."""

COUNTERPARTS = FrozenMapping(
    {
        **{name: name for name in SERIES},
        # us_macro
        "infl": "CPIAUCSL",
        "cpi": "CPIAUCSL",
        "unemp": "UNRATE",
        "tbilrate": "FEDFUNDS",
        "realint": "FEDFUNDS",
        "growth": "GDP",
        "realgdp": "GDP",
        "realcons": "GDP",
        "realinv": "GDP",
        "realgovt": "GDP",
        "realdpi": "GDP",
        "m1": "GDP",
        # other US series by their usual ids
        "PCEPI": "CPIAUCSL",
        "GDPC1": "GDP",
        "INDPRO": "GDP",
        "PAYEMS": "GDP",
        "TB3MS": "FEDFUNDS",
        "GS10": "T10YIE",
        "T5YIE": "T10YIE",
    }
)
"""The made-up series that moves most like a series, where that is plain."""

_GROW = ("CPIAUCSL", "GDP")


def counterpart_of(series_id: str, like: str = "") -> str:
    """Return the made-up series that stands in for a series.

    Args:
        series_id: Name of the series.
        like: Made-up series that the caller chose; empty: by `COUNTERPARTS`.

    Returns:
        Name of a made-up series.

    Raises:
        ConfigError: `like` is not a made-up series.
        DataError: Nothing is plain, and nothing was said.

    >>> counterpart_of("unemp"), counterpart_of("sales", like="GDP")
    ('UNRATE', 'GDP')
    """
    if like:
        if like not in SERIES:
            raise ConfigError(f"like must be one of {', '.join(SERIES)}, got {like!r}")
        return like
    if series_id not in COUNTERPARTS:
        raise DataError(
            f"nothing says which made-up series moves like {series_id!r}: name one of "
            f"{', '.join(SERIES)} (option like)"
        )
    return COUNTERPARTS[series_id]


def standard_path(
    counterpart: str, seed: int, frequency: str, n_periods: int, *, of_level: bool
) -> tuple[float, ...]:
    """Return a made-up path in standard deviations from its mean.

    Mean and standard deviation (n - 1) are those of its first twenty years, so that a longer path
    begins with the shorter one.

    Args:
        counterpart: One of the made-up series.
        seed: Seed of the path.
        frequency: "M", "Q" or "Y".
        n_periods: Number of periods.
        of_level: Whether it stands in for a level: then it is a path of growth (of changes, for
            a counterpart that is a rate).

    Returns:
        One number per period, in standard deviations.

    Raises:
        DataError: No paths of that frequency.
        ConfigError: A seed out of its range.

    >>> path = standard_path("UNRATE", 7, "Q", 100, of_level=False)
    >>> len(path), path[:8] == standard_path("UNRATE", 7, "Q", 8, of_level=False)
    (100, True)
    """
    if frequency not in MONTHS:
        raise DataError(
            f"there are made-up paths of frequency {', '.join(MONTHS)}, not of {frequency!r}"
        )
    months = MONTHS[frequency]
    n_months = months * max(N_MONTHS // months, n_periods + 1)
    path = synthetic_paths(seed, n_months)[counterpart]
    values = [math.fsum(path[k : k + months]) / months for k in range(0, n_months, months)]
    if counterpart in _GROW:
        values = [math.log(now / before) for before, now in pairwise(values)]
    elif of_level:
        values = [now - before for before, now in pairwise(values)]
    first = values[: N_MONTHS // months - 1]
    mean = math.fsum(first) / len(first)
    sd = math.sqrt(math.fsum((v - mean) ** 2 for v in first) / (len(first) - 1))
    return tuple((v - mean) / sd for v in values[:n_periods])
