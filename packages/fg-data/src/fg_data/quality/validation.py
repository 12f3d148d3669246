"""The validation scenario of poisoning: planted errors found, honest data left alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fg_core import Dataset
from fg_core.protocols import Requirement, ScenarioOutcome
from fg_core.rng import Stream
from fg_core.validation import Check, clearly_above, clearly_below, outcome_of
from fg_data.datasets import load_dataset
from fg_data.poisoning import one_step_innovations, poisoned_series, suspicious_prints
from fg_data.poisoning.suspicion import DEFAULT_RATE

__all__ = ["PoisoningDetection"]

Array = NDArray[np.float64]

_GAMES, _ROWS, _PLANTED = 12, 1_000, 5
_FOUND = {3.0: 0.45, 5.0: 0.95, 10.0: 1.0}
_MOST_FALSE = 5.0
_SHIFT = 15.0
_FORGED = 30.0
_BASE = "us_macro"


@dataclass(frozen=True)
class PoisoningDetection:
    """Errors planted in normal innovations, in a walk, and in the embedded series."""

    name: str = "poisoning_detection"
    description: str = (
        "errors of 3, 5 and 10 standard deviations added to 1,000 normal innovations are found at "
        "45, 95 and 100 % with at most 5 false alarms; a shift is no spike; the embedded series "
        "are not rejected, and are with one forged print"
    )
    requires: tuple[Requirement, ...] = ()

    def run(self, seed: int) -> ScenarioOutcome:
        """Plant errors and look for them."""
        found: dict[float, list[float]] = {size: [] for size in _FOUND}
        false: list[float] = []
        for game in range(_GAMES):
            noise = _normal(seed, game)
            false.append(float(len(suspicious_prints(noise))))
            at, sizes = _places(seed, game)
            planted = noise.copy()
            planted[at] += sizes
            rows = {one.row for one in suspicious_prints(planted)}
            for size in _FOUND:
                ours = [row in rows for row, s in zip(at, sizes, strict=True) if abs(s) == size]
                found[size].append(sum(ours) / len(ours))
        shares = {size: sum(shares) / len(shares) for size, shares in found.items()}
        walk = np.cumsum(_normal(seed, _GAMES))
        walk[_ROWS // 2 :] += _SHIFT
        spikes = (one.row for one in suspicious_prints(walk, false_alarm_rate=1e-5))
        near = [row for row in spikes if abs(row - _ROWS // 2) <= 2]
        sample = load_dataset(_BASE)
        honest = poisoned_series(sample)
        missed = [name for name in sample.series_ids if not _forgery_found(sample, name, seed)]
        checks = (
            *(
                Check(
                    f"of errors of {size:g} standard deviations, {least:.0%} are found",
                    not clearly_below(found[size], least),
                    f"{shares[size]:.1%}",
                )
                for size, least in _FOUND.items()
            ),
            Check(
                f"false alarms are at most {_MOST_FALSE:g} in {_ROWS:,} on average",
                not clearly_above(false, _MOST_FALSE),
                f"{sum(false) / len(false):.1f} at a rate of {DEFAULT_RATE:.2%}",
            ),
            Check("a shift of the level is no spike", not near, f"spikes in rows {near}"),
            Check(
                "the embedded series are not rejected",
                not honest,
                "; ".join(f"{one.series_id}: {one}" for one in honest),
            ),
            Check(
                f"one print forged by {_FORGED:g} innovations is found in each of them",
                not missed,
                ", ".join(missed),
            ),
        )
        figures = {f"found_{size:g}": share for size, share in shares.items()}
        return outcome_of(checks, {**figures, "false_alarms": sum(false) / len(false)})


def _normal(seed: int, game: int) -> Array:
    stream = Stream(seed, "poisoning noise", game=game)
    return np.array([stream.normal(row) for row in range(_ROWS)])


def _places(seed: int, game: int) -> tuple[Sequence[int], Array]:
    """Return rows that are hit, and by how much: every size on either side."""
    stream = Stream(seed, "poisoning places", game=game)
    order = np.argsort([stream.uniform(row) for row in range(_ROWS)])
    sizes = np.repeat(list(_FOUND), _PLANTED)
    signs = np.where(np.arange(sizes.size) % 2 == 0, 1.0, -1.0)
    return order[: sizes.size].tolist(), sizes * signs


def _forgery_found(sample: Dataset, name: str, seed: int) -> bool:
    """Return whether a forged print of one series is found, in its place and nowhere else."""
    rows = sample.series(name)
    values = np.array([row.value for row in rows])
    model = one_step_innovations(values, logs=False)
    if model is None:
        return False
    # Not at an end, where a spike and a shift look the same.
    share = Stream(seed, f"forged {name}").uniform(0)
    at = 10 + math.floor(share * (len(rows) - 20))
    error = _FORGED * float(model.scale[at - model.first])
    forged = replace(rows[at], value=float(values[at] + error), segment_values={})
    kept = tuple(forged if row is rows[at] else row for row in sample)
    found = poisoned_series(replace(sample, observations=kept))
    return [one.series_id for one in found] == [name] and found[0].prints[0][0] == forged.timestamp
