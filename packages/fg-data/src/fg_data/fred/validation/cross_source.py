"""Two sources of one quantity: found to agree where they do, and to disagree where they do not."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from itertools import pairwise
from pathlib import Path

from fg_core import Dataset, Observation, Query
from fg_core.calendar import period_end
from fg_core.protocols import Requirement, ScenarioOutcome
from fg_core.rng import Stream
from fg_core.validation import Check, missing, outcome_of
from fg_data.datasets import load_dataset
from fg_data.histories import HistoryOptions, dataset_of
from fg_data.quality import Agreement, compare_series
from fg_data.validation import RECORDINGS, Loopback, recordings_folder

from .made_up import NOW, MadeUpFred

__all__ = ["CrossSourceConsistency"]

_SERIES, _UNITS = "UNRATE", 10.0
_TOLERANCE = 0.01
_RECORDED = "fred/series_observations_UNRATE_from2000_rt2026-04-03.json"
_RECORDED_TOLERANCE = 0.25


@dataclass(frozen=True)
class CrossSourceConsistency:
    """Monthly unemployment of a made-up service beside a quarterly file of it in other units."""

    name: str = "cross_source_consistency"
    description: str = (
        "one quantity from a service over HTTP, monthly, and from a file, quarterly and in other "
        "units: agreement within a stated tolerance, and disagreement for a wrong figure, unit, "
        "period or way of aggregation"
    )
    requires: tuple[Requirement, ...] = (RECORDINGS,)

    def run(self, seed: int) -> ScenarioOutcome:
        """Compare the two as they are, and with one fault each."""
        made_up = MadeUpFred(seed)
        with Loopback(made_up.answer) as service:
            history = made_up.adapter(service).history(_SERIES)
        options = HistoryOptions.from_texts({"vintage": "latest"}, source="scenario")
        provenance = load_dataset("us_macro", series="unemp").provenance
        monthly = dataset_of({_SERIES: history}, Query((_SERIES,)), NOW, options, provenance)
        means = _quarterly_means(made_up)
        quarterly = _from_file({day: _UNITS * mean for day, mean in means.items()})
        rows = quarterly.series("y")

        def compared(
            second: Sequence[Observation], factor: float | None, by: str = "avg"
        ) -> Agreement:
            return compare_series(
                monthly.series(_SERIES),
                second,
                frequencies=("M", "Q"),
                tolerance=_TOLERANCE,
                relative=False,
                method=by,
                factor=factor,
            )

        agreed = compared(rows, 1.0 / _UNITS)
        found = compared(rows, None)
        at = int(len(rows) * Stream(seed, "cross-source fault").uniform(0))
        wrong = (*rows[:at], replace(rows[at], value=1.05 * rows[at].value), *rows[at + 1 :])
        one_wrong = compared(wrong, 1.0 / _UNITS)
        moved = [replace(later, value=row.value) for row, later in pairwise(rows)]
        late = compared(moved, 1.0 / _UNITS)
        units = compared(rows, 1.0)
        last = compared(rows, 1.0 / _UNITS, "eop")
        checks = [
            Check(
                "quarterly means of the service's months are those of the file, in its units",
                agreed.agrees and agreed.n_shared == len(means) > 20,
                str(agreed),
            ),
            Check(
                "the factor of units is found where it is not stated",
                found.agrees and abs(found.factor * _UNITS - 1.0) < 0.01,
                str(found),
            ),
            Check(
                "one figure that is off by 5 % is a disagreement, and is named",
                not one_wrong.agrees
                and one_wrong.n_apart == 1
                and one_wrong.worst_period == rows[at].timestamp,
                str(one_wrong),
            ),
            Check(
                "another unit that is not stated is a disagreement in every quarter",
                not units.agrees and units.n_apart == units.n_shared,
                str(units),
            ),
            Check(
                "figures of the quarter before are a disagreement",
                not late.agrees,
                str(late),
            ),
            Check(
                "the last month of a quarter is not its mean",
                not last.agrees,
                str(last),
            ),
        ]
        recorded = recordings_folder()
        skipped = []
        if recorded is None or not (recorded / _RECORDED).is_file():
            skipped.append(missing("recorded answers beside the embedded series", RECORDINGS))
        else:
            checks.append(_recorded(recorded / _RECORDED))
        figures = {"largest_difference": agreed.worst, "shared_quarters": float(agreed.n_shared)}
        return outcome_of(checks, figures, skipped=skipped)


def _quarterly_means(made_up: MadeUpFred) -> dict[date, float]:
    """Return the means of the months that were sent, by first day of the quarter."""
    months: dict[date, list[float]] = {}
    for row in made_up.rows[_SERIES]:
        first = row.day.replace(month=row.day.month - (row.day.month - 1) % 3)
        months.setdefault(first, []).append(float(row.value))
    return {day: sum(values) / 3.0 for day, values in months.items() if len(values) == 3}


def _from_file(values: dict[date, float]) -> Dataset:
    """Return the rows of a file with these values."""
    lines = ["ds,y", *(f"{day.isoformat()},{value:.3f}" for day, value in values.items())]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "unemployment.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return load_dataset(str(path))


def _recorded(path: Path) -> Check:
    """Compare a recorded answer with the embedded series, which comes from an older vintage."""
    rows = [
        (datetime.combine(date.fromisoformat(row["date"]), time(), UTC), float(row["value"]))
        for row in json.loads(path.read_bytes())["observations"]
        if row["value"] != "."
    ]
    sent = [
        Observation(period, value, {}, period_end(period, "M"), _SERIES, "recorded")
        for period, value in rows
    ]
    found = compare_series(
        load_dataset("us_macro", series="unemp").series("unemp"),
        sent,
        frequencies=("Q", "M"),
        tolerance=_RECORDED_TOLERANCE,
        relative=False,
    )
    return Check(
        "a recorded answer agrees with the embedded series of another vintage",
        found.agrees and found.n_shared > 30,
        str(found),
    )
