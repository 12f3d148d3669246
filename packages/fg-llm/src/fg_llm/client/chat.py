"""Questions to a language model, and its answers; any server is behind one protocol."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

__all__ = ["ChatModel", "ChatReply", "ChatRequest", "ScriptedModel", "question"]


@dataclass(frozen=True)
class ChatRequest:
    """A question.

    Args:
        system: What the model is to do; fixed text of ours.
        user: Data, as JSON of ours: numbers and names, never text from data or models.
        schema: JSON schema that the answer must follow.
        sample: Number of the answer among several to one question.
    """

    system: str
    user: str
    schema: Mapping[str, Any]
    sample: int = 0

    def key(self, model: str) -> str:
        """Return the name of the question to a model: SHA-256 of all that the answer depends on.

        Args:
            model: Name of the model with its settings.
        """
        parts = [model, self.system, self.user, self.schema, self.sample]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode("utf-8")).hexdigest()


@dataclass(frozen=True)
class ChatReply:
    """An answer, as text that nobody has looked at yet.

    Args:
        text: What the model said.
        tokens: Tokens of question and answer, as far as the server tells.
    """

    text: str
    tokens: int = 0


def question(
    system: str, data: Mapping[str, Any], schema: Mapping[str, Any], sample: int = 0
) -> tuple[ChatRequest, str]:
    """Return a question about data, and the nonce that its answer must repeat.

    The nonce follows from the data and stands first, since servers cut the beginning of a prompt
    that is too long.

    Args:
        system: As of `ChatRequest`.
        data: Entries of the question, as plain JSON of ours.
        schema: As of `ChatRequest`; it asks for the nonce.
        sample: As of `ChatRequest`.

    Returns:
        Question and nonce.

    >>> request, nonce = question("Add.", {"a": 1}, {})
    >>> json.loads(request.user) == {"nonce": nonce, "a": 1}
    True
    """
    nonce = hashlib.sha256(json.dumps(data).encode("ascii")).hexdigest()[:8]
    return ChatRequest(system, json.dumps({"nonce": nonce, **data}), schema, sample), nonce


@runtime_checkable
class ChatModel(Protocol):
    """A language model behind some server."""

    @property
    def name(self) -> str:
        """Model, with the settings that its answers depend on."""
        ...

    def ask(self, request: ChatRequest) -> ChatReply:
        """Return the whole answer, or raise a `ModelError`; never wait beyond a deadline."""
        ...


@dataclass(frozen=True)
class ScriptedModel:
    """A model that answers by a rule: for tests, and to see what a refiner does without a server.

    Args:
        rule: The answer to a question, as text.
        name: Name of the model.

    >>> ScriptedModel(lambda request: "{}").ask(ChatRequest("", "", {})).text
    '{}'
    """

    rule: Callable[[ChatRequest], str]
    name: str = "scripted"

    def ask(self, request: ChatRequest) -> ChatReply:
        """Return the rule's answer."""
        return ChatReply(self.rule(request))
