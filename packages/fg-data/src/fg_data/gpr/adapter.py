"""The source `gpr`: indices of geopolitical risk."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fg_core import ForecastGameError
from fg_core.errors import UnknownSeriesError
from fg_core.nearest import nearest_first
from fg_data.histories import DataService, SeriesDescription, Snapshot, SnapshotAdapter, Span
from fg_data.http import require_content

from .service import GPR
from .workbook import Sheet, read_sheet

__all__ = ["GeopoliticalRiskAdapter"]

_XLS = ("application/vnd.ms-excel", "application/msexcel", "application/octet-stream")
_MONTHLY, _DAILY = "data_gpr_export.xls", "data_gpr_daily_recent.xls"
_OF_DAYS = re.compile(r"GPRD(?:_\w+)?|N10D")
_HINT = (
    "names are columns of the files: GPR, GPRT (threats), GPRA (acts), GPRH (since 1900), "
    "GPRC_USA (share of a country) by month; GPRD, GPRD_ACT, GPRD_THREAT by day"
)
# The first that a label matches.
_UNITS = (
    (re.compile(r"number of articles", re.IGNORECASE), "Articles"),
    (re.compile(r"\(.*(1985|1900)"), "Index, {0} to 2019 = 100"),
    (re.compile(r"percent|share", re.IGNORECASE), "Percent of articles"),
)
# The monthly file comes in the first days of the next month, the daily one once a week.
_RELEASE_LAGS = {"M": 10, "D": 8}


@dataclass(frozen=True)
class GeopoliticalRiskAdapter(SnapshotAdapter[SeriesDescription]):
    """Indices of geopolitical risk of Caldara and Iacoviello, monthly and daily.

    A name is a column of the authors' files: "GPR" by month, "GPRD" by day. Cells from before a
    series begins are no figures. The files are old workbooks, for which the extra `fg-data[xls]` is
    needed. The page keeps no vintages.

    Args:
        base_url: Address of the folder of the files; empty: that of the environment variable
            GPR_BASE_URL, or the authors' own.
        transport: Transport of the requests; None: at a gentle pace.
        clock: Function that returns the present moment, with a time zone.
    """

    service: ClassVar[DataService[SeriesDescription]] = GPR

    def _ask(
        self,
        names: Sequence[str],
        span: Span,  # noqa: ARG002 - a file comes whole, and bounds are applied to what comes
    ) -> Mapping[str, Snapshot[SeriesDescription] | ForecastGameError]:
        by_file: dict[str, list[str]] = {}
        for name in names:
            by_file.setdefault(_DAILY if _OF_DAYS.fullmatch(name) else _MONTHLY, []).append(name)
        found: dict[str, Snapshot[SeriesDescription] | ForecastGameError] = {}
        for file, wanted in by_file.items():
            try:
                sheet = self._sheet(file, wanted)
            except ForecastGameError as error:
                found |= dict.fromkeys(wanted, error)
                continue
            found |= {name: _snapshot(name, sheet) for name in wanted}
        return {name: found[name] for name in names}

    def _sheet(self, file: str, names: Sequence[str]) -> Sheet:
        what = f"index of geopolitical risk, {file}"
        response = self._transport().get(f"{self._address()}/{file}", {}, accept=_XLS)
        return read_sheet(require_content(response, what=what), names, what=what)


def _snapshot(name: str, sheet: Sheet) -> Snapshot[SeriesDescription] | ForecastGameError:
    if name not in sheet.columns:
        near = ", ".join(nearest_first(name, list(sheet.labels))[:5])
        said = f"; nearest: {near}" if near else ""
        return UnknownSeriesError(
            f"the index of geopolitical risk has no series {name!r}{said}; {_HINT}"
        )
    label = sheet.labels.get(name, "")
    about = SeriesDescription(name, label or f"Geopolitical risk, {name}", _units(label))
    return Snapshot(sheet.columns[name], sheet.frequency, about, _RELEASE_LAGS[sheet.frequency])


def _units(label: str) -> str:
    """Return the unit that a label of the files tells; empty: none.

    >>> _units("Recent GPR Threats (Index: 1985:2019=100)"), _units("Country GPR: Percent of art")
    ('Index, 1985 to 2019 = 100', 'Percent of articles')
    """
    for pattern, units in _UNITS:
        if match := pattern.search(label):
            return units.format(*match.groups())
    return ""
