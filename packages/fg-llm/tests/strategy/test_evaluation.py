"""What programs compute: by hand, always finite, and the same bits over arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_llm.strategy import (
    FEATURES,
    StrategyError,
    check_program,
    evaluate,
    evaluate_arrays,
    random_program,
)

AB = ("a", "b", "c")


def compute(op: str, *numbers: float) -> float:
    """Return the result of one operation on numbers; conditions as 1 and 0."""
    names = AB[: len(numbers)]
    nodes: list[dict[str, Any]] = [{"op": "feat", "name": name} for name in names]
    nodes.append({"op": op, **{name: i for i, name in enumerate(names)}})
    if op in ("lt", "le", "gt", "ge"):
        n = len(nodes)
        nodes += [{"op": "num", "milli": 1000}, {"op": "num", "milli": 0}]
        nodes.append({"op": "if", "a": n - 1, "b": n, "c": n + 1})
    program = check_program({"language": 1, "prog": nodes}, AB)
    return evaluate(program, dict(zip(names, numbers, strict=True)))


@pytest.mark.parametrize(
    ("op", "numbers", "result"),
    [
        ("add", (1.0, 2.0), 3.0),
        ("sub", (1.0, 2.0), -1.0),
        ("mul", (3.0, -2.0), -6.0),
        ("mul", (1e12, 1e12), 1e12),
        ("div", (3.0, 2.0), 1.5),
        ("div", (3.0, 1e-10), 0.0),
        ("div", (3.0, -1e-9), -3e9),
        ("div", (3.0, math.nan), 0.0),
        ("neg", (2.0,), -2.0),
        ("abs", (-2.0,), 2.0),
        ("min", (2.0, -1.0), -1.0),
        ("max", (2.0, -1.0), 2.0),
        ("clamp", (5.0, -1.0, 1.0), 1.0),
        ("clamp", (-5.0, -1.0, 1.0), -1.0),
        ("clamp", (5.0, 1.0, -1.0), 1.0),
        ("sqrt", (-9.0,), 3.0),
        ("softsign", (-1.0,), -0.5),
        ("sign", (-0.3,), -1.0),
        ("sign", (0.0,), 0.0),
        ("lt", (1.0, 1.0), 0.0),
        ("le", (1.0, 1.0), 1.0),
        ("gt", (2.0, 1.0), 1.0),
        ("ge", (1.0, 2.0), 0.0),
        ("add", (math.inf, 0.0), 1e12),
        ("add", (-math.inf, 0.0), -1e12),
    ],
)
def test_an_operation_by_hand(op: str, numbers: tuple[float, ...], result: float) -> None:
    assert compute(op, *numbers) == result


def test_zero_is_never_negative() -> None:
    assert math.copysign(1.0, compute("neg", 0.0)) == 1.0
    assert math.copysign(1.0, compute("mul", -1.0, 0.0)) == 1.0


@pytest.mark.parametrize(("a", "b"), [(True, True), (True, False), (False, True), (False, False)])
def test_conditions_combine_as_in_logic(a: bool, b: bool) -> None:
    nodes: list[dict[str, Any]] = [
        {"op": "feat", "name": "a"},
        {"op": "feat", "name": "b"},
        {"op": "num", "milli": 0},
        {"op": "gt", "a": 0, "b": 2},
        {"op": "gt", "a": 1, "b": 2},
    ]
    for op, expected in (("and", a and b), ("or", a or b), ("not", not b)):
        node = {"op": op, "a": 4} if op == "not" else {"op": op, "a": 3, "b": 4}
        whole = [*nodes, node, {"op": "num", "milli": 1000}, {"op": "if", "a": 5, "b": 6, "c": 2}]
        program = check_program({"language": 1, "prog": whole}, AB)
        assert evaluate(program, {"a": float(a), "b": float(b)}) == float(expected)


@given(
    seed=st.integers(0, 2**32),
    n_nodes=st.integers(3, 63),
    rows=st.lists(
        st.lists(st.floats(width=64), min_size=len(FEATURES), max_size=len(FEATURES)),
        min_size=1,
        max_size=4,
    ),
)
def test_results_are_finite_and_arrays_have_the_same_bits(
    seed: int, n_nodes: int, rows: list[list[float]]
) -> None:
    program = random_program(np.random.default_rng(seed), FEATURES, n_nodes)
    table = np.array(rows)

    with np.errstate(all="ignore"):
        many = evaluate_arrays(program, dict(zip(FEATURES, table.T, strict=True)))
    one_by_one = [evaluate(program, dict(zip(FEATURES, row, strict=True))) for row in rows]

    assert (np.abs(many) <= 1e12).all()  # NaN is not
    assert many.tobytes() == np.array(one_by_one).tobytes()


def test_a_missing_feature_is_an_error_and_no_zero() -> None:
    program = check_program({"language": 1, "prog": [{"op": "feat", "name": "a"}]}, AB)

    with pytest.raises(StrategyError) as refused:
        evaluate(program, {"b": 1.0})

    assert refused.value.code == "missing_feature"
