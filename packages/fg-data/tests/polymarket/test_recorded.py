"""Recorded answers of both services, served as they were sent, against the raw bodies."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from werkzeug import Request, Response

from fg_core import DataError, ForecastGameError, SourceError
from fg_core.errors import SourceUnavailableError, UnknownSeriesError
from fg_data.polymarket import Market, PolymarketAdapter

SLUG = "will-donald-trump-win-the-2024-us-presidential-election"
RESOLVED = "polymarket/gamma_markets_resolved_2024_election.json"
PRICES = "polymarket/clob_prices_history_daily_2024-07_2024-11.json"
EVENTS = "polymarket/gamma_events.json"
LONDON = "polymarket/gamma_event_london_temperature_negrisk.json"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def adapter(answering: Any, quick: Any) -> PolymarketAdapter:
    url = answering.url
    return PolymarketAdapter(base_url=url, clob_url=url, transport=quick, clock=lambda: NOW)


def play(answering: Any, recorded: Any, prices: Callable[[Request], bytes]) -> None:
    """Serve the resolved market, and prices by a function of the request."""
    market = json.dumps(recorded.json(RESOLVED)[0])

    def answer(request: Request) -> Response:
        body = market if request.path == f"/markets/slug/{SLUG}" else prices(request)
        return Response(body, content_type="application/json")

    answering.answer = answer


def agrees(market: Market, raw: dict[str, Any]) -> bool:
    """Whether a market has the facts of its raw description."""
    prices = [float(price) for price in json.loads(raw.get("outcomePrices") or "[]")]
    return (
        (market.slug, market.question, market.closed)
        == (raw["slug"], " ".join(raw["question"].split()), raw["closed"])
        and list(market.outcomes) == json.loads(raw["outcomes"])
        and list(market.tokens) == json.loads(raw.get("clobTokenIds") or "[]")
        and [price for price in market.prices if price is not None] == prices
        and (market.status == "resolved") == (raw.get("umaResolutionStatus") == "resolved")
    )


def test_closes_of_a_resolved_market_are_the_points_of_their_days(
    recorded: Any, answering: Any, adapter: PolymarketAdapter
) -> None:
    """The whole recording comes in each window: what lies outside of it is left out."""
    play(answering, recorded, lambda _: recorded.body(PRICES))
    history = adapter.history(SLUG)
    points = recorded.json(PRICES)["history"]
    assert {f"{one.period:%Y-%m-%d}": one.value for one in history.prints} == {
        datetime.fromtimestamp(point["t"], UTC).strftime("%Y-%m-%d"): point["p"] for point in points
    }
    asked = [r.args for r in answering.requests if r.path == "/prices-history"]
    yes = json.loads(recorded.json(RESOLVED)[0]["clobTokenIds"])[0]
    assert {args["market"] for args in asked} == {yes}
    spans = [(int(args["startTs"]), int(args["endTs"])) for args in asked]
    assert all(last - first < 15 * 86_400 for first, last in spans)
    # From the day of the market's beginning to the end of its trade, without a gap.
    assert all(first == last + 1 for (_, last), (first, _) in pairwise(spans))
    assert datetime.fromtimestamp(spans[0][0], UTC) == datetime(2024, 1, 4, tzinfo=UTC)
    assert datetime.fromtimestamp(spans[-1][1], UTC).isoformat() == "2024-11-06T15:17:41+00:00"
    # The last price is one from before the outcome, which is told apart.
    assert history.prints[-1].value == 0.58
    assert adapter.market(SLUG).resolution == {"Yes": 1.0, "No": 0.0}


def test_an_empty_history_is_a_series_without_values(
    recorded: Any, answering: Any, adapter: PolymarketAdapter
) -> None:
    empty = recorded.body("polymarket/clob_prices_history_empty.json")
    play(answering, recorded, lambda _: empty)
    with pytest.raises(DataError, match="has no values in these periods"):
        adapter.history(SLUG)


def test_descriptions_of_markets(recorded: Any, answering: Any, adapter: PolymarketAdapter) -> None:
    for name in (RESOLVED, "polymarket/gamma_markets_open_5.json"):
        answering.say(recorded.body(name), "application/json")
        raw = recorded.json(name)
        markets = adapter.markets(closed=True)
        assert len(markets) == len(raw)
        assert all(map(agrees, markets, raw))
    name = "polymarket/gamma_market_detail_btc_updown.json"
    answering.say(recorded.body(name), "application/json")
    assert agrees(adapter.market("btc-updown-5m-1774165800"), recorded.json(name))


def test_events_of_several_markets(
    recorded: Any, answering: Any, adapter: PolymarketAdapter
) -> None:
    for raw in (recorded.json(LONDON), *recorded.json(EVENTS)):
        answering.say(json.dumps(raw), "application/json")
        markets = adapter.event(raw["slug"])
        assert len(markets) == len(raw["markets"])
        assert all(map(agrees, markets, raw["markets"]))
    with pytest.raises(SourceError, match="came, which was not asked for"):
        adapter.event("another")


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("error_gamma_404", UnknownSeriesError, "id not found"),
        ("error_gamma_422_id_invalid", SourceError, "status 422, and says .*id is invalid"),
        ("error_gamma_500", SourceUnavailableError, "status 500"),
        ("error_clob_400_invalid_token", SourceError, "Invalid token id"),
        ("error_clob_404_no_orderbook", UnknownSeriesError, "No orderbook exists"),
    ],
)
def test_refusals(
    recorded: Any,
    answering: Any,
    adapter: PolymarketAdapter,
    name: str,
    kind: type[ForecastGameError],
    words: str,
) -> None:
    status = int(recorded.index[f"polymarket/{name}.json"]["status"])
    market = json.dumps(recorded.json(RESOLVED)[0])
    refusal = recorded.body(f"polymarket/{name}.json")

    def answer(request: Request) -> Response:
        if "clob" in name and request.path.startswith("/markets"):
            return Response(market, content_type="application/json")
        return Response(refusal, status=status, content_type="application/json")

    answering.answer = answer
    with pytest.raises(kind, match=words):
        adapter.history(SLUG)


def test_the_recorded_ceiling_of_offsets_leads_to_the_cursor(
    recorded: Any, answering: Any, adapter: PolymarketAdapter
) -> None:
    refusal = recorded.body("polymarket/error_gamma_422_offset_too_large.json")
    page = recorded.json("polymarket/gamma_markets_open_5.json")

    def answer(request: Request) -> Response:
        if request.path == "/markets":
            return Response(refusal, status=422, content_type="application/json")
        assert "offset" not in request.args
        return Response(json.dumps({"markets": page}), content_type="application/json")

    answering.answer = answer
    assert [one.slug for one in adapter.markets(closed=False)] == [raw["slug"] for raw in page]


@pytest.mark.parametrize("name", ["clob_book.json", "clob_midpoint.json"])
def test_other_answers_of_the_price_service_are_no_history(
    recorded: Any, answering: Any, adapter: PolymarketAdapter, name: str
) -> None:
    play(answering, recorded, lambda _: recorded.body(f"polymarket/{name}"))
    with pytest.raises(SourceError, match="missing required field `history`"):
        adapter.history(SLUG)
