"""Records of a language model: what is asked again, what is answered from the file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fg_core.errors import ArtifactError, ConfigError
from fg_llm.client import (
    ChatModel,
    ChatReply,
    ChatRequest,
    ModelBusyError,
    ModelError,
    NotRecordedError,
    RecordedModel,
    ScriptedModel,
)

FIRST = ChatRequest("Correct.", '{"n": 1}', {"type": "object"})
SECOND = ChatRequest("Correct.", '{"n": 1}', {"type": "object"}, sample=1)


def counting(fails: int = 0) -> ScriptedModel:
    """Return a model that numbers its answers, after so many failures."""
    said: list[int] = []

    def rule(_: ChatRequest) -> str:
        said.append(1)
        if len(said) <= fails:
            raise ModelBusyError("too much to do")
        return f"answer {len(said)}"

    return ScriptedModel(rule)


def never(_: ChatRequest) -> str:
    raise AssertionError("asked")


def outcome(model: ChatModel, request: ChatRequest = FIRST) -> ChatReply | tuple[type, str]:
    try:
        return model.ask(request)
    except ModelError as error:
        return type(error), str(error)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "calls.jsonl"


def test_what_no_file_can_hold_is_replayed_as_it_was_returned(path: Path) -> None:
    said = RecordedModel(ScriptedModel(lambda _: '{"a": "\ud800"}'), path).ask(FIRST)

    assert said.text == '{"a": "\0"}'  # no JSON either
    assert RecordedModel(ScriptedModel(never), path, "replay-only").ask(FIRST) == said


def test_a_question_is_asked_once(path: Path) -> None:
    model = RecordedModel(counting(), path)
    assert isinstance(model, ChatModel)
    assert [model.ask(FIRST).text, model.ask(SECOND).text, model.ask(FIRST).text] == [
        "answer 1",
        "answer 2",
        "answer 1",
    ]

    later = RecordedModel(ScriptedModel(never), path)
    assert later.ask(SECOND).text == "answer 2"
    assert (model.n_asked, later.n_asked) == (2, 0)


def test_off_asks_every_time_and_records(path: Path) -> None:
    for _ in range(2):
        RecordedModel(counting(), path, "off").ask(FIRST)
    assert len(path.read_text().splitlines()) == 2


def test_a_replay_repeats_failures_too_and_never_asks(path: Path) -> None:
    model = RecordedModel(counting(fails=2), path)
    lived = [outcome(model) for _ in range(3)]
    assert lived == [(ModelBusyError, "too much to do")] * 2 + [ChatReply("answer 3")]

    replayed = RecordedModel(ScriptedModel(never), path, "replay-only")

    assert [outcome(replayed) for _ in range(4)] == [*lived, lived[-1]]
    with pytest.raises(NotRecordedError, match="no answer of scripted"):
        replayed.ask(SECOND)


def test_another_model_is_another_question(path: Path) -> None:
    RecordedModel(counting(), path).ask(FIRST)
    other = RecordedModel(ScriptedModel(never, name="other"), path, "replay-only")
    with pytest.raises(NotRecordedError):
        other.ask(FIRST)


def test_errors_that_are_not_of_models_are_not_recorded(path: Path) -> None:
    with pytest.raises(AssertionError):
        RecordedModel(ScriptedModel(never), path).ask(FIRST)
    assert not path.exists()


def test_an_error_that_no_file_can_hold_is_replayed(path: Path) -> None:
    def fails(_: ChatRequest) -> str:
        raise ModelBusyError("half \ud800")

    assert outcome(RecordedModel(ScriptedModel(fails), path)) == (ModelBusyError, "half \ud800")
    replayed = RecordedModel(ScriptedModel(never), path, "replay-only")
    assert outcome(replayed) == (ModelBusyError, "half \0")


def changed(name: str, value: object) -> Callable[[dict[str, object]], object]:
    return lambda entry: entry.update({name: value})


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (changed("user", "other"), "altered"),
        (changed("record", 2), "version 1"),
        (changed("more", 1), "missing or unknown"),
        (changed("text", 7), "no text"),
        (lambda entry: entry.pop("seconds"), "missing or unknown"),
        (lambda entry: (entry.pop("text"), entry.pop("tokens")), "missing or unknown"),
    ],
)
def test_what_was_altered_is_refused(
    path: Path, change: Callable[[dict[str, object]], object], why: str
) -> None:
    RecordedModel(counting(), path).ask(FIRST)
    entry = json.loads(path.read_text())
    change(entry)
    path.write_text(json.dumps(entry) + "\n")

    with pytest.raises(ArtifactError, match=f"entry 1: .*{why}"):
        RecordedModel(counting(), path).ask(FIRST)


def test_an_error_must_be_one_of_ours(path: Path) -> None:
    with pytest.raises(ModelBusyError):
        RecordedModel(counting(fails=1), path).ask(FIRST)
    path.write_text(path.read_text().replace("ModelBusyError", "ForecastGameError"))
    with pytest.raises(ArtifactError, match="no error 'ForecastGameError'"):
        RecordedModel(counting(), path).ask(FIRST)


def test_there_are_three_modes(path: Path) -> None:
    with pytest.raises(ConfigError, match="off, read-write, replay-only"):
        RecordedModel(counting(), path, "replay")  # type: ignore[arg-type]
