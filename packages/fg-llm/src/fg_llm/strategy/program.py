"""Programs of the strategy language: numbered lists of nodes, checked before anything runs.

A program is data. Each node names an operation and, by their numbers, the nodes that it works on,
all of which come before it; the last node is the result. So there is no recursion and no loop, a
value may be used twice without being written twice, and the cost of a run is the number of nodes.
On the wire it is JSON:

    {"language": 1, "prog": [
        {"op": "feat", "name": "change_3"},
        {"op": "num", "milli": 300},
        {"op": "mul", "a": 0, "b": 1}]}

Literals are whole thousandths, since language models and JSON agree on whole numbers alone.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fg_core.errors import ForecastGameError
from fg_llm.strict_json import strict_json

from .operations import OPERATIONS

__all__ = [
    "LANGUAGE_VERSION",
    "LITERAL_LIMIT",
    "MAX_DEPTH",
    "MAX_FEATURES",
    "MAX_NODES",
    "MAX_TEXT_BYTES",
    "Node",
    "Program",
    "StrategyError",
    "check_program",
    "read_program",
]

LANGUAGE_VERSION = 1
MAX_NODES = 64
MAX_DEPTH = 16
MAX_FEATURES = 12
MAX_TEXT_BYTES = 8192
LITERAL_LIMIT = 999_999
"""Largest magnitude of a literal, in thousandths: six digits cannot hold a data set."""

_OPERANDS = ("a", "b", "c")


class StrategyError(ForecastGameError):
    """A program is refused, or lacks a feature that it reads.

    Args:
        code: Stable code of the fault, the same in every implementation.
        node: Number of the node at fault; None where the fault is in the whole.
        message: What is wrong, without any text of the program.
    """

    def __init__(self, code: str, node: int | None, message: str) -> None:
        where = "" if node is None else f"node {node}: "
        super().__init__(f"strategy refused ({code}): {where}{message}")
        self.code = code
        self.node = node


@dataclass(frozen=True)
class Node:
    """One node of a program.

    Args:
        op: `num`, `feat` or a name in `OPERATIONS`.
        operands: Numbers of the nodes that it works on.
        milli: Value of a literal, in thousandths.
        name: Name of a feature.
    """

    op: str
    operands: tuple[int, ...] = ()
    milli: int = 0
    name: str = ""

    def to_wire(self) -> dict[str, Any]:
        """Return the node as JSON writes it."""
        if self.op == "num":
            return {"op": "num", "milli": self.milli}
        if self.op == "feat":
            return {"op": "feat", "name": self.name}
        return {"op": self.op, **dict(zip(_OPERANDS, self.operands, strict=False))}


@dataclass(frozen=True)
class Program:
    """A checked program; `check_program` and `read_program` make one.

    Args:
        nodes: Nodes, operands before those that use them; the last is the result.
    """

    nodes: tuple[Node, ...]

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features that it reads, in order of first use."""
        return tuple(dict.fromkeys(node.name for node in self.nodes if node.op == "feat"))

    def to_wire(self) -> dict[str, Any]:
        """Return the program as JSON writes it."""
        return {"language": LANGUAGE_VERSION, "prog": [node.to_wire() for node in self.nodes]}

    def to_text(self) -> str:
        """Return the program as one line of JSON."""
        return json.dumps(self.to_wire(), separators=(",", ":"))


def read_program(text: str | bytes, features: Collection[str]) -> Program:
    """Return the program that a text holds.

    Args:
        text: One JSON object, at most `MAX_TEXT_BYTES` long.
        features: Names of the features that may be read.

    Returns:
        The program.

    Raises:
        StrategyError: `text_too_long`, `not_json` (duplicate keys, NaN and lone surrogates are no
            JSON), or as `check_program`.

    >>> read_program('{"language": 1, "prog": [{"op": "num", "milli": 250}]}', ()).nodes[0].milli
    250
    >>> read_program('{"language": 1, "language": 1, "prog": []}', ())
    Traceback (most recent call last):
    fg_llm.strategy.program.StrategyError: strategy refused (not_json): no valid JSON
    """
    try:
        raw = text.encode("utf-8") if isinstance(text, str) else text
        if len(raw) > MAX_TEXT_BYTES:
            raise StrategyError(
                "text_too_long", None, f"{len(raw)} bytes, {MAX_TEXT_BYTES} are allowed"
            )
        found = strict_json(raw)
    except ValueError:
        raise StrategyError("not_json", None, "no valid JSON") from None
    return check_program(found, features)


