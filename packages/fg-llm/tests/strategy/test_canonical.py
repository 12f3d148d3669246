"""The canonical form: what must not matter leaves no trace, and no bit of a result moves."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fg_llm.strategy import (
    FEATURES,
    Node,
    Program,
    canonical_text,
    check_program,
    constant_value,
    evaluate,
    random_program,
    strategy_hash,
)
from fg_llm.strategy.operations import OPERATIONS, PYTHON_NUMBERS, held

programs = st.builds(
    lambda seed, n: random_program(np.random.default_rng(seed), FEATURES, n),
    st.integers(0, 2**32),
    st.integers(3, 63),
)


def program_of(*nodes: dict[str, Any]) -> Program:
    return check_program({"language": 1, "prog": list(nodes)}, {"x", "y"})


def run_canonical(text: str, features: dict[str, float]) -> float:
    """Return what a canonical form computes, read without the code that wrote it."""
    values: list[Any] = []
    for line in text.split(";")[1:]:
        op, *rest = line.split(" ")
        if op == "num":
            values.append(struct.unpack(">d", bytes.fromhex(rest[0]))[0])
        elif op == "bool":
            values.append(rest[0] == "1")
        elif op == "feat":
            values.append(held(PYTHON_NUMBERS, features[rest[0]]))
        else:
            found = OPERATIONS[op].compute(PYTHON_NUMBERS, *(values[int(i)] for i in rest))
            values.append(found if isinstance(found, bool) else held(PYTHON_NUMBERS, found))
    return float(values[-1])


@given(
    program=programs,
    row=st.lists(st.floats(-1e13, 1e13), min_size=len(FEATURES), max_size=len(FEATURES)),
)
def test_the_canonical_form_computes_the_same_bits(program: Program, row: list[float]) -> None:
    features = dict(zip(FEATURES, row, strict=True))

    found = run_canonical(canonical_text(program), features)

    assert struct.pack(">d", found) == struct.pack(">d", evaluate(program, features))


@given(program=programs, seed=st.integers(0, 2**32))
def test_order_and_repetition_leave_no_trace(program: Program, seed: int) -> None:
    """Every node is written once or twice, in another order, and used from either place."""
    generator = np.random.default_rng(seed)
    written: list[Node] = []
    places: dict[int, list[int]] = {i: [] for i in range(len(program.nodes))}
    waiting = list(range(len(program.nodes)))
    while waiting or generator.random() < 0.2:
        able = [
            i
            for i in (waiting or [len(program.nodes) - 1])
            if all(places[j] for j in program.nodes[i].operands)
        ]
        i = int(generator.choice(able))
        node = program.nodes[i]
        operands = tuple(int(generator.choice(places[j])) for j in node.operands)
        places[i].append(len(written))
        written.append(Node(node.op, operands, node.milli, node.name))
        if i in waiting and generator.random() < 0.8:
            waiting.remove(i)
    last = places[len(program.nodes) - 1][-1]

    assert canonical_text(Program(tuple(written[: last + 1]))) == canonical_text(program)


def test_operands_that_may_change_places_are_sorted() -> None:
    x, y = {"op": "feat", "name": "x"}, {"op": "feat", "name": "y"}

    one = program_of(x, y, {"op": "mul", "a": 0, "b": 1})
    other = program_of(x, y, {"op": "mul", "a": 1, "b": 0})
    third = program_of(x, y, {"op": "sub", "a": 0, "b": 1})
    fourth = program_of(x, y, {"op": "sub", "a": 1, "b": 0})

    assert strategy_hash(one) == strategy_hash(other)
    assert strategy_hash(third) != strategy_hash(fourth)


def test_constants_are_folded_and_known() -> None:
    half = {"op": "num", "milli": 500}
    x = {"op": "feat", "name": "x"}

    constant = program_of(half, half, {"op": "add", "a": 0, "b": 1})
    chosen = program_of(half, x, {"op": "lt", "a": 0, "b": 0}, {"op": "if", "a": 2, "b": 1, "c": 0})

    assert constant_value(constant) == 1.0
    assert canonical_text(constant) == "fg-strategy/1;num 3ff0000000000000"
    assert constant_value(chosen) == 0.5
    assert constant_value(program_of(x)) is None


def test_the_hash_of_a_known_program_does_not_change() -> None:
    """Hashes name strategies in files, so they outlive the code that computes them."""
    program = program_of(
        {"op": "feat", "name": "x"},
        {"op": "num", "milli": 300},
        {"op": "mul", "a": 0, "b": 1},
    )

    assert canonical_text(program) == "fg-strategy/1;feat x;num 3fd3333333333333;mul 0 1"
    assert strategy_hash(program) == (
        "7127e74e82417902f308cb3fedc4833ae856c398abc2b7b01c05e6f91642d2a5"
    )
