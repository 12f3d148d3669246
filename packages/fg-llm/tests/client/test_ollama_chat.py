"""The client of Ollama servers over real sockets: what servers answer, and how they fail."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
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
    OllamaChat,
)

REQUEST = ChatRequest("Correct forecasts.", '{"nonce": "k3"}', {"type": "object"}, sample=2)


def line(content: str = "", **fields: Any) -> str:
    """Return one line of a streamed answer."""
    message = {"role": "assistant", "content": content}
    return json.dumps({"model": "m", "message": message, "done": False, **fields}) + "\n"


def whole(*contents: str, reason: str = "stop") -> str:
    """Return a streamed answer."""
    end = line(done=True, done_reason=reason, prompt_eval_count=11, eval_count=5)
    return "".join(line(content) for content in contents) + end


def chat(server: HTTPServer, **settings: Any) -> OllamaChat:
    return OllamaChat("m", host=server.url_for(""), timeout=20.0, **settings)


def test_an_answer_comes_in_parts_and_what_was_asked_is_sent(httpserver: HTTPServer) -> None:
    sent: list[dict[str, Any]] = []

    def answer(request: Request) -> Response:
        sent.append(json.loads(request.get_data()))
        return Response(whole('{"a"', ": 1}"), content_type="application/x-ndjson")

    httpserver.expect_request("/api/chat", method="POST").respond_with_handler(answer)
    model = chat(httpserver, temperature=0.5, seed=40)

    reply = model.ask(REQUEST)

    assert isinstance(model, ChatModel)
    assert (reply.text, reply.tokens) == ('{"a": 1}', 16)
    (body,) = sent
    assert body["model"] == "m"
    assert body["format"] == {"type": "object"}
    assert [one["role"] for one in body["messages"]] == ["system", "user"]
    assert body["options"] == {
        "temperature": 0.5,
        "seed": 42,
        "num_ctx": 4096,
        "num_predict": 512,
    }


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, '{"error": "model \'m\' not found"}', ModelMissingError),
        (503, '{"error": "server busy"}', ModelBusyError),
        (500, '{"error": "model requires more system memory"}', ModelServerError),
        (502, "<html>bad gateway</html>", ModelServerError),
        (400, '{"error": {"message": "of another kind"}}', ModelRefusedError),
        (401, '["no object"]', ModelError),
        (302, "", ModelError),
        (200, "<html>hello</html>", BadAnswerError),
        (200, "null\n", BadAnswerError),
        (200, '{"done": true}\n', BadAnswerError),
        (200, "", AnswerCutError),
        (200, line("half"), AnswerCutError),
        (200, line("half") + '{"model": "m", "mess', BadAnswerError),
        (200, whole("half", reason="length"), AnswerCutError),
        (200, line("half") + '{"error": "amid the answer"}\n', ModelServerError),
    ],
)
def test_each_failure_has_its_error(
    status: int, body: str, error: type[ModelError], httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/api/chat").respond_with_data(body, status=status)

    with pytest.raises(error, match=r"ollama at http"):
        chat(httpserver).ask(REQUEST)


def test_an_endless_answer_is_refused(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/chat").respond_with_data(line("x" * 1000) * 2000)

    with pytest.raises(BadAnswerError, match="longer than"):
        chat(httpserver).ask(REQUEST)


def test_a_call_ends_in_time_whatever_the_server_does(slow_server: str) -> None:
    with pytest.raises(ModelTimeoutError):
        OllamaChat("m", host=slow_server, timeout=0.5).ask(REQUEST)


def test_a_server_that_dies_amid_its_answer_is_an_error(
    dying_server: Callable[[str], AbstractContextManager[str]],
) -> None:
    with dying_server(line("half")) as address, pytest.raises(AnswerCutError):
        OllamaChat("m", host=address, timeout=20.0).ask(REQUEST)


def test_nobody_there_is_an_error_and_no_wait(nobody: str) -> None:
    model = OllamaChat("m", host=nobody, timeout=20.0)

    with pytest.raises(ModelUnavailableError, match="nothing answers"):
        model.ask(REQUEST)
    assert "nothing answers" in model.available()


def test_the_address_comes_from_the_variable(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    httpserver.expect_request("/api/tags").respond_with_json({"models": [{"model": "m:latest"}]})
    monkeypatch.setenv("OLLAMA_HOST", httpserver.url_for(""))

    assert OllamaChat("m").available() == ""
    assert "ollama pull other" in OllamaChat("other").available()


def test_a_variable_that_is_no_address_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ollama", raising=False)  # which looks at it when imported
    monkeypatch.setenv("OLLAMA_HOST", "http://[bad")

    with pytest.raises(ModelUnavailableError, match="OLLAMA_HOST is no address"):
        OllamaChat("m").ask(REQUEST)


RECORDED = {
    "chat-200-llama3.json": None,
    "chat-200-llama3-8b-slow-579s.json": None,
    "chat-200-no-prompt-eval-count.json": None,
    "chat-200-structured.json": None,
    "chat-200-stream-llama3.ndjson": None,
    "chat-200-stream-cut-mid-line.ndjson": BadAnswerError,
    "chat-400-context.json": ModelRefusedError,
    "chat-404-model-not-found.json": ModelMissingError,
    "chat-500-system-memory.json": ModelServerError,
    "chat-503-queue-full.json": ModelBusyError,
    "llamacpp-api-tags-404.json": ModelMissingError,
}


def test_recorded_answers_are_read_or_refused(httpserver: HTTPServer, fixtures_dir: Path) -> None:
    for name, error in RECORDED.items():
        body = (fixtures_dir / "ollama" / name).read_bytes()
        found = re.search(r"-(\d{3})\b", name)
        assert found is not None
        status = int(found[1])
        httpserver.clear()
        httpserver.expect_request("/api/chat").respond_with_data(body, status=status)
        if error is None:
            assert chat(httpserver).ask(REQUEST).text, name
        else:
            with pytest.raises(error):
                chat(httpserver).ask(REQUEST)
