"""The validation scenario of hybrids: real to the join, made up from there, and marked as such."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from fg_core import Dataset, Query
from fg_core.protocols import Requirement, ScenarioOutcome
from fg_core.validation import Check, outcome_of
from fg_data.datasets import load_dataset
from fg_data.validation import known_in_time

from .source import SOURCE_NAME, HybridSource

__all__ = ["HybridBlend"]

_SERIES, _BASE, _PERIODS = "unemp", "us_macro", 40
_FADED = 1e-6


@dataclass(frozen=True)
class HybridBlend:
    """Unemployment of the embedded series, extended and stressed with half the usual weight."""

    name: str = "hybrid_blend"
    description: str = (
        "a hybrid at weight one half: real rows untouched, made-up ones half as far from what "
        "weight 0 gives as at weight 1, joined without a jump, and marked in every place"
    )
    requires: tuple[Requirement, ...] = ()

    def run(self, seed: int) -> ScenarioOutcome:
        """Make hybrids of weight 0, one half and 1, and of another seed."""
        base = load_dataset(_BASE, series=_SERIES)
        extended = {w: _hybrid(seed, "extend", w) for w in ("0", "0.5", "1")}
        stress = {w: _hybrid(seed, "stress", w) for w in ("0", "0.5", "1")}
        half = extended["0.5"]
        n_real = len(base)
        real = _values(base)
        values = {w: _values(data)[n_real:] for w, data in extended.items()}
        stressed = {w: _values(data) for w, data in stress.items()}
        step = max(abs(b - a) for a, b in pairwise(real))
        jump = abs(values["0.5"][0] - real[-1])
        sources = [row.source for row in half]
        blends = [
            max(
                abs(half - 0.5 * (none + whole))
                for none, half, whole in zip(*found.values(), strict=True)
            )
            for found in (values, stressed)
        ]
        apart = [
            max(abs(a - b) for a, b in zip(found["0"], found["1"], strict=True))
            for found in (values, stressed)
        ]
        checks = (
            Check(
                "real rows are those of the base, to the last bit, and say so",
                half.observations[:n_real] == base.observations
                and sources == [_BASE] * n_real + [SOURCE_NAME] * _PERIODS,
                f"{len(half)} rows",
            ),
            Check(
                "stressed at weight 0, nothing moves",
                stressed["0"] == real,
            ),
            Check(
                "weight one half is half the way from weight 0 to weight 1",
                max(blends) <= _FADED and min(apart) > 0.0,
                f"off by {max(blends):g}, ways of {min(apart):g} and more",
            ),
            Check(
                "the join is no larger a step than the largest real one",
                jump <= step,
                f"{jump:.3f} against {step:.3f}",
            ),
            Check("made-up rows go on period by period", _in_order(half)),
            known_in_time(half, half.frequency),
            Check(
                "the whole is marked as synthetic, with the number of made-up rows",
                half.provenance.is_synthetic
                and half.provenance.details["synthetic_rows"] == _PERIODS
                and any(f"{_PERIODS} from" in notice for notice in half.provenance.notices),
            ),
            Check(
                "a seed gives the same figures again, another one others",
                _hybrid(seed, "extend", "0.5") == half
                and _values(_hybrid((seed + 1) % 2**64, "extend", "0.5"))[n_real:] != values["0.5"],
            ),
        )
        return outcome_of(checks, {"jump": jump, "largest_real_step": step})


def _hybrid(seed: int, mode: str, weight: str) -> Dataset:
    options = {"mode": mode, "weight": weight}
    if mode == "extend":
        options["periods"] = str(_PERIODS)
    return HybridSource().fetch(Query((_SERIES,), seed=seed, options=options))


def _values(data: Dataset) -> list[float]:
    return [row.value for row in data]


def _in_order(data: Dataset) -> bool:
    """Return whether periods and moments of publication rise, with no quarter left out."""
    days = [(b.timestamp - a.timestamp).days for a, b in pairwise(data)]
    rising = all(a.available_at < b.available_at for a, b in pairwise(data))
    return rising and all(89 <= n <= 93 for n in days)
