"""Markets as the service describes them: lists as JSON inside strings, times in three notations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from fg_core import DataError, SourceError
from fg_core.errors import UnknownSeriesError
from fg_data.http import decode_json
from fg_data.sdmx import read_value

__all__ = ["Market", "read_event", "read_market", "read_markets", "read_moment", "read_page"]

_RESOLVED = "resolved"
_FINAL = (0.0, 0.5, 1.0)
_USUAL = "Yes"


@dataclass(frozen=True)
class Market:
    """A question and its outcomes.

    Args:
        slug: Name in addresses, which is the name of its series.
        question: Question in words.
        outcomes: Names of the outcomes.
        tokens: Tokens of the outcomes, in their order; none: the market has no order book.
        prices: Last prices of the outcomes, in their order, 0 to 1; None: the service tells none.
        opened: Moment from which there may be prices; None: the service tells none.
        ends: Moment at which the question is to be decided; trade may go on until it is.
        closed_at: Moment at which trade ended; None: it goes on, or the service tells none.
        closed: Whether trade has ended.
        status: State of the decision, such as "resolved"; empty: the service tells none.
    """

    slug: str
    question: str
    outcomes: tuple[str, ...]
    tokens: tuple[str, ...]
    prices: tuple[float | None, ...]
    opened: datetime | None
    ends: datetime | None
    closed_at: datetime | None
    closed: bool
    status: str = ""

    def outcome(self, name: str = "") -> str:
        """Return an outcome as the market writes it.

        Args:
            name: Name of the outcome, in capitals or not; empty: "Yes".

        Returns:
            One of the outcomes.

        Raises:
            UnknownSeriesError: The market has no such outcome; the message names those it has.
        """
        wanted = (name or _USUAL).casefold()
        for one in self.outcomes:
            if one.casefold() == wanted:
                return one
        raise UnknownSeriesError(
            f"market {self.slug!r} of Polymarket has no outcome {name or _USUAL!r}; there are "
            f"{', '.join(f'{self.slug}:{one}' for one in self.outcomes) or 'none'}"
        )

    def token(self, name: str = "") -> str:
        """Return the token of an outcome, under which its prices are.

        Args:
            name: Name of the outcome; empty: "Yes".

        Returns:
            Digits of the token.

        Raises:
            UnknownSeriesError: The market has no such outcome.
            DataError: The market has no order book, and so no prices.
        """
        outcome = self.outcome(name)
        if not self.tokens:
            raise DataError(
                f"market {self.slug!r} of Polymarket has no order book, and so no prices"
            )
        return dict(zip(self.outcomes, self.tokens, strict=True))[outcome]

    @property
    def resolution(self) -> Mapping[str, float] | None:
        """Payment of each outcome, 0 to 1, once the question is decided; None before.

        A question that could not be decided pays one half each. The last price of a trade says
        nothing about it.
        """
        if not self.closed or self.status != _RESOLVED:
            return None
        paid = {
            name: price
            for name, price in zip(self.outcomes, self.prices, strict=False)
            if price is not None
        }
        if len(paid) < len(self.outcomes) or any(price not in _FINAL for price in paid.values()):
            return None
        return paid


class _Market(msgspec.Struct, rename="camel"):
    slug: str
    question: str | None = None
    outcomes: str | None = None
    outcome_prices: str | None = None
    clob_token_ids: str | None = None
    start_date: str | None = None
    created_at: str | None = None
    end_date: str | None = None
    closed_time: str | None = None
    closed: bool | None = None
    uma_resolution_status: str | None = None


class _Event(msgspec.Struct):
    slug: str
    markets: list[_Market] | None = None


class _Page(msgspec.Struct):
    markets: list[_Market]
    next_cursor: str | None = None


def read_market(body: bytes, *, what: str) -> Market:
    r"""Return the market that an answer describes.

    Args:
        body: Bytes of the answer, one object.
        what: Name of the answer in messages.

    Returns:
        The market.

    Raises:
        SourceError: Not laid out as documented, lists of different lengths, or an odd time.

    >>> body = b'{"slug": "rain", "outcomes": "[\\"Yes\\", \\"No\\"]", "closed": false}'
    >>> read_market(body, what="example").outcomes
    ('Yes', 'No')
    """
    return _market(decode_json(body, _Market, what=what), what)


def read_markets(body: bytes, *, what: str) -> tuple[Market, ...]:
    """Return the markets of a page that is asked for by offset.

    Args:
        body: Bytes of the answer, a bare list.
        what: Name of the answer in messages.

    Returns:
        Markets in the order of the answer.

    Raises:
        SourceError: As `read_market`.
    """
    return tuple(_market(one, what) for one in decode_json(body, list[_Market], what=what))


def read_page(body: bytes, *, what: str) -> tuple[tuple[Market, ...], str]:
    """Return the markets of a page that is asked for by cursor, and the next cursor.

    Args:
        body: Bytes of the answer, an object.
        what: Name of the answer in messages.

    Returns:
        Markets in the order of the answer; cursor of the next page, empty after the last.

    Raises:
        SourceError: As `read_market`.
    """
    page = decode_json(body, _Page, what=what)
    return tuple(_market(one, what) for one in page.markets), page.next_cursor or ""


def read_event(body: bytes, *, what: str) -> tuple[str, tuple[Market, ...]]:
    """Return the name of an event and its markets.

    Args:
        body: Bytes of the answer, one object.
        what: Name of the answer in messages.

    Returns:
        Name in addresses, and the markets in the order of the answer.

    Raises:
        SourceError: As `read_market`.
    """
    event = decode_json(body, _Event, what=what)
    return event.slug, tuple(_market(one, what) for one in event.markets or ())


def read_moment(text: str | None, *, what: str) -> datetime | None:
    """Return a moment in any of the notations that stand beside each other in one object.

    Args:
        text: Moment with a time zone; None or empty: none.
        what: Name of the answer in messages.

    Returns:
        Moment in UTC; None for none.

    Raises:
        SourceError: No moment, or one without a time zone.

    >>> for text in ("2024-11-05T12:00:00Z", "2024-01-04T17:33:51.33Z", "2024-11-06 15:17:41+00"):
    ...     print(read_moment(text, what="example").isoformat())
    2024-11-05T12:00:00+00:00
    2024-01-04T17:33:51.330000+00:00
    2024-11-06T15:17:41+00:00
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise SourceError(f"{what}: {text[:40]!r} is no moment with a time zone") from None


