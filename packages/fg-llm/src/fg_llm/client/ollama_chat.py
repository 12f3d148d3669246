"""A model behind an Ollama server, asked through the `ollama` package (extra `[ollama]`).

Every failure of the package is one of our errors.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

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

__all__ = ["OllamaChat"]

_KEY = "OLLAMA_API_KEY"
_PROBE_SECONDS = 1.0
_TOLD = 200


@dataclass(frozen=True)
class OllamaChat:
    """A model behind an Ollama server.

    A key is read from the variable `OLLAMA_API_KEY` when a question is asked, sent as a bearer
    token to that address alone, and taken out of every message.

    Args:
        model: Name of the model, as the server knows it.
        host: Address of the server; empty for the variable `OLLAMA_HOST`, else this machine.
        timeout: Seconds for a whole call.
        context_tokens: Tokens that the model may look at. Servers cut longer prompts in silence.
        answer_tokens: Tokens that an answer may have.
        temperature: Randomness of the answer, 0 for the likeliest.
        seed: Seed of the server's random numbers; the sample's number is added.
    """

    model: str = "llama3.2"
    host: str = ""
    timeout: float = 60.0
    context_tokens: int = 4096
    answer_tokens: int = 512
    temperature: float = 0.0
    seed: int = 0

    @property
    def name(self) -> str:
        """Model and settings that its answers depend on."""
        return (
            f"ollama/{self.model} context={self.context_tokens} answer={self.answer_tokens} "
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
        key = key_from(_KEY)
        _load()
        return bounded_reply(self.timeout, lambda: self._ask(request, key), self._who, key)

    def available(self) -> str:
        """Return why the model cannot be asked; an empty text if it can. Takes a second at most."""
        try:
            key = key_from(_KEY)
            _load()
            names = within(_PROBE_SECONDS, lambda: self._model_names(key), self._who, key)
        except ModelUnavailableError as error:
            return f"{error} (start a server, or name its address in OLLAMA_HOST)"
        except ModelError as error:
            return str(error)
        if self.model in names or f"{self.model}:latest" in names:
            return ""
        return f"{self._who} has no model {self.model!r}: ollama pull {self.model}"

    @property
    def _who(self) -> str:
        address = self.host or os.environ.get("OLLAMA_HOST", "") or "this machine"
        return f"ollama at {shown_address(address)}"

    def _model_names(self, key: str) -> set[str]:
        with _client(self.host, _PROBE_SECONDS, key) as client:
            found = _translated(self.model, key, lambda: client.list())
        return {str(one.model) for one in found.models}

    def _ask(self, request: ChatRequest, key: str) -> ChatReply:
        with _client(self.host, self.timeout, key) as client:
            reply: ChatReply = _translated(self.model, key, lambda: self._streamed(client, request))
        return reply

    def _streamed(self, client: Any, request: ChatRequest) -> ChatReply:
        parts = client.chat(
            model=self.model,
            messages=[
                {"role": "system", "content": request.system},
                {"role": "user", "content": request.user},
            ],
            format=dict(request.schema),
            stream=True,
            options={
                "temperature": self.temperature,
                "seed": self.seed + request.sample,
                "num_ctx": self.context_tokens,
                "num_predict": self.answer_tokens,
            },
        )
        text: list[str] = []
        last: Any = None
        for part in parts:
            text.append(part.message.content or "")
            last = part
        if last is None or not last.done:
            raise AnswerCutError("the answer ends before it is done")
        if last.done_reason not in (None, "stop"):
            raise AnswerCutError(f"the answer was cut: {str(last.done_reason)[:_TOLD]}")
        return ChatReply("".join(text), (last.prompt_eval_count or 0) + (last.eval_count or 0))


def _load() -> None:
    """Import the package, which may take a second that no deadline counts."""
    with extra_installed():
        try:
            import ollama  # noqa: F401
        except ValueError as error:  # it makes a client of its own, for the address of the variable
            raise ModelUnavailableError(
                f"OLLAMA_HOST is no address of a server: {error}"
            ) from error


def _client(host: str, seconds: float, key: str) -> Any:
    """Return a client of the package whose bodies end in time and size."""
    import ollama

    with http_failures():
        try:
            return ollama.Client(
                host=host or None,
                timeout=seconds,
                follow_redirects=False,
                transport=bounded_transport(seconds),
                headers={"Authorization": f"Bearer {key}"} if key else None,
            )
        except ValueError as error:
            raise ModelUnavailableError(f"that is no address of a server: {error}") from error


def _translated(model: str, key: str, call: Any) -> Any:
    """Return what `call` returns, with failures of the package as errors of ours.

    Errors of the package hold all that the server said, so ours do not name them as their cause.
    """
    import ollama
    import pydantic

    with http_failures():
        try:
            return call()
        except ollama.ResponseError as error:
            raise refusal(model, error.status_code, error.error, key) from None
        except (json.JSONDecodeError, pydantic.ValidationError, AttributeError, TypeError) as error:
            # The package lets what a server should not send fail where it happens to.
            raise BadAnswerError(
                f"what came is no answer of Ollama: {type(error).__name__}"
            ) from None
