from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_data.http.unpacking import BodyError, BodyTooLargeError, Unpacker


def unpacked(data: bytes, encoding: str, pieces: int = 1, bound: int = 1000) -> bytes:
    unpacker = Unpacker(encoding, bound)
    step = max(1, len(data) // pieces)
    for start in range(0, len(data), step):
        unpacker.feed(data[start : start + step])
    return unpacker.finish()


@given(st.binary(max_size=1000), st.integers(1, 20), st.sampled_from(["gzip", " GZIP", "x-gzip"]))
def test_packed_pieces_are_the_whole(body: bytes, pieces: int, encoding: str) -> None:
    assert unpacked(gzip.compress(body), encoding, pieces) == body


@given(st.binary(max_size=1000), st.integers(1, 20), st.sampled_from(["", "identity"]))
def test_plain_pieces_are_the_whole(body: bytes, pieces: int, encoding: str) -> None:
    assert unpacked(body, encoding, pieces) == body


def test_members_of_a_packed_body_are_one_body() -> None:
    assert unpacked(gzip.compress(b"ab") + gzip.compress(b"cd"), "gzip", 7) == b"abcd"


@given(st.integers(0, 3000), st.integers(1, 9), st.sampled_from(["", "gzip"]))
def test_the_bound_is_on_what_comes_out(size: int, pieces: int, encoding: str) -> None:
    body = bytes(size)
    data = gzip.compress(body) if encoding else body
    if size <= 1000:
        assert unpacked(data, encoding, pieces) == body
    else:
        with pytest.raises(BodyTooLargeError):
            unpacked(data, encoding, pieces)


@pytest.mark.parametrize("cut", [1, 5, 12])
def test_a_packed_body_that_ends_early_is_an_error(cut: int) -> None:
    with pytest.raises(BodyError, match="ends too early"):
        unpacked(gzip.compress(b"some text")[:-cut], "gzip")


def test_a_damaged_body_is_an_error() -> None:
    data = bytearray(gzip.compress(b"some text" * 20))
    data[-6] ^= 255  # its checksum
    with pytest.raises(BodyError, match="damaged"):
        unpacked(bytes(data), "gzip")


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd"])
def test_another_encoding_is_an_error(encoding: str) -> None:
    with pytest.raises(BodyError, match="gzip was asked for"):
        Unpacker(encoding, 10)
