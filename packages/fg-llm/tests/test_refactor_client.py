"""The model in the refiner's seat: what it is shown, and what becomes of what it says."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fg_core import ForecastGame, SimulationConfig
from fg_core.agents import RefiningAgent
from fg_core.registry import AgentRegistry
from fg_core.revealed import RevealedForecast
from fg_core.testing import check_refactorer, check_refiner
from fg_core.testing.examples import example_outcomes
from fg_core.testing.fakes import ConstantForecaster, LineWorld, PlainAggregator
from fg_llm import OllamaRefactorClient
from fg_llm.client import BadAnswerError, ChatRequest, ModelBusyError, ScriptedModel

OUTCOMES = example_outcomes(24)


def says(rule: Callable[[dict[str, Any]], object]) -> ScriptedModel:
    """Return a model that answers a number of thousandths by a rule on what it was told."""

    def answer(request: ChatRequest) -> str:
        told = json.loads(request.user)
        return json.dumps({"nonce": told["nonce"], "adjust_milli": rule(told)})

    return ScriptedModel(answer)


BY_THE_MEAN = says(lambda told: round(1000 * told["all"]["mean_error"]))


@pytest.mark.parametrize("milli", [40, -100, 10**6, -(10**6), "40", None])
def test_it_conforms_whatever_the_model_says(milli: object) -> None:
    refiner = OllamaRefactorClient(says(lambda _: milli))

    check_refiner(refiner)
    check_refactorer(RefiningAgent(refiner))


def test_it_is_shown_numbers_alone_and_the_nonce_first() -> None:
    asked: list[ChatRequest] = []

    def note(request: ChatRequest) -> str:
        asked.append(request)
        return json.dumps({"nonce": json.loads(request.user)["nonce"], "adjust_milli": 0})

    OllamaRefactorClient(ScriptedModel(note)).propose_increment(OUTCOMES, 0.25)

    told = json.loads(asked[0].user)
    errors = [(one.target - one.forecast.mean) / one.forecast.scale - 0.25 for one in OUTCOMES]
    assert next(iter(told)) == "nonce"
    assert told["correction"] == 0.25
    assert told["all"]["n"] == 24
    assert told["all"]["mean_error"] == pytest.approx(np.mean(errors), abs=6e-4)
    assert told["latest"]["mean_absolute_error"] == pytest.approx(
        np.mean(np.abs(errors[-8:])), abs=6e-4
    )


def test_one_question_is_asked_once() -> None:
    asked: list[ChatRequest] = []

    def count(request: ChatRequest) -> str:
        asked.append(request)
        return json.dumps(
            {"nonce": json.loads(request.user)["nonce"], "adjust_milli": len(asked) * 10}
        )

    refiner = OllamaRefactorClient(ScriptedModel(count))

    assert refiner.propose(OUTCOMES) == refiner.propose(OUTCOMES) == 0.01
    assert refiner.propose(OUTCOMES[:5]) == 0.02
    assert len(asked) == 2


def test_another_nonce_is_refused() -> None:
    model = ScriptedModel(lambda _: '{"nonce": "other", "adjust_milli": 100}')

    with pytest.raises(BadAnswerError, match="does not repeat the nonce"):
        OllamaRefactorClient(model).propose(OUTCOMES)


def played(model: ScriptedModel, bias: float, noise: float = 1.0) -> RefiningAgent:
    """Return the agent after 200 revealed forecasts with a bias in standard deviations."""
    generator = np.random.default_rng(5)
    errors = bias + noise * generator.normal(size=200)
    outcomes = [
        replace(one, target=one.forecast.mean + error * one.forecast.scale)
        for one, error in zip(example_outcomes(200), errors, strict=True)
    ]
    return learned(RefiningAgent(OllamaRefactorClient(model), every=4), outcomes)


@pytest.mark.parametrize("bias", [0.8, -1.5])
def test_most_of_a_known_bias_is_removed(bias: float) -> None:
    agent = played(BY_THE_MEAN, bias)

    assert abs(bias - agent.adjustment) <= 0.2 * abs(bias)


@pytest.mark.parametrize(
    "rule",
    [
        lambda _: 10**9,
        lambda told: 100 if told["correction"] <= 0 else -100,
        lambda told: -round(1000 * told["all"]["mean_error"]),
        lambda _: math.inf,
    ],
    ids=["extreme", "alternating", "lying", "infinite"],
)
def test_nothing_diverges_over_two_hundred_rounds(rule: Callable[[dict[str, Any]], object]) -> None:
    assert abs(played(says(rule), 0.3).adjustment) <= 3.0


def test_a_game_goes_on_when_the_model_fails() -> None:
    def busy(_: ChatRequest) -> str:
        raise ModelBusyError("the server is busy (503)")

    def game(refactorer: RefiningAgent | None) -> list[float]:
        agents = AgentRegistry(
            (ConstantForecaster(0.0, 1.0),), aggregator=PlainAggregator(), refactorer=refactorer
        )
        config = SimulationConfig(step_scale=1.0)
        initial = LineWorld(1.0).initial_state()
        outputs = ForecastGame(config, registry=agents).run(initial, 12, world=LineWorld(1.0))
        return [step.forecast for step in outputs.steps]

    refining = RefiningAgent(OllamaRefactorClient(ScriptedModel(busy)), every=2)

    assert game(refining) == game(None)
    told = learned(refining, OUTCOMES)
    assert told.n_asked == 12
    assert "the server is busy" in str(told.fallbacks)


def learned(agent: RefiningAgent, outcomes: Sequence[RevealedForecast]) -> RefiningAgent:
    for one in outcomes:
        agent = agent.update(one)
    return agent
