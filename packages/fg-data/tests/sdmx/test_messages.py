"""Both layouts of one made-up table, written here by other code than that which reads them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import SourceError
from fg_data.sdmx import SdmxSeries, read_sdmx_csv, read_sdmx_json

DIMENSIONS = ["REF_AREA", "FREQ"]
Table = dict[str, dict[int, float | None]]  # values by month of 2024 and area

tables = st.dictionaries(
    st.sampled_from(["USA", "G20", "CHN"]),
    st.dictionaries(
        st.integers(1, 12),
        st.none() | st.floats(-1e6, 1e6, allow_nan=False),
        min_size=1,
    ),
    min_size=1,
)


def expected(table: Table) -> dict[str, dict[datetime, float | None]]:
    return {
        area: {datetime(2024, month, 1, tzinfo=UTC): months[month] for month in sorted(months)}
        for area, months in table.items()
    }


def values_by_area(series: list[SdmxSeries]) -> dict[str, dict[datetime, float | None]]:
    assert all(one.frequency == "M" for one in series)
    return {one.key["REF_AREA"]: dict(one.values) for one in series}


@given(tables, st.randoms(use_true_random=False), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_csv_in_any_order(table: Table, random: Any, end: str, labelled: bool) -> None:
    rows = []
    for area, months in table.items():
        for month, value in months.items():
            period = random.choice([f"2024-{month:02d}", f"2024-M{month:02d}"])
            cell = random.choice(["", "NaN", " "]) if value is None else repr(value)
            first = f"{area}: Name, of: {area}" if labelled else area
            rows.append(f'"{first}",M,{period},{cell},"long, text; in ""quotes""",A')
    random.shuffle(rows)
    header = "REF_AREA: Area" if labelled else "REF_AREA"
    text = end.join([f"{header},FREQ,TIME_PERIOD,OBS_VALUE,COMPILATION,OBS_STATUS", *rows, ""])
    series = read_sdmx_csv(text.encode("utf-8-sig"), DIMENSIONS, what="it")
    assert values_by_area(series) == expected(table)
    assert all("COMPILATION" not in one.attributes for one in series)


@given(tables, st.randoms(use_true_random=False), st.booleans(), st.booleans())
def test_json_of_both_versions_by_series_and_flat(
    table: Table, random: Any, second: bool, flat: bool
) -> None:
    areas = sorted(table, key=lambda _: random.random())
    months = sorted({m for found in table.values() for m in found}, key=lambda _: random.random())
    # Two notations of time in one message.
    times = [random.choice([f"2024-{m:02d}", f"2024-M{m:02d}"]) for m in months]
    time = [{"value": t} if second else {"id": t, "name": "words"} for t in times]

    def cell(value: float | None) -> list[Any]:
        written = repr(value) if second and value is not None else value
        return [random.choice([None, "NaN"]) if value is None else written, 0]

    dims = [
        {"id": "REF_AREA", "values": [{"id": area} for area in areas]},
        {"id": "FREQ", "values": [{"id": "M"}]},
    ]
    places = {"id": "TIME_PERIOD", "values": time}
    status = [{"id": "OBS_STATUS", "values": [{"id": "A"}, {"id": "M"}]}]
    if flat:
        observations = {
            f"{areas.index(area)}:0:{months.index(m)}": cell(value)
            for area, found in table.items()
            for m, value in found.items()
        }
        dataset: dict[str, Any] = {"observations": observations}
        dimensions: dict[str, Any] = {"observation": [*dims, places]}
    else:
        dataset = {
            "series": {
                f"{areas.index(area)}:0": {
                    "observations": {str(months.index(m)): cell(x) for m, x in found.items()}
                }
                for area, found in table.items()
            }
        }
        dimensions = {"series": dims, "observation": [places]}
    structure = {"dimensions": dimensions, "attributes": {"observation": status}}
    body: dict[str, Any] = {"dataSets": [dataset]}
    body |= {"structures": [structure]} if second else {"structure": structure}
    message = {"meta": {}, "data": body} if second else body
    series, known = read_sdmx_json(json.dumps(message).encode(), what="it")
    assert values_by_area(series) == expected(table)
    assert known == {"OBS_STATUS"}


def test_a_status_says_that_a_number_is_none() -> None:
    body = b"REF_AREA,FREQ,TIME_PERIOD,OBS_VALUE,OBS_STATUS\nUSA,M,2024-01,0,M\nUSA,M,2024-02,0,A\n"
    (one,) = read_sdmx_csv(body, DIMENSIONS, what="it")
    assert list(one.values.values()) == [None, 0.0]


def test_attributes_are_those_of_the_last_period() -> None:
    rows = ["USA,M,2024-02,1,new", "USA,M,2024-03,1,", "USA,M,2024-01,1,old"]
    body = "\n".join(["REF_AREA,FREQ,TIME_PERIOD,OBS_VALUE,TITLE", *rows]).encode()
    (one,) = read_sdmx_csv(body, DIMENSIONS, attributes=("TITLE", "NONE"), what="it")
    assert dict(one.attributes) == {"TITLE": "new"}


