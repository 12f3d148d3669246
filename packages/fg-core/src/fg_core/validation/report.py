"""What `fg-validate` prints and writes."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from typing import Any

from .running import ScenarioResult

__all__ = ["WIDTH", "as_json", "counts", "listing", "result_lines", "summary"]

WIDTH = 80
"""Characters in a line at most."""


def result_lines(result: ScenarioResult) -> str:
    """Return the lines of one scenario: what came of it, and whatever needs words.

    Args:
        result: What came of it.

    Returns:
        A line with its name, outcome, seconds and package, then its description; what failed, or
        why it or parts of it were skipped, in lines below.
    """
    outcome = result.outcome
    head = f"{result.name:<26} {outcome.status:<8} {result.seconds:7.1f}  {result.package}"
    lines = [head[:WIDTH]]
    lines += _indented(result.description)
    if outcome.status != "passed":
        lines += _indented(outcome.message)
    lines += [line for part in outcome.skipped for line in _indented(f"skipped: {part}")]
    return "\n".join(lines)


def counts(results: Sequence[ScenarioResult]) -> dict[str, int]:
    """Return how many scenarios passed, failed and were skipped, and how many parts were skipped.

    Args:
        results: What came of the scenarios.

    Returns:
        Numbers by "passed", "failed", "skipped" and "skipped_parts".
    """
    statuses = [result.outcome.status for result in results]
    found = {name: statuses.count(name) for name in ("passed", "failed", "skipped")}
    found["skipped_parts"] = sum(len(result.outcome.skipped) for result in results)
    return found


def summary(results: Sequence[ScenarioResult]) -> str:
    """Return the last line of a run.

    Args:
        results: What came of the scenarios.
    """
    n = counts(results)
    several = "s" if n["skipped_parts"] > 1 else ""
    parts = f" ({n['skipped_parts']} part{several} of others)" if n["skipped_parts"] else ""
    seconds = sum(result.seconds for result in results)
    return (
        f"{len(results)} scenarios in {seconds:.0f} s: {n['passed']} passed, {n['failed']} failed, "
        f"{n['skipped']} skipped{parts}"
    )


def listing(rows: Sequence[tuple[str, str, str]], due: dict[str, str]) -> str:
    """Return the list of scenarios, with what each checks and needs, and those that are due.

    Args:
        rows: Name, package, and what is checked and required, of each.
        due: What each scenario that is due comes with, by name.
    """
    lines: list[str] = []
    for name, package, text in rows:
        lines += [f"{name:<26} {package}", *_indented(text)]
    if due:
        lines += ["", "due later:"]
        lines += [f"{name:<26} {what}" for name, what in due.items()]
    return "\n".join(lines)


def as_json(results: Sequence[ScenarioResult], *, seed: int, live: bool) -> str:
    """Return the results for programs, as one JSON object.

    Args:
        results: What came of the scenarios.
        seed: Seed that they were run with.
        live: Whether services were asked.
    """
    document: dict[str, Any] = {
        "seed": seed,
        "live": live,
        **counts(results),
        "scenarios": [
            {
                "name": result.name,
                "package": result.package,
                "description": result.description,
                "status": result.outcome.status,
                "message": result.outcome.message,
                "skipped_parts": list(result.outcome.skipped),
                "figures": dict(result.outcome.figures),
                "seconds": round(result.seconds, 3),
            }
            for result in results
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _indented(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="    ", subsequent_indent="    ")
