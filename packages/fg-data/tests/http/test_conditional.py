from __future__ import annotations

from pathlib import Path

import pytest
from werkzeug import Request, Response

from fg_core import ConfigError, SourceError
from fg_core.errors import SourceUnavailableError, UnknownSeriesError
from fg_data.http import ConditionalTransport, require_content
from fg_data.http import Response as Answer

CHANGED = "Sat, 28 Nov 2026 10:00:00 GMT"


class Service:
    """A service that names the state of its one answer, and counts what it had to send."""

    def __init__(self, httpserver, names: dict[str, str]) -> None:
        self.body, self.names = b"[1]", names
        self.seen: list[dict[str, str]] = []
        self.url = httpserver.url_for("/data")
        httpserver.expect_request("/data").respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        self.seen.append({name.lower(): value for name, value in request.headers.items()})
        sent = self.seen[-1]
        same = [
            sent.get(condition) == self.names[name]
            for name, condition in (
                ("ETag", "if-none-match"),
                ("Last-Modified", "if-modified-since"),
            )
            if name in self.names
        ]
        if same and all(same):
            return Response(status=304, headers=self.names)
        return Response(self.body, headers=self.names, content_type="application/json")


@pytest.mark.parametrize(
    "names",
    [{"ETag": '"a"'}, {"Last-Modified": CHANGED}, {"ETag": 'W/"a"', "Last-Modified": CHANGED}],
)
def test_what_did_not_change_is_not_sent_again(
    httpserver, transport, tmp_path: Path, names: dict[str, str]
) -> None:
    service = Service(httpserver, names)
    asks = ConditionalTransport(transport(), tmp_path)
    first = asks.get(service.url, {"a": "1"})
    # Another object, as another process has one, and a body that the service would send.
    service.body = b"[2]"
    again = ConditionalTransport(transport(), tmp_path).get(service.url, {"a": "1"})
    assert (first.status, first.body) == (again.status, again.body) == (200, b"[1]")
    assert again.content_type == "application/json"
    service.names = {name: value.replace("a", "b") for name, value in names.items()}
    assert asks.get(service.url, {"a": "1"}).body == b"[2]"
    # Another request has an answer of its own, and no condition.
    assert asks.get(service.url, {"a": "2"}).body == b"[2]"
    assert not {"if-none-match", "if-modified-since"} & set(service.seen[-1])


def test_an_answer_without_a_name_is_not_kept(httpserver, transport, tmp_path: Path) -> None:
    service = Service(httpserver, {})
    asks = ConditionalTransport(transport(), tmp_path)
    asks.get(service.url, {})
    service.body = b"[2]"
    assert asks.get(service.url, {}).body == b"[2]"
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_kept_of_a_request_with_a_secret(
    httpserver, transport, tmp_path: Path, key: str
) -> None:
    service = Service(httpserver, {"ETag": '"a"'})
    asks = ConditionalTransport(transport(), tmp_path)
    asks.get(service.url, {}, secrets={"api_key": key})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "other"])
def test_a_damaged_file_is_as_none(httpserver, transport, tmp_path: Path, damage: str) -> None:
    service = Service(httpserver, {"ETag": '"a"'})
    asks = ConditionalTransport(transport(), tmp_path)
    asks.get(service.url, {})
    (path,) = tmp_path.glob("answer-*.json")
    whole = path.read_bytes()
    if damage == "cut":
        path.write_bytes(whole[:-30])
    else:  # the file of another request, under this one's name
        asks.get(service.url, {"a": "1"})
        (other,) = set(tmp_path.glob("answer-*.json")) - {path}
        path.write_bytes(other.read_bytes())
    service.body = b"[2]"
    assert asks.get(service.url, {}).body == b"[2]"
    assert "if-none-match" not in service.seen[-1]


def test_not_modified_without_a_condition_is_an_error(
    httpserver, transport, tmp_path: Path
) -> None:
    httpserver.expect_request("/data").respond_with_response(Response(status=304))
    with pytest.raises(SourceError, match="was not told what we have"):
        ConditionalTransport(transport(), tmp_path).get(httpserver.url_for("/data"), {})


def test_an_unwritable_folder_costs_the_saving_alone(httpserver, transport, tmp_path: Path) -> None:
    service = Service(httpserver, {"ETag": '"a"'})
    (tmp_path / "file").write_bytes(b"in the way")
    asks = ConditionalTransport(transport(), tmp_path / "file" / "answers")
    assert [asks.get(service.url, {}).body for _ in range(2)] == [b"[1]", b"[1]"]


# ------------------------------------------------------------------------------ headers of requests


def test_headers_of_a_request_go_before_ours(httpserver, transport) -> None:
    service = Service(httpserver, {})
    headers = {"Accept": "application/json; version=2", "X-Own": "1"}
    transport().get(service.url, {}, headers=headers)
    sent = service.seen[-1]
    assert (sent["accept"], sent["x-own"]) == ("application/json; version=2", "1")
    assert sent["user-agent"] == "forecast-game"


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"Host": "elsewhere"}, "is set by the transport itself"),
        ({"accept-encoding": "br"}, "is set by the transport itself"),
        ({"X-Own": "a\r\nX-Other: b"}, "no request can carry"),
        ({"X Own": "a"}, "no request can carry"),
        ({"X-Own": "\u00e4"}, "no request can carry"),
    ],
)
def test_headers_that_no_request_can_carry(
    transport, headers: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        transport().get("http://127.0.0.1:9/", {}, headers=headers)


# ------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (
            Answer(204, "", b""),
            UnknownSeriesError,
            r"X: the service has no data \(status 204\); look",
        ),
        (Answer(404, "text/plain", b"NoRecordsFound"), UnknownSeriesError, 'says "NoRecordsFound"'),
        (
            Answer(403, "text/html", b"<html>key 1</html>"),
            SourceUnavailableError,
            "try again later",
        ),
        (Answer(401, "", b""), SourceUnavailableError, r"status 401"),
        (Answer(413, "", b""), SourceError, "too much was asked for at once"),
        (Answer(422, "", b'{"a":\n"b"}'), SourceError, r'status 422, and says "\{"a": "b"\}"'),
        (Answer(200, "text/csv", b" \r\n"), SourceError, "the answer is empty"),
    ],
)
def test_answers_without_data(answer: Answer, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message) as caught:
        require_content(answer, what="X", hint="look it up")
    assert "<html>" not in str(caught.value)
