"""The source `polymarket`: daily prices of outcomes of prediction markets."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar

from fg_core import ConfigError, DataError, ForecastGameError, SourceError
from fg_core.errors import SourceUnavailableError, UnknownSeriesError
from fg_data.histories import DataService, SeriesDescription, Snapshot, SnapshotAdapter, Span
from fg_data.http import JSON, Response, map_concurrently, require_content

from .market import Market, read_event, read_market, read_markets, read_page
from .price_history import daily_closes, fidelity_minutes, read_points, windows
from .service import CLOB_URL, CLOB_URL_VARIABLE, POLYMARKET

__all__ = ["PolymarketAdapter"]

_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_HINT = (
    "names are SLUG:OUTCOME, such as fed-rate-hike-in-2025:No, where the slug is the last part of "
    "a market's address; SLUG alone is the outcome Yes"
)
_UNITS = "Price, 0 to 1"
_TOO_EARLY, _UNPROCESSABLE = 425, 422
_PAGE = 100
_WORKERS = 3


@dataclass(frozen=True)
class PolymarketAdapter(SnapshotAdapter[SeriesDescription]):
    """Daily prices of outcomes of prediction markets, which read as probabilities.

    A name is a market and an outcome ("fed-rate-hike-in-2025:No"); without an outcome, "Yes" is
    meant. Outcomes are matched by their names, never by their place. A day has its last price
    before midnight UTC, and the present day none. The resolution of a market is no price: it is in
    `market(slug).resolution`.

    Args:
        base_url: Address of the descriptions of markets (Gamma); empty: that of the environment
            variable POLYMARKET_BASE_URL, or the service's own.
        transport: Transport of the requests; None: at the pace of the service.
        clock: Function that returns the present moment, with a time zone.
        clob_url: Address of the prices (CLOB); empty: that of the environment variable
            POLYMARKET_CLOB_BASE_URL, or the service's own.
    """

    service: ClassVar[DataService[SeriesDescription]] = POLYMARKET

    _: KW_ONLY
    clob_url: str = ""

    def market(self, slug: str) -> Market:
        """Return a market by its name.

        Args:
            slug: Name in addresses.

        Returns:
            The market, open or closed, as it is now.

        Raises:
            UnknownSeriesError: No such market.
            SourceError: The service refuses, fails, or sends what cannot be used.
        """
        what = f"Polymarket market {slug}"
        body = self._described(f"markets/slug/{_slug(slug)}", what)
        market = read_market(body, what=what)
        if market.slug != slug:
            raise SourceError(f"{what}: {market.slug[:80]!r} came, which was not asked for")
        return market

    def event(self, slug: str) -> tuple[Market, ...]:
        """Return the markets of an event, which ask one question in several parts.

        Args:
            slug: Name of the event in addresses.

        Returns:
            Markets in the order of the service.

        Raises:
            UnknownSeriesError: No such event.
            SourceError: The service refuses, fails, or sends what cannot be used.
        """
        what = f"Polymarket event {slug}"
        body = self._described(f"events/slug/{_slug(slug)}", what)
        name, markets = read_event(body, what=what)
        if name != slug:
            raise SourceError(f"{what}: {name[:80]!r} came, which was not asked for")
        return markets

    def markets(self, *, closed: bool, limit: int = 100, tag_id: str = "") -> tuple[Market, ...]:
        """Return the newest markets.

        Pages are asked for by offset; where the service allows no larger one, by cursor.

        Args:
            closed: Whether those are meant whose trade has ended.
            limit: Largest number of markets, 1 or more.
            tag_id: Number of a tag that they must have; empty: any.

        Returns:
            Markets, each once; fewer than `limit` only where there are no more.

        Raises:
            ConfigError: A limit below 1.
            SourceError: The service refuses, fails, or sends what cannot be used.
        """
        if limit < 1:
            raise ConfigError(f"a limit is 1 or more, got {limit}")
        # Both are stated: what stands in for one that is missing has changed over the years.
        params = {"active": "true", "closed": str(closed).lower()}
        params |= {"order": "id", "ascending": "false", "limit": str(_PAGE)}
        params |= {"tag_id": tag_id} if tag_id else {}
        found: dict[str, Market] = {}
        for page in self._pages(params):
            for market in page:
                found.setdefault(market.slug, market)
            if len(found) >= limit:
                break
        return tuple(found.values())[:limit]

    def _pages(self, params: Mapping[str, str]) -> Iterator[tuple[Market, ...]]:
        what = "Polymarket list of markets"
        offset = 0
        while True:
            asked = {**params, "offset": str(offset)}
            response = self._transport().get(f"{self._address()}/markets", asked, accept=JSON)
            if response.status == _UNPROCESSABLE and b"keyset" in response.body:
                break
            page = read_markets(require_content(response, what=what), what=what)
            yield page
            if len(page) < _PAGE:
                return
            offset += _PAGE
        # A cursor cannot begin at an offset, so what came already comes again.
        cursor, seen = "", set[str]()
        while cursor not in seen:
            seen.add(cursor)
            asked = {**params, "after_cursor": cursor} if cursor else dict(params)
            response = self._transport().get(
                f"{self._address()}/markets/keyset", asked, accept=JSON
            )
            page, cursor = read_page(require_content(response, what=what), what=what)
            yield page
            if not cursor:
                return
        raise SourceError(f"{what}: the cursor {cursor[:40]!r} came twice")

    # ------------------------------------------------------------------------ series

    def _ask(
        self, names: Sequence[str], span: Span
    ) -> Mapping[str, Snapshot[SeriesDescription] | ForecastGameError]:
        by_slug: dict[str, list[str]] = {}
        for name in names:
            by_slug.setdefault(name.partition(":")[0], []).append(name)
        ask = partial(self._of_market, span=span)
        found: dict[str, Snapshot[SeriesDescription] | ForecastGameError] = {}
        for part in map_concurrently(ask, by_slug.items(), _WORKERS):
            found |= part
        return {name: found[name] for name in names}

    def _of_market(
        self, asked: tuple[str, Sequence[str]], *, span: Span
    ) -> dict[str, Snapshot[SeriesDescription] | ForecastGameError]:
        slug, names = asked
        try:
            market = self.market(slug)
        except ForecastGameError as error:
            return dict.fromkeys(names, error)
        found: dict[str, Snapshot[SeriesDescription] | ForecastGameError] = {}
        for name in names:
            try:
                found[name] = self._snapshot(name, market, span)
            except ForecastGameError as error:
                found[name] = error
        return found

    def _snapshot(self, name: str, market: Market, span: Span) -> Snapshot[SeriesDescription]:
        outcome = market.outcome(name.partition(":")[2])
        token, now = market.token(outcome), self.clock()
        begun = market.opened or span.start
        if begun is None:
            raise DataError(
                f"series {name!r}: the service does not tell when the market began; state a start"
            )
        last = min(market.closed_at or now, now)
        fidelity = fidelity_minutes(last - begun)
        first = begun if span.start is None else max(begun, span.start)
        if span.end is not None:  # the last period is a whole day
            last = min(last, span.end + timedelta(days=1))
        points: dict[int, float] = {}
        for window in windows(first, last):
            points |= self._points(name, token, fidelity, window)
        about = SeriesDescription(name, f"{market.question} {outcome}", _UNITS)
        closes: dict[datetime, float | None] = dict(daily_closes(points, now))
        # The last price of a day is known when the day ends.
        return Snapshot(closes, "D", about, 0)

    def _points(
        self, name: str, token: str, fidelity: int, window: tuple[int, int]
    ) -> dict[int, float]:
        what = f"Polymarket prices of {name}"
        first, last = window
        base = self.clob_url or os.environ.get(CLOB_URL_VARIABLE, "").strip() or CLOB_URL
        params = {
            "market": token,
            "startTs": str(first),
            "endTs": str(last),
            "fidelity": str(fidelity),
        }
        url = f"{base.rstrip('/')}/prices-history"
        body = _content(self._transport().get(url, params, accept=JSON), what)
        points = read_points(body, what=what)
        # The service rounds bounds outwards.
        return {second: price for second, price in points.items() if first <= second <= last}

    def _described(self, path: str, what: str) -> bytes:
        response = self._transport().get(f"{self._address()}/{path}", {}, accept=JSON)
        return _content(response, what)


def _content(response: Response, what: str) -> bytes:
    if response.status == _TOO_EARLY:
        raise SourceUnavailableError(
            f"{what}: the service starts anew (status {_TOO_EARLY}); try again later"
        )
    return require_content(response, what=what, hint=_HINT)


def _slug(slug: str) -> str:
    if not _SLUG.fullmatch(slug):
        raise UnknownSeriesError(f"Polymarket has no market {slug!r}: {_HINT}")
    return slug