def _market(raw: _Market, what: str) -> Market:
    what = f"{what}, market {raw.slug[:80]!r}"
    outcomes = _texts(raw.outcomes, "outcomes", what)
    tokens = _texts(raw.clob_token_ids, "clobTokenIds", what)
    prices = _texts(raw.outcome_prices, "outcomePrices", what)
    for name, found in (("clobTokenIds", tokens), ("outcomePrices", prices)):
        if found and len(found) != len(outcomes):
            raise SourceError(f"{what}: {len(outcomes)} outcomes and {len(found)} of {name}")
    for name, distinct in (("outcomes", {o.casefold() for o in outcomes}), ("tokens", set(tokens))):
        if len(distinct) != len(outcomes if name == "outcomes" else tokens):
            raise SourceError(f"{what}: two of the {name} are equal")
    if any(not (token.isascii() and token.isdigit()) for token in tokens):
        raise SourceError(f"{what}: a token must be digits, got {tokens!r}"[:300])
    begun = [read_moment(text, what=what) for text in (raw.start_date, raw.created_at)]
    return Market(
        raw.slug,
        " ".join((raw.question or raw.slug).split()),
        outcomes,
        tokens,
        tuple(read_value(price, what=what) for price in prices) or (None,) * len(outcomes),
        min((moment for moment in begun if moment is not None), default=None),
        read_moment(raw.end_date, what=what),
        read_moment(raw.closed_time, what=what),
        bool(raw.closed),
        raw.uma_resolution_status or "",
    )


def _texts(value: str | None, field: str, what: str) -> tuple[str, ...]:
    """Return a list of texts that is JSON inside a string."""
    if not value:
        return ()
    found: list[Any] = decode_json(value.encode(), list[str], what=f"{what}, {field}")
    return tuple(found)