def check_program(document: Any, features: Collection[str]) -> Program:
    """Return the program that a decoded JSON value describes.

    Rules are tried in one order, so that every implementation names the same fault: the whole
    (`not_a_program`, `wrong_version`, `no_nodes`, `too_many_nodes`), then node by node its form
    (`not_a_node`, `unknown_op`, `wrong_keys`), its literal (`bad_literal`) or feature
    (`unknown_feature`, `too_many_features`), its operands (`not_an_index`, `forward_reference`,
    `wrong_kind`) and depth (`too_deep`), and last that the result is a number (`not_a_number`).

    Args:
        document: What a JSON reader returned.
        features: Names of the features that may be read.

    Returns:
        The program.

    Raises:
        StrategyError: The first rule that is broken.
    """
    entries = _entries(document)
    nodes: list[Node] = []
    kinds: list[str] = []
    depths: list[int] = []
    read: set[str] = set()
    for i, entry in enumerate(entries):
        node = _node(i, entry, features, read)
        kinds.append(_kind(i, node, kinds))
        depths.append(1 + max((depths[j] for j in node.operands), default=0))
        if depths[-1] > MAX_DEPTH:
            raise StrategyError("too_deep", i, f"deeper than {MAX_DEPTH} nodes")
        nodes.append(node)
    if kinds[-1] != "num":
        raise StrategyError("not_a_number", len(nodes) - 1, "the result must be a number")
    return Program(tuple(nodes))


def _entries(document: Any) -> Sequence[Any]:
    if not isinstance(document, Mapping) or set(document) != {"language", "prog"}:
        raise StrategyError("not_a_program", None, 'an object of "language" and "prog" is wanted')
    if type(document["language"]) is not int or document["language"] != LANGUAGE_VERSION:
        raise StrategyError("wrong_version", None, f"language {LANGUAGE_VERSION} is wanted")
    entries = document["prog"]
    if not isinstance(entries, list | tuple):
        raise StrategyError("not_a_program", None, '"prog" must be a list')
    if not entries:
        raise StrategyError("no_nodes", None, "the list of nodes is empty")
    if len(entries) > MAX_NODES:
        raise StrategyError(
            "too_many_nodes", None, f"{len(entries)} nodes, {MAX_NODES} are allowed"
        )
    return entries


def _node(i: int, entry: Any, features: Collection[str], read: set[str]) -> Node:
    """Return a node of a well-formed entry whose literal, feature and operands are in range."""
    op = entry.get("op") if isinstance(entry, Mapping) else None
    if not isinstance(op, str):
        raise StrategyError("not_a_node", i, 'an object with an "op" is wanted')
    if op not in OPERATIONS and op not in ("num", "feat"):
        raise StrategyError("unknown_op", i, "no such operation")
    wanted = _keys(op)
    if set(entry) != {"op", *wanted}:
        raise StrategyError("wrong_keys", i, f"{op} takes {', '.join(wanted)} and nothing else")
    if op == "num":
        milli = entry["milli"]
        if type(milli) is not int or abs(milli) > LITERAL_LIMIT:
            raise StrategyError(
                "bad_literal", i, f"milli must be a whole number within +-{LITERAL_LIMIT}"
            )
        return Node(op, milli=milli)
    if op == "feat":
        name = entry["name"]
        if not isinstance(name, str) or name not in features:
            raise StrategyError("unknown_feature", i, "no such feature")
        read.add(name)
        if len(read) > MAX_FEATURES:
            raise StrategyError("too_many_features", i, f"more than {MAX_FEATURES} features")
        return Node(op, name=name)
    operands = tuple(entry[key] for key in wanted)
    if not all(type(j) is int and j >= 0 for j in operands):
        raise StrategyError("not_an_index", i, "operands must be numbers of nodes")
    if any(j >= i for j in operands):
        raise StrategyError("forward_reference", i, "operands must come before their node")
    return Node(op, operands)


def _keys(op: str) -> tuple[str, ...]:
    if op == "num":
        return ("milli",)
    if op == "feat":
        return ("name",)
    return _OPERANDS[: len(OPERATIONS[op].takes)]


def _kind(i: int, node: Node, kinds: Sequence[str]) -> str:
    """Return whether a node is a number or a condition."""
    if node.op in ("num", "feat"):
        return "num"
    operation = OPERATIONS[node.op]
    found = [kinds[j] for j in node.operands]
    same = found[-1]
    wanted = [same if kind == "same" else kind for kind in operation.takes]
    if found != wanted:
        raise StrategyError("wrong_kind", i, f"{node.op} takes {', '.join(operation.takes)}")
    return same if operation.gives == "same" else operation.gives
