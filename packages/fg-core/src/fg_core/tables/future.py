"""What rows after the last value of a series say of periods to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from fg_core.calendar import period_start
from fg_core.observation import Observation

from .labels import listed

__all__ = ["future_context", "future_notices"]

Contexts = Mapping[datetime, Mapping[str, float]]


def future_context(
    observations: Sequence[Observation], told: Mapping[str, Contexts], frequency: str
) -> dict[str, dict[datetime, dict[str, float]]]:
    """Return the context of periods after the last row of each series.

    Columns that the rows of a series do not have are left out: with nothing to learn from, or since
    they tell the value of their own row, they are no context of it.

    Args:
        observations: Rows of all series.
        told: Context of rows without a value, by series and date as it was written.
        frequency: Frequency of the series, such as "M".

    Returns:
        Context by name of the series and first moment (UTC) of the period.

    >>> from fg_core.testing.examples import example_dataset
    >>> rows = example_dataset(8).series("alpha")
    >>> later = {"alpha": {datetime(2010, 5, 31): {"rate": 3.5, "sale": 1.0}}}
    >>> future_context(rows, later, "Q")["alpha"]
    {datetime.datetime(2010, 4, 1, 0, 0, tzinfo=datetime.timezone.utc): {'rate': 3.5}}
    """
    if not told:
        return {}
    known: dict[str, set[str]] = {name: set() for name in told}
    for row in observations:
        if row.series_id in known:
            known[row.series_id].update(row.macro_context)
    found: dict[str, dict[datetime, dict[str, float]]] = {}
    for name, periods in told.items():
        for moment, beside in periods.items():
            own = {column: number for column, number in beside.items() if column in known[name]}
            if own:
                start = period_start(moment, frequency).replace(tzinfo=UTC)
                found.setdefault(name, {}).setdefault(start, {}).update(own)
    return found


def future_notices(
    future: Mapping[str, Mapping[datetime, Mapping[str, float]]], label: str
) -> list[str]:
    """Return what a reader must know of rows after the last value; empty: there are none.

    Args:
        future: Context by name of the series and first moment of the period.
        label: Name of the table.

    Returns:
        One line that names the series, the columns and the option that uses them.

    >>> future_notices({"a": {datetime(2021, 1, 1): {"promo": 1.0}}}, "sales.csv")[0][:60]
    'sales.csv: rows after the last value (a 1) have values of pr'
    """
    if not future:
        return []
    rows = [beside for told in future.values() for beside in told.values()]
    columns = tuple(dict.fromkeys(name for beside in rows for name in beside))
    counts = listed({name: len(periods) for name, periods in future.items()})
    return [
        f"{label}: rows after the last value ({counts}) have values of {listed(columns)}. They are "
        f"used only if these columns are known in advance: --future {','.join(columns)}."
    ]
