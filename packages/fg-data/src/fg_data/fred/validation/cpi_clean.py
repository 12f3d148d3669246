"""Consumer prices, undisturbed: parsed as they were sent, known when they were published."""

from __future__ import annotations

import json
import math
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from fg_core.errors import SourceKeyError, UnknownSeriesError
from fg_core.protocols import Requirement, ScenarioOutcome
from fg_core.validation import Check, missing, outcome_of
from fg_data.fred.adapter import FredMacroAdapter
from fg_data.fred.client import FredClient
from fg_data.fred.training import FredTrainingDataBuilder, fred_cpi_clean
from fg_data.validation import (
    RECORDINGS,
    Answer,
    Loopback,
    chronological,
    known_in_time,
    no_leaks,
    recordings_folder,
)
from fg_data.vintages import VintageHistory

from .live import NEEDS_KEY, not_asked
from .made_up import KEY, NOW, MadeUpFred, SentRow

__all__ = ["FredCpiClean"]

_SERIES = "CPIAUCSL"
_RECORDED = "fred/series_observations_CPIAUCSL_from2000_rt2026-07-14.json"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class FredCpiClean:
    """Consumer prices from a made-up FRED, and from recordings and the service where they are."""

    name: str = "fred_cpi_clean"
    description: str = (
        "consumer prices over HTTP: every figure, gap, revision and publication as sent; growth by "
        "its formula; a split without leaks; refusals by name, without the key"
    )
    requires: tuple[Requirement, ...] = (RECORDINGS, NEEDS_KEY)

    def run(self, seed: int) -> ScenarioOutcome:
        """Ask a made-up service, and play the recordings if they are there."""
        return self._run(seed, live=False)

    def run_live(self, seed: int) -> ScenarioOutcome:
        """Ask the service itself as well, if there is a key."""
        return self._run(seed, live=True)

    def _run(self, seed: int, *, live: bool) -> ScenarioOutcome:
        made_up = MadeUpFred(seed)
        rows = made_up.rows[_SERIES]
        checks: list[Check] = []
        with Loopback(made_up.answer) as service, tempfile.TemporaryDirectory() as folder:
            adapter = made_up.adapter(service)
            history = adapter.history(_SERIES)
            checks += _as_sent(history, rows)
            builder = FredTrainingDataBuilder(
                adapter,
                series=(_SERIES, "UNRATE"),
                cache_dir=Path(folder),
                offline=False,
                clock=lambda: NOW,
            )
            bundle = fred_cpi_clean(builder)
            refused = _refusals(made_up, service)
        growth = _growth_as_first_known(rows)
        values = {
            row.timestamp.date(): row.value
            for part in (bundle.train, bundle.valid, bundle.test)
            for row in part
        }
        wrong = [
            day
            for day, value in values.items()
            if not math.isclose(value, growth.get(day, math.nan), rel_tol=1e-9, abs_tol=1e-9)
        ]
        checks += [
            chronological(bundle),
            no_leaks(bundle),
            known_in_time(bundle.test),
            Check(
                "growth is that between the figures as they stood when it was first known",
                bool(values) and not wrong,
                f"{len(values)} rows, {len(wrong)} others",
            ),
            *refused,
        ]
        skipped: list[str] = []
        recorded = recordings_folder()
        if recorded is None or not (recorded / _RECORDED).is_file():
            skipped.append(missing("recorded answers", RECORDINGS))
        else:
            checks.append(_recorded(recorded / _RECORDED))
        why = not_asked("the service's own figures", live=live)
        if why is None:
            checks.append(_service())
        else:
            skipped.append(why)
        figures = {"rows": float(len(values)), "prints": float(len(history.prints))}
        return outcome_of(checks, figures, skipped=skipped)


