"""Answers of a model: whatever it says, an adjustment lies within [-0.1, 0.1], or is an error."""

from __future__ import annotations

import json
import math
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fg_core import ForecastState
from fg_core.testing.examples import example_outcomes
from fg_llm import ModelStrategyRuntime, OllamaRefactorClient
from fg_llm.answers import (
    ADJUSTMENT_LIMIT,
    Adjustment,
    clamp_adjustment,
    read_adjustment,
    read_answer,
)
from fg_llm.client import (
    AnswerCutError,
    BadAnswerError,
    ChatRequest,
    ModelError,
    ScriptedModel,
)

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


HERE = "@nonce@"
"""Stands for the nonce of whichever question is answered."""

OUTCOMES = example_outcomes(8)
STATE = ForecastState(0, 7.0, 0.0, 0.0, history=(5.0,))
RULED, USUAL_CHANGE = 1.5, 2.0

numbers = st.one_of(
    st.floats().map(repr),  # nan, inf and -inf among them, which are no JSON
    st.sampled_from(["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "-68.6113e8282689", "-0"]),
    st.integers().map(str),
    st.integers(1, 6000).map(lambda n: "9" * n),
)
words = st.sampled_from(['"0.05"', '"\\ud800"', '"\ud800"', "true", "null", "0x10", "+5", "5."])
values = st.recursive(
    numbers | words | st.text().map(json.dumps),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda found: f"[{', '.join(found)}]"),
        st.tuples(inner, inner).map(lambda two: f'{{"adjust_milli": {two[0]}, "a": {two[1]}}}'),
        st.tuples(inner, st.integers(1, 3000)).map(lambda two: f"{'[' * two[1]}{two[0]}"),
        st.tuples(inner, st.integers(1, 3000)).map(
            lambda two: f"{'[' * two[1]}{two[0]}{']' * two[1]}"
        ),
    ),
    max_leaves=4,
)
answers = st.builds(
    lambda fields, before, after, padding: (
        f'{before}{{"nonce": "{HERE}"'
        + "".join(f', "{name}": {value}' for name, value in fields)
        + f"{' ' * padding}}}{after}"
    ),
    st.lists(
        st.tuples(st.sampled_from(["adjust_milli", "adjust_milli", "nonce", "more"]), values),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from(["", "", "", "Sure! ", "```json\n", "\ufeff"]),
    st.sampled_from(["", "", "", "```", "{}", "\ud800"]),
    st.sampled_from([0, 0, 0, 17_000]),
)


@settings(max_examples=40)
@given(answers | st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
@example(f'{{"nonce": "{HERE}", "adjust_milli": 1e5}}')
def test_whatever_is_said_moves_nothing_by_more_than_the_limit(text: str) -> None:
    def rule(request: ChatRequest) -> str:
        return text.replace(HERE, json.loads(request.user)["nonce"])

    with suppress(ModelError):
        assert abs(read_adjustment(text, HERE).value) <= ADJUSTMENT_LIMIT
    with suppress(ModelError):
        assert abs(OllamaRefactorClient(ScriptedModel(rule)).propose(OUTCOMES)) <= ADJUSTMENT_LIMIT
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the program stands in
        moved = ModelStrategyRuntime(ScriptedModel(rule)).forecast_delta(STATE) - RULED
    assert abs(moved) <= ADJUSTMENT_LIMIT * USUAL_CHANGE * (1.0 + 1e-12)


def leaves(found: Any) -> Iterator[Any]:
    """Yield every part of a document, the whole first, and of texts that are JSON themselves."""
    yield found
    inner: Iterable[Any] = ()
    if isinstance(found, dict):
        inner = found.values()
    elif isinstance(found, list):
        inner = found
    elif isinstance(found, str):
        with suppress(ValueError):
            inner = [json.loads(found)]
    for one in inner:
        yield from leaves(one)


def test_every_recorded_body_and_all_that_is_in_it_is_clamped(fixtures_dir: Path) -> None:
    bodies = sorted((fixtures_dir / "ollama").glob("*.*"))
    assert len(bodies) > 30
    notes: Counter[str] = Counter()
    for body in bodies:
        said = body.read_bytes().decode("utf-8", "replace")
        with pytest.raises(BadAnswerError):  # none of them repeats the nonce
            read_adjustment(said, "n")
        for line in said.splitlines():
            for part in leaves(line.removeprefix("data: ")):
                assert abs(clamp_adjustment(part).value) <= ADJUSTMENT_LIMIT
                written = json.dumps(part)  # infinite numbers as no JSON has them
                try:
                    found = read_adjustment(f'{{"nonce": "n", "adjust_milli": {written}}}', "n")
                except BadAnswerError:
                    notes["error"] += 1
                    continue
                notes[found.note] += 1
                assert abs(found.value) <= ADJUSTMENT_LIMIT
                if isinstance(part, str):
                    assert found.value == 0.0
    # Numbers within the limit, beyond it and infinite, and what is no number came by.
    assert set(notes) == {"", "clamped", "not a number", "error"}
