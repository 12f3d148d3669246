"""The published schema of the report: JSON Schema, derived from the records themselves.

It cannot drift from what `read_report` accepts, because both come from `fg_backtest.schema`. The
copy in `docs/schema` is for people and programs that do not have this package.
"""

from __future__ import annotations

import json
from inspect import cleandoc
from typing import Any

import msgspec

from .schema import REPORT_VERSION, Report

__all__ = ["report_schema"]


def _sorted_choices(value: Any) -> Any:
    """Return a schema whose `anyOf` lists are in one order: versions of msgspec differ in it."""
    if isinstance(value, list | tuple):  # defaults are tuples
        return [_sorted_choices(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: _sorted_choices(item) for key, item in value.items()}
    if "anyOf" in found:
        found["anyOf"] = sorted(found["anyOf"], key=lambda item: json.dumps(item, sort_keys=True))
    return found


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a report file.

    >>> report_schema()["title"]
    'Forecast Game backtest report, version 1'
    """
    made = msgspec.json.schema(Report)
    definitions = made["$defs"]
    for definition in definitions.values():
        # Docstrings keep their indentation up to Python 3.12, and lose it from 3.13 on.
        if "description" in definition:
            definition["description"] = cleandoc(definition["description"])
    made = _sorted_choices(made)
    definitions = made["$defs"]
    report = definitions["Report"]
    report["properties"]["sha256"] = {
        "type": "string",
        "pattern": "^[0-9a-f]{64}$",
        "description": "SHA-256 of the canonical JSON of the report without this field.",
    }
    report["required"] = [*report["required"], "sha256"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Forecast Game backtest report, version {REPORT_VERSION}",
        **made,
    }
