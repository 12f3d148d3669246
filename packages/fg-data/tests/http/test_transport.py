from __future__ import annotations

import gzip
import logging
import socket
import struct
import threading
import time
import traceback
import tracemalloc
from datetime import UTC, datetime

import pytest
from werkzeug import Request, Response

from fg_core import ConfigError, ForecastGameError, SourceError
from fg_core.errors import SourceRateError, SourceUnavailableError
from fg_data.http import HttpLimits, HttpTransport, Pace, decode_json
from fg_data.http.single_request import _certificates

JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
GOOD = JSON_HEAD + b"Content-Length: 2\r\nConnection: close\r\n\r\n{}"
MEGABYTE = 2**20
KEY_BYTES = b"0123456789abcdef0123456789abcdef"


def answer(data: bytes):
    return lambda connection: connection.sendall(data)


def silence(connection: socket.socket) -> None:
    connection.recv(1)  # until the client goes


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class FakeClock:
    """A clock that moves only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.naps: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


# ---------------------------------------------------------------------------------- a good answer


def test_an_answer_is_read_whole_and_the_request_has_parameters_and_key(
    httpserver, transport, key
) -> None:
    body = gzip.compress(b'{"a": "\xc3\xa4"}')
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json; charset=UTF-8"}
    httpserver.expect_request("/fred/series").respond_with_data(body, headers=headers)
    found = transport().get(
        httpserver.url_for("/fred/series"), {"series_id": "A&B C"}, secrets={"api_key": key}
    )
    assert (found.status, found.content_type) == (200, "application/json")
    assert found.body == '{"a": "ä"}'.encode()
    (request, _) = httpserver.log[0]
    assert dict(request.args) == {"series_id": "A&B C", "api_key": key}
    assert request.headers["Accept"] == "application/json"
    assert request.headers["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 418, 423])
def test_a_refusal_is_given_back_and_not_retried(httpserver, transport, key, status) -> None:
    httpserver.expect_request("/x").respond_with_data("no", status=status, content_type="text/xml")
    found = transport(attempts=4).get(httpserver.url_for("/x"), {}, secrets={"api_key": key})
    assert (found.status, found.body) == (status, b"no")
    assert len(httpserver.log) == 1


def test_a_body_without_a_length_is_read_to_its_end(raw_server, transport) -> None:
    server = raw_server(answer(JSON_HEAD + b"\r\n{}"))
    assert transport().get(server.url, {}).body == b"{}"


# ------------------------------------------------------------------------------- what is retried


def test_a_silent_service_is_asked_again_and_then_unavailable(raw_server, transport) -> None:
    server = raw_server(silence)
    with pytest.raises(SourceUnavailableError, match=r"was silent for 0\.2 seconds \(2 attempts\)"):
        transport(silence_seconds=0.2).get(server.url, {})
    while len(server.requests) < 2:  # the server may look later than the client goes
        time.sleep(0.01)
    assert len(server.requests) == 2


@pytest.mark.parametrize("part", ["headers", "body"])
def test_a_service_that_drips_is_cut_off_at_the_deadline(raw_server, transport, part) -> None:
    begun = b"X-Slow: " if part == "headers" else b"Content-Length: 10000000\r\n\r\n"
    cut_off = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(JSON_HEAD + begun)
        while not cut_off.wait(0.05):
            connection.sendall(b"x")

    # The service would go on for ever: that this ends is the proof.
    try:
        server = raw_server(drip)
        with pytest.raises(SourceUnavailableError, match=r"within 0\.4 seconds \(2 attempts\)"):
            transport(deadline_seconds=0.4, attempts=4).get(server.url, {})
    finally:
        cut_off.set()
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "fault",
    [
        reset,
        lambda c: None,
        answer(JSON_HEAD + b"Content-Length: 100\r\n\r\n{}"),
        answer(JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{"),
        answer(JSON_HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"{}" * 99)[:-9]),
        answer(JSON_HEAD + b"Content-Encoding: gzip\r\n\r\nno gzip at all"),
        answer(b"not HTTP at all\r\n\r\n"),
    ],
    ids=["reset", "closed", "truncated", "chunks cut", "gzip cut", "no gzip", "no HTTP"],
)
def test_a_broken_connection_is_asked_again(raw_server, transport, fault) -> None:
    server = raw_server(fault, answer(GOOD))
    assert transport().get(server.url, {}).body == b"{}"
    assert len(server.requests) == 2
    hopeless = raw_server(fault)
    with pytest.raises(SourceUnavailableError, match=r"\(2 attempts\)"):
        transport().get(hopeless.url, {})


def test_an_error_of_the_server_then_success(httpserver, transport, caplog) -> None:
    for status in (500, 503):
        httpserver.expect_ordered_request("/x").respond_with_data("oops", status=status)
    httpserver.expect_ordered_request("/x").respond_with_json({"fine": 1})
    found = transport(attempts=3).get(httpserver.url_for("/x"), {})
    assert decode_json(found.body, dict[str, int], what="x") == {"fine": 1}
    ours = [r.getMessage() for r in caplog.records if r.name == "fg_data.http.transport"]
    assert [line.partition(" answers ")[2] for line in ours] == [
        "with an error of its own (status 500); asking again (attempt 2 of 3)",
        "with an error of its own (status 503); asking again (attempt 3 of 3)",
    ]


def test_a_port_where_nobody_listens_is_unavailable(raw_server, transport) -> None:
    server = raw_server(answer(GOOD))
    server.close()
    with pytest.raises(SourceUnavailableError, match="could not be reached"):
        transport().get(server.url, {})


def test_waits_between_attempts_grow(httpserver) -> None:
    httpserver.expect_request("/x").respond_with_data("oops", status=500)
    limits = HttpLimits(
        attempts=3, first_wait_seconds=0.1, max_wait_seconds=1.0, jitter_seconds=0.0
    )
    begin = time.monotonic()
    with pytest.raises(SourceUnavailableError):
        HttpTransport(limits, Pace(0.0)).get(httpserver.url_for("/x"), {})
    assert time.monotonic() - begin >= 0.3  # 0.1 and 0.2
    assert len(httpserver.log) == 3


# ------------------------------------------------------------------------------- asked too often


def test_a_pause_that_the_service_asks_for_holds_for_all_requests_of_the_key(
    httpserver, transport
) -> None:
    clock = FakeClock()
    pace = Pace(0.5, clock.monotonic, clock.sleep)
    headers = {"Retry-After": "7"}
    httpserver.expect_ordered_request("/x").respond_with_data("", status=429, headers=headers)
    httpserver.expect_ordered_request("/x").respond_with_json({})
    httpserver.expect_ordered_request("/x").respond_with_json({})
    asker = transport(pace=pace)
    asker.get(httpserver.url_for("/x"), {})
    assert clock.naps == [7.0]
    asker.get(httpserver.url_for("/x"), {})
    assert clock.naps == [7.0, 0.5]


def test_too_often_without_a_pause_is_asked_again_and_then_a_rate_error(
    httpserver, transport
) -> None:
    clock = FakeClock()
    httpserver.expect_request("/x").respond_with_data("", status=429)
    asker = transport(pace=Pace(0.5, clock.monotonic, clock.sleep), attempts=3)
    with pytest.raises(SourceRateError, match=r"asked too often \(status 429\) \(3 attempts\)"):
        asker.get(httpserver.url_for("/x"), {})
    assert len(httpserver.log) == 3
    assert clock.naps == [0.5, 0.5]


def test_a_pause_until_a_date_goes_by_the_clock_of_the_service(raw_server, transport) -> None:
    clock = FakeClock()
    late = (
        b"HTTP/1.1 503 No\r\nRetry-After: Sun, 22 Nov 2026 10:00:30 GMT\r\n"
        b"Date: Sun, 22 Nov 2026 10:00:00 GMT\r\n\r\n"
    )
    server = raw_server(answer(late), answer(GOOD))
    transport(pace=Pace(0.0, clock.monotonic, clock.sleep)).get(server.url, {})
    assert sum(clock.naps) == 30.0


def test_a_pause_until_a_date_goes_by_our_clock_if_the_service_has_none(raw_server) -> None:
    clock = FakeClock()
    late = b"HTTP/1.1 503 No\r\nRetry-After: Sun, 22 Nov 2026 10:00:40 GMT\r\n\r\n"
    server = raw_server(answer(late), answer(GOOD))
    asker = HttpTransport(
        HttpLimits(attempts=2, first_wait_seconds=0.0, jitter_seconds=0.0),
        Pace(0.0, clock.monotonic, clock.sleep),
        now=lambda: datetime(2026, 11, 22, 10, 0, tzinfo=UTC),
    )
    asker.get(server.url, {})
    assert sum(clock.naps) == 40.0


@pytest.mark.parametrize("text", ["", "soon", "-5", "1e9", "Sun, 99 Nov 2026 10:00:30 GMT", "٣"])
def test_a_pause_that_cannot_be_read_is_none(httpserver, transport, text) -> None:
    clock = FakeClock()
    headers = {"Retry-After": text.encode().decode("latin-1")}
    httpserver.expect_ordered_request("/x").respond_with_data("", status=429, headers=headers)
    httpserver.expect_ordered_request("/x").respond_with_json({})
    transport(pace=Pace(0.0, clock.monotonic, clock.sleep)).get(httpserver.url_for("/x"), {})
    assert clock.naps == []


@pytest.mark.parametrize(
    ("status", "error"), [(429, SourceRateError), (503, SourceUnavailableError)]
)
def test_a_pause_that_nobody_waits_for_ends_the_request_at_once(
    httpserver, transport, status, error
) -> None:
    clock = FakeClock()
    headers = {"Retry-After": "86400"}
    httpserver.expect_request("/x").respond_with_data("", status=status, headers=headers)
    with pytest.raises(error, match="asks for a pause of 86,400 seconds"):
        transport(pace=Pace(0.0, clock.monotonic, clock.sleep)).get(httpserver.url_for("/x"), {})
    assert len(httpserver.log) == 1
    assert clock.naps == []


# ------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("content_type", "said"),
    [
        ("text/html; charset=utf-8", r"sends 'text/html' \(a web page\) where application/json"),
        ("text/plain", "sends 'text/plain' where application/json was asked for"),
        ("application/json; charset=iso-8859-1", "sends text in 'iso-8859-1', not in UTF-8"),
    ],
)
def test_another_content_type_is_refused_at_once(httpserver, transport, content_type, said) -> None:
    httpserver.expect_request("/x").respond_with_data("{}", content_type=content_type)
    with pytest.raises(SourceError, match=said):
        transport(attempts=3).get(httpserver.url_for("/x"), {})
    assert len(httpserver.log) == 1


def test_a_redirect_to_another_host_is_not_followed(httpserver, raw_server, transport, key) -> None:
    elsewhere = raw_server(answer(GOOD))
    httpserver.expect_request("/x").respond_with_data(
        "", status=302, headers={"Location": f"{elsewhere.url}?api_key={key}"}
    )
    with pytest.raises(SourceError, match=r"another address \(http://127\.0\.0\.1\), which is not"):
        transport(attempts=3).get(httpserver.url_for("/x"), {}, secrets={"api_key": key})
    assert elsewhere.requests == []
    assert len(httpserver.log) == 1


def test_a_redirect_within_the_host_is_followed_but_not_for_ever(httpserver, transport) -> None:
    there = {"Location": "/y?a=1"}
    httpserver.expect_request("/x").respond_with_data("", status=301, headers=there)
    httpserver.expect_request("/y").respond_with_json({"here": 1})
    assert b"here" in transport().get(httpserver.url_for("/x"), {}).body
    httpserver.expect_request("/z").respond_with_data("", status=307, headers={"Location": "/z"})
    with pytest.raises(SourceError, match="redirects more than 3 times"):
        transport().get(httpserver.url_for("/z"), {})


def test_a_body_of_200_megabytes_is_refused_by_its_announced_size(raw_server, transport) -> None:
    sent: list[int] = []

    def flood(connection: socket.socket) -> None:
        connection.sendall(JSON_HEAD + b"Content-Length: 200000000\r\n\r\n")
        for _ in range(200):
            connection.sendall(b" " * 1_000_000)
            sent.append(1_000_000)

    server = raw_server(flood)
    with pytest.raises(SourceError, match="sends too much: 200 MB, and at most 1 MB are read"):
        transport(max_body_bytes=MEGABYTE).get(server.url, {})
    assert len(server.requests) == 1
    server.close()
    assert sum(sent) < 20_000_000


def test_a_body_of_200_megabytes_that_is_not_announced_is_cut_off(raw_server, transport) -> None:
    sent: list[int] = []

    def flood(connection: socket.socket) -> None:
        connection.sendall(JSON_HEAD + b"\r\n")
        for _ in range(200):
            connection.sendall(b" " * 1_000_000)
            sent.append(1_000_000)

    server = raw_server(flood)
    with pytest.raises(SourceError, match="sends too much: the body is larger than 1 MB"):
        transport(max_body_bytes=MEGABYTE).get(server.url, {})
    server.close()
    assert sum(sent) < 50_000_000


def test_a_gzip_bomb_is_refused_before_it_fills_the_memory(httpserver, transport) -> None:
    bomb = gzip.compress(bytes(200_000_000), compresslevel=1)
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    httpserver.expect_request("/x").respond_with_data(bomb, headers=headers)
    tracemalloc.start()
    try:
        with pytest.raises(SourceError, match="sends too much: the body is larger than 1 MB"):
            transport(max_body_bytes=MEGABYTE).get(httpserver.url_for("/x"), {})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 30 * MEGABYTE


def test_a_body_that_is_packed_twice_is_refused(httpserver, transport) -> None:
    bomb = gzip.compress(gzip.compress(b"{}"))
    headers = {"Content-Encoding": "gzip, gzip", "Content-Type": "application/json"}
    httpserver.expect_request("/x").respond_with_data(bomb, headers=headers)
    with pytest.raises(SourceError, match="packed as 'gzip, gzip'"):
        transport(attempts=1).get(httpserver.url_for("/x"), {})


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://example.org/fred", "is no address of a data service"),
        ("api.stlouisfed.org/fred", "is no address of a data service"),
        ("http://", "is no address of a data service"),
        ("http://example.org/fred", "would send the key in the clear; use https://"),
        ("http://localhost.example.org/fred", "would send the key in the clear"),
    ],
)
def test_an_address_that_cannot_be_asked_is_a_setting(transport, key, url, said) -> None:
    with pytest.raises(ConfigError, match=said):
        transport().get(url, {}, secrets={"api_key": key})


def test_a_bad_port_is_a_setting(transport) -> None:
    with pytest.raises(ConfigError, match="address"):
        transport().get("http://localhost:99999/fred", {})


def test_a_proxy_that_cannot_be_used_is_a_setting(httpserver, transport, key, monkeypatch) -> None:
    monkeypatch.setenv("ALL_PROXY", f"ftp://user:{key}@localhost:1")
    with pytest.raises(ConfigError, match="cannot be asked from this machine") as caught:
        transport().get(httpserver.url_for("/x"), {}, secrets={"api_key": key})
    assert key not in str(caught.value)
    assert len(httpserver.log) == 0


def test_certificates_that_cannot_be_read_are_a_setting(transport, monkeypatch, tmp_path) -> None:
    no_certificate = tmp_path / "certificates.pem"
    no_certificate.write_text("none")
    monkeypatch.setenv("SSL_CERT_FILE", str(no_certificate))
    _certificates.cache_clear()
    try:
        with pytest.raises(ConfigError, match="check the environment variables SSL_CERT_FILE"):
            transport().get("http://localhost/x", {})
    finally:
        _certificates.cache_clear()


# ------------------------------------------------------------------------- the key is never shown

FAULTS = {
    "reset": reset,
    "silence": silence,
    "truncated": answer(JSON_HEAD + b"Content-Length: 100\r\n\r\n{}"),
    "error": answer(b"HTTP/1.1 500 No\r\n\r\n"),
    "rate": answer(b"HTTP/1.1 429 No\r\nRetry-After: 86400\r\n\r\n"),
    "page": answer(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>"),
    "size": answer(JSON_HEAD + b"Content-Length: 200000000\r\n\r\n"),
    "no HTTP": lambda c: c.sendall(b"HTTP/9 ?api_key=" + KEY_BYTES + b"\r\n\r\n"),
    "status line": lambda c: c.sendall(b"HTTP/1.1 500 " + KEY_BYTES + b"\r\n\r\n"),
    "elsewhere": lambda c: c.sendall(
        b"HTTP/1.1 302 x\r\nLocation: https://example.org/?api_key=" + KEY_BYTES + b"\r\n\r\n"
    ),
    "content type": lambda c: c.sendall(
        b"HTTP/1.1 200 x\r\nContent-Type: x/" + KEY_BYTES + b"\r\n\r\n"
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_shows_the_key(raw_server, transport, key, caplog, fault) -> None:
    caplog.set_level(logging.DEBUG)
    server = raw_server(FAULTS[fault])
    with pytest.raises(ForecastGameError) as caught:
        transport(silence_seconds=0.1).get(server.url, {"a": "b"}, secrets={"api_key": key})
    assert key.encode() in server.requests[0]  # it was sent
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert key not in shown
    assert "a=b" in str(caught.value)
    assert caplog.records  # the HTTP library did log, and the address with it
    assert key not in caplog.text
    assert key not in "".join(repr(vars(record)) for record in caplog.records)


def test_the_log_of_a_good_request_has_the_address_without_the_key(
    httpserver, transport, key, caplog
) -> None:
    caplog.set_level(logging.DEBUG)
    httpserver.expect_request("/x").respond_with_json({})
    transport().get(httpserver.url_for("/x"), {"a": "b"}, secrets={"api_key": key})
    ours = [r for r in caplog.records if r.name != "werkzeug"]  # the server knows the key anyway
    assert any("api_key=***" in record.getMessage() for record in ours)
    assert not any(key in repr(vars(record)) + record.getMessage() for record in ours)


def test_a_transport_shows_no_secret_and_threads_do_not_share_answers(
    httpserver, transport
) -> None:
    def echo(request: Request) -> Response:
        return Response(f'{{"n": {request.args["n"]}}}', content_type="application/json")

    httpserver.expect_request("/x").respond_with_handler(echo)
    asker = transport()
    found: dict[int, bytes] = {}

    def ask(n: int) -> None:
        found[n] = asker.get(httpserver.url_for("/x"), {"n": str(n)}).body

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {n: b'{"n": %d}' % n for n in range(8)}
