"""Odd revisions: few of the recorded ones, and nearly all that are planted."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from fg_data.quality import RevisionStep, odd_revisions, revision_steps
from fg_data.vintages import Print, VintageHistory

BODY = "alfred/series_observations_GDP_realtime_1776_to_2019-01-01.json"
FEW, TIMES = 4, 8.0


def moment(day: str, days: int = 0) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days)


@pytest.fixture(scope="module")
def steps(fixtures_dir: Path) -> tuple[RevisionStep, ...]:
    rows = json.loads((fixtures_dir / BODY).read_text())["observations"]
    prints = (
        Print(
            moment(row["date"]),
            float(row["value"]),
            moment(row["realtime_start"], 1),
            None if row["realtime_end"] == "2019-01-01" else moment(row["realtime_end"], 2),
        )
        for row in sorted(rows, key=lambda row: (row["date"], row["realtime_start"]))
        if row["value"] != "."
    )
    return revision_steps(VintageHistory("GDP", "Q", "Billions of Dollars", tuple(prints)))


def test_at_most_two_in_a_hundred_recorded_revisions_of_gdp_are_odd(steps) -> None:
    assert len(steps) > 2_000
    assert 0 < len(odd_revisions(steps)) <= 0.02 * len(steps)


@pytest.mark.slow
@pytest.mark.parametrize("usual", ["of the release", "of all"])
def test_nine_in_ten_planted_revisions_of_eight_times_the_usual_size_are_found(
    steps, usual: str
) -> None:
    """One at a time: usual is the median size in its release (or of routine ones), or of all."""
    sizes = np.array([abs(step.size) for step in steps])
    releases: dict[datetime, list[int]] = {}
    for k, step in enumerate(steps):
        releases.setdefault(step.published, []).append(k)
    routine = [k for ks in releases.values() if len(ks) <= FEW for k in ks]
    rng = np.random.default_rng(1)
    found = []
    for k in rng.choice(len(steps), 300, replace=False).tolist():
        ours = releases[steps[k].published]
        peers = (ours if len(ours) > FEW else routine) if usual == "of the release" else sizes
        size = np.median(sizes[peers] if usual == "of the release" else sizes)
        planted = [*steps]
        planted[k] = replace(steps[k], size=float(rng.choice([-1.0, 1.0]) * TIMES * size))
        found.append(k in odd_revisions(planted))
    assert np.mean(found) >= 0.9


def test_rounding_makes_no_revision_odd() -> None:
    """Rates that are revised by a tenth, or in one case by two, are not odd; by one point, yes."""
    when = moment("2020-02-01")
    sizes = [0.1, 0.1, 0.1, -0.1, 0.1, 0.1, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]
    steps = [
        RevisionStep(moment("2018-01-01", 31 * k), when, size, 0.1) for k, size in enumerate(sizes)
    ]
    assert odd_revisions(steps) == []
    assert odd_revisions([*steps[:5], replace(steps[5], size=1.0), *steps[6:]]) == [5]
