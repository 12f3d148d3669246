"""A small made-up IMF, in the envelopes that DataMapper and the data portal send.

Growth of three areas from 1990 on, with projections five years ahead in the same map, an area that
stops early, and the empty key with null that was seen. Written apart from the code that reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fg_core.rng import Stream
from fg_data.imf.adapter import ImfAdapter
from fg_data.validation import Answer, Loopback

__all__ = ["EDITION", "FIRST_YEAR", "INDICATOR", "LAST_ACTUAL", "NOW", "MadeUpImf"]

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
"""Its present."""

INDICATOR = "NGDP_RPCH"
EDITION = "World Economic Outlook (October 2026)"
FIRST_YEAR, LAST_ACTUAL, _LAST_YEAR = 1990, 2025, 2031
_AREAS = ("USA", "CHN", "AFG")
_STOPS = {"AFG": 2023}


@dataclass(frozen=True)
class MadeUpImf:
    """Answers of both services.

    Args:
        seed: Seed of the figures.
        edition: Edition that the list of indicators names.
    """

    seed: int = 7
    edition: str = EDITION
    sent: Mapping[str, Mapping[int, float]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sent", _figures(self.seed))

    def adapter(self, service: Loopback) -> ImfAdapter:
        """Return an adapter that asks a loopback service.

        Args:
            service: Service that is running.
        """
        return ImfAdapter(
            base_url=f"{service.url}/datamapper",
            sdmx_url=f"{service.url}/sdmx",
            transport=service.transport(),
            clock=lambda: NOW,
        )

    @staticmethod
    def last_actual(area: str) -> int:
        """Return the last year of an area with actual figures in the October edition."""
        return _STOPS.get(area, LAST_ACTUAL)

    def answer(self, path: str, _asked: Mapping[str, str]) -> Answer:
        """Return the answer to a request."""
        if path == "/datamapper/indicators":
            facts = {
                "label": "Real GDP growth",
                "source": self.edition,
                "unit": "Annual percent change",
            }
            return _reply({"indicators": {INDICATOR: facts, "": None}})
        if path.startswith(f"/datamapper/{INDICATOR}/"):
            found = {
                area: {str(year): x for year, x in self.sent[area].items()}
                for area in path.split("/")[3:]
                if area in self.sent
            }
            return _reply(
                {
                    "values": {INDICATOR: found, "": None} if found else [],
                    "api": {"version": "1", "output-method": "json"},
                }
            )
        key = path.rsplit("/", 1)[-1].split(".")
        if path.startswith("/sdmx/data/dataflow/IMF.RES/WEO/+/") and key[0] in self.sent:
            return _reply(self._message(key))
        return Answer(b"", 204)

    def _message(self, key: list[str]) -> dict[str, object]:
        """Return an SDMX-JSON 2.0 message, whose actual years end at an attribute."""
        years = self.sent[key[0]]
        last = self.last_actual(key[0])
        dimensions = [
            {"id": name, "keyPosition": n, "values": [{"id": code}]}
            for n, (name, code) in enumerate(
                zip(("COUNTRY", "INDICATOR", "FREQUENCY"), key, strict=True)
            )
        ]
        time = {"id": "TIME_PERIOD", "values": [{"value": str(year)} for year in years]}
        latest = {"id": "LATEST_ACTUAL_ANNUAL_DATA", "values": [{"value": f"FY{last}/{last + 1}"}]}
        series = {"observations": {str(n): [repr(x)] for n, x in enumerate(years.values())}}
        return {
            "meta": {},
            "data": {
                "dataSets": [
                    {
                        "structure": 0,
                        "series": {"0:0:0": series},
                        "dimensionGroupAttributes": {"0:0::": [0]},
                    }
                ],
                "structures": [
                    {
                        "dimensions": {"series": dimensions, "observation": [time]},
                        "attributes": {"dimensionGroup": [latest]},
                    }
                ],
            },
        }


def _figures(seed: int) -> dict[str, dict[int, float]]:
    stream = Stream(seed, "made-up IMF")
    found = {}
    for number, area in enumerate(_AREAS):
        years = range(FIRST_YEAR, _STOPS.get(area, _LAST_YEAR) + 1)
        found[area] = {year: round(2.5 + 1.5 * stream.normal(year, number), 1) for year in years}
    return found


def _reply(body: object) -> Answer:
    return Answer(json.dumps(body).encode())
