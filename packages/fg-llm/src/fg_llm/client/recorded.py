"""Answers that are kept: what a model was asked and what it said, and the same again without it.

Servers do not promise equal answers to equal questions, even at temperature 0 with a seed. What is
repeated to the last bit is a record.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from fg_core.errors import ArtifactError, ConfigError
from fg_llm.appended import append_line, read_appended, storable

from . import errors
from .chat import ChatModel, ChatReply, ChatRequest
from .errors import ModelError, NotRecordedError

__all__ = ["RecordMode", "RecordedModel"]

RecordMode = Literal["off", "read-write", "replay-only"]

_VERSION = 1
_ENTRY = {"record", "key", "model", "system", "user", "schema", "sample", "asked_at", "seconds"}
_SAID = ({"text", "tokens"}, {"error", "message"})


class RecordedModel:
    """A language model whose answers are kept in a file, one JSON line per call, append-only.

    A line has the question (`key`, which is `ChatRequest.key`, and its parts), when it was asked
    and how long it took, and the answer as it came, or the error. No key is in it.

    - `off`: The model is asked every time. The calls are recorded all the same.
    - `read-write`: A question that was answered before gets that answer; one that was not, or that
      failed, is asked.
    - `replay-only`: The model is never asked. The n-th time that a question is asked it gets its
      n-th outcome in the record, errors included, and the last one from then on; so a run is
      repeated to the last bit. A question that is not in the record is a `NotRecordedError`.

    Args:
        model: Model that is asked; its name is part of the question.
        path: Path of the record; it is read when the first question is asked.
        mode: As above.
        now: Gives the time of a call, as seconds since 1970.

    Raises:
        ConfigError: There is no such mode.

    >>> import tempfile
    >>> from fg_llm.client import ChatRequest, ScriptedModel
    >>> path = Path(tempfile.mkdtemp()) / "calls.jsonl"
    >>> model = ScriptedModel(lambda request: "yes")
    >>> RecordedModel(model, path).ask(ChatRequest("", "", {})).text
    'yes'
    >>> silent = ScriptedModel(lambda request: 1 / 0)
    >>> RecordedModel(silent, path, "replay-only").ask(ChatRequest("", "", {})).text
    'yes'
    """

    def __init__(
        self,
        model: ChatModel,
        path: str | Path,
        mode: RecordMode = "read-write",
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        if mode not in get_args(RecordMode):
            raise ConfigError(f"no mode {mode!r} of a record: {', '.join(get_args(RecordMode))}")
        self.model = model
        self.path = Path(path)
        self.mode = mode
        self.n_asked = 0
        """Number of calls to the model itself."""
        self._now = now
        self._outcomes: dict[str, list[ChatReply | ModelError]] | None = None
        self._times: Counter[str] = Counter()

    @property
    def name(self) -> str:
        """Name of the model that is asked, so that its record stays good for a replay."""
        return self.model.name

    def ask(self, request: ChatRequest) -> ChatReply:
        """Return the answer, from the record or from the model; see the class.

        Args:
            request: Question.

        Returns:
            Answer.

        Raises:
            ModelError: The model gave no answer, now or in the record that is replayed.
            ArtifactError: The record is damaged, or of another version.
            OSError: The record cannot be written.
        """
        key = request.key(self.name)
        known = self._known().get(key, [])
        if self.mode == "replay-only":
            if not known:
                raise NotRecordedError(
                    f"{self.path} has no answer of {self.name} to question {key[:12]}"
                )
            outcome = known[min(self._times[key], len(known) - 1)]
            self._times[key] += 1
            if isinstance(outcome, ModelError):
                raise outcome
            return outcome
        if self.mode == "read-write":
            answers = [one for one in known if isinstance(one, ChatReply)]
            if answers:
                return answers[0]
        return self._asked(request, key)

    def _asked(self, request: ChatRequest, key: str) -> ChatReply:
        self.n_asked += 1
        begun, clock = self._now(), time.monotonic()
        outcome: ChatReply | ModelError
        try:
            reply = self.model.ask(request)
            outcome = replace(reply, text=storable(reply.text))
        except ModelError as error:
            outcome = error
        append_line(
            self.path,
            {
                "record": _VERSION,
                "key": key,
                "model": self.name,
                "system": request.system,
                "user": request.user,
                "schema": dict(request.schema),
                "sample": request.sample,
                "asked_at": datetime.fromtimestamp(begun, UTC).isoformat(timespec="milliseconds"),
                "seconds": round(time.monotonic() - clock, 3),
                **_said(outcome),
            },
        )
        self._known().setdefault(key, []).append(outcome)
        if isinstance(outcome, ModelError):
            raise outcome
        return outcome

    def _known(self) -> dict[str, list[ChatReply | ModelError]]:
        if self._outcomes is None:
            self._outcomes = {}
            for number, entry in enumerate(read_appended(self.path), start=1):
                key, outcome = _read(entry, f"{self.path}, entry {number}")
                self._outcomes.setdefault(key, []).append(outcome)
        return self._outcomes


def _said(outcome: ChatReply | ModelError) -> dict[str, Any]:
    if isinstance(outcome, ModelError):
        return {"error": type(outcome).__name__, "message": storable(str(outcome))}
    return {"text": outcome.text, "tokens": outcome.tokens}


def _read(entry: Mapping[str, Any], where: str) -> tuple[str, ChatReply | ModelError]:
    """Return key and outcome of a line, which must be one that this module wrote."""
    if entry.get("record") != _VERSION:
        raise ArtifactError(f"{where}: no record of a language model of version {_VERSION}")
    said = set(entry) - _ENTRY
    if not set(entry) >= _ENTRY or said not in _SAID:
        raise ArtifactError(f"{where}: entries are missing or unknown")
    request = ChatRequest(entry["system"], entry["user"], entry["schema"], entry["sample"])
    if request.key(entry["model"]) != entry["key"]:
        raise ArtifactError(f"{where}: the key is not that of the question: altered")
    if "text" in said:
        if type(entry["text"]) is not str or type(entry["tokens"]) is not int:
            raise ArtifactError(f"{where}: the answer is no text, or its tokens no number")
        return entry["key"], ChatReply(entry["text"], entry["tokens"])
    kind = getattr(errors, str(entry["error"]), None)
    if not (isinstance(kind, type) and issubclass(kind, ModelError)):
        raise ArtifactError(f"{where}: no error {entry['error']!r}")
    return entry["key"], kind(str(entry["message"]))
