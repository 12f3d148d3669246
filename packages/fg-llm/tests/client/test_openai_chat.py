"""The client of `/v1` servers over real sockets: what is sent, what is read, what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from fg_llm.client import (
    AnswerCutError,
    BadAnswerError,
    ChatModel,
    ChatRequest,
    ModelBusyError,
    ModelError,
    ModelMissingError,
    ModelRefusedError,
    ModelServerError,
    ModelTimeoutError,
    ModelUnavailableError,
    OpenAIChat,
)

REQUEST = ChatRequest("Correct forecasts.", '{"nonce": "k3"}', {"type": "object"}, sample=2)
PATH = "/v1/chat/completions"
KEY = "sk-marked-key-of-the-test"


def whole(content: Any = '{"a": 1}', reason: str = "stop", **more: Any) -> str:
    """Return the body of an answer in the documented envelope."""
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "message": message, "finish_reason": reason}
    usage = {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16}
    body = {"id": "c1", "object": "chat.completion", "created": 1, "model": "m"}
    return json.dumps({**body, "choices": [choice], "usage": usage, **more})


def chat(server: HTTPServer, **settings: Any) -> OpenAIChat:
    return OpenAIChat("m", host=server.url_for("/v1"), timeout=20.0, **settings)


def test_what_was_asked_is_sent_and_the_answer_read(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    sent: list[Request] = []

    def answer(request: Request) -> Response:
        request.get_data()
        sent.append(request)
        return Response(whole(), content_type="application/json")

    httpserver.expect_request(PATH, method="POST").respond_with_handler(answer)
    model = chat(httpserver, temperature=0.5, seed=40)

    reply = model.ask(REQUEST)

    assert isinstance(model, ChatModel)
    assert (reply.text, reply.tokens) == ('{"a": 1}', 16)
    body = json.loads(sent[0].get_data())
    assert sent[0].headers["Authorization"] == f"Bearer {KEY}"
    assert body["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert [one["role"] for one in body["messages"]] == ["system", "user"]
    assert (body["max_tokens"], body["temperature"], body["seed"]) == (512, 0.5, 42)


def test_without_a_key_none_is_sent(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("OPENAI_BASE_URL", httpserver.url_for("/v1/"))
    httpserver.expect_request("/v1/models").respond_with_json({"data": [{"id": "m"}]})

    assert OpenAIChat("m").available() == ""
    assert "no model 'other'" in OpenAIChat("other").available()
    assert all("Authorization" not in request.headers for request, _ in httpserver.log)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, '{"error": {"message": "no model"}}', ModelMissingError),
        (503, "busy", ModelBusyError),
        (500, "<html>failed</html>", ModelServerError),
        (400, '{"error": "context"}', ModelRefusedError),
        (401, f'{{"error": "Incorrect API key provided: {KEY}"}}', ModelRefusedError),
        (302, "", ModelServerError),
        (200, "<html>hello</html>", BadAnswerError),
        (200, "[1]", BadAnswerError),
        (200, '{"choices": []}', BadAnswerError),
        (200, '{"choices": [7]}', BadAnswerError),
        (200, whole(None), BadAnswerError),
        (200, whole("half", reason="length"), AnswerCutError),
        (200, whole("\ud800"), BadAnswerError),
        (200, whole()[:-5], BadAnswerError),
        (200, "[" * 100_000, BadAnswerError),
        (200, whole("x" * 2_000_000), BadAnswerError),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else str(value)[:20],
)
def test_each_failure_has_its_error(
    status: int,
    body: str,
    error: type[ModelError],
    httpserver: HTTPServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    httpserver.expect_request(PATH).respond_with_data(body, status=status)

    with pytest.raises(error, match=r"model server at http") as caught:
        chat(httpserver).ask(REQUEST)
    assert KEY not in str(caught.value)


def test_tokens_that_are_not_told_are_none(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_data(whole(usage={"total_tokens": True}))

    assert chat(httpserver).ask(REQUEST).tokens == 0


def test_a_redirect_takes_the_key_nowhere(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    elsewhere = httpserver.url_for("/elsewhere")
    httpserver.expect_request(PATH).respond_with_data(
        "", status=307, headers={"Location": elsewhere}
    )

    with pytest.raises(ModelServerError, match="307"):
        chat(httpserver).ask(REQUEST)
    assert [request.path for request, _ in httpserver.log] == [PATH]


def test_a_call_ends_in_time_whatever_the_server_does(slow_server: str) -> None:
    with pytest.raises(ModelTimeoutError):
        OpenAIChat("m", host=slow_server, timeout=0.5).ask(REQUEST)


def test_a_server_that_dies_amid_its_answer_is_an_error(
    dying_server: Callable[[str], AbstractContextManager[str]],
) -> None:
    with dying_server('{"choices": [') as address, pytest.raises(AnswerCutError):
        OpenAIChat("m", host=address, timeout=20.0).ask(REQUEST)


@pytest.mark.parametrize("host", ["", "no address", "ftp://127.0.0.1/v1"])
def test_what_is_no_address_is_said(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)

    with pytest.raises(ModelUnavailableError, match="address"):
        OpenAIChat("m", host=host).ask(REQUEST)


def test_nobody_there_is_an_error_and_no_wait(nobody: str) -> None:
    assert "nothing answers" in OpenAIChat("m", host=nobody).available()
