"""The refiner as a whole: what it accepts, when it stops, and that it can be replayed."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core.agents import RefiningAgent
from fg_core.errors import ConfigError, ForecastUnavailable
from fg_core.testing import check_refactorer, check_refiner
from fg_core.testing.examples import example_outcomes
from fg_llm.client import (
    BudgetSpentError,
    ChatModel,
    ChatReply,
    ChatRequest,
    ModelBusyError,
    ModelError,
    ModelUnavailableError,
    RecordedModel,
    ScriptedModel,
)
from fg_llm.refiner import (
    Caps,
    Evidence,
    PlayRules,
    Record,
    RecursiveStrategyRefiner,
    Refinement,
    StrategyRefiner,
    mock_model,
    mock_refiner,
    read_record,
    recursive_refiner,
)
from fg_llm.refiner.evidence import RevealedPath
from fg_llm.refiner.run import Run
from fg_llm.testing import biased_outcomes, constant, outcomes_with, proposing, share

RULES = PlayRules(every=4)
BIASED = biased_outcomes(1.5, 128)


def refined(model: ChatModel, outcomes: Any = BIASED, **settings: Any) -> Refinement:
    refiner = RecursiveStrategyRefiner(model, rules=RULES, **{"caps": Caps(rounds=2), **settings})
    return refiner.refine([outcomes])


def decisions(found: Refinement) -> list[str]:
    return [one.decision for one in found.report.proposals]


@pytest.mark.parametrize("bias", [pytest.param(1.5, marks=pytest.mark.slow), -1.2])
def test_most_of_a_known_bias_is_removed(bias: float) -> None:
    outcomes = biased_outcomes(bias, 240, seed=2)

    found = refined(mock_model(), outcomes)

    assert found.strategy is not None
    course = RevealedPath(outcomes, RULES).course(found.strategy, 240)
    left = bias - np.mean(course.bias[120:]) / 2.0  # the forecasts' standard deviation is 2
    assert abs(left) <= 0.2 * abs(bias)
    assert found.report.gain is not None
    assert found.report.gain > 0.1


def test_at_most_one_is_accepted_per_round_and_the_next_round_starts_there() -> None:
    found = refined(mock_model())
    lines = [line for line in found.lines if line["kind"] == "decision"]

    assert [line["after"] for line in lines[:-1]] == [line["before"] for line in lines[1:]]
    for line in lines:
        assert (line["before"] != line["after"]) == (line["decision"] == "accepted")
    for number in (1, 2):
        assert sum(x["decision"] == "accepted" for x in lines if x["round"] == number) <= 1
    assert "accepted" in decisions(found)


@pytest.mark.parametrize("rule", ["good", pytest.param("mixed", marks=pytest.mark.slow)])
def test_recorded_answers_give_the_same_bits(rule: str, tmp_path: Path) -> None:
    def mixed(told: dict[str, Any]) -> object:
        k = told["round"] * told["proposal"]
        return [share("error_32", 100 * k), constant(k * 7), "prose", [{"op": "nop"}]][k % 4]

    asked = 0

    def good(told: dict[str, Any]) -> object:
        nonlocal asked
        asked += 1  # a model that never answers the same twice
        return share("error_32", 200 + 10 * asked)

    calls, path = tmp_path / "calls.jsonl", tmp_path / "record.jsonl"
    live = RecordedModel(proposing(good if rule == "good" else mixed), calls, "off")
    silent = ScriptedModel(lambda _: pytest.fail("the model was asked"))

    def replayed(**settings: Any) -> Refinement:
        return refined(RecordedModel(silent, calls, "replay-only"), **settings)

    first = refined(live, record=path, seed=3)
    kept = calls.read_bytes()

    assert tuple(read_record(path)) == first.lines
    again = replayed(seed=3)
    assert (again.report, again.lines) == (first.report, first.lines)
    assert replayed(seed=4).report.random_gain != first.report.random_gain
    other = replayed(outcomes=biased_outcomes(1.4, 128)).report
    assert (other.stop, other.calls) == ("not recorded", 1)
    assert "has no answer" in other.unavailable
    assert calls.read_bytes() == kept


def test_what_is_sealed_decides_nothing() -> None:
    changed = (*BIASED[:96], *(replace(one, target=-50.0) for one in BIASED[96:]))

    here, there = refined(mock_model()), refined(mock_model(), changed)

    assert here.report.proposals == there.report.proposals
    assert here.strategy == there.strategy
    assert here.report.gain != there.report.gain


@pytest.mark.parametrize(
    ("caps", "stop", "calls"),
    [
        (Caps(rounds=1), "rounds", 4),
        (Caps(calls=6), "calls", 6),
        (Caps(calls=4), "calls", 4),
        (Caps(tokens=50), "tokens", 5),
        (Caps(seconds=2.5), "seconds", 2),
    ],
)
def test_it_stops_at_its_caps(caps: Caps, stop: str, calls: int) -> None:
    seconds = iter(range(100))

    @dataclass(frozen=True)
    class Counting:
        name: str = "counting"

        def ask(self, request: ChatRequest) -> ChatReply:
            return ChatReply(mock_model().ask(request).text, tokens=10)

    clock = (lambda: float(next(seconds))) if stop == "seconds" else (lambda: 0.0)
    found = refined(Counting(), caps=caps, clock=clock).report

    assert (found.stop, found.calls, found.tokens) == (stop, calls, 10 * calls)
    assert found.rounds == math.ceil(calls / 4)
    assert len(found.proposals) == calls


def test_a_stop_file_ends_it(tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    largest = 2**64 - 1

    def rule(told: dict[str, Any]) -> object:
        if told["round"] == 2:
            stop.touch()
        return share("error_32", 200 + 100 * told["round"] + 10 * told["proposal"])

    found = refined(proposing(rule), stop_file=str(stop), seed=largest).report

    assert (found.stop, found.calls, found.rounds) == ("stop file", 5, 2)


@pytest.mark.parametrize(
    ("error", "stop", "calls"),
    [
        (ModelUnavailableError("nothing answers"), "no model", 1),
        (ModelBusyError("busy\n\x1b[2J"), "the model fails", 3),
        (BudgetSpentError("no calls left"), "budget of the model", 0),
    ],
)
def test_a_model_that_fails_ends_it(error: ModelError, stop: str, calls: int) -> None:
    def fail(_: ChatRequest) -> str:
        raise error

    found = refined(ScriptedModel(fail))

    assert (found.report.stop, found.report.calls, found.strategy) == (stop, calls, None)
    assert bool(found.report.unavailable) == (calls > 0)
    assert set(decisions(found)) <= {"refused"}
    assert all(one.why.isprintable() for one in found.report.proposals)
    assert found.report.gain is None


def test_a_model_that_fails_now_and_then_is_asked_again() -> None:
    def now_and_then(request: ChatRequest) -> str:
        if json.loads(request.user)["proposal"] == 2:
            raise ModelBusyError("busy")
        return mock_model().ask(request).text

    found = refined(ScriptedModel(now_and_then)).report

    assert (found.stop, found.unavailable, found.calls) == ("rounds", "", 8)
    assert sum("ModelBusyError" in one.why for one in found.proposals) == 2


def test_repetitions_are_refused_before_they_are_scored() -> None:
    found = refined(proposing(lambda _: share("error_32", 300)), caps=Caps(rounds=1))

    assert decisions(found)[0] != "refused"
    assert all("repeats_program" in one.why for one in found.report.proposals[1:])
    assert all(one.training is None for one in found.report.proposals[1:])


BAD: dict[str, Callable[[dict[str, Any]], object]] = {
    "extreme": lambda told: constant((-1) ** told["proposal"] * 999_999),
    "lying": lambda told: share("error_32", -100 * told["proposal"] - told["round"]),
    "alternating": lambda told: [
        *share("correction", 1000 * (-1) ** told["round"] * told["proposal"]),
        {"op": "sign", "a": 2},
    ],
}


@pytest.mark.parametrize("name", BAD)
def test_bad_advice_is_not_taken(name: str) -> None:
    found = refined(proposing(BAD[name]), biased_outcomes(0.3, 96))

    assert found.strategy is None
    assert found.report.gain == 0.0
    assert "accepted" not in decisions(found)


@settings(max_examples=25)
@given(st.one_of(st.text(max_size=200), st.binary(max_size=60).map(repr)))
def test_no_text_does_harm(text: str) -> None:
    found = refined(ScriptedModel(lambda _: text), biased_outcomes(1.0, 32), caps=Caps(rounds=1))

    assert found.strategy is None
    assert [one.why.split(":")[0] for one in found.report.proposals] == ["bad_answer"] * 4


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"prog": constant(1)}, "bad_answer"),  # no nonce
        ({"nonce": None, "prog": constant(1), "more": 1}, "bad_answer"),
        ({"nonce": None}, "bad_answer"),
        ({"nonce": None, "prog": constant(1) * 65}, "too_many_nodes"),
        ({"nonce": None, "prog": [{"op": "neg", "a": 0}]}, "forward_reference"),
        ({"nonce": None, "prog": [{"op": "feat", "name": "secret"}]}, "unknown_feature"),
        ({"nonce": None, "prog": [{"op": "num", "milli": True}]}, "bad_literal"),
        ({"nonce": None, "prog": "x" * 20_000}, "bad_answer"),
    ],
)
def test_what_is_no_program_is_refused_by_its_code(said: dict[str, Any], code: str) -> None:
    def answer(request: ChatRequest) -> str:
        told = json.loads(request.user)
        return json.dumps({**said, **({"nonce": told["nonce"]} if "nonce" in said else {})})

    found = refined(ScriptedModel(answer), caps=Caps(rounds=1)).report

    assert {one.why.split(":")[0] for one in found.proposals} == {code}


def test_little_evidence_asks_nothing() -> None:
    for outcomes in ((), biased_outcomes(1.0, 28)):
        found = refined(mock_model(), outcomes).report
        assert (found.stop, found.calls) == ("too few revealed forecasts", 0)
    assert refined(mock_model(), biased_outcomes(1.0, 32)).report.calls == 8


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(ConfigError, match="not enough for one round"):
        Caps(calls=3)
    with pytest.raises(ConfigError, match="rounds must be"):
        Caps(rounds=0)
    with pytest.raises(ConfigError, match="seconds must be"):
        Caps(seconds=float("nan"))
    with pytest.raises(ConfigError, match="level must be"):
        RecursiveStrategyRefiner(mock_model(), level=0.0)
    with pytest.raises(ConfigError, match="seed must be"):
        RecursiveStrategyRefiner(mock_model(), seed=-1)


def test_the_model_of_the_plugin_is_that_of_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FG_LLM_MODEL", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    assert recursive_refiner() == RecursiveStrategyRefiner()
    monkeypatch.setenv("FG_LLM_MODEL", "qwen3")
    assert recursive_refiner().model.name.startswith("ollama/qwen3 context=4096 answer=1024 ")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert recursive_refiner().model.name.startswith("openai/qwen3 answer=1024 ")


# --------------------------------------------------------------------------------- in a game


@pytest.mark.slow
def test_it_sits_in_the_seat() -> None:
    check_refiner(mock_refiner())
    found = refined(mock_model()).strategy
    assert found is not None
    check_refiner(StrategyRefiner(found))
    check_refactorer(RefiningAgent(StrategyRefiner(found), every=4))


@pytest.mark.slow
def test_in_the_seat_it_corrects_what_it_is_shown_to_be_wrong() -> None:
    agent = RefiningAgent(replace(mock_refiner(), rules=RULES), every=8, memory=96)
    for outcome in biased_outcomes(1.5, 136, seed=4):
        agent = agent.update(outcome)

    assert 0.0 < agent.adjustment <= 1.6
    assert agent.fallbacks == {}


def test_in_the_seat_a_missing_model_is_counted() -> None:
    def gone(_: ChatRequest) -> str:
        raise ModelUnavailableError("nothing answers")

    agent = RefiningAgent(RecursiveStrategyRefiner(ScriptedModel(gone)), every=40)
    for outcome in biased_outcomes(1.5, 40):
        agent = agent.update(outcome)

    assert agent.adjustment == 0.0
    assert "nothing answers" in str(agent.fallbacks)
    with pytest.raises(ForecastUnavailable, match="order of their origins"):
        mock_refiner().propose(example_outcomes(40)[::-1])


# ------------------------------------------------------------------------------- simulations


def _noise(seed: int, n: int) -> Any:
    """Return errors of forecasts that are right: normal, or with fat tails and changing spread."""
    draws = np.random.default_rng([11, seed])
    if seed % 2 == 0:
        return outcomes_with(draws.normal(size=n), seed)
    spread = np.exp(0.5 * np.sin(np.arange(n) / 9.0))
    return outcomes_with(spread * draws.standard_t(5, size=n), seed)


def _guess(told: dict[str, Any]) -> object:
    """Propose something of every kind: follow the error, fight it, push, follow the series."""
    draws = np.random.default_rng([told["round"], told["proposal"], int(told["nonce"], 16)])
    milli = int(draws.integers(-900, 900))
    names = ("error_8", "error_32", "error_1", "change_12", "gap_12", "rises_12")
    return [*share(names[int(draws.integers(6))], milli), {"op": "softsign", "a": 2}]


@pytest.mark.slow
def test_on_noise_hardly_anything_is_accepted() -> None:
    runs, proposals, accepted, runs_with_any = 600, 0, 0, 0
    for seed in range(runs):
        refiner = RecursiveStrategyRefiner(proposing(_guess), rules=RULES, seed=seed)
        run = Run(refiner, Evidence.of([_noise(seed, 96)], RULES), Record())
        found = run.finish(unseal=False).report
        n = sum(one.decision == "accepted" for one in found.proposals)
        proposals += len(found.proposals)
        accepted += n
        runs_with_any += n > 0

    # The level is that of a run: of 600, 30 are expected at most. At a rate of 5 %, more than 45
    # would happen once in 300 simulations.
    assert runs_with_any <= 45
    assert accepted <= 0.05 * proposals


@pytest.mark.slow
@pytest.mark.parametrize("name", BAD)
def test_nothing_diverges_over_two_hundred_rounds(name: str) -> None:
    model = proposing(BAD[name])
    caps = Caps(rounds=200, candidates=1, calls=200)
    found = refined(model, biased_outcomes(0.3, 96), caps=caps)
    assert (found.report.rounds, found.strategy) == (200, None)

    agent = RefiningAgent(RecursiveStrategyRefiner(model, caps=Caps(rounds=1)), every=4)
    for outcome in biased_outcomes(0.3, 200):
        agent = agent.update(outcome)
        assert abs(agent.adjustment) <= 1.0
