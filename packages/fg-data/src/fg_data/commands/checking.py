"""`fg-data check`: is it sound?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fg_core.console import FAILED, FOUND, OK
from fg_data._program import PROGRAM
from fg_data.cache import utc_now
from fg_data.histories import SeriesHistories
from fg_data.quality import Finding, check_dataset, check_histories, poison_findings
from fg_data.training import TrainingSource

from .comparing import compared_with
from .loading import (
    Loaded,
    as_of_moment,
    history_source,
    load,
    load_histories,
    prepared,
    source_of,
)
from .output import age_of, print_json, print_notices, provenance_facts

__all__ = ["run"]


def run(options: Mapping[str, Any]) -> int:
    """Check data; faults end with code 3, and series that could not be had with code 1.

    Args:
        options: Options of the command, by name.

    Returns:
        Exit code: 0; 1 where a series could not be checked; else 3 where there are faults.
    """
    with prepared(options):
        loaded = load(options)
        findings = _findings(loaded, options)
        faults = [f for f in findings if f.severity == "fault" or options["strict"]]
        sound = not faults and not loaded.errors
        if options["as_json"]:
            print_json(
                {
                    "sound": sound,
                    "findings": [
                        {
                            "severity": one.severity,
                            "kind": one.kind,
                            "series": one.series_id,
                            "text": one.text,
                        }
                        for one in findings
                    ],
                    "errors": {name: str(error) for name, error in loaded.errors.items()},
                    "provenance": provenance_facts(loaded.provenance),
                }
            )
        else:
            _print(loaded, findings, sound=sound)
        for name, error in loaded.errors.items():
            PROGRAM.tell(f"error: {name}: {error}")
    if loaded.errors:
        return FAILED
    return FOUND if faults else OK


def _findings(loaded: Loaded, options: Mapping[str, Any]) -> list[Finding]:
    found: list[Finding] = []
    histories: SeriesHistories[Any] | None = None
    made = source_of(options["source"])
    of = history_source(made.service.name) if isinstance(made, TrainingSource) else None
    if of is not None:
        lag = {k: v for k, v in options["options"].items() if k == "release_lag"}
        names = tuple(loaded.readings)
        asked = {**options, "series": names, "options": lag, "refresh": False, "exclude": ()}
        histories = load_histories(of, asked).require_all()
    for dataset in loaded.datasets:
        if histories is None:
            found += check_dataset(dataset)
        else:
            found += check_dataset(
                dataset, histories=histories.histories.values(), readings=loaded.readings
            )
        if options["fail_on_poisoning"]:
            found += poison_findings(dataset)
    if options["against"] is not None:
        found += compared_with(options["against"], loaded)
    known = histories.histories if histories is not None else loaded.histories
    made_up = loaded.provenance.is_synthetic
    if known and not made_up:  # made-up series end where their model does
        now = as_of_moment(options) or utc_now()
        found += check_histories(known.values(), now)
    return found


def _print(loaded: Loaded, findings: list[Finding], *, sound: bool) -> None:
    n_rows = sum(len(dataset) for dataset in loaded.datasets)
    names = [name for _, name, _ in loaded.series()]
    print(f"{len(names)} series, {n_rows:,} rows: {', '.join(names)}")
    oldest = min(loaded.fetched_at.values(), default=None)
    if oldest is not None:
        print(f"fetched {age_of(oldest)} ago")
    for one in findings:
        print(one)
    n_faults = sum(one.severity == "fault" for one in findings)
    n_odd = len(findings) - n_faults
    faults = f"{n_faults} fault{'' if n_faults == 1 else 's'}"
    oddities = f"{n_odd} oddit{'y' if n_odd == 1 else 'ies'}"
    print(f"{'sound' if sound else 'NOT SOUND'}: {faults}, {oddities}")
    print_notices(loaded.provenance)
