"""The source `hybrid`: a real history, extended or stressed by made-up paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fg_core import ConfigError, DataError, Dataset, Observation, Provenance, Query
from fg_core.calendar import infer_frequency, next_period, period_end
from fg_data.alignment import align
from fg_data.datasets import load_dataset
from fg_data.readings import is_rate
from fg_data.selection import known_rows
from fg_data.vintages import Print, VintageHistory

from .counterparts import counterpart_of, standard_path
from .joining import extended, stressed
from .options import HybridOptions

__all__ = ["SOURCE_NAME", "HybridSource", "hybrid_dataset"]

SOURCE_NAME = "hybrid"


@dataclass(frozen=True)
class HybridSource:
    """A real history up to a join, and from there on a made-up path that begins where it ended.

    `HybridOptions` says what may be chosen; `joining` has the formula and what the weights mean.
    Rows before the join are those of the base source, bit for bit, and say so in their `source`;
    the others are of the source "hybrid". The whole is marked as synthetic.

    >>> data = HybridSource().fetch(Query(("unemp",), options={"periods": "8"}))
    >>> len(data), data[202].source, data[203].source
    (211, 'us_macro', 'hybrid')
    """

    @property
    def name(self) -> str:
        """Name of the source."""
        return SOURCE_NAME

    def fetch(self, query: Query, as_of: datetime | None = None) -> Dataset:
        """Return the rows asked for, as far as they were or would be known by `as_of`.

        Args:
            query: Series of the base source (empty: its default ones), first and last period, the
                seed of the paths, and options; see `HybridOptions`.
            as_of: A moment with a time zone; None: everything.

        Returns:
            Rows in the units of the base source.

        Raises:
            ConfigError: An option that is unknown or out of its range.
            DataError: Nothing moves like a series, or too few real rows before the join.
        """
        options = HybridOptions.from_texts(query.options)
        if options.base == SOURCE_NAME:
            raise ConfigError("a hybrid cannot be the base of a hybrid; name a real source")
        base = load_dataset(options.base, series=query.series, seed=query.seed)
        made = hybrid_dataset(base, options, seed=query.seed)
        rows = known_rows(made.observations, query, as_of, source=SOURCE_NAME)
        return Dataset(
            rows,
            made.provenance,
            frequency=made.frequency,
            season_length=made.season_length,
            evaluation_start=made.evaluation_start,
            warmup_start=made.warmup_start,
            units=made.units,
        )


def hybrid_dataset(base: Dataset, options: HybridOptions, *, seed: int = 7) -> Dataset:
    """Return a dataset with its rows from the join on made up, or stressed.

    Args:
        base: The real history.
        options: Options of the extension or the stress.
        seed: Seed of the paths.

    Returns:
        Rows in the units of `base`, marked as synthetic.

    Raises:
        ConfigError: A seed out of its range.
        DataError: Nothing moves like a series, or too few real rows before the join.
    """
    join = options.join or _default_join(base, options.mode)
    real = {
        name: [row for row in base.series(name) if row.timestamp < join] for name in base.series_ids
    }
    made = {name: _made(base, name, rows, join, options, seed) for name, rows in real.items()}
    frequencies = {name: _frequency(base, name) for name in base.series_ids}
    contexts = _contexts(real, made, frequencies)
    rows: list[Observation] = []
    for name in base.series_ids:
        rows += real[name]
        rows += [
            Observation(period, value, contexts[name][moment], moment, name, SOURCE_NAME)
            for period, value, moment in made[name]
        ]
    n_made = sum(len(column) for column in made.values())
    return Dataset(
        tuple(rows),
        _provenance(base.provenance, options, join, seed, len(rows) - n_made, n_made),
        frequency=base.frequency,
        season_length=base.season_length,
        evaluation_start=base.evaluation_start,
        warmup_start=base.warmup_start,
        units=base.units,
    )


_Made = list[tuple[datetime, float, datetime]]
"""Period, value, and when it is known."""

_STRESS_SHARE = 0.8


def _default_join(base: Dataset, mode: str) -> datetime:
    periods = sorted({row.timestamp for row in base})
    if mode == "stress":
        return periods[int(_STRESS_SHARE * len(periods))]
    return next_period(periods[-1], base.frequency)


def _frequency(base: Dataset, name: str) -> str:
    """Return a series' own frequency, which may be coarser than that of the dataset."""
    days = [row.timestamp.date() for row in base.series(name)]
    try:
        return infer_frequency(days)
    except ValueError as error:
        raise DataError(f"series {name!r}: {error}") from error


