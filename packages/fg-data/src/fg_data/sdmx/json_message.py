"""SDMX-JSON, versions 1.0 and 2.0.

Codes are given once, in lists, and series and observations are named by places in these lists:
`0:1:0` is the first code of the first dimension, the second of the second, and so on. Version 2.0
gives texts where 1.0 gives numbers, the periods under `value` rather than `id`, and attributes of a
group of series by keys in which the other dimensions are left out (`:0::`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from fg_core import SourceError
from fg_data.http import JSON, decode_json

from .series import SdmxSeries, SeriesRows

__all__ = ["SDMX_JSON", "read_sdmx_json"]

SDMX_JSON = (*JSON, "application/vnd.sdmx.data+json", "text/json")
"""Content types of SDMX-JSON."""

_TIME = "TIME_PERIOD"


class _Code(msgspec.Struct):
    id: str | None = None
    value: Any = None
    name: str | None = None

    @property
    def text(self) -> str:
        for one in (self.id, self.value, self.name):
            if one is not None:
                return str(one)
        return ""


class _Component(msgspec.Struct):
    id: str
    values: list[_Code | None] = []


class _Places(msgspec.Struct, rename="camel"):
    data_set: list[_Component] = []
    dimension_group: list[_Component] = []
    series: list[_Component] = []
    observation: list[_Component] = []


class _Structure(msgspec.Struct):
    dimensions: _Places
    attributes: _Places = msgspec.field(default_factory=_Places)


class _SeriesBody(msgspec.Struct):
    observations: dict[str, list[Any]]
    attributes: list[Any] = []


class _DataSet(msgspec.Struct, rename="camel"):
    structure: int = 0
    series: dict[str, _SeriesBody] = {}
    observations: dict[str, list[Any]] = {}
    dimension_group_attributes: dict[str, list[Any]] = {}


class _Data(msgspec.Struct, rename="camel"):
    data_sets: list[_DataSet] = []
    structures: list[_Structure] = []
    structure: _Structure | None = None


class _Message(_Data):
    data: _Data | None = None


def read_sdmx_json(
    body: bytes, *, attributes: Sequence[str] = (), what: str
) -> tuple[list[SdmxSeries], frozenset[str]]:
    """Return the series of a message, and the names of the attributes that it may state.

    Args:
        body: Bytes of the message.
        attributes: Attributes of series, groups of series or observations that are kept.
        what: Name of the answer in messages.

    Returns:
        Series in the order of the message, and names of attributes, whether they have a value or
        not.

    Raises:
        SourceError: Not laid out as the standard says, a place that its list does not have, or a
            period or value that cannot be read.
    """
    message = decode_json(body, _Message, what=what)
    data = message.data or message
    structures = data.structures or ([data.structure] if data.structure else [])
    found: dict[str, SeriesRows] = {}
    known: set[str] = set()
    for dataset in data.data_sets:
        if not 0 <= dataset.structure < len(structures):
            raise SourceError(f"{what}: the answer does not say how its data are laid out")
        reader = _Reader(structures[dataset.structure], dataset, attributes, what)
        known |= reader.known_attributes
        reader.read_into(found)
    return [one.series() for one in found.values()], frozenset(known)


class _Reader:
    """One data set by its structure."""

    def __init__(
        self, structure: _Structure, dataset: _DataSet, attributes: Sequence[str], what: str
    ) -> None:
        places, named = structure.dimensions, structure.attributes
        self._dataset, self._wanted, self._what = dataset, attributes, what
        self._series, self._observation = places.series, places.observation
        self._attributes = named
        # Without series, every dimension is one of the observations.
        self._time = next((n for n, one in enumerate(self._observation) if one.id == _TIME), -1)
        if self._time < 0 or not (self._series or len(self._observation) > 1):
            raise SourceError(f"{what}: the answer has no dimension {_TIME}")
        groups = (named.data_set, named.dimension_group, named.series, named.observation)
        self.known_attributes = {one.id for group in groups for one in group}

    def read_into(self, found: dict[str, SeriesRows]) -> None:
        for name, one in self._dataset.series.items():
            key = self._codes(self._series, name)
            of_series = self._group(name) | self._stated(self._attributes.series, one.attributes)
            rows = self._rows(found, key)
            for place, cells in one.observations.items():
                period = self._codes(self._observation, place)[_TIME]
                self._add(rows, period, cells, of_series)
        for place, cells in self._dataset.observations.items():
            codes = self._codes(self._observation, place)
            period = codes.pop(_TIME)
            self._add(self._rows(found, codes), period, cells, self._group(place))

    def _rows(self, found: dict[str, SeriesRows], key: Mapping[str, str]) -> SeriesRows:
        name = ".".join(key.values())
        if name not in found:
            found[name] = SeriesRows(key, self._what)
        return found[name]

    def _add(
        self, rows: SeriesRows, period: str, cells: Sequence[Any], of_series: Mapping[str, str]
    ) -> None:
        # The measure comes first, then places in the lists of the attributes.
        stated = self._stated(self._attributes.observation, cells[1:])
        rows.add(period, cells[0] if cells else None, {**of_series, **stated})

    def _group(self, name: str) -> dict[str, str]:
        """Return the attributes of all groups that a series is in."""
        found: dict[str, str] = {}
        own = name.split(":")
        for pattern, places in self._dataset.dimension_group_attributes.items():
            wanted = pattern.split(":")
            if all(one in ("", "*") or one == mine for one, mine in zip(wanted, own, strict=False)):
                found |= self._stated(self._attributes.dimension_group, places)
        return found

    def _stated(self, components: Sequence[_Component], places: Iterable[Any]) -> dict[str, str]:
        found = {}
        for one, place in zip(components, places, strict=False):
            if one.id not in (*self._wanted, "OBS_STATUS") or place is None:
                continue
            if isinstance(place, int) and not isinstance(place, bool) and one.values:
                code = self._at(one, place)
                found[one.id] = "" if code is None else code.text
            elif isinstance(place, str | int | float):
                found[one.id] = str(place)  # texts that are not in a list
        return {name: text for name, text in found.items() if text}

    def _codes(self, components: Sequence[_Component], name: str) -> dict[str, str]:
        places = name.split(":")
        if len(places) != len(components) or not all(p.isascii() and p.isdigit() for p in places):
            raise SourceError(
                f"{self._what}: {name[:60]!r} is no place in {len(components)} dimensions"
            )
        found = {}
        for one, place in zip(components, places, strict=True):
            code = self._at(one, int(place[:9]))
            if code is None or not code.text:
                raise SourceError(f"{self._what}: a code of {one.id} is empty")
            is_time = one.id == _TIME and code.value is not None
            found[one.id] = str(code.value) if is_time else code.text
        return found

    def _at(self, component: _Component, place: int) -> _Code | None:
        if not 0 <= place < len(component.values):
            raise SourceError(
                f"{self._what}: {component.id} has {len(component.values)} codes, and number "
                f"{place} is used"
            )
        return component.values[place]
