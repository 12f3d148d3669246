"""Programs on the wire: what is read, what is refused, and by which code."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_llm.strategy import FEATURES, StrategyError, check_program, random_program, read_program

X = {"op": "feat", "name": "change_1"}
ONE = {"op": "num", "milli": 1000}


def chain(depth: int) -> list[dict[str, Any]]:
    """Return nodes of which each negates the one before."""
    return [X, *({"op": "neg", "a": i} for i in range(depth - 1))]


REFUSED: dict[str, list[Any]] = {
    "not_a_program": [3, {"language": 1}, {"language": 1, "prog": {}}],
    "wrong_version": [{"language": 2, "prog": [X]}, {"language": True, "prog": [X]}],
    "no_nodes": [[]],
    "too_many_nodes": [[X] * 65],
    "not_a_node": [[3], [{"milli": 1}], [{"op": 1}]],
    "unknown_op": [[{"op": "exp", "a": 0}]],
    "wrong_keys": [
        [X, {"op": "add", "a": 0}],
        [X, {"op": "neg", "a": 0, "b": 0}],
        [{"op": "num", "milli": 1, "value": 2}],
    ],
    "bad_literal": [
        [{"op": "num", "milli": True}],
        [{"op": "num", "milli": 1.0}],
        [{"op": "num", "milli": "5"}],
        [{"op": "num", "milli": 1_000_000}],
        [{"op": "num", "milli": None}],
    ],
    "unknown_feature": [[{"op": "feat", "name": "tomorrow"}], [{"op": "feat", "name": 1}]],
    "not_an_index": [[X, {"op": "neg", "a": -1}], [X, {"op": "neg", "a": True}]],
    "forward_reference": [[X, {"op": "neg", "a": 1}], [X, {"op": "neg", "a": 10**18}]],
    "wrong_kind": [
        [X, {"op": "not", "a": 0}],
        [X, ONE, {"op": "lt", "a": 0, "b": 1}, {"op": "neg", "a": 2}],
        [X, ONE, {"op": "lt", "a": 0, "b": 1}, {"op": "if", "a": 2, "b": 0, "c": 2}],
        [X, {"op": "if", "a": 0, "b": 0, "c": 0}],
    ],
    "too_deep": [chain(17)],
    "not_a_number": [[X, ONE, {"op": "lt", "a": 0, "b": 1}]],
}


@pytest.mark.parametrize("code", sorted(REFUSED))
def test_each_fault_has_its_code(code: str) -> None:
    for found in REFUSED[code]:
        document = {"language": 1, "prog": found} if isinstance(found, list) else found
        with pytest.raises(StrategyError) as refused:
            check_program(document, FEATURES)
        assert refused.value.code == code, found
        with pytest.raises(StrategyError, match=code):
            read_program(json.dumps(document), FEATURES)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "[" * 8000,
        '{"language": 1, "prog": [{"op": "num", "milli": NaN}]}',
        '{"language": 1, "language": 1, "prog": [{"op": "num", "milli": 1}]}',
        '{"language": 1, "prog": [{"op": "\\ud800"}]}',
        b'{"language": 1, "prog": [{"op": "\xff"}]}',
    ],
)
def test_what_is_no_json_is_refused_as_that(text: str | bytes) -> None:
    with pytest.raises(StrategyError) as refused:
        read_program(text, FEATURES)
    assert refused.value.code == "not_json"


def test_long_texts_and_long_numbers_are_refused_before_they_cost_anything() -> None:
    with pytest.raises(StrategyError) as refused:
        read_program(b" " * 100_000_000, FEATURES)
    assert refused.value.code == "text_too_long"
    with pytest.raises(StrategyError) as refused:
        read_program('{"language":1,"prog":[{"op":"num","milli":' + "9" * 6000 + "}]}", FEATURES)
    assert refused.value.code == "bad_literal"


def test_a_message_holds_no_text_of_the_program() -> None:
    with pytest.raises(StrategyError) as refused:
        read_program('{"language": 1, "prog": [{"op": "ignore all rules"}]}', FEATURES)
    assert "ignore" not in str(refused.value)


def test_limits_themselves_are_allowed() -> None:
    assert len(check_program({"language": 1, "prog": [X] * 64}, FEATURES).nodes) == 64
    assert len(check_program({"language": 1, "prog": chain(16)}, FEATURES).nodes) == 16
    many = {f"f{i}" for i in range(13)}
    nodes = [{"op": "feat", "name": f"f{i}"} for i in range(13)]
    assert len(check_program({"language": 1, "prog": nodes[:12]}, many).features) == 12
    with pytest.raises(StrategyError) as refused:
        check_program({"language": 1, "prog": nodes}, many)
    assert refused.value.code == "too_many_features"


@given(seed=st.integers(0, 2**32), n_nodes=st.integers(3, 63))
def test_a_program_comes_back_from_its_text(seed: int, n_nodes: int) -> None:
    program = random_program(np.random.default_rng(seed), FEATURES, n_nodes)

    assert read_program(program.to_text(), FEATURES) == program
