"""Random programs: what a proposal of a model must beat before it is believed."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from .operations import OPERATIONS
from .program import LANGUAGE_VERSION, MAX_DEPTH, MAX_FEATURES, MAX_NODES, Program, check_program

__all__ = ["random_program"]

_MOSTLY_LITERALS_WITHIN = 2000  # thousandths: most of the constants that one would write


def random_program(
    generator: np.random.Generator, features: Collection[str], n_nodes: int = 12
) -> Program:
    """Return a random program that is well formed.

    Leaves and operations are drawn node by node, operands uniformly among earlier nodes of the
    right kind; where the last node is a condition, a choice by it between two numbers follows.

    Args:
        generator: Source of the random numbers.
        features: Names of the features that may be read; at least one. At most 12 of them are.
        n_nodes: Number of nodes to draw, from 3 to 63.

    Returns:
        The program, of `n_nodes` nodes or one more.

    Raises:
        ValueError: `n_nodes` is out of its range, or there is no feature.

    >>> program = random_program(np.random.default_rng(1), ("x", "y"), n_nodes=8)
    >>> len(program.nodes) in (8, 9)
    True
    """
    if not (3 <= n_nodes < MAX_NODES) or not features:
        raise ValueError(f"n_nodes must be from 3 to {MAX_NODES - 1}, and features not empty")
    names = sorted(features)[:MAX_FEATURES]
    nodes: list[dict[str, object]] = []
    depths: list[int] = []
    by_kind: dict[str, list[int]] = {"num": [], "bool": []}

    def add(kind: str, node: dict[str, object], operands: list[int]) -> None:
        by_kind[kind].append(len(nodes))
        depths.append(1 + max((depths[j] for j in operands), default=0))
        nodes.append(node)

    def pick(kind: str) -> int:
        return int(generator.choice(by_kind[kind]))

    operations = sorted(OPERATIONS)
    while len(nodes) < n_nodes:
        if len(nodes) < 2 or generator.random() < 0.3:
            if generator.random() < 0.6:
                name = names[int(generator.integers(len(names)))]
                add("num", {"op": "feat", "name": name}, [])
            else:
                limit = _MOSTLY_LITERALS_WITHIN
                add("num", {"op": "num", "milli": int(generator.integers(-limit, limit + 1))}, [])
            continue
        op = operations[int(generator.integers(len(operations)))]
        kinds = ["num" if kind == "same" else kind for kind in OPERATIONS[op].takes]
        if not all(by_kind[kind] for kind in kinds):
            continue
        operands = [pick(kind) for kind in kinds]
        if max(depths[j] for j in operands) + 2 > MAX_DEPTH:  # a choice may follow the last one
            continue
        gives = "num" if OPERATIONS[op].gives == "same" else OPERATIONS[op].gives
        add(gives, {"op": op, **dict(zip("abc", operands, strict=False))}, operands)
    if by_kind["bool"][-1:] == [n_nodes - 1]:
        yes, no = pick("num"), pick("num")
        add("num", {"op": "if", "a": n_nodes - 1, "b": yes, "c": no}, [n_nodes - 1, yes, no])
    return check_program({"language": LANGUAGE_VERSION, "prog": nodes}, features)
