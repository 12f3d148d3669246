"""The scenarios pass as they are, and fail where what they check is broken."""

from __future__ import annotations

import pytest

import fg_llm.refactor_client
import fg_llm.refiner.error_features
import fg_llm.refiner.run
import fg_llm.scenarios
from fg_core.plugins import Registry
from fg_llm.answers import Adjustment
from fg_llm.refiner import Verdict
from fg_llm.scenarios import LlmMockRefactor, LlmRefinerStability


@pytest.mark.slow
@pytest.mark.parametrize("name", ["llm_mock_refactor", "llm_refiner_stability"])
def test_they_pass_as_plugins(name: str) -> None:
    found = Registry("fg_core.scenarios").load(name)().run(7)

    assert found.status == "passed", found.message
    assert found.figures


@pytest.mark.slow
def test_a_model_whose_answers_are_turned_around_removes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest = fg_llm.refactor_client.read_adjustment

    def turned(text: str, nonce: str) -> Adjustment:
        return Adjustment(-honest(text, nonce).value)

    monkeypatch.setattr(fg_llm.refactor_client, "read_adjustment", turned)
    found = LlmMockRefactor().run(7)

    assert found.status == "failed"
    assert "numbers of a model: 80% or more of a bias of 2 is removed: does not" in found.message
    assert "strategy" not in found.message


@pytest.mark.slow
def test_a_refiner_that_takes_what_looks_good_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def takes_anything(*_: object, **__: object) -> Verdict:
        return Verdict(True, "why not", 0.0, 1.0, 0.0)

    monkeypatch.setattr(fg_llm.refiner.run, "judge", takes_anything)
    monkeypatch.setattr(fg_llm.scenarios, "_ROUNDS", 60)
    found = LlmRefinerStability().run(7)

    assert found.status == "failed"
    assert "at most 5% of proposals are accepted on noise: does not hold" in found.message


@pytest.mark.slow
def test_increments_without_a_limit_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def unlimited(found: float) -> Adjustment:
        return Adjustment(float(found))

    def takes_anything(*_: object, **__: object) -> Verdict:
        return Verdict(True, "why not", 0.0, 1.0, 0.0)

    monkeypatch.setattr(fg_llm.refiner.error_features, "clamp_adjustment", unlimited)
    monkeypatch.setattr(fg_llm.refiner.run, "judge", takes_anything)
    monkeypatch.setattr(fg_llm.refiner.run.Run, "_gain", lambda *_: 1.0)
    monkeypatch.setattr(fg_llm.scenarios, "_ROUNDS", 60)
    monkeypatch.setattr(fg_llm.scenarios, "_NOISE_RUNS", 1)
    found = LlmRefinerStability().run(7)

    assert found.status == "failed"
    assert "extreme answers move nothing by more than 1: does not hold" in found.message
