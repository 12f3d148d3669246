"""Frequencies: what they are called, and how dates tell which one a series has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import pairwise
from types import MappingProxyType

from .odd_days import odd_days
from .periods import period_number

__all__ = [
    "FREQUENCIES",
    "FREQUENCY_NAMES",
    "MIN_ROWS",
    "PERIOD_NAMES",
    "SEASON_LENGTHS",
    "counted_periods",
    "fits_frequency",
    "infer_frequency",
    "is_finer",
    "missing_periods",
    "own_frequency",
]

FREQUENCY_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "Y": "annual",
        "Q": "quarterly",
        "M": "monthly",
        "W": "weekly",
        "B": "business-daily",
        "D": "daily",
    }
)
"""Frequencies in words, from the coarsest to the finest."""

FREQUENCIES = tuple(FREQUENCY_NAMES)
"""Yearly, quarterly, monthly, weekly, business-daily (Monday to Friday), daily."""

PERIOD_NAMES: Mapping[str, str] = MappingProxyType(
    {"Y": "year", "Q": "quarter", "M": "month", "W": "week", "B": "business day", "D": "day"}
)
"""Name of a period of each frequency."""

SEASON_LENGTHS: Mapping[str, int] = MappingProxyType(
    {"Y": 1, "Q": 4, "M": 12, "W": 52, "B": 5, "D": 7}
)
"""Periods in a season where nothing else is said: a year, and a week for days."""

MIN_ROWS = 3
"""Fewest rows of a series whose frequency can be told."""

# Days between two dates that are one period apart, whatever the days of the week are.
_DAYS = {"Y": (357, 371), "Q": (84, 98), "M": (28, 35), "W": (7, 7)}
_RUN = 4


def is_finer(frequency: str, than: str) -> bool:
    """Return whether the periods of one frequency are shorter than those of another.

    Args:
        frequency: Frequency that is compared, one of `FREQUENCIES`.
        than: Frequency that it is compared with, one of `FREQUENCIES`; of equal ones, none is
            finer.

    Returns:
        Whether the periods of `frequency` are the shorter ones.

    >>> is_finer("M", than="Q"), is_finer("Y", than="Q")
    (True, False)
    """
    return FREQUENCIES.index(frequency) > FREQUENCIES.index(than)


def counted_periods(n: int, frequency: str) -> str:
    """Return a number of periods in words.

    Args:
        n: Number of periods.
        frequency: Frequency, one of `FREQUENCIES`; with any other text, the periods are called
            steps.

    Returns:
        Number and name of the periods, such as "4 quarters".

    >>> counted_periods(1, "Q"), counted_periods(4, "B"), counted_periods(2, "")
    ('1 quarter', '4 business days', '2 steps')
    """
    return f"{n} {PERIOD_NAMES.get(frequency, 'step')}{'' if n == 1 else 's'}"


def infer_frequency(days: Sequence[date], *, gaps: bool = False) -> str:
    """Return the coarsest frequency that has every day in a period of its own.

    Weekly dates share a day of the week, business days leave weekends out. Gaps are allowed: at
    least half of the steps from row to row are of one period, and no stretch of five rows or more
    has the steps of a coarser frequency.

    Args:
        days: First days of the periods of the rows, rising; with fewer than `MIN_ROWS` of them the
            answer is a guess.
        gaps: Whether any number of periods may be missing, as where rows are there only when
            something was sold.

    Returns:
        One of `FREQUENCIES`.

    Raises:
        ValueError: There are fewer than two dates, they do not rise, they are irregular, or of two
            frequencies; the message says how, and begins so that the name of a series and a colon
            can stand before it.

    >>> infer_frequency([date(2001, 1, 31), date(2001, 2, 28), date(2001, 4, 30)])
    'M'
    """
    if len(days) < 2:
        raise ValueError(f"its frequency does not show from {len(days)} of its dates")
    if any(earlier >= later for earlier, later in pairwise(days)):
        raise ValueError("its dates do not rise; give one row per period, in order")
    frequency = next(f for f in FREQUENCIES if fits_frequency(days, f))
    if gaps:
        return frequency
    numbers = [period_number(day, frequency) for day in days]
    steps = [later - earlier for earlier, later in pairwise(numbers)]
    regular = 2 * steps.count(1) >= len(steps)
    odd = None if regular else odd_days(days)
    if odd is not None:
        kind, first, second = odd
        raise ValueError(
            f"its rows are {FREQUENCY_NAMES[kind]}, but {first} and {second} are in one "
            f"{PERIOD_NAMES[kind]}; mend one of the two dates"
        )
    for coarser in FREQUENCIES:
        if coarser == frequency:
            break
        _refuse_stretch(days, steps, frequency, coarser)
    if not regular:
        raise ValueError(_irregularity(days, steps, frequency))
    return frequency


def _irregularity(days: Sequence[date], steps: Sequence[int], frequency: str) -> str:
    """Return how the dates are irregular, in words."""
    usual, n_usual = Counter(steps).most_common(1)[0]
    if usual > 1 and 2 * n_usual >= len(steps):
        return (
            f"its dates are not regular (most often {counted_periods(usual, frequency)} apart); "
            "rows are daily, business-daily, weekly, monthly, quarterly or annual, with gaps of "
            "less than half of the steps"
        )
    at = max(range(len(steps)), key=steps.__getitem__)
    return (
        f"its rows are {FREQUENCY_NAMES[frequency]}, and {sum(steps) + 1 - len(days)} of "
        f"{counted_periods(sum(steps) + 1, frequency)} have none (the longest gap: {days[at]} to "
        f"{days[at + 1]}); where no row means that nothing happened, fill them in with fill=0 "
        "(--fill 0)"
    )


def own_frequency(days: Sequence[date], otherwise: str) -> str:
    """Return the frequency of a series' own rows, which may be coarser than that of its dataset.

    Args:
        days: First days of the periods of the rows, rising.
        otherwise: Frequency that is returned where the dates do not tell: too few rows, or gaps
            without a rule.

    Returns:
        One of `FREQUENCIES`, or `otherwise`.

    >>> own_frequency([date(2001, 1, 1), date(2001, 4, 1), date(2001, 7, 1)], "M")
    'Q'
    >>> own_frequency([date(2001, 1, 1)], "M")
    'M'
    """
    try:
        return infer_frequency(days)
    except ValueError:
        return otherwise


def fits_frequency(days: Sequence[date], frequency: str) -> bool:
    """Return whether each day is in a period of its own; gaps do not matter.

    Args:
        days: First days of the periods of the rows, rising.
        frequency: Frequency of the periods, one of `FREQUENCIES`. Weekly days share a day of the
            week, business days are none of a weekend.

    Returns:
        Whether they can be rows of this frequency.

    >>> fits_frequency([date(2001, 1, 31), date(2001, 3, 1)], "M")
    True
    """
    if frequency == "W":
        return len({day.weekday() for day in days}) == 1
    if frequency == "B":
        return all(day.weekday() < 5 for day in days)
    numbers = [period_number(day, frequency) for day in days]
    return all(earlier < later for earlier, later in pairwise(numbers))


def _refuse_stretch(
    days: Sequence[date], steps: Sequence[int], frequency: str, coarser: str
) -> None:
    """Refuse rows that change their frequency: a stretch of a coarser one, regular without it.

    Raises:
        ValueError: There is such a stretch.
    """
    if coarser not in _DAYS:
        return
    low, high = _DAYS[coarser]
    stretches: list[list[int]] = [[]]
    for row, (earlier, later) in enumerate(pairwise(days)):
        if steps[row] > 1 and low <= (later - earlier).days <= high:
            stretches[-1].append(row)
        elif stretches[-1]:
            stretches.append([])
    long = [stretch for stretch in stretches if len(stretch) >= _RUN]
    if not long:
        return
    inside = {row for stretch in long for row in stretch}
    rest = [step for row, step in enumerate(steps) if row not in inside]
    if 2 * rest.count(1) >= len(rest):
        raise ValueError(
            f"its rows are {FREQUENCY_NAMES[frequency]}, but {FREQUENCY_NAMES[coarser]} from "
            f"{days[long[0][0]]} on; give one frequency"
        )


def missing_periods(days: Sequence[date], frequency: str, *, closed: Collection[int] = ()) -> int:
    """Return how many periods between the first and the last day have no row.

    Args:
        days: First days of the periods of the rows, rising; at least one.
        frequency: Frequency of the periods, one of `FREQUENCIES`.
        closed: Days of the week that daily rows never have (0: Monday), which are no gaps.

    Returns:
        A count of periods; 0: there is no gap.

    >>> missing_periods([date(2001, 1, 1), date(2001, 2, 1), date(2001, 5, 1)], "M")
    2
    """
    first, last = (period_number(day, frequency) for day in (days[0], days[-1]))
    absent = last - first + 1 - len(days)
    if frequency == "D" and closed:
        whole, rest = divmod(last - first + 1, 7)
        begin = days[0].weekday()
        absent -= whole * len(closed) + sum((begin + k) % 7 in closed for k in range(rest))
    return absent
