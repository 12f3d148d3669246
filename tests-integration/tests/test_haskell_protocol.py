"""The protocol of haskell-rlm as Python reads it: golden answers, and the schema of programs."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fg_core import ForecastState, evolve_state
from fg_llm import (
    OPERATIONS,
    StrategyError,
    canonical_text,
    check_program,
    constant_value,
    evaluate_arrays,
    strategy_hash,
)

PROTOCOL = Path(__file__).resolve().parents[2] / "haskell-rlm" / "protocol"
GOLDEN = [
    (entry["request"], entry["answer"])
    for entry in map(json.loads, (PROTOCOL / "golden.jsonl").read_text().splitlines())
]


def number(digits: str) -> float:
    found: float = struct.unpack(">d", bytes.fromhex(digits))[0]
    return found


def digits(value: float) -> str:
    return struct.pack(">d", value).hex()


def of(op: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(request, answer) for request, answer in GOLDEN if request["op"] == op]


def test_programs_are_refused_and_named_alike() -> None:
    codes = set()
    for request, answer in of("check"):
        if answer["ok"]:
            program = check_program(request["program"], request["features"])
            assert answer["canonical"] == canonical_text(program)
            assert answer["hash"] == strategy_hash(program)
            constant = constant_value(program)
            assert answer["constant"] == (None if constant is None else digits(constant))
        else:
            with pytest.raises(StrategyError) as refused:
                check_program(request["program"], request["features"])
            assert (refused.value.code, refused.value.node) == (answer["code"], answer["node"])
            codes.add(answer["code"])
    assert len(codes) == 15


def test_values_have_the_same_bits() -> None:
    programs = {
        request["as"]: (check_program(request["program"], request["features"]), request["features"])
        for request, _ in of("load")
    }
    compared = 0
    for request, answer in of("eval"):
        if not answer["ok"]:
            continue
        program, names = programs[request["program"]]
        rows = np.frombuffer(bytes.fromhex(request["rows"]), dtype=">f8").astype(float)
        columns = dict(zip(names, rows.reshape(-1, len(names)).T, strict=True))
        found = evaluate_arrays(program, columns)
        assert found.astype(">f8").tobytes().hex() == answer["values"]
        compared += len(found)
    assert compared == 36


def test_the_law_of_motion_has_the_same_bits() -> None:
    for request, answer in of("evolve"):
        effects = [(number(a), number(b)) for a, b in request["effects"]]
        state = ForecastState(
            0,
            number(request["value"]),
            number(request["exogenous"]),
            0.0,
            macro_context={str(i): value for i, (_, value) in enumerate(effects)},
        )
        after = evolve_state(
            state,
            base_trend=number(request["base_trend"]),
            noise=number(request["noise"]),
            disturbance=number(request["disturbance"]),
            coeff_map={str(i): coefficient for i, (coefficient, _) in enumerate(effects)},
        )
        assert (digits(after.value), digits(after.exogenous)) == (
            answer["value"],
            answer["exogenous"],
        )


def test_the_schema_names_every_operation_with_its_operands() -> None:
    schema = json.loads((PROTOCOL / "strategy.schema.json").read_text())
    found = {
        op: len(branch["required"]) - 1
        for branch in schema["properties"]["prog"]["items"]["anyOf"]
        for op in branch["properties"]["op"]["enum"]
    }
    assert found == {
        "num": 1,
        "feat": 1,
        **{name: len(operation.takes) for name, operation in OPERATIONS.items()},
    }
