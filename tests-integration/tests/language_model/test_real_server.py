"""Our clients against a real server: answers held to a schema, cut, late, recorded, in a game."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fg_core import AgentRegistry, ForecastGame, Observation, ReplayWorld, SimulationConfig
from fg_core.agents import RefiningAgent
from fg_core.baselines import RandomWalk
from fg_llm import OllamaRefactorClient
from fg_llm.answers import ADJUSTMENT_LIMIT, read_adjustment
from fg_llm.client import (
    AnswerCutError,
    ChatModel,
    ChatReply,
    ChatRequest,
    ModelError,
    ModelMissingError,
    ModelServerError,
    ModelTimeoutError,
    OllamaChat,
    OpenAIChat,
    RecordedModel,
    ScriptedModel,
)

pytestmark = pytest.mark.language_model


@pytest.fixture(params=["ollama", "v1"])
def model(request: pytest.FixtureRequest) -> ChatModel:
    """Return a client of the real server, by each of its two interfaces."""
    address = request.getfixturevalue(request.param)
    made = OllamaChat if request.param == "ollama" else OpenAIChat
    return made("tiny", host=address, temperature=1.0, answer_tokens=200)


def adjustment(kind: str = "integer", *, sample: int = 0, **bounds: int) -> ChatRequest:
    properties = {"nonce": {"enum": ["k3"]}, "adjust_milli": {"type": kind, **bounds}}
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return ChatRequest("Correct forecasts.", '{"nonce": "k3"}', schema, sample)


PROSE = ChatRequest(
    "Say much.",
    "{}",
    {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
)


def test_the_server_is_there_with_its_model(model: Any) -> None:
    assert model.available() == ""
    assert "other" in replace(model, model="other").available()


def test_whole_numbers_are_held_to_their_bounds(model: ChatModel) -> None:
    found = [
        read_adjustment(model.ask(adjustment(sample=i, minimum=-100, maximum=100)).text, "k3")
        for i in range(20)
    ]
    assert {one.note for one in found} == {""}
    assert len({one.value for one in found}) > 3
    assert all(abs(one.value) <= ADJUSTMENT_LIMIT for one in found)


def test_numbers_are_not_and_are_clamped(model: ChatModel) -> None:
    found = []
    for i in range(20):
        try:
            text = model.ask(adjustment("number", sample=i, minimum=-100, maximum=100)).text
        except (AnswerCutError, ModelServerError):
            continue  # a number without an end
        found.append(read_adjustment(text, "k3"))
    assert any(one.note for one in found)
    assert all(abs(one.value) <= ADJUSTMENT_LIMIT for one in found)


def test_equal_questions_get_equal_answers_of_one_slot(model: Any) -> None:
    request = adjustment(minimum=-100, maximum=100)
    assert len({model.ask(request).text for _ in range(3)}) == 1


def test_an_answer_that_is_cut_is_none(model: Any) -> None:
    with pytest.raises((AnswerCutError, ModelServerError)):
        replace(model, answer_tokens=12).ask(PROSE)


def test_a_model_that_takes_too_long_is_given_up(model: Any) -> None:
    with pytest.raises(ModelTimeoutError):
        replace(model, answer_tokens=3000, timeout=0.01).ask(PROSE)


def test_a_model_that_is_not_there_is_named(ollama: str) -> None:
    with pytest.raises(ModelMissingError, match="'other'"):
        OllamaChat("other", host=ollama).ask(adjustment())


def test_a_record_replays_what_the_server_said(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    live = RecordedModel(model, path)
    requests = [adjustment(sample=i, minimum=-100, maximum=100) for i in range(5)]
    said = [live.ask(one) for one in requests]

    silent = ScriptedModel(lambda _: pytest.fail("asked"), name=model.name)
    replayed = RecordedModel(silent, path, "replay-only")
    assert [replayed.ask(one) for one in requests] == said


@dataclass
class Counted:
    """A model that counts, and one made to repeat the nonce, which random weights never do."""

    inner: Any
    echoes: bool
    outcomes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.inner.name} echoes={self.echoes}"

    def ask(self, request: ChatRequest) -> ChatReply:
        schema = json.loads(json.dumps(dict(request.schema)))
        if self.echoes:
            schema["properties"]["nonce"] = {"enum": [json.loads(request.user)["nonce"]]}
        try:
            reply = self.inner.ask(replace(request, schema=schema))
        except ModelError as error:
            self.outcomes.append(type(error).__name__)
            raise
        self.outcomes.append("answered")
        return reply


def forecasts(model: Counted | None) -> list[float]:
    """Return a walk's forecasts of a series that rises, with a refiner every five rounds."""
    values = (1.0 + np.random.default_rng(7).standard_normal(60)).cumsum()
    days = [datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=i) for i in range(len(values))]
    world = ReplayWorld(
        tuple(
            Observation(day, float(value), {}, day, "s", "test")
            for day, value in zip(days, values, strict=True)
        )
    )
    seat = None if model is None else RefiningAgent(OllamaRefactorClient(model), every=5)
    agents = AgentRegistry((RandomWalk(),), refactorer=seat)
    game = ForecastGame(SimulationConfig(), registry=agents)
    return [step.forecast for step in game.run(world.initial_state(20), world=world).steps]


def test_in_a_game_it_moves_forecasts_within_limits(model: Any) -> None:
    plain, asked = forecasts(None), Counted(model, echoes=True)

    moved = np.array(forecasts(asked)) - plain

    assert asked.outcomes.count("answered") >= 5
    assert set(asked.outcomes) == {"answered"}
    assert moved.any()
    # Scales of these forecasts are below 2.
    assert abs(moved).max() <= len(asked.outcomes) * ADJUSTMENT_LIMIT * 2.0


def test_in_a_game_answers_to_other_questions_change_nothing(model: Any) -> None:
    asked = Counted(model, echoes=False)

    assert forecasts(asked) == forecasts(None)
    assert len(asked.outcomes) >= 5
