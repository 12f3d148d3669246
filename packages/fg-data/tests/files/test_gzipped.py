"""Compressed files are bounded by what they unpack to."""

from __future__ import annotations

import gzip

import pytest

from fg_core import DataError
from fg_data.files import gzipped
from fg_data.files.gzipped import unzipped


def test_what_unpacks_to_too_much_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    data = gzip.compress(b"ds,y\n" * 1000)
    assert unzipped(data, "t.csv.gz") == b"ds,y\n" * 1000
    monkeypatch.setattr(gzipped, "MAX_BYTES", 4999)
    with pytest.raises(DataError, match="unpacks to more than 0 MB"):
        unzipped(data, "t.csv.gz")
    with pytest.raises(DataError, match=r"t\.csv\.gz is empty"):
        unzipped(gzip.compress(b" \n"), "t.csv.gz")
