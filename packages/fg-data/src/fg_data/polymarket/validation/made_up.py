"""A small made-up Polymarket, in the envelopes that its two services send, with their quirks.

Lists are JSON inside strings, times stand in three notations, points come seconds late, outcomes
are not in the order that one would guess, a resolved market answers an interval or a long window
with nothing, and offsets end at a ceiling. Written apart from the code that reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from fg_core.rng import Stream
from fg_data.polymarket.adapter import PolymarketAdapter
from fg_data.validation import Answer, Loopback

__all__ = ["BOOKLESS", "LONG", "NOW", "N_LISTED", "OPEN", "SHORT", "MadeUpPolymarket"]

NOW = datetime(2026, 11, 30, 12, 30, tzinfo=UTC)
"""Its present."""

LONG, OPEN, SHORT, BOOKLESS = "rate-cut-in-2026", "rain-in-2026", "up-or-down", "not-yet-tradable"
N_LISTED = 230
"""Number of markets in its list."""

_CEILING, _LONGEST_WINDOW = 100, 15 * 86_400
_LIVES = {
    LONG: (datetime(2026, 9, 1, 4, 10, tzinfo=UTC), datetime(2026, 10, 17, 15, 17, 41, tzinfo=UTC)),
    OPEN: (datetime(2026, 11, 3, 8, tzinfo=UTC), None),
    SHORT: (datetime(2026, 11, 20, 7, tzinfo=UTC), datetime(2026, 11, 20, 7, 40, tzinfo=UTC)),
}
_OUTCOMES = {LONG: ("No", "Yes"), OPEN: ("Yes", "No"), SHORT: ("Up", "Down")}


@dataclass(frozen=True)
class MadeUpPolymarket:
    """Answers of both services.

    Args:
        seed: Seed of the prices.
    """

    seed: int = 7
    sent: Mapping[str, tuple[tuple[int, float], ...]] = field(init=False)

    def __post_init__(self) -> None:
        found = {}
        for number, (slug, outcomes) in enumerate(_OUTCOMES.items()):
            points = _points(self.seed, number, slug)
            for place, outcome in enumerate(outcomes):
                # The two prices do not sum to one, as on thin markets.
                found[f"{slug}:{outcome}"] = (
                    points if place == 0 else tuple((t, round(0.99 - p, 4)) for t, p in points)
                )
        object.__setattr__(self, "sent", found)

    def adapter(self, service: Loopback) -> PolymarketAdapter:
        """Return an adapter that asks a loopback service.

        Args:
            service: Service that is running.
        """
        return PolymarketAdapter(
            base_url=f"{service.url}/gamma",
            clob_url=f"{service.url}/clob",
            transport=service.transport(),
            clock=lambda: NOW,
        )

    def answer(self, path: str, asked: Mapping[str, str]) -> Answer:
        """Return the answer to a request."""
        if path.startswith("/gamma/markets/slug/"):
            slug = path.rsplit("/", 1)[-1]
            if slug not in (*_LIVES, BOOKLESS):
                return _reply({"type": "not found error", "error": "slug not found"}, 404)
            return _reply(_described(slug))
        if path.startswith("/gamma/markets"):
            return _listed(path, asked)
        if path == "/clob/prices-history":
            return self._history(asked)
        return Answer(b"", 404)

    def _history(self, asked: Mapping[str, str]) -> Answer:
        by_token = {_token(name): name for name in self.sent}
        name = by_token.get(asked.get("market", ""))
        if name is None:
            return _reply({"error": "Invalid token id"}, 400)
        slug = name.partition(":")[0]
        first, last = int(asked.get("startTs", "0")), int(asked.get("endTs", "0"))
        ended = _LIVES[slug][1] is not None
        nothing = ended and ("interval" in asked or last - first > _LONGEST_WINDOW)
        if nothing or (slug == SHORT and int(asked["fidelity"]) >= 60):
            return _reply({"history": []})
        # Bounds are rounded outwards by a minute, and rows come unsorted.
        rows = [{"t": t, "p": p} for t, p in self.sent[name] if first - 60 <= t <= last + 60]
        return _reply({"history": rows[::-1]})


def _points(seed: int, number: int, slug: str) -> tuple[tuple[int, float], ...]:
    """Return a price per hour, or per minute of the short market, some seconds late."""
    stream = Stream(seed, "made-up Polymarket")
    start, end = _LIVES[slug]
    step = timedelta(minutes=1) if slug == SHORT else timedelta(hours=1)
    at = start.replace(minute=0)
    found: list[tuple[int, float]] = []
    while at + timedelta(seconds=5) <= (end or NOW):  # no price after the end of trade
        k = len(found)
        late = 1 + int(4 * stream.uniform(k, 2 * number))
        price = 0.5 + 0.12 * stream.normal(k, 2 * number + 1)
        found.append((int(at.timestamp()) + late, round(min(max(price, 0.0), 0.99), 4)))
        at += step
    return tuple(found)


def _token(name: str) -> str:
    return str(int.from_bytes(name.encode(), "big"))


def _described(slug: str) -> dict[str, object]:
    if slug == BOOKLESS:
        facts: dict[str, object] = {"slug": slug, "question": "Later?", "closed": False}
        return {**facts, "outcomes": json.dumps(["Yes", "No"])}
    start, end = _LIVES[slug]
    outcomes = _OUTCOMES[slug]
    facts = {
        "id": "1",
        "slug": slug,
        "question": f"Will it be {slug}?",
        "outcomes": json.dumps(outcomes),
        "outcomePrices": json.dumps(["0", "1"] if end else ["0.4", "0.6"]),
        "clobTokenIds": json.dumps([_token(f"{slug}:{outcome}") for outcome in outcomes]),
        "createdAt": start.strftime("%Y-%m-%dT%H:%M:%S.332Z"),
        "endDate": "2026-12-31T12:00:00Z",
        "lastTradePrice": 1,
        "closed": end is not None,
        "aFieldOfTomorrow": {"x": None},
    }
    if end is not None:
        facts["closedTime"] = end.strftime("%Y-%m-%d %H:%M:%S+00")
        facts["umaResolutionStatus"] = "resolved"
    return facts


def _listed(path: str, asked: Mapping[str, str]) -> Answer:
    cursor = path.endswith("/keyset")
    if cursor and "offset" in asked:
        return _reply({"type": "validation error", "error": "offset is not allowed"}, 422)
    first = int(asked.get("after_cursor" if cursor else "offset", "0"))
    if not cursor and first >= _CEILING:
        words = "offset too large, use /markets/keyset for deeper pagination"
        return _reply({"type": "validation error", "error": words}, 422)
    last = min(first + int(asked["limit"]), N_LISTED)
    # Another market is opened between pages: what follows moves by one place.
    page = [{"slug": f"m-{max(k - (first > 0), 0)}", "closed": False} for k in range(first, last)]
    if not cursor:
        return _reply(page)
    return _reply({"markets": page} | ({"next_cursor": str(last)} if last < N_LISTED else {}))


def _reply(body: object, status: int = 200) -> Answer:
    return Answer(json.dumps(body).encode(), status)
