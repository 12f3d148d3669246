"""The runtime that a language model may move a little: limits, questions, and what stands in."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace

import pytest

from fg_core import ForecastState
from fg_core.baselines import ForecastingAgent
from fg_core.runtime_status import status_of
from fg_core.testing import check_forecaster, check_strategy_runtime
from fg_llm import ModelStrategyRuntime, PromptStrategyRuntime
from fg_llm.client import ChatRequest, ModelBusyError, OllamaChat, OpenAIChat, ScriptedModel
from fg_llm.runtimes import (
    MODEL_VARIABLE,
    chat_runtime,
    llm_runtime,
    mock_llm_runtime,
    ollama_runtime,
)

STATE = ForecastState(0, 7.0, 0.0, 0.0, history=(3.0, 5.0))
SIZE = 2.0


def says(milli: object, asked: list[ChatRequest] | None = None) -> ModelStrategyRuntime:
    def rule(request: ChatRequest) -> str:
        if asked is not None:
            asked.append(request)
        return json.dumps({"nonce": json.loads(request.user)["nonce"], "adjust_milli": milli})

    return ModelStrategyRuntime(ScriptedModel(rule))


def test_the_mock_is_a_runtime_and_its_agent_a_forecaster() -> None:
    check_strategy_runtime(mock_llm_runtime())
    check_forecaster(ForecastingAgent(runtime=mock_llm_runtime()))


@pytest.mark.parametrize("milli", [100, -100, 0, 10**9, -(10**400), 1e308, True, None, "50", [3]])
def test_a_model_moves_it_by_a_tenth_of_a_usual_change_at_most(milli: object) -> None:
    ruled = PromptStrategyRuntime().forecast_delta(STATE)

    assert abs(says(milli).forecast_delta(STATE) - ruled) <= 0.1 * SIZE * (1 + 1e-12)


def test_it_is_told_features_alone_and_asked_once() -> None:
    asked: list[ChatRequest] = []
    runtime = says(50, asked)

    first = runtime.answer(STATE)
    again = replace(runtime, name="other").answer(STATE)

    assert first.delta == again.delta == pytest.approx(1.5 + 0.05 * SIZE)
    assert len(asked) == 1
    assert set(json.loads(asked[0].user)) == {"nonce", "expected", "features", "meaning"}


def test_after_two_failures_the_program_answers_and_nobody_is_asked() -> None:
    asked = []

    def busy(_: ChatRequest) -> str:
        asked.append(1)
        raise ModelBusyError("too much to do")

    runtime = ModelStrategyRuntime(ScriptedModel(busy), backend="llm")
    with pytest.warns(RuntimeWarning, match="python .* instead of llm: too much to do"):
        found = [runtime.answer(STATE) for _ in range(4)]

    assert {one.delta for one in found} == {PromptStrategyRuntime().forecast_delta(STATE)}
    assert all(one.given_by.fallback_for == "llm" for one in found)
    assert len(asked) == 2
    assert status_of(runtime).fallback_reason == "too much to do"


def test_an_answer_to_another_question_is_none() -> None:
    runtime = ModelStrategyRuntime(ScriptedModel(lambda _: '{"nonce": "x", "adjust_milli": 9}'))

    with pytest.warns(RuntimeWarning, match="does not repeat the nonce"):
        assert runtime.answer(STATE).given_by.is_fallback


def test_names_ask_the_server_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MODEL_VARIABLE, "m")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    assert llm_runtime() == ollama_runtime()
    assert ollama_runtime().model == OllamaChat("m")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    assert llm_runtime() == chat_runtime()
    assert chat_runtime().model == OpenAIChat("m")


def test_without_a_server_the_status_says_so_and_nothing_is_raised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")
    runtime = ollama_runtime()

    assert "nothing answers" in status_of(runtime).fallback_reason
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert runtime.forecast_delta(STATE) == 1.5
    assert "instead of ollama" in str(told[0].message)
