"""Context columns that are known in advance: which are, and what is known of them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fg_core import ConfigError, DataError, Dataset
from fg_core.calendar import next_period, period_label
from fg_core.nearest import nearest_first

from .context_columns import static_columns

__all__ = ["future_contexts", "unknown_targets", "warn_of_unknown_targets", "with_known_ahead"]

_LISTED = 3


def with_known_ahead(dataset: Dataset, columns: str | Sequence[str]) -> Dataset:
    """Return a dataset whose context columns of these names are known in advance, too.

    Args:
        dataset: rows with their context.
        columns: names of the columns, or one name; empty: no others than the dataset says.

    Returns:
        The dataset with `known_ahead`.

    Raises:
        ConfigError: Something else than names of columns.
        DataError: No row has such a column; the message lists those there are.

    >>> from fg_core.testing.examples import example_dataset
    >>> sorted(with_known_ahead(example_dataset(), "rate").known_ahead)
    ['rate']
    """
    names = (columns,) if isinstance(columns, str) else tuple(columns)
    names = tuple([name for name in names if name != ""])
    if not names:
        return dataset
    if not all(isinstance(name, str) for name in names):
        raise ConfigError(f"future must be names of context columns, got {columns!r}")
    there = dict.fromkeys(name for row in dataset for name in row.macro_context)
    for name in names:
        if name not in there:
            has = f"has (nearest first) {', '.join(nearest_first(name, there))}"
            raise DataError(
                f"{name!r} is no context column of the data, and so nothing that could be known in "
                f"advance; the context {has if there else 'has no columns at all'}"
            )
    return replace(dataset, known_ahead=dataset.known_ahead | frozenset(names))


def future_contexts(dataset: Dataset, series: str) -> tuple[Mapping[str, float], ...]:
    """Return the context of the periods after the last row of a series, in their order.

    Args:
        dataset: rows, and what is known of later periods.
        series: name of the series.

    Returns:
        Mappings from columns to numbers, one per period up to the last of which anything is known.
    """
    told = dict(dataset.future_context.get(series, {}))
    found: list[Mapping[str, float]] = []
    at = dataset.series(series)[-1].timestamp
    last = max(told, default=at)
    while at < last:
        at = next_period(at, dataset.frequency)
        found.append(told.get(at, {}))
    return tuple(found)


def unknown_targets(
    dataset: Dataset, series: Sequence[str], horizons: Sequence[int]
) -> dict[str, tuple[str, ...]]:
    """Return the periods to be forecast of which a column known in advance is not known.

    Args:
        dataset: rows, and what is known of later periods.
        series: names of the series.
        horizons: steps ahead of the last row.

    Returns:
        Columns, label of the period and horizon in words, by name of the series; periods of which
        all is known are left out, and so are columns that never change.
    """
    if not dataset.known_ahead:
        return {}
    found = {}
    for name in series:
        rows, told = dataset.series(name), future_contexts(dataset, name)
        there = {column for row in rows for column in row.macro_context}
        still = static_columns({name: rows})
        columns = sorted((dataset.known_ahead & there).difference(still))
        lacking, at = [], rows[-1].timestamp
        for h in range(1, max(horizons) + 1):
            at = next_period(at, dataset.frequency)
            known = told[h - 1] if h <= len(told) else {}
            unknown = [column for column in columns if column not in known]
            if h in horizons and unknown:
                label = period_label(at, dataset.frequency)
                lacking.append(f"{', '.join(unknown)} of {label} (horizon {h})")
        if lacking:
            found[name] = tuple(lacking)
    return found


def warn_of_unknown_targets(
    dataset: Dataset, series: Sequence[str], horizons: Sequence[int]
) -> None:
    """Say in one warning of which periods to be forecast something is not known in advance.

    Args:
        dataset: as for `unknown_targets`.
        series: as for `unknown_targets`.
        horizons: as for `unknown_targets`.
    """
    found = unknown_targets(dataset, series, horizons)
    if not found:
        return
    texts = []
    for name, periods in list(found.items())[:_LISTED]:
        more = f" and {len(periods) - _LISTED} periods more" if len(periods) > _LISTED else ""
        texts.append(f"series {name!r} has no {'; '.join(periods[:_LISTED])}{more}")
    others = f"; {len(found) - _LISTED} more series lack some" if len(found) > _LISTED else ""
    warnings.warn(
        f"not known in advance: {'; '.join(texts)}{others}. Forecasters that use these columns "
        "have no forecast there; give rows with them after the last value",
        stacklevel=3,
    )
