"""Growth of output, undisturbed: as it was sent, and never a projection for an observation."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from fg_core import Dataset, Query
from fg_core.errors import ForecastGameError, UnknownSeriesError
from fg_core.protocols import Requirement, ScenarioOutcome
from fg_core.validation import Check, missing, outcome_of
from fg_data.cache import CacheStore
from fg_data.histories import CachedHistories, HistoryOptions, dataset_of_query
from fg_data.imf.adapter import ImfAdapter
from fg_data.imf.service import IMF, IMF_NOTICE
from fg_data.validation import RECORDINGS, Answer, Loopback, known_in_time, recordings_folder
from fg_data.vintages import VintageHistory

from .made_up import FIRST_YEAR, INDICATOR, LAST_ACTUAL, NOW, MadeUpImf

__all__ = ["ImfGdpClean"]

_AREAS = ("USA", "CHN", "AFG")
_NAMES = tuple(f"{INDICATOR}.{area}" for area in _AREAS)
_PORTAL = f"IMF.RES/WEO/AFG.{INDICATOR}.A"
_RECORDED = "imf/datamapper_NGDP_RPCH_USA_IND_EURO.json"
_LATER = timedelta(days=150)


@dataclass(frozen=True)
class ImfGdpClean:
    """Growth of output from a made-up IMF, and from a recording where it is."""

    name: str = "imf_gdp_clean"
    description: str = (
        "growth of output over HTTP: every actual figure as sent, no projection among them, "
        "editions as vintages, refusals by name, the citation"
    )
    requires: tuple[Requirement, ...] = (RECORDINGS,)

    def run(self, seed: int) -> ScenarioOutcome:
        """Ask a made-up service, and play the recording if it is there."""
        made_up = MadeUpImf(seed)
        with Loopback(made_up.answer) as service, tempfile.TemporaryDirectory() as folder:
            adapter = made_up.adapter(service)
            found = adapter.fetch_multi_series(_NAMES).require_all()
            rows = dataset_of_query(IMF, found, Query(_NAMES), None, HistoryOptions())
            checks = _as_sent(adapter, made_up)
            checks += _no_projection(rows, made_up)
            checks += _refusals(adapter)
            checks += _editions(adapter, seed, Path(folder))
        checks += [
            known_in_time(rows, "Y"),
            Check("the citation is among the notices", IMF_NOTICE in rows.provenance.notices),
            _spring(seed),
        ]
        skipped = []
        recorded = recordings_folder()
        if recorded is None or not (recorded / _RECORDED).is_file():
            skipped.append(missing("recorded answers", RECORDINGS))
        else:
            checks.append(_recorded(recorded / _RECORDED))
        return outcome_of(checks, {"rows": float(len(rows))}, skipped=skipped)


def _years(history: VintageHistory) -> dict[int, float | None]:
    return {one.period.year: one.value for one in history.prints}


def _as_sent(adapter: ImfAdapter, made_up: MadeUpImf) -> list[Check]:
    """Compare what was read with what was sent, projections apart."""
    checks = []
    for name, area in zip((*_NAMES, _PORTAL), (*_AREAS, "AFG"), strict=True):
        outlook = adapter.outlook(name)
        actual = {period.year: value for period, value in outlook.actual.items()}
        projected = {period.year: value for period, value in outlook.projected.items()}
        sent, last = made_up.sent[area], made_up.last_actual(area)
        checks.append(
            Check(
                f"figures of {name} are read as they were sent, actual ones to {last}",
                actual == {year: x for year, x in sent.items() if year <= last}
                and projected == {year: x for year, x in sent.items() if year > last},
                f"{len(actual)} actual and {len(projected)} projected of {len(sent)}",
            )
        )
    return checks


def _no_projection(rows: Dataset, made_up: MadeUpImf) -> list[Check]:
    """Compare the rows with the years that were over, by rules written here anew."""
    late = [row for row in rows if row.timestamp.year > LAST_ACTUAL]
    due = sum(made_up.last_actual(area) - FIRST_YEAR + 1 for area in _AREAS)
    return [
        Check("no row is a projection", not late, f"{len(late)} of {len(rows)} rows"),
        Check("every actual year has a row", len(rows) == due, f"{len(rows)} of {due}"),
    ]


def _refusals(adapter: ImfAdapter) -> list[Check]:
    checks = []
    for name in (f"{INDICATOR}.XYZ", "NONE_SUCH.USA", "IMF.RES/NONE/USA.X.A", "no name"):
        said = ""
        try:
            adapter.history(name)
        except UnknownSeriesError as error:
            said = str(error)
        parts = name.replace("/", ".").split(".")
        checks.append(
            Check(f"{name!r} is refused by its name", any(part in said for part in parts), said)
        )
    return checks


def _editions(adapter: ImfAdapter, seed: int, folder: Path) -> list[Check]:
    """Fetch twice, half a year apart, and ask what was known before the second time."""
    name, other = _NAMES[0], MadeUpImf(seed + 1)
    first = CachedHistories(adapter, CacheStore(folder, clock=lambda: NOW), IMF).fetch([name])
    with Loopback(other.answer) as service:
        again = CachedHistories(
            other.adapter(service), CacheStore(folder, clock=lambda: NOW + _LATER), IMF
        ).fetch([name])
    try:
        both, before = again[name], _years(first[name])
    except ForecastGameError as error:
        return [Check("a second fetch is a vintage", False, str(error))]
    then = {one.period.year: one.value for one in both.as_of(NOW + _LATER / 2)}
    now = {one.period.year: one.value for one in both.as_of(NOW + _LATER)}
    due = {year: x for year, x in other.sent["USA"].items() if year <= LAST_ACTUAL}
    return [
        Check("before the second fetch, figures are those of the first one", then == before),
        Check("after the second fetch, figures are those of the second one", now == due),
    ]


def _spring(seed: int) -> Check:
    """In April, the year before is still estimated."""
    made_up = MadeUpImf(seed, "World Economic Outlook (April 2026)")
    with Loopback(made_up.answer) as service:
        years = _years(made_up.adapter(service).history(_NAMES[0]))
    return Check(
        "in April, the last actual year is two years before", max(years) == 2024, str(max(years))
    )


def _recorded(path: Path) -> Check:
    """Serve a recorded body as it was sent, and compare what is read with its raw JSON."""
    body = path.read_bytes()
    raw = json.loads(body)["values"][INDICATOR]
    listed = json.dumps(
        {"indicators": {INDICATOR: {"label": "", "source": "April 2026", "unit": ""}}}
    ).encode()

    def answer(path: str, _asked: object) -> Answer:
        return Answer(listed if path.endswith("/indicators") else body)

    read = {}
    with Loopback(answer) as service:
        adapter = ImfAdapter(base_url=service.url, transport=service.transport(), clock=lambda: NOW)
        for area in raw:
            outlook = adapter.outlook(f"{INDICATOR}.{area}")
            both = {**outlook.actual, **outlook.projected}
            read[area] = {str(period.year): value for period, value in both.items()}
    return Check("a recorded answer is read figure by figure", read == raw, f"{len(raw)} areas")
