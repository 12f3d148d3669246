"""Answers of a model: whatever it says, an adjustment lies within [-0.1, 0.1], or is an error."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_llm.answers import (
    ADJUSTMENT_LIMIT,
    Adjustment,
    clamp_adjustment,
    read_adjustment,
    read_answer,
)
from fg_llm.client import AnswerCutError, BadAnswerError, ModelError

anything = st.one_of(
    st.floats(),
    st.integers(),
    st.integers(10**300, 10**400),
    st.booleans(),
    st.text(),
    st.none(),
    st.lists(st.floats()),
    st.dictionaries(st.text(), st.floats()),
)


@given(anything)
def test_whatever_goes_in_a_small_number_comes_out(found: Any) -> None:
    held = clamp_adjustment(found)

    assert -0.1 <= held.value <= 0.1
    assert math.copysign(1.0, held.value) == 1.0 or held.value < 0.0  # no -0.0
    if type(found) in (int, float) and -0.1 <= found <= 0.1:
        assert held == Adjustment(found + 0.0)
    else:
        assert held.note


@pytest.mark.parametrize(
    ("written", "value", "note"),
    [
        ("-40", -0.04, ""),
        ("100", 0.1, ""),
        ("101", 0.1, "clamped"),
        ("-1e5", -0.1, "clamped"),
        ("1e999", 0.0, "not finite"),
        ("9" * 5000, 0.0, "not finite"),
        ("true", 0.0, "not a number"),
        ('"0.05"', 0.0, "not a number"),
        ("null", 0.0, "not a number"),
        ("[50]", 0.0, "not a number"),
        ("-0.0", 0.0, ""),
    ],
)
def test_an_answer_by_hand(written: str, value: float, note: str) -> None:
    found = read_adjustment('{"nonce": "n", "adjust_milli": ' + written + "}", "n")

    assert found == Adjustment(value, note)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sure! The adjustment is 0.05.",
        "[1]",
        '{"nonce": "n"}',
        '{"nonce": "n", "adjust_milli": NaN}',
        '{"nonce": "n", "adjust_milli": 1, "adjust_milli": 100}',
        '{"nonce": "n", "adjust_milli": 1' + " " * 20_000 + "}",
        "[" * 10_000,
    ],
)
def test_what_is_no_answer_is_an_error(text: str) -> None:
    with pytest.raises(BadAnswerError):
        read_adjustment(text, "n")


def test_an_answer_to_a_prompt_that_was_cut_is_an_error() -> None:
    with pytest.raises(AnswerCutError, match="does not repeat the nonce"):
        read_answer('{"nonce": "other", "adjust_milli": 1}', "n")


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_an_adjustment_within_the_limit_or_an_error(text: str) -> None:
    for said in (text, json.dumps({"nonce": "n", "adjust_milli": text})):
        try:
            found = read_adjustment(said, "n")
        except ModelError:
            continue
        assert abs(found.value) <= ADJUSTMENT_LIMIT


def test_every_recorded_answer_is_an_adjustment_within_the_limit_or_an_error(
    fixtures_dir: Path,
) -> None:
    bodies = sorted((fixtures_dir / "ollama").glob("*.*"))
    assert len(bodies) > 30
    for body in bodies:
        said = body.read_bytes().decode("utf-8", "replace")
        texts = [said]
        try:
            document = json.loads(said)
            if isinstance(document, dict) and isinstance(document.get("message"), dict):
                texts.append(document["message"].get("content") or "")
            if isinstance(document, dict):
                texts += [
                    (choice.get("message") or {}).get("content") or ""
                    for choice in document.get("choices", ())
                ]
        except ValueError:
            pass
        for text in texts:
            try:
                found = read_adjustment(text, "n")
            except ModelError:
                continue
            assert abs(found.value) <= ADJUSTMENT_LIMIT
