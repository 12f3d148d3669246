"""A source of somebody else: a service with yearly figures, in the smallest number of lines.

{"values": {"GROWTH": {"USA": {"2023": 2.9, "2024": 2.8}}}}
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from fg_core import Provenance
from fg_core.calendar import period_end
from fg_core.errors import UnknownSeriesError
from fg_data.histories import DataService, SeriesDescription, fetch_dataset, gather_histories
from fg_data.http import HttpTransport, Pace, decode_json
from fg_data.vintages import Print, VintageHistory

NOTICE = "Growth of the Toy Office, used with attribution."
NOW = datetime(2025, 6, 1, tzinfo=UTC)


class Body(msgspec.Struct):
    values: dict[str, dict[str, dict[str, float]]]


def provenance(histories, metadata, today):
    names = ", ".join(one.title for one in metadata.values())
    return Provenance(
        "toy_office", names, "attribution", f"one, of {today}", notices=("Note.", NOTICE)
    )


TOY = DataService(
    "toy_office",
    "the Toy Office",
    "https://toy.example.org",
    ("GROWTH.USA", "GROWTH.INDIA"),
    SeriesDescription,
    provenance,
    url_variable="TOY_BASE_URL",
    spacing_seconds=30.0,
    required_notices=(NOTICE,),
)


@dataclass(frozen=True)
class ToySource:
    """Yearly growth by the Toy Office."""

    service = TOY
    _: KW_ONLY
    transport: HttpTransport = field(default_factory=lambda: HttpTransport(pace=Pace(0.0)))

    @property
    def name(self):
        return TOY.name

    def fetch_multi_series(self, series=TOY.default_series, *, release_lag=None):
        return gather_histories(
            TOY.names(series),
            lambda name: self._one(name, release_lag),
            lambda histories, metadata: TOY.provenance(histories, metadata, NOW.date()),
            max_workers=2,
        )

    def fetch(self, query, as_of=None):
        return fetch_dataset(self, query, as_of)

    def _one(self, name, release_lag):
        what, _, area = name.partition(".")
        body = self.transport.get(f"{TOY.address(TOY.base_url)}/{what}/{area}", {}).body
        years = decode_json(body, Body, what=name).values.get(what, {}).get(area)
        if years is None:
            raise UnknownSeriesError(f"the Toy Office has no series {name}")
        periods = [datetime(int(year), 1, 1, tzinfo=UTC) for year in years]
        lag = timedelta(days=100 if release_lag is None else release_lag)
        prints = zip(periods, years.values(), strict=True)
        kept = tuple(Print(p, x, period_end(p, "Y") + lag) for p, x in prints)
        history = VintageHistory(name, "Y", "Percent", kept, NOW)
        return history, SeriesDescription(name, f"{what} of {area}", "Percent")
