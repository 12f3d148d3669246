"""A record as tables: what was proposed, refused, rejected and accepted, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from fg_core.errors import ArtifactError
from fg_core.refinement import Proposal, proposal_table

from .record import printable

__all__ = ["explain_record", "recorded_proposals"]

_FIGURES = ("training", "validation", "random", "clamped")


def explain_record(lines: Sequence[Mapping[str, Any]]) -> str:
    """Return the runs of a record as text: a heading, a table and the end of each.

    Args:
        lines: Lines, as `read_record` returns them.

    Raises:
        ArtifactError: A line lacks what its kind has.
    """
    parts = []
    for run in _runs(lines):
        begin, end = run[0], run[-1]
        parts.append(
            f"refiner {_text(begin, 'refiner')}, model {_text(begin, 'model')}, "
            f"{begin.get('forecasts')} forecasts"
        )
        proposals = recorded_proposals(run)
        parts.append(proposal_table(proposals) if proposals else "nothing was proposed")
        if end["kind"] != "end":
            parts.append("the record ends before the run did")
            continue
        told = f"ended by: {_text(end, 'stop')}"
        gain, chance = _number(end, "gain"), _number(end, "random_gain")
        if gain is not None and chance is not None:
            told += f"; sealed periods: gain {gain:+.4f}, best random proposals {chance:+.4f}"
        parts.append(told)
    return "\n".join(parts)


def recorded_proposals(lines: Sequence[Mapping[str, Any]]) -> tuple[Proposal, ...]:
    """Return the proposals of a run from the lines of its record, in the order of their numbers.

    Raises:
        ArtifactError: A decision lacks a field, or has one of another type.
    """
    found = []
    for line in lines:
        if line["kind"] != "decision":
            continue
        values: dict[str, Any] = {}
        for one in fields(Proposal):
            if one.name in _FIGURES:
                values[one.name] = _number(line, one.name)
            elif one.name in ("round", "number"):
                values[one.name] = _count(line, one.name)
            else:
                values[one.name] = _text(line, one.name)
        found.append(Proposal(**values))
    return tuple(sorted(found, key=lambda one: (one.round, one.number)))


def _runs(lines: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    runs: list[list[Mapping[str, Any]]] = []
    for line in lines:
        if line["kind"] == "begin":
            runs.append([])
        runs[-1].append(line)
    return runs


def _text(line: Mapping[str, Any], name: str) -> str:
    """Return a text of a line, fit for a terminal."""
    found = line.get(name)
    if not isinstance(found, str):
        raise ArtifactError(f"a line of the record has no text {name!r}")
    return printable(found)


def _count(line: Mapping[str, Any], name: str) -> int:
    found = line.get(name)
    if type(found) is not int:
        raise ArtifactError(f"a line of the record has no number {name!r}")
    return found


def _number(line: Mapping[str, Any], name: str) -> float | None:
    found = line.get(name)
    if found is not None and type(found) not in (int, float):
        raise ArtifactError(f"a line of the record has no number {name!r}")
    return None if found is None else float(found)