def _as_sent(history: VintageHistory, rows: tuple[SentRow, ...]) -> list[Check]:
    """Compare a history with the rows of the body, by rules written here anew."""
    sent = {(row.day, row.value, row.first) for row in rows}
    read = {
        (
            one.period.date(),
            "." if one.value is None else f"{one.value:.3f}",
            _day_of(one.published),
        )
        for one in history.prints
    }
    # Publications before the archive's first day are assumed from release lags; here none is.
    moment = datetime.combine(date(2022, 6, 20), time(), UTC)
    standing = {
        row.day: float(row.value)
        for row in rows
        if row.value != "." and row.first < moment.date() <= date.fromisoformat(row.last)
    }
    then = {one.period.date(): one.value for one in history.as_of(moment) if one.value is not None}
    gaps = [row.day for row in rows if row.value == "."]
    return [
        Check(
            "every figure is read with its period and the day of its publication",
            len(history.prints) == len(rows) and _after_first(read) == _after_first(sent),
            f"{len(history.prints)} prints of {len(rows)} rows",
        ),
        Check(
            "a month that was never collected is missing, not zero",
            bool(gaps)
            and all(one.value is None for one in history.prints if one.period.date() in gaps),
        ),
        Check(
            "at a moment in the past, figures are those that stood then",
            bool(standing) and then == standing,
            f"{len(then)} of {len(standing)}",
        ),
    ]


def _after_first(rows: set[tuple[date, str, date]]) -> set[tuple[date, str, date]]:
    """Return the rows without the first one, whose publication is assumed: it began the archive."""
    first = min(day for day, _, _ in rows)
    return {row for row in rows if row[0] != first}


def _day_of(published: datetime) -> date:
    """Return the day of the archive: figures count from the end of that day on."""
    return (published - _DAY).date()


def _growth_as_first_known(rows: tuple[SentRow, ...]) -> dict[date, float]:
    """Return the annualised growth of each month, in per cent, at its first publication."""
    found = {}
    for row in rows:
        if row.value == "." or row.day in found:
            continue
        before = (row.day - _DAY).replace(day=1)
        standing = [
            one
            for one in rows
            if one.day == before and one.first <= row.first <= date.fromisoformat(one.last)
        ]
        if standing and standing[0].value != ".":
            ratio = float(row.value) / float(standing[0].value)
            found[row.day] = 1200.0 * math.log(ratio)
    return found


def _refusals(made_up: MadeUpFred, service: Loopback) -> list[Check]:
    unknown = wrong_key = ""
    try:
        made_up.adapter(service).history("NOSUCHSERIES")
    except UnknownSeriesError as error:
        unknown = str(error)
    other = KEY[::-1]
    try:
        made_up.adapter(service, other).history(_SERIES)
    except SourceKeyError as error:
        wrong_key = str(error)
    return [
        Check("an unknown series is refused by its name", "NOSUCHSERIES" in unknown, unknown),
        Check(
            "a key that is not accepted is refused, and not shown",
            bool(wrong_key) and other not in wrong_key,
        ),
    ]


def _recorded(path: Path) -> Check:
    """Serve a recorded body as it was sent, and compare what is read with its raw JSON."""
    body = path.read_bytes()
    raw = json.loads(body)["observations"]
    with Loopback(lambda _path, _asked: Answer(body)) as service:
        client = FredClient(f"{service.url}/fred", KEY, service.transport())
        read = client.observations(_SERIES)
    same = [
        (row.day.isoformat(), row.value)
        == (sent["date"], None if sent["value"] == "." else float(sent["value"]))
        for row, sent in zip(read, raw, strict=False)
    ]
    return Check(
        "a recorded answer of the service is read row by row",
        len(read) == len(raw) and all(same),
        f"{len(read)} of {len(raw)} rows",
    )


def _service() -> Check:
    """Ask the service itself."""
    history = FredMacroAdapter().history(_SERIES, start=date(2019, 1, 1))
    early = [one for one in history.prints if one.published <= one.period]
    revised = len(history.prints) - len({one.period for one in history.prints})
    return Check(
        "the service's own prices are there, with revisions, none published before its period",
        len(history.prints) > 60 and revised > 0 and not early,
        f"{len(history.prints)} prints, {revised} of them revisions",
    )
