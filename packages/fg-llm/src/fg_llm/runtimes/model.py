"""The runtime in which a language model may change a written strategy's answers a little."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fg_core.runtime_status import RuntimeStatus, StrategyAnswer
from fg_core.state import ForecastState
from fg_llm.answers import ADJUSTMENT_SCHEMA, clamp_adjustment, read_adjustment
from fg_llm.client import (
    ChatModel,
    ChatRequest,
    ModelError,
    OllamaChat,
    OpenAIChat,
    ScriptedModel,
    question,
)
from fg_llm.client.model_name import MODEL_VARIABLE, model_name
from fg_llm.strategy.evaluation import evaluate
from fg_llm.strategy.features import FEATURES
from fg_llm.strategy.program import Program

from .prompt import DAMPED_TREND, PromptStrategyRuntime

__all__ = [
    "MODEL_VARIABLE",
    "ModelStrategyRuntime",
    "chat_runtime",
    "llm_runtime",
    "mock_llm_runtime",
    "ollama_runtime",
]

_FAILURES = 2
_DIGITS = 3

_SYSTEM = (
    "You expect the next change of a series. You are given JSON: features of the series in units "
    "of the size of a usual change, what they mean, and the change that a rule expects. Answer "
    "with JSON: repeat the nonce, and give adjust_milli, what you add to the rule's change, in "
    "thousandths of a usual change, from -100 to 100. Answer 0 if you do not know better."
)


@dataclass
class _Asked:
    """What copies of a runtime share: answers by question, and failures in a row."""

    answers: dict[str, float] = field(default_factory=dict)
    failures: int = 0
    reason: str = ""


@dataclass(frozen=True)
class ModelStrategyRuntime:
    r"""Expects what a program computes, and what a language model adds to it.

    With the program's result $p$, the model's adjustment $a$ within [-0.1, 0.1], the size $s$ of a
    usual change and $l$ = `limit`,

    $$\delta = s \, \max(-l, \min(l, p + a)).$$

    The model is shown the features, rounded to thousandths, and nothing else; one question gets one
    answer. A model that does not answer, or not as it was asked to, adds nothing: the program's
    answer in Python stands in, a warning says so once, and `status` and `answer` name the reason.
    After two failures in a row the model is asked no more.

    Args:
        model: Language model.
        program: Checked program over `FEATURES`.
        limit: Largest expected change, in usual changes; finite, above 0.
        name: Name of the runtime.
        backend: Name of what computes the answers, for `status`.

    Raises:
        ConfigError: `limit` is out of its range.
        StrategyError: The program reads a feature that is not in `FEATURES`.

    >>> runtime = mock_llm_runtime()
    >>> runtime.forecast_delta(ForecastState(0, 7.0, 0.0, 0.0, history=(3.0, 5.0)))
    1.7
    """

    model: ChatModel
    program: Program = field(default=DAMPED_TREND)
    limit: float = 3.0
    name: str = "llm"
    backend: str = "llm"
    asked: _Asked = field(default_factory=_Asked, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "_in_python", PromptStrategyRuntime(self.program, self.limit, self.name)
        )

    def forecast_delta(self, state: ForecastState) -> float:
        """Return the change expected in one step, in the unit of the series.

        Raises:
            AgentError: A value that is not finite.
        """
        return self.answer(state).delta

    def answer(self, state: ForecastState) -> StrategyAnswer:
        """Return the change expected in one step, and what computed it."""
        features, size = self._python.features(state)
        ruled = evaluate(self.program, features)
        adjustment, status = self._adjustment(features, ruled)
        return StrategyAnswer(float(self._python.in_unit(ruled + adjustment, size)), status)

    def status(self) -> RuntimeStatus:
        """Return who would compute the next answer; this may ask the server whether it is there."""
        if self.asked.failures >= _FAILURES:
            return self._fallback(self.asked.reason)
        probe: Any = getattr(self.model, "available", None)
        reason = probe() if probe is not None else ""
        return self._fallback(reason) if reason else self._live()

    @property
    def _python(self) -> PromptStrategyRuntime:
        found: PromptStrategyRuntime = self.__dict__["_in_python"]
        return found

    def _adjustment(
        self, features: Mapping[str, float], ruled: float
    ) -> tuple[float, RuntimeStatus]:
        asked = self.asked
        request, nonce = _request(features, ruled)
        key = request.key(self.model.name)
        if key in asked.answers:
            return asked.answers[key], self._live()
        if asked.failures >= _FAILURES:
            return 0.0, self._fallback(asked.reason)
        try:
            found = read_adjustment(self.model.ask(request).text, nonce).value
        except ModelError as error:
            asked.failures += 1
            asked.reason = str(error)
            status = self._fallback(asked.reason)
            warnings.warn(f"runtime {self.name!r}: {status}", RuntimeWarning, stacklevel=4)
            return 0.0, status
        asked.failures = 0
        asked.answers[key] = found
        return found, self._live()

    def _live(self) -> RuntimeStatus:
        return RuntimeStatus(self.backend, model=self.model.name)

    def _fallback(self, reason: str) -> RuntimeStatus:
        return self._python.standing_in(self.backend, reason)


def mock_llm_runtime() -> ModelStrategyRuntime:
    """Return the runtime whose model is a rule: a tenth of the last change. It needs no server."""
    return ModelStrategyRuntime(
        ScriptedModel(_tenth_of_the_last_change, "a tenth of the last change"),
        name="mock_llm",
        backend="mock_llm",
    )


def ollama_runtime() -> ModelStrategyRuntime:
    """Return the runtime whose model is behind the Ollama server of `OLLAMA_HOST`."""
    return ModelStrategyRuntime(OllamaChat(model_name()), name="ollama", backend="ollama")


def chat_runtime() -> ModelStrategyRuntime:
    """Return the runtime whose model is behind the `/v1` server of `OPENAI_BASE_URL`."""
    return ModelStrategyRuntime(OpenAIChat(model_name()), name="chat", backend="chat")


def llm_runtime() -> ModelStrategyRuntime:
    """Return `chat_runtime()` where `OPENAI_BASE_URL` is set, else `ollama_runtime()`."""
    return chat_runtime() if os.environ.get("OPENAI_BASE_URL") else ollama_runtime()


def _request(features: Mapping[str, float], ruled: float) -> tuple[ChatRequest, str]:
    """Return the question about a state, and the nonce that its answer must repeat."""
    data = {
        "expected": round(ruled, _DIGITS),
        "features": {name: round(number, _DIGITS) for name, number in features.items()},
        "meaning": {name: FEATURES[name].meaning for name in features},
    }
    return question(_SYSTEM, data, ADJUSTMENT_SCHEMA)


def _tenth_of_the_last_change(request: ChatRequest) -> str:
    told = json.loads(request.user)
    tenth = clamp_adjustment(0.1 * told["features"]["change_1"]).value
    return json.dumps({"nonce": told["nonce"], "adjust_milli": round(1000 * tenth)})
