"""What both clients promise alike: no endless or swollen answer, no key in any message."""

from __future__ import annotations

import gzip
import json
import re
import socket
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from fg_core.testing.examples import example_outcomes
from fg_llm import OllamaRefactorClient
from fg_llm.answers import ADJUSTMENT_LIMIT, read_adjustment
from fg_llm.client import (
    AnswerCutError,
    BadAnswerError,
    ChatReply,
    ChatRequest,
    ModelError,
    ModelRefusedError,
    ModelUnavailableError,
    OllamaChat,
    OpenAIChat,
    RecordedModel,
)

REQUEST = ChatRequest("Correct forecasts.", '{"nonce": "k3"}', {"type": "object"})
KEY = "sk-marked-key-of-the-test"
CLIENTS = {
    "/api/chat": (OllamaChat, "", "OLLAMA_API_KEY"),
    "/v1/chat/completions": (OpenAIChat, "/v1", "OPENAI_API_KEY"),
}
BOTH = pytest.mark.parametrize("path", CLIENTS)


def client(path: str, address: str) -> Any:
    made, suffix, _ = CLIENTS[path]
    return made("m", host=f"{address.rstrip('/')}{suffix}", timeout=20.0)


def saying(text: str) -> str:
    """Return an answer that both clients read."""
    message = {"role": "assistant", "content": text}
    choice = {"message": message, "finish_reason": "stop"}
    return json.dumps({"model": "m", "message": message, "done": True, "choices": [choice]}) + "\n"


@pytest.fixture
def with_a_key(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CLIENTS[path][2], f" {KEY}\n")


@BOTH
def test_an_answer_without_an_end_is_refused(
    path: str, raw_server: Callable[..., AbstractContextManager[str]]
) -> None:
    def pour(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")

    with raw_server(pour) as address, pytest.raises(BadAnswerError, match="longer than"):
        client(path, address).ask(REQUEST)


@BOTH
def test_a_compressed_answer_is_never_unpacked(path: str, httpserver: HTTPServer) -> None:
    packed = gzip.compress(saying("x").encode() + b" " * 8_000_000)
    assert len(packed) < 100_000

    def answer(request: Request) -> Response:
        assert request.headers["Accept-Encoding"] == "identity"
        return Response(packed, headers={"Content-Encoding": "gzip"})

    httpserver.expect_request(path).respond_with_handler(answer)
    with pytest.raises(BadAnswerError, match="compressed"):
        client(path, httpserver.url_for("")).ask(REQUEST)


@BOTH
@pytest.mark.usefixtures("with_a_key")
def test_a_key_is_sent_and_never_told(path: str, httpserver: HTTPServer, tmp_path: Path) -> None:
    sent: list[str] = []

    def refuse(request: Request) -> Response:
        sent.append(request.headers["Authorization"])
        # At the place where the message is cut, too.
        said = f"Incorrect API key provided: {KEY} " + "x" * 130 + KEY
        return Response(json.dumps({"error": said}), status=401)

    httpserver.expect_request(path).respond_with_handler(refuse)
    record = tmp_path / "calls.jsonl"
    with pytest.raises(ModelRefusedError, match="provided: \\*\\*\\*") as caught:
        RecordedModel(client(path, httpserver.url_for("")), record).ask(REQUEST)

    assert sent == [f"Bearer {KEY}"]
    told = "".join(traceback.format_exception(caught.value)) + record.read_text()
    assert KEY[:5] not in told


@BOTH
@pytest.mark.usefixtures("with_a_key")
def test_an_answer_that_repeats_the_key_is_none(path: str, httpserver: HTTPServer) -> None:
    httpserver.expect_request(path).respond_with_data(saying(f"your key is {KEY}"))

    with pytest.raises(BadAnswerError, match="repeats the key") as caught:
        client(path, httpserver.url_for("")).ask(REQUEST)
    assert KEY not in str(caught.value)


@BOTH
@pytest.mark.parametrize("key", ["sk-k\u00e9y", "sk-\nX-More: 1"])
def test_a_key_that_no_header_carries_is_refused(
    path: str, key: str, monkeypatch: pytest.MonkeyPatch, nobody: str
) -> None:
    variable = CLIENTS[path][2]
    monkeypatch.setenv(variable, key)

    with pytest.raises(ModelRefusedError, match=f"^{variable} holds characters"):
        client(path, nobody).ask(REQUEST)
    assert variable in client(path, nobody).available()


@BOTH
def test_what_an_address_holds_of_a_user_is_not_told(path: str, nobody: str) -> None:
    model = client(path, nobody.replace("//", "//me:secret@"))

    with pytest.raises(ModelUnavailableError, match=r"http://\*\*\*@127") as caught:
        model.ask(REQUEST)
    assert "secret" not in str(caught.value) + model.available()
    assert "start a server" in model.available()


@BOTH
@pytest.mark.parametrize(
    "host", ["no address", "ftp://127.0.0.1", "http://[bad", "http://h:99999", "http://\0", "::::"]
)
def test_no_address_is_an_error_of_ours(path: str, host: str) -> None:
    made, _, _ = CLIENTS[path]
    with pytest.raises(ModelUnavailableError):
        made("m", host=host, timeout=5.0).ask(REQUEST)


@BOTH
def test_every_recorded_body_is_an_answer_or_an_error_of_ours(
    path: str, httpserver: HTTPServer, fixtures_dir: Path
) -> None:
    bodies = sorted((fixtures_dir / "ollama").glob("*-[2-5][0-9][0-9]*.*"))
    assert len(bodies) > 25
    outcomes = set()
    for body in bodies:
        found = re.search(r"-(\d{3})\b", body.name)
        assert found is not None
        httpserver.clear()
        httpserver.expect_request(path).respond_with_data(body.read_bytes(), status=int(found[1]))
        try:
            reply = client(path, httpserver.url_for("")).ask(REQUEST)
        except ModelError as error:
            outcomes.add(type(error))
            continue
        outcomes.add(type(reply))
        try:
            held = read_adjustment(reply.text, "k3")
        except ModelError:
            continue
        assert abs(held.value) <= ADJUSTMENT_LIMIT
    assert {ChatReply, BadAnswerError, ModelRefusedError} <= outcomes


@BOTH
def test_a_refiner_believes_no_answer_to_another_prompt(path: str, httpserver: HTTPServer) -> None:
    said = saying('{"nonce": "00000000", "adjust_milli": 100}')
    httpserver.expect_request(path).respond_with_data(said)
    refiner = OllamaRefactorClient(client(path, httpserver.url_for("")))

    with pytest.raises(AnswerCutError, match="does not repeat the nonce"):
        refiner.propose(example_outcomes(8))
