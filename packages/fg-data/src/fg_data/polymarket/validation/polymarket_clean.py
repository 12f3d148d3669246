"""Prices of prediction markets, undisturbed: closes of the right outcome, known when they are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fg_core import Dataset, Query
from fg_core.errors import ForecastGameError
from fg_core.protocols import Requirement, ScenarioOutcome
from fg_core.validation import Check, missing, outcome_of
from fg_data.histories import HistoryOptions, dataset_of_query
from fg_data.polymarket.adapter import PolymarketAdapter
from fg_data.polymarket.service import POLYMARKET, POLYMARKET_NOTICE
from fg_data.validation import RECORDINGS, Answer, Loopback, known_in_time, recordings_folder
from fg_data.vintages import VintageHistory

from .made_up import BOOKLESS, LONG, N_LISTED, NOW, OPEN, SHORT, MadeUpPolymarket

__all__ = ["PolymarketClean"]

# "Yes" stands second in the first market, and is what a name without an outcome means.
_NAMES = {LONG: f"{LONG}:Yes", f"{LONG}:no": f"{LONG}:No", OPEN: f"{OPEN}:Yes"}
_SHORT = f"{SHORT}:Down"
_FOLDER = "polymarket"
_MARKET = "gamma_markets_resolved_2024_election.json"
_PRICES = "clob_prices_history_daily_2024-07_2024-11.json"


@dataclass(frozen=True)
class PolymarketClean:
    """Daily prices from a made-up Polymarket, and from recordings where they are."""

    name: str = "polymarket_clean"
    description: str = (
        "prices of prediction markets over HTTP: each daily close as sent, of the outcome that is "
        "named, none before its day is over; windows, ceilings, refusals by name, the citation"
    )
    requires: tuple[Requirement, ...] = (RECORDINGS,)

    def run(self, seed: int) -> ScenarioOutcome:
        """Ask a made-up service, and play the recordings if they are there."""
        made_up = MadeUpPolymarket(seed)
        with Loopback(made_up.answer) as service:
            adapter = made_up.adapter(service)
            found = adapter.fetch_multi_series((*_NAMES, _SHORT)).require_all()
            names = tuple(_NAMES)
            rows = dataset_of_query(POLYMARKET, found, Query(names), None, HistoryOptions())
            checks = _as_sent(found.histories, made_up)
            checks += _in_time(rows)
            checks += _resolution(adapter)
            checks += _refusals(adapter)
            listed = adapter.markets(closed=False, limit=10 * N_LISTED)
        slugs = [market.slug for market in listed]
        checks += [
            Check(
                "beyond the ceiling of offsets, every market is listed, once",
                len(slugs) == len(set(slugs))
                and {f"m-{k}" for k in range(N_LISTED - 1)} <= {*slugs},
                f"{len(slugs)} of {N_LISTED}",
            ),
            Check(
                "the citation is among the notices", POLYMARKET_NOTICE in rows.provenance.notices
            ),
        ]
        skipped = []
        recorded = recordings_folder()
        folder = None if recorded is None else recorded / _FOLDER
        if folder is None or not all((folder / one).is_file() for one in (_MARKET, _PRICES)):
            skipped.append(missing("recorded answers", RECORDINGS))
        else:
            checks.append(_recorded(folder))
        return outcome_of(checks, {"rows": float(len(rows))}, skipped=skipped)


def _closes(points: Iterable[tuple[int, float]]) -> dict[str, float]:
    """Return the last price of each day before the present one, by its date."""
    days: dict[str, float] = {}
    for second, price in sorted(points):
        days[datetime.fromtimestamp(second, UTC).date().isoformat()] = price
    return {day: price for day, price in days.items() if day < NOW.date().isoformat()}


def _read(history: VintageHistory) -> dict[str, float | None]:
    return {one.period.date().isoformat(): one.value for one in history.prints}


def _as_sent(histories: Mapping[str, VintageHistory], made_up: MadeUpPolymarket) -> list[Check]:
    """Compare what was read with what was sent for the outcome of that name."""
    checks = []
    for name, outcome in {**_NAMES, _SHORT: _SHORT}.items():
        due, read = _closes(made_up.sent[outcome]), _read(histories[name])
        checks.append(
            Check(
                f"every daily close of {name} is that of {outcome}, as it was sent",
                read == due,
                f"{len(read)} of {len(due)} days",
            )
        )
    return checks


def _in_time(rows: Dataset) -> list[Check]:
    late = [row for row in rows if row.timestamp + timedelta(days=1) > NOW]
    return [
        known_in_time(rows, "D"),
        Check("the day that is not over has no close", not late, f"{len(late)} rows"),
    ]


def _resolution(adapter: PolymarketAdapter) -> list[Check]:
    paid, undecided = adapter.market(LONG).resolution, adapter.market(OPEN).resolution
    return [
        Check("a resolved market tells what it paid", paid == {"No": 0.0, "Yes": 1.0}, str(paid)),
        Check("an open market is not resolved", undecided is None, str(undecided)),
    ]


def _refusals(adapter: PolymarketAdapter) -> list[Check]:
    checks = []
    for name, words in (
        ("none-such", "none-such"),
        (f"{SHORT}:Yes", f"{SHORT}:Up, {SHORT}:Down"),
        (BOOKLESS, "no order book"),
        ("no name", "no name"),
    ):
        said = ""
        try:
            adapter.history(name)
        except ForecastGameError as error:
            said = str(error)
        checks.append(Check(f"{name!r} is refused by its name", words in said, said))
    return checks


def _recorded(folder: Path) -> Check:
    """Serve recorded bodies by windows, and compare what is read with the raw points."""
    market = json.loads((folder / _MARKET).read_bytes())[0]
    points = json.loads((folder / _PRICES).read_bytes())["history"]

    def answer(path: str, asked: Mapping[str, str]) -> Answer:
        if path != "/prices-history":
            return Answer(json.dumps(market).encode())
        first, last = int(asked["startTs"]), int(asked["endTs"])
        rows = [point for point in points if first <= point["t"] <= last]
        return Answer(json.dumps({"history": rows}).encode())

    with Loopback(answer) as service:
        adapter = PolymarketAdapter(
            base_url=service.url,
            clob_url=service.url,
            transport=service.transport(),
            clock=lambda: NOW,
        )
        read = _read(adapter.history(market["slug"]))
    due = _closes((point["t"], point["p"]) for point in points)
    return Check("a recorded history is read day by day", read == due, f"{len(due)} days")
