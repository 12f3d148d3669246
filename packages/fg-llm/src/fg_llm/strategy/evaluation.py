"""What a program computes: for one row of features, or for many at once with the same bits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .operations import OPERATIONS, PYTHON_NUMBERS, Arithmetic, held
from .program import Node, Program, StrategyError

__all__ = ["evaluate", "evaluate_arrays"]

ARRAYS = Arithmetic(where=np.where, sqrt=np.sqrt, both=np.logical_and, negate=np.logical_not)
"""Arithmetic of arrays."""


def evaluate(program: Program, features: Mapping[str, float]) -> float:
    """Return the result of a program for one row of features.

    Args:
        program: Checked program.
        features: Value by name; any float, held to the numbers of the language first.

    Returns:
        A finite number of magnitude at most 1e12.

    Raises:
        StrategyError: `missing_feature`, a feature that the program reads is not there.

    >>> from fg_llm.strategy import check_program
    >>> nodes = [{"op": "feat", "name": "x"}, {"op": "mul", "a": 0, "b": 0}]
    >>> evaluate(check_program({"language": 1, "prog": nodes}, {"x"}), {"x": 3.0})
    9.0
    """
    return float(_run(PYTHON_NUMBERS, program, {k: float(v) for k, v in features.items()}))


def evaluate_arrays(
    program: Program, features: Mapping[str, NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return the results of a program for many rows of features.

    Args:
        program: Checked program.
        features: Values by name, arrays of one shape.

    Returns:
        Finite numbers of that shape; each has the bits that `evaluate` returns for its row.

    Raises:
        StrategyError: `missing_feature`, a feature that the program reads is not there.
    """
    arrays = {name: np.asarray(column, dtype=np.float64) for name, column in features.items()}
    shape = np.broadcast_shapes(*(column.shape for column in arrays.values()))
    found = _run(ARRAYS, program, arrays)
    return np.array(np.broadcast_to(found, shape), dtype=np.float64)


def _run(k: Arithmetic, program: Program, features: Mapping[str, Any]) -> Any:
    values: list[Any] = []
    for i, node in enumerate(program.nodes):
        values.append(_value(k, i, node, values, features))
    return values[-1]


def _value(
    k: Arithmetic, i: int, node: Node, values: list[Any], features: Mapping[str, Any]
) -> Any:
    if node.op == "num":
        return node.milli / 1000.0
    if node.op == "feat":
        if node.name not in features:
            raise StrategyError("missing_feature", i, f"feature {node.name!r} is not there")
        return held(k, features[node.name])
    found = OPERATIONS[node.op].compute(k, *(values[j] for j in node.operands))
    is_condition = isinstance(found, bool) or getattr(found, "dtype", None) == np.bool_
    return found if is_condition else held(k, found)
