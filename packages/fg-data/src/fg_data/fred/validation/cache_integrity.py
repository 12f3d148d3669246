"""The cache: asked once, checked when read, honest about age, and without secrets."""

from __future__ import annotations

import tempfile
import warnings
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from fg_core.protocols import Requirement, ScenarioOutcome
from fg_core.validation import Check, outcome_of
from fg_data.cache import CacheWarning
from fg_data.fred.training import TRAINING_FILE, FredTrainingDataBuilder
from fg_data.training import TrainingSet
from fg_data.validation import Loopback

from .made_up import KEY, NOW, MadeUpFred

__all__ = ["CacheIntegrityFred"]

_LONG = timedelta(days=400)


@dataclass(frozen=True)
class CacheIntegrityFred:
    """The training set of a made-up FRED: built, kept, damaged, and grown old."""

    name: str = "cache_integrity_fred"
    description: str = (
        "the kept training set: asked for once, equal when read, refused when a digit is changed, "
        "fetched anew when old, without the key"
    )
    requires: tuple[Requirement, ...] = ()

    def run(self, seed: int) -> ScenarioOutcome:
        """Build, read, damage, age."""
        made_up = MadeUpFred(seed)
        with Loopback(made_up.answer) as service, tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            builder = FredTrainingDataBuilder(
                made_up.adapter(service), cache_dir=folder, offline=False, clock=lambda: NOW
            )
            first = builder.build()
            n_first = len(service.asked)
            again = builder.build()
            n_again = len(service.asked)
            offline = replace(builder, offline=True).build()
            files = [path for path in folder.rglob("*") if path.is_file()]
            secret = [path.name for path in files if KEY.encode() in path.read_bytes()]
            file = folder / TRAINING_FILE
            there = file.is_file()
            mended, told = _damaged(builder, file) if there else (None, [])
            n_before = len(service.asked)
            later = replace(
                builder,
                adapter=replace(made_up.adapter(service), clock=lambda: NOW + _LONG),
                clock=lambda: NOW + _LONG,
            ).build()
            n_later = len(service.asked)
            n_aside = len(list(folder.glob(f"{TRAINING_FILE}.damaged-*")))
        checks = (
            Check("a new set asks the service and is kept", n_first > 0 and there),
            Check(
                "a fresh one is read, equal, without a request",
                n_again == n_first and _same(again, first),
                f"{n_again - n_first} requests",
            ),
            Check("offline, it is the same", _same(offline, first)),
            Check(
                "it says when it was fetched, and no row was known later",
                first.fetched_at == NOW and all(r.available_at <= NOW for r in first.dataset),
                str(first.fetched_at),
            ),
            Check("the key is in no file", not secret, ", ".join(secret)),
            Check(
                "a file with a changed digit is not believed: told, set aside, made anew",
                mended is not None and _same(mended, first) and n_aside == 1 and bool(told),
                f"{n_aside} set aside, {len(told)} warnings",
            ),
            Check(
                "a set that has grown old is fetched again, with the new moment",
                n_later > n_before and later.fetched_at == NOW + _LONG,
                f"{n_later - n_before} requests",
            ),
        )
        return outcome_of(checks, {"requests": float(n_first), "rows": float(len(first.dataset))})


def _same(one: TrainingSet, other: TrainingSet) -> bool:
    return (
        one.dataset == other.dataset
        and one.bundle == other.bundle
        and one.scaling == other.scaling
        and one.fetched_at == other.fetched_at
    )


def _damaged(builder: FredTrainingDataBuilder, file: Path) -> tuple[TrainingSet, list[str]]:
    """Change one digit in the middle of a file; return what is built then, and what is told."""
    data = bytearray(file.read_bytes())
    place = next(i for i in range(len(data) // 2, len(data)) if chr(data[i]) in "12345678")
    data[place] += 1
    file.write_bytes(bytes(data))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made = builder.build()
    return made, [str(one.message) for one in caught if issubclass(one.category, CacheWarning)]
