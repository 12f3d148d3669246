from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fg_core import SourceError
from fg_data.sdmx import read_time_period


@pytest.mark.parametrize(
    ("text", "code", "frequency", "start"),
    [
        ("2024", "", "Y", "2024-01-01"),
        ("1972-A1", "A", "Y", "1972-01-01"),
        ("2024-Q3", "Q", "Q", "2024-07-01"),
        ("2024-03", "M", "M", "2024-03-01"),
        ("2024-M03", "", "M", "2024-03-01"),
        ("2024-03-31", "M", "M", "2024-03-01"),
        ("2024-12-31", "A", "Y", "2024-01-01"),
        ("2026-W01", "W", "W", "2025-12-29"),
        ("2024-02-29", "D", "D", "2024-02-29"),
        ("2024-02-29T00:00:00.000Z", "B", "B", "2024-02-29"),
    ],
)
def test_all_notations(text: str, code: str, frequency: str, start: str) -> None:
    moment = datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert read_time_period(text, code, what="it") == (frequency, moment)


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("", "", "is no period"),
        ("2024-S1", "", "is no period"),
        ("24-01", "", "is no period"),
        ("2024-01-01T12:00:00", "D", "is no period"),
        ("2024-13", "M", "is not in the calendar"),
        ("2023-02-29", "D", "is not in the calendar"),
        ("2025-W53", "W", "is not in the calendar"),
        ("0000", "A", "is not in the calendar"),
        ("2024", "M", "is no period of frequency M"),
        ("2024-01", "H", "of frequency 'H' are not read"),
    ],
)
def test_what_is_no_period(text: str, code: str, message: str) -> None:
    with pytest.raises(SourceError, match=f"it: .*{message}"):
        read_time_period(text, code, what="it")
