"""The adapter against services that write the documented envelopes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug import Request, Response

from fg_core import ConfigError, DataError, SourceError
from fg_core.errors import SourceUnavailableError, UnknownSeriesError
from fg_data.polymarket import PolymarketAdapter
from fg_data.polymarket.price_history import daily_closes, windows

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
MARKET: dict[str, Any] = {
    "slug": "rain",
    "outcomes": '["No", "Yes"]',
    "outcomePrices": '["0.4", "0.6"]',
    "clobTokenIds": '["11", "22"]',
    "createdAt": "2026-11-01T08:00:00.5Z",
    "startDate": "2026-11-02 08:00:00+00",
    "closed": False,
}


class Service:
    """Both services at one address, with one market."""

    def __init__(self, answering: Any, quick: Any) -> None:
        self.market: dict[str, Any] = MARKET
        self.prices: Any = {"history": [{"t": second("2026-11-03T22:00:00"), "p": 0.25}]}
        self.status = 200
        self.requests = answering.requests
        answering.answer = self._answer
        url = answering.url
        self.adapter = PolymarketAdapter(
            base_url=url, clob_url=url, transport=quick, clock=lambda: NOW
        )

    def asked(self, name: str) -> list[str]:
        """Values of a parameter of the requests for prices."""
        return [r.args[name] for r in self.requests if r.path == "/prices-history"]

    def _answer(self, request: Request) -> Response:
        prices = request.path == "/prices-history"
        body = json.dumps(self.prices if prices else self.market)
        status = self.status if prices else 200
        return Response(body, status=status, content_type="application/json")


@pytest.fixture
def service(answering: Any, quick: Any) -> Service:
    return Service(answering, quick)


def second(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp())


def test_outcomes_are_matched_by_their_names(service: Service) -> None:
    found = service.adapter.fetch_multi_series(("rain", "rain:no", "rain:Maybe", "rain:YES"))
    assert list(found.histories) == ["rain", "rain:no", "rain:YES"]
    assert "there are rain:No, rain:Yes" in str(found.errors["rain:Maybe"])
    assert list(dict.fromkeys(service.asked("market"))) == ["22", "11"]
    assert found.metadata["rain:no"].title == "rain No"
    assert sum(r.path == "/markets/slug/rain" for r in service.requests) == 1


def test_a_span_asks_for_no_more_than_its_days(service: Service) -> None:
    history = service.adapter.history("rain", start=date(2026, 11, 3), end=date(2026, 11, 4))
    assert [(one.period.day, one.value) for one in history.prints] == [(3, 0.25)]
    assert service.asked("startTs") == [str(second("2026-11-03T00:00:00"))]
    assert service.asked("endTs") == [str(second("2026-11-05T00:00:00"))]
    assert service.asked("fidelity") == ["60"]
    assert history.prints[0].published == datetime(2026, 11, 4, tzinfo=UTC)


def test_a_short_market_is_asked_by_the_minute(service: Service) -> None:
    service.market = {**MARKET, "closed": True, "closedTime": "2026-11-03 08:30:00+00"}
    service.prices = {"history": [{"t": second("2026-11-03T08:10:03"), "p": 0.25}]}
    service.market |= {"createdAt": None, "startDate": "2026-11-03T08:00:00Z"}
    assert [one.value for one in service.adapter.history("rain").prints] == [0.25]
    assert service.asked("fidelity") == ["1"]


def test_a_market_that_does_not_tell_its_beginning_needs_a_start(service: Service) -> None:
    service.market = {**MARKET, "createdAt": None, "startDate": ""}
    with pytest.raises(DataError, match="state a start"):
        service.adapter.history("rain")
    assert service.adapter.history("rain", start=date(2026, 11, 1)).prints


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"slug": "snow"}, "'snow' came, which was not asked for"),
        ({"outcomes": '["Yes"]'}, "1 outcomes and 2 of clobTokenIds"),
        ({"outcomes": '["Yes", "yes"]'}, "two of the outcomes are equal"),
        ({"clobTokenIds": '["11", "11"]'}, "two of the tokens are equal"),
        ({"clobTokenIds": '["11", "0x2"]'}, "a token must be digits"),
        ({"outcomes": "[Yes, No]"}, "outcomes: the answer is not JSON"),
        ({"outcomes": '["Yes", 2]'}, "outcomes: .* not laid out as documented"),
        ({"outcomes": ["Yes", "No"]}, "not laid out as documented"),
        ({"outcomePrices": '["0.4", "many"]'}, "'many' is no number"),
        ({"closedTime": "yesterday"}, "'yesterday' is no moment with a time zone"),
        ({"closedTime": "2026-11-03T08:00:00"}, "is no moment with a time zone"),
    ],
)
def test_descriptions_that_are_odd(service: Service, change: dict[str, Any], message: str) -> None:
    service.market = {**MARKET, **change}
    with pytest.raises(SourceError, match=message):
        service.adapter.history("rain")


@pytest.mark.parametrize(
    ("history", "message"),
    [
        ([{"t": 1_762_000_000_000, "p": 0.5}], "is no moment in seconds"),
        ([{"t": -1, "p": 0.5}], "is no moment in seconds"),
        ([{"t": 1_762_000_000, "p": 1.5}], "is no price from 0 to 1"),
        ([{"t": 1_762_000_000, "p": "0.5"}], "not laid out as documented"),
        ([{"t": 1_762_000_000, "p": None}], "not laid out as documented"),
        ([{"t": 1_762_000_000, "p": True}], "not laid out as documented"),
        ([{"t": 1_762_000_000}], "missing required field `p`"),
        ([{"t": 9, "p": 0.5}, {"t": 9, "p": 0.25}], "two prices at the second 9"),
        (None, "not laid out as documented"),
    ],
)
def test_prices_that_are_odd(service: Service, history: Any, message: str) -> None:
    service.prices = {"history": history}
    with pytest.raises(SourceError, match=message):
        service.adapter.history("rain")


def test_an_engine_that_starts_anew_is_an_outage(service: Service) -> None:
    service.status, service.prices = 425, {"error": "Too Early"}
    with pytest.raises(SourceUnavailableError, match="starts anew"):
        service.adapter.history("rain")


@pytest.mark.parametrize(
    ("paid", "status", "closed", "due"),
    [
        (["0", "1"], "resolved", True, {"No": 0.0, "Yes": 1.0}),
        (["0.5", "0.5"], "resolved", True, {"No": 0.5, "Yes": 0.5}),
        (["0", "1"], "proposed", True, None),
        (["0", "1"], "resolved", False, None),
        (["0.003", "0.997"], "resolved", True, None),
        (None, "resolved", True, None),
    ],
)
def test_a_resolution_is_what_was_paid(
    service: Service, paid: list[str] | None, status: str, closed: bool, due: Any
) -> None:
    prices = None if paid is None else json.dumps(paid)
    changes = {"outcomePrices": prices, "umaResolutionStatus": status, "closed": closed}
    service.market = {**MARKET, **changes, "lastTradePrice": 1}
    assert service.adapter.market("rain").resolution == due


def test_names(service: Service) -> None:
    for name in ("", "two words", "../events", "a/b", ":Yes", "-x"):
        with pytest.raises(UnknownSeriesError, match="names are SLUG:OUTCOME"):
            service.adapter.history(name)
    assert not service.requests


def test_a_list_that_does_not_end(answering: Any, quick: Any) -> None:
    adapter = PolymarketAdapter(base_url=answering.url, transport=quick)

    def answer(request: Request) -> Response:
        if request.path == "/markets":
            return Response('{"error": "use keyset"}', status=422, content_type="application/json")
        body = {"markets": [{"slug": "rain"}], "next_cursor": "c"}
        return Response(json.dumps(body), content_type="application/json")

    answering.answer = answer
    assert len(adapter.markets(closed=True, limit=1)) == 1
    with pytest.raises(SourceError, match="cursor 'c' came twice"):
        adapter.markets(closed=True)
    with pytest.raises(ConfigError, match="1 or more"):
        adapter.markets(closed=True, limit=0)
    answering.answer = lambda _: Response('{"error": "use keyset"}', status=422)
    with pytest.raises(SourceError, match="use keyset"):  # at the cursor's address too
        adapter.markets(closed=True)


@given(st.integers(1_600_000_000, 1_700_000_000), st.integers(0, 200 * 86_400))
def test_windows_cover_every_second_once(begun: int, seconds: int) -> None:
    start = datetime.fromtimestamp(begun, UTC)
    end = start + timedelta(seconds=seconds)
    found = list(windows(start, end))
    assert found[0][0] <= start.timestamp() < found[0][0] + 86_400
    assert found[-1][1] == int(end.timestamp())
    assert all(0 <= last - first < 15 * 86_400 for first, last in found)
    assert all(first == last + 1 for (_, last), (first, _) in pairwise(found))


@given(st.dictionaries(st.integers(1_600_000_000, 1_600_900_000), st.floats(0, 1), max_size=40))
def test_no_close_knows_of_a_later_price(points: dict[int, float]) -> None:
    """Prices from a midnight on do not move a close of before."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    closes = daily_closes(points, now)
    midnight = 1_600_473_600
    early = daily_closes({t: p for t, p in points.items() if t < midnight}, now)
    assert early == {day: p for day, p in closes.items() if day.timestamp() < midnight}
    assert daily_closes(dict(reversed(points.items())), now) == closes
