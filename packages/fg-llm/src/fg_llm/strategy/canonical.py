"""Canonical form of a program, and the hash that names a strategy.

Two programs with one canonical form compute the same bits for every input: constants are folded by
the evaluator's own rules, a choice between equal branches or by a constant condition is that
branch, equal nodes are one, what the result does not need is gone, commutative operands are sorted
and `gt`, `ge` are written as `lt`, `le`. Nodes are ranked level by level (leaves first), within a
level by operation, literal or feature, and the ranks of the operands, so that the order in which a
program was written leaves no trace. The converse does not hold: programs of two forms may still
compute the same.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from .operations import COMMUTATIVE, FLIPPED, OPERATIONS, PYTHON_NUMBERS, held
from .program import LANGUAGE_VERSION, Program

__all__ = ["canonical_text", "constant_value", "strategy_hash"]


class _Term(NamedTuple):
    """A node after folding: constants hold their value, operands are numbers of terms."""

    op: str
    leaf: str
    operands: tuple[int, ...]


class _Terms:
    """Distinct terms of a program, in order of first appearance."""

    def __init__(self, program: Program) -> None:
        self.terms: list[_Term] = []
        self._numbers: dict[_Term, int] = {}
        self._values: dict[int, Any] = {}
        places: list[int] = []
        for node in program.nodes:
            if node.op == "num":
                places.append(self._constant(node.milli / 1000.0))
            elif node.op == "feat":
                places.append(self._term(_Term("feat", node.name, ())))
            else:
                places.append(self._operation(node.op, [places[j] for j in node.operands]))
        self.root = places[-1]

    @cached_property
    def constant(self) -> float | None:
        """Value of the result where it does not depend on any feature."""
        return self._values.get(self.root)

    def _term(self, term: _Term) -> int:
        if term not in self._numbers:
            self._numbers[term] = len(self.terms)
            self.terms.append(term)
        return self._numbers[term]

    def _constant(self, value: Any) -> int:
        if isinstance(value, bool):
            term = _Term("bool", "1" if value else "0", ())
        else:
            term = _Term("num", struct.pack(">d", value).hex(), ())
        number = self._term(term)
        self._values[number] = value
        return number

    def _operation(self, op: str, operands: Sequence[int]) -> int:
        if op in FLIPPED:
            op, operands = FLIPPED[op], operands[::-1]
        if op in COMMUTATIVE:
            operands = sorted(operands)
        if op == "if":
            condition, yes, no = operands
            if yes == no or self._values.get(condition) is True:
                return yes
            if self._values.get(condition) is False:
                return no
        if all(j in self._values for j in operands):
            found = OPERATIONS[op].compute(PYTHON_NUMBERS, *(self._values[j] for j in operands))
            return self._constant(found if isinstance(found, bool) else held(PYTHON_NUMBERS, found))
        return self._term(_Term(op, "", tuple(operands)))


def canonical_text(program: Program) -> str:
    """Return the canonical form of a program, as text.

    Args:
        program: Checked program.

    Returns:
        `fg-strategy/1`, then a node per rank, joined by `;`: `num` and the 16 hexadecimal digits
        of its bits, `bool` and 0 or 1, `feat` and its name, or an operation and the ranks of its
        operands; the last node is the result.

    >>> from fg_llm.strategy import check_program
    >>> x, one = {"op": "feat", "name": "x"}, {"op": "num", "milli": 1000}
    >>> nodes = [x, one, {"op": "add", "a": 1, "b": 0}, {"op": "gt", "a": 0, "b": 1}]
    >>> nodes = [*nodes, {"op": "if", "a": 3, "b": 2, "c": 2}]
    >>> canonical_text(check_program({"language": 1, "prog": nodes}, {"x"}))
    'fg-strategy/1;feat x;num 3ff0000000000000;add 0 1'
    """
    folded = _Terms(program)
    lines = [f"fg-strategy/{LANGUAGE_VERSION}"]
    for op, leaf, operands in _ranked(folded.terms, folded.root):
        lines.append(" ".join([op, *([leaf] if leaf else []), *map(str, operands)]))
    return ";".join(lines)


def strategy_hash(program: Program) -> str:
    """Return the name of a strategy: SHA-256 of its canonical form, as hexadecimal digits."""
    return hashlib.sha256(canonical_text(program).encode("ascii")).hexdigest()


def constant_value(program: Program) -> float | None:
    """Return the number that a program computes whatever the features are; None if they matter."""
    return _Terms(program).constant


def _ranked(terms: Sequence[_Term], root: int) -> list[_Term]:
    """Return the terms that the result needs in canonical order, operands as ranks."""
    heights: dict[int, int] = {}
    needed = {root}
    for i in range(root, -1, -1):  # operands have smaller numbers
        if i in needed:
            needed.update(terms[i].operands)
    for i in sorted(needed):
        heights[i] = 1 + max((heights[j] for j in terms[i].operands), default=0)
    ranks: dict[int, int] = {}
    ranked: list[_Term] = []
    for height in range(1, heights[root] + 1):
        level = sorted((_with_ranks(terms[i], ranks), i) for i in needed if heights[i] == height)
        for term, i in level:
            if not ranked or ranked[-1] != term:
                ranked.append(term)
            ranks[i] = len(ranked) - 1
    return ranked


def _with_ranks(term: _Term, ranks: Mapping[int, int]) -> _Term:
    operands = tuple(ranks[j] for j in term.operands)
    return term._replace(operands=tuple(sorted(operands)) if term.op in COMMUTATIVE else operands)