def _made(
    base: Dataset,
    name: str,
    real: Sequence[Observation],
    join: datetime,
    options: HybridOptions,
    seed: int,
) -> _Made:
    """Return the values of one series from the join on."""
    if not real:
        raise DataError(f"series {name!r} has no real rows before the join, {join.date()}")
    frequency = _frequency(base, name)
    unit = base.units.get(name, "")
    is_level = bool(unit) and not is_rate(unit)
    after = [row for row in base.series(name) if row.timestamp >= join]
    n_made = options.periods if options.mode == "extend" else len(after)
    path = standard_path(
        counterpart_of(name, options.like), seed, frequency, n_made + 1, of_level=is_level
    )
    past = [row.value for row in real]
    if options.mode == "stress":
        values = stressed(
            past,
            [row.value for row in after],
            path,
            weight=options.weight,
            half_life=options.half_life,
            is_level=is_level,
        )
        return [
            (row.timestamp, value, row.available_at)
            for row, value in zip(after, values, strict=True)
        ]
    values = extended(
        past, path, weight=options.weight, half_life=options.half_life, is_level=is_level
    )
    lag = real[-1].available_at - period_end(real[-1].timestamp, frequency)
    found, period = [], real[-1].timestamp
    for value in values:
        period = next_period(period, frequency)
        found.append((period, value, period_end(period, frequency) + lag))
    return found


def _contexts(
    real: Mapping[str, Sequence[Observation]],
    made: Mapping[str, _Made],
    frequencies: Mapping[str, str],
) -> dict[str, dict[datetime, dict[str, float]]]:
    """Return the context of every made-up row: the other series as they would be known.

    A series has a column only where it has one in real rows: what is left out there, because it
    would give the value away, is left out here.
    """
    histories = []
    for name, rows in real.items():
        values = [(row.timestamp, row.value, row.available_at) for row in rows] + made[name]
        prints = tuple(Print(period, value, moment) for period, value, moment in values)
        histories.append(VintageHistory(name, frequencies[name], "", prints))
    moments = sorted({moment for column in made.values() for _, _, moment in column})
    table = align(histories, moments=moments) if moments else None
    found: dict[str, dict[datetime, dict[str, float]]] = {}
    for name, rows in real.items():
        allowed = {column for row in rows for column in row.macro_context}
        found[name] = {
            row.moment: {k: v for k, v in row.context().items() if k in allowed}
            for row in (table.rows if table else ())
        }
    return found


def _provenance(
    of: Provenance,
    options: HybridOptions,
    join: datetime,
    seed: int,
    n_real: int,
    n_made: int,
) -> Provenance:
    what = {"extend": "extended", "stress": "stressed"}[options.mode]
    chosen = (
        f"mode {options.mode}, weight {options.weight:g}, half-life {options.half_life:g} periods, "
        f"seed {seed}"
    )
    details = dict(of.details)
    details.update(
        {
            "base": of.source,
            "mode": options.mode,
            "join": join.astimezone(UTC).date().isoformat(),
            "weight": f"{options.weight:g}",
            "half_life": f"{options.half_life:g}",
            "seed": seed,
            "real_rows": n_real,
            "synthetic_rows": n_made,
        }
    )
    return Provenance(
        SOURCE_NAME,
        f"{of.source} {what} by made-up paths from {join.date()} on ({chosen})",
        of.licence,
        of.vintage,
        is_synthetic=True,
        fallback_for=of.fallback_for,
        notices=(
            f"Hybrid data: {n_real} rows of {of.source} are as they are there, {n_made} from "
            f"{join.date()} on are {what} by made-up paths ({chosen}); no figure made from these "
            "says anything about an economy.",
            *of.notices,
        ),
        details=details,
    )