def test_attributes_of_groups_of_series() -> None:
    message = {
        "data": {
            "dataSets": [
                {
                    "series": {
                        "0:0": {"attributes": [None], "observations": {"0": ["1.5"]}},
                        "1:0": {"attributes": [0], "observations": {"0": ["2.5"]}},
                    },
                    "dimensionGroupAttributes": {"1::": [0, "free text"], ":0:": [None, None]},
                }
            ],
            "structures": [
                {
                    "dimensions": {
                        "series": [
                            {"id": "REF_AREA", "values": [{"id": "USA"}, {"id": "CHN"}]},
                            {"id": "FREQ", "values": [{"id": "A"}]},
                        ],
                        "observation": [{"id": "TIME_PERIOD", "values": [{"value": "2024"}]}],
                    },
                    "attributes": {
                        "dimensionGroup": [
                            {"id": "LATEST", "values": [{"value": "FY2023/24"}]},
                            {"id": "NOTE", "values": []},
                        ],
                        "series": [{"id": "SCALE", "values": [{"id": "6"}]}],
                    },
                }
            ],
        }
    }
    wanted = ("LATEST", "NOTE", "SCALE")
    (usa, chn), known = read_sdmx_json(json.dumps(message).encode(), attributes=wanted, what="it")
    assert dict(usa.attributes) == {}
    assert dict(chn.attributes) == {"LATEST": "FY2023/24", "NOTE": "free text", "SCALE": "6"}
    assert known == {"LATEST", "NOTE", "SCALE"}


HEAD = "REF_AREA,FREQ,TIME_PERIOD,OBS_VALUE"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column REF_AREA, FREQ, TIME_PERIOD, OBS_VALUE"),
        ("REF_AREA,FREQ,TIME_PERIOD\nUSA,M,2024-01\n", "no column OBS_VALUE"),
        ("<html></html>", "a web page, XML or JSON"),
        ('{"error": 1}', "a web page, XML or JSON"),
        (f"{HEAD}\nUSA,M,2024-01\n", "line 2 has 3 cells and the header has 4"),
        (f"{HEAD}\nUSA,M,2024-01,1,5\n", "line 2 has 5 cells"),
        (f'{HEAD}\nUSA,M,2024-01,"1', "is no CSV"),
        (f"{HEAD}\nUSA,M,2024-01,1\nUSA,M,2024-M01,2\n", "2024-M01 has two values"),
        (f"{HEAD}\nUSA,M,2024-01,one\n", "'one' is no number"),
        (f"{HEAD}\nUSA,M,2024-01,inf\n", "'inf' is no number"),
        (f"{HEAD}\nUSA,M,2024-01,1_000\n", "'1_000' is no number"),
        (f'{HEAD}\nUSA,M,2024-01,"1,5"\n', "'1,5' is no number"),
        (f"{HEAD}\nUSA,M,2024-01,1e999\n", "'1e999' is no number"),
        (f"{HEAD}\nUSA,M,2024,1\n", "no period of frequency M"),
        (f"{HEAD}\nUSA,,2024-01,1\nUSA,,2024,1\n", "periods of two frequencies"),
        (f"{HEAD},ACTION\nUSA,M,2024-01,1,D\n", "line 2 withdraws"),
    ],
)
def test_csv_that_is_not_read(text: str, message: str) -> None:
    with pytest.raises(SourceError, match=f"it.*{message}"):
        read_sdmx_csv(text.encode(), DIMENSIONS, what="it")


def test_csv_that_is_not_utf8() -> None:
    with pytest.raises(SourceError, match="not UTF-8"):
        read_sdmx_csv(f"{HEAD}\nUSA\xe9".encode("latin-1"), DIMENSIONS, what="it")


GOOD: dict[str, Any] = {
    "dataSets": [{"series": {"0": {"observations": {"0": [1.0]}}}}],
    "structure": {
        "dimensions": {
            "series": [{"id": "REF_AREA", "values": [{"id": "USA"}]}],
            "observation": [{"id": "TIME_PERIOD", "values": [{"id": "2024"}]}],
        }
    },
}


def changed(path: list[Any], value: Any) -> bytes:
    message = json.loads(json.dumps(GOOD))
    place = message
    for step in path[:-1]:
        place = place[step]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps(message).encode()


SERIES = ["dataSets", 0, "series"]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["structure"], ..., "does not say how its data are laid out"),
        (["structure", "dimensions", "observation"], [], "no dimension TIME_PERIOD"),
        (SERIES, {"1": {"observations": {"0": [1.0]}}}, "REF_AREA has 1 codes, and number 1"),
        (SERIES, {"0:0": {"observations": {"0": [1.0]}}}, "'0:0' is no place in 1 dimensions"),
        (SERIES, {"-1": {"observations": {"0": [1.0]}}}, "'-1' is no place"),
        (SERIES, {"0": {"observations": {"7": [1.0]}}}, "TIME_PERIOD has 1 codes, and number 7"),
        (SERIES, {"0": {"observations": {"0": [True]}}}, "'True' is no number"),
        (SERIES, {"0": {"observations": {"0": [{"a": 1}]}}}, "is no number"),
        (SERIES, {"0": {"observations": {"0": 1.0}}}, "not laid out as documented"),
        (["structure", "dimensions", "series", 0, "values"], [None], "a code of REF_AREA is empty"),
    ],
)
def test_json_that_is_not_read(path: list[Any], value: Any, message: str) -> None:
    assert len(read_sdmx_json(json.dumps(GOOD).encode(), what="it")[0]) == 1
    with pytest.raises(SourceError, match=message):
        read_sdmx_json(changed(path, value), what="it")
