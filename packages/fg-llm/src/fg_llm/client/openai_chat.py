"""A model behind any server that speaks OpenAI's chat completions: llama.cpp, vLLM, LM Studio.

Only the form of requests and answers is shared with that company's service; nothing is sent there
unless an address says so.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from fg_llm.strict_json import strict_json

from .bounded import (
    bounded_reply,
    bounded_transport,
    extra_installed,
    http_failures,
    key_from,
    refusal,
    shown_address,
    within,
)
from .chat import ChatReply, ChatRequest
from .errors import AnswerCutError, BadAnswerError, ModelError, ModelUnavailableError

__all__ = ["OpenAIChat"]

_ADDRESS = "OPENAI_BASE_URL"
_KEY = "OPENAI_API_KEY"
_PROBE_SECONDS = 1.0
_TOLD = 200


@dataclass(frozen=True)
class OpenAIChat:
    """A model behind a server of the `/v1/chat/completions` kind.

    A key is read from the variable `OPENAI_API_KEY` when a question is asked, sent as a bearer
    token to that address alone, and taken out of every message.

    Args:
        model: Name of the model, as the server knows it.
        host: Address with its version, such as `http://127.0.0.1:8080/v1`; empty for the variable
            `OPENAI_BASE_URL`.
        timeout: Seconds for a whole call.
        answer_tokens: Tokens that an answer may have.
        temperature: Randomness of the answer, 0 for the likeliest.
        seed: Seed of the server's random numbers; the sample's number is added.

    >>> OpenAIChat("m", host="http://127.0.0.1:8080/v1").name
    'openai/m answer=512 temperature=0 seed=0'
    """

    model: str
    host: str = ""
    timeout: float = 60.0
    answer_tokens: int = 512
    temperature: float = 0.0
    seed: int = 0

    @property
    def name(self) -> str:
        """Model and settings that its answers depend on."""
        return (
            f"openai/{self.model} answer={self.answer_tokens} "
            f"temperature={self.temperature:g} seed={self.seed}"
        )

    def ask(self, request: ChatRequest) -> ChatReply:
        """Return the model's answer.

        Args:
            request: Question.

        Returns:
            The answer as text, and the tokens that the server counted.

        Raises:
            ModelError: There is no whole answer; the class and the message say why.
        """
        _load()
        key = key_from(_KEY)
        return bounded_reply(self.timeout, lambda: self._ask(request, key), self._who, key)

    def available(self) -> str:
        """Return why the model cannot be asked; an empty text if it can. Takes a second at most."""
        try:
            _load()
            key = key_from(_KEY)
            found = within(
                _PROBE_SECONDS,
                lambda: self._sent("GET", "models", _PROBE_SECONDS, key),
                self._who,
                key,
            )
        except ModelUnavailableError as error:
            return f"{error} (start a server, and name its address in {_ADDRESS})"
        except ModelError as error:
            return str(error)
        listed = found.get("data")
        models = listed if isinstance(listed, list) else []
        names = [one.get("id") for one in models if isinstance(one, dict)]
        return "" if self.model in names else f"{self._who} has no model {self.model!r}"

    @property
    def _address(self) -> str:
        return (self.host or os.environ.get(_ADDRESS, "")).rstrip("/")

    @property
    def _who(self) -> str:
        return f"model server at {shown_address(self._address) or 'no address'}"

    def _ask(self, request: ChatRequest, key: str) -> ChatReply:
        body = {
            "model": self.model,
            "messages": [
                {"role": "system", "content": request.system},
                {"role": "user", "content": request.user},
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": dict(request.schema)},
            },
            "max_tokens": self.answer_tokens,
            "temperature": self.temperature,
            "seed": self.seed + request.sample,
            "stream": False,
        }
        found = self._sent("POST", "chat/completions", self.timeout, key, body)
        try:
            (choice,) = found["choices"]
            text, reason = choice["message"]["content"], choice["finish_reason"]
        except (KeyError, TypeError, ValueError) as error:
            raise BadAnswerError("what came is no answer of a chat") from error
        if reason != "stop":
            raise AnswerCutError(f"the answer was cut: {str(reason)[:_TOLD]}")
        if not isinstance(text, str):
            raise BadAnswerError("the answer holds no text")
        usage = found.get("usage")
        tokens = usage.get("total_tokens") if isinstance(usage, dict) else None
        return ChatReply(text, tokens if type(tokens) is int else 0)

    def _sent(
        self, method: str, path: str, seconds: float, key: str, body: Any = None
    ) -> dict[str, Any]:
        """Return the JSON object that the server answers with."""
        import httpx

        if not self._address:
            raise ModelUnavailableError(f"give one, or set {_ADDRESS}")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        with (
            http_failures(),
            httpx.Client(
                timeout=seconds, follow_redirects=False, transport=bounded_transport(seconds)
            ) as client,
        ):
            response = client.request(method, f"{self._address}/{path}", json=body, headers=headers)
        if response.status_code != 200:
            raise refusal(self.model, response.status_code, response.text, key)
        try:
            found = strict_json(response.content)
        except ValueError as error:
            raise BadAnswerError("what came is no JSON") from error
        if not isinstance(found, dict):
            raise BadAnswerError("what came is no JSON object")
        return found


def _load() -> None:
    """Import the HTTP client, which may take a second that no deadline counts."""
    with extra_installed():
        import httpx  # noqa: F401
