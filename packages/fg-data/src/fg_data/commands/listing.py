"""`fg-data list`: the sources, what they have, and what the cache holds."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from fg_core import PluginError, Registry
from fg_core.calendar import FREQUENCY_NAMES, own_frequency, period_label
from fg_core.locations import is_location
from fg_data.cache import CacheStore, age_text, cache_location, inventory, utc_now
from fg_data.datasets import SOURCES_GROUP, load_dataset
from fg_data.default_source import DEFAULT_SOURCE
from fg_data.histories import DataService, kept_histories

from .loading import history_source, prepared
from .output import print_json, print_notices, provenance_facts
from .text_table import text_table

__all__ = ["run"]


def run(options: Mapping[str, Any]) -> int:
    """List sources and the cache, or the series of one source.

    Args:
        options: Options of the command, by name.

    Returns:
        Exit code of the program.
    """
    with prepared(options):
        if options["source"] is None:
            return _everything(options)
        source = history_source(options["source"])
        if source is not None:
            return _histories(source.service, options)
        return _series(options)


def _everything(options: Mapping[str, Any]) -> int:
    sources = [
        {"source": item.name, "from": f"{item.distribution} {item.version}", "what": what}
        for item in Registry(SOURCES_GROUP).items()
        for what in [_summary(item.name)]
    ]
    location = cache_location(options["cache_dir"])
    kept = [
        {
            "file": entry.path,
            "what": entry.what or entry.damage,
            "age": "" if entry.age is None else age_text(entry.age),
            "bytes": entry.n_bytes,
        }
        for entry in inventory(location.folder, utc_now())
    ]
    if options["as_json"]:
        cache = {"folder": str(location.folder), "chosen_by": location.chosen_by, "files": kept}
        print_json({"sources": sources, "cache": cache})
        return 0
    header = ["source", "from", "what"]
    print(text_table(header, [[one[name] for name in header] for one in sources]), end="")
    print(f"\nCache: {location.folder} ({location.chosen_by})")
    rows = [
        [str(one["file"]), f"{one['bytes']:,}", str(one["age"]), str(one["what"])] for one in kept
    ]
    if rows:
        print(text_table(["file", "bytes", "age", "what"], rows, right=(1,)), end="")
    else:
        print("(empty)")
    return 0


def _summary(name: str) -> str:
    """Return the first sentence that a source says of itself."""
    try:
        text = inspect.getdoc(Registry(SOURCES_GROUP).load(name)) or ""
    except PluginError as error:
        return f"(does not load: {error})"
    first = " ".join(text.split("\n\n")[0].split())
    return first if len(first) <= 100 else first[:97].rsplit(" ", 1)[0] + " ..."


def _histories(service: DataService[Any], options: Mapping[str, Any]) -> int:
    """List a service's default series and those that are kept, without asking the service."""
    kept = kept_histories(service, CacheStore(cache_location(options["cache_dir"]).folder))
    facts = []
    for name in dict.fromkeys((*service.default_series, *kept)):
        one = kept.get(name)
        if one is None:
            facts.append({"series": name, "title": "", "last": "", "vintages": 0, "fetched": ""})
            continue
        history, metadata = one.value.history, one.value.metadata
        last = history.prints[-1].period
        facts.append(
            {
                "series": name,
                "title": f"{metadata.title}, {metadata.units}",
                "last": period_label(last, history.frequency),
                "vintages": len(history.observed_vintages),
                "fetched": age_text(one.age),
            }
        )
    if options["as_json"]:
        print_json({"series": facts})
        return 0
    rows = [
        [
            str(one["series"]),
            str(one["last"]) or "-",
            f"{one['vintages']:,}" if one["vintages"] else "-",
            f"{one['fetched']} ago" if one["fetched"] else "not in the cache",
            str(one["title"]),
        ]
        for one in facts
    ]
    print(text_table(["series", "last", "vintages", "fetched", "title"], rows, right=(2,)), end="")
    source = "" if service.name == DEFAULT_SOURCE else f"--source {service.name} "
    print(f"\nAny other series of {service.title} by its name: fg-data fetch {source}--series NAME")
    return 0


def _series(options: Mapping[str, Any]) -> int:
    source = options["source"]
    dataset = load_dataset(source)
    facts = []
    for name in dataset.series_ids:
        rows = dataset.series(name)
        frequency = own_frequency([row.timestamp.date() for row in rows], dataset.frequency)
        facts.append(
            {
                "series": name,
                "frequency": FREQUENCY_NAMES[frequency],
                "first": period_label(rows[0].timestamp, frequency),
                "last": period_label(rows[-1].timestamp, frequency),
                "rows": len(rows),
                "unit": dataset.units.get(name, ""),
            }
        )
    if options["as_json"]:
        print_json({"series": facts, "provenance": provenance_facts(dataset.provenance)})
        return 0
    header = ["series", "frequency", "first", "last", "rows", "unit"]
    cells = [[str(one[name]) for name in header] for one in facts]
    print(text_table(header, cells, right=(4,)), end="")
    if not is_location(source):
        print("\n(those that the source has by default; it may have others by name)")
    print_notices(dataset.provenance)
    return 0
