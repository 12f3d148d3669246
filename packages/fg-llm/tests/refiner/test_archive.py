"""What is seen as a repetition, and which of the earlier strategies are shown."""

from __future__ import annotations

from typing import Any

from fg_llm.refiner import REFINER_FEATURES
from fg_llm.refiner.archive import Archive, canonical_lines
from fg_llm.refiner.behaviour import N_PROBES, actions
from fg_llm.strategy import Program, check_program
from fg_llm.testing import constant, share


def program(*nodes: dict[str, Any]) -> Program:
    return check_program({"language": 1, "prog": list(nodes)}, REFINER_FEATURES)


def test_a_program_is_new_once() -> None:
    archive = Archive()
    quarter = program(*share("error_8", 250))
    swapped = program(
        {"op": "num", "milli": 250},
        {"op": "feat", "name": "error_8"},
        {"op": "mul", "a": 0, "b": 1},
    )

    assert archive.repeated(quarter) == ""
    assert archive.repeated(swapped) == "repeats_program"
    assert archive.repeated(program(*share("error_8", 251))) == ""


def test_what_does_the_same_is_no_other_strategy() -> None:
    archive = Archive()

    assert archive.repeated(program(*constant(500))) == ""
    assert archive.repeated(program(*constant(600))) == "repeats_actions"
    assert archive.repeated(program(*constant(0))) == "repeats_program"
    nothing = program(
        {"op": "feat", "name": "miss_8"}, {"op": "num", "milli": -1}, {"op": "min", "a": 0, "b": 1},
        {"op": "num", "milli": 0}, {"op": "mul", "a": 2, "b": 3},
    )  # fmt: skip
    assert archive.repeated(nothing) == "repeats_actions"


def test_the_best_that_differ_are_shown_the_best_last() -> None:
    archive = Archive()
    for milli, gain in ((200, 0.3), (201, 0.2), (-200, -0.1), (50, 0.1)):
        archive.add(program(*share("error_8", milli)), gain)

    assert [entry.gain for entry in archive.shown(3)] == [-0.1, 0.1, 0.3]
    assert [entry.gain for entry in archive.shown(1)] == [0.3]


def test_probe_states_never_change() -> None:
    found = actions(program({"op": "feat", "name": "error_8"}))

    assert len(found) == N_PROBES
    assert found[0] == 0.0
    assert len(set(found)) > 3
    assert found == actions(program({"op": "feat", "name": "error_8"}))


def test_canonical_lines_have_numbers_in_decimals() -> None:
    assert canonical_lines(program(*share("error_8", 250))) == [
        "feat error_8",
        "num 0.25",
        "mul 0 1",
    ]
