"""`fg-data fetch`: get data into the cache, and into a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fg_core.calendar import FREQUENCY_NAMES, own_frequency, period_label
from fg_core.console import FAILED
from fg_data._program import PROGRAM

from .loading import Loaded, load, prepared
from .output import (
    age_of,
    check_writable,
    print_json,
    print_notices,
    provenance_facts,
    write_rows,
)
from .text_table import text_table

__all__ = ["run"]


def run(options: Mapping[str, Any]) -> int:
    """Fetch, say what came, and write the file that was asked for.

    Args:
        options: Options of the command, by name.

    Returns:
        Exit code of the program.
    """
    check_writable("--out", options["out"], (".csv", ".json"))
    with prepared(options):
        loaded = load(options)
        facts = _facts(loaded)
        n_written = write_rows(options["out"], loaded) if options["out"] else 0
        if options["as_json"]:
            errors = {name: str(error) for name, error in loaded.errors.items()}
            provenance = provenance_facts(loaded.provenance)
            print_json({"series": facts, "errors": errors, "provenance": provenance})
        else:
            _print(facts)
            if options["out"]:
                print(f"\n{n_written:,} rows written to {options['out']}")
            print_notices(loaded.provenance)
        for name, error in loaded.errors.items():
            PROGRAM.tell(f"error: {name}: {error}")
    return FAILED if loaded.errors else 0


def _facts(loaded: Loaded) -> list[dict[str, Any]]:
    found = []
    for dataset, name, rows in loaded.series():
        frequency = own_frequency([row.timestamp.date() for row in rows], dataset.frequency)
        history = loaded.histories.get(name)
        found.append(
            {
                "series": name,
                "frequency": FREQUENCY_NAMES[frequency],
                "first": period_label(rows[0].timestamp, frequency),
                "last": period_label(rows[-1].timestamp, frequency),
                "rows": len(rows),
                "vintages": 0 if history is None else len(history.observed_vintages),
                "fetched": age_of(loaded.fetched_at.get(name)),
                "unit": dataset.units.get(name, ""),
            }
        )
    return found


def _print(facts: list[dict[str, Any]]) -> None:
    header = ["series", "frequency", "first", "last", "rows", "vintages", "fetched", "unit"]
    rows = []
    for one in facts:
        fetched = one["fetched"] + " ago" if one["fetched"] else "-"
        vintages = f"{one['vintages']:,}" if one["vintages"] else "-"
        cells = {**one, "rows": f"{one['rows']:,}", "vintages": vintages, "fetched": fetched}
        rows.append([str(cells[name]) for name in header])
    print(text_table(header, rows, right=(4, 5)), end="")
