"""The training set, undisturbed: the same schema for real and made-up figures, and no leaks."""

from __future__ import annotations

import math
import statistics
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

from fg_core.protocols import Requirement, ScenarioOutcome
from fg_core.validation import Check, outcome_of
from fg_data.fred.adapter import FredMacroAdapter
from fg_data.fred.provenance import SyntheticDataWarning
from fg_data.fred.service import DEFAULT_SERIES
from fg_data.fred.training import FredTrainingDataBuilder
from fg_data.leaks import find_early_use
from fg_data.training import TrainingSet
from fg_data.validation import Loopback, chronological, known_in_time, no_leaks

from .live import NEEDS_KEY, not_asked
from .made_up import NOW, MadeUpFred

__all__ = ["FredTrainingClean"]


@dataclass(frozen=True)
class FredTrainingClean:
    """Five series from the proxy, from a made-up FRED, and with a key from the service itself."""

    name: str = "fred_training_clean"
    description: str = (
        "the training set: proxy and service have one schema, splits are chronological and do not "
        "leak, no row uses a figure before its publication, scales are those of the training part"
    )
    requires: tuple[Requirement, ...] = (NEEDS_KEY,)

    def run(self, seed: int) -> ScenarioOutcome:
        """Build the set from the proxy and from a made-up service."""
        return self._run(seed, live=False)

    def run_live(self, seed: int) -> ScenarioOutcome:
        """Build it from the service itself as well, if there is a key."""
        return self._run(seed, live=True)

    def _run(self, seed: int, *, live: bool) -> ScenarioOutcome:
        made_up = MadeUpFred(seed)
        with tempfile.TemporaryDirectory() as folder:
            proxy = _build(FredMacroAdapter(api_key="", seed=seed), Path(folder), "proxy")
            kept_proxy = list(Path(folder).rglob("*.json"))
            with Loopback(made_up.answer) as service:
                adapter = made_up.adapter(service)
                served = _build(adapter, Path(folder), "served")
                histories = adapter.fetch_multi_series().histories
            why = not_asked("the service's own training set", live=live)
            checks = [
                Check(
                    "figures of the proxy are marked as made up, and not kept",
                    proxy.provenance.is_synthetic and not kept_proxy and proxy.path is None,
                ),
                *_sound(proxy, "proxy"),
                Check("figures of a service are not", not served.provenance.is_synthetic),
                *_sound(served, "service"),
                Check(
                    "proxy and service have one schema",
                    _schema(proxy) == _schema(served),
                    f"{_schema(proxy)} and {_schema(served)}",
                ),
                _no_early_use(served, histories.values()),
            ]
            skipped = [] if why is None else [why]
            if why is None:
                real = _build(FredMacroAdapter(), Path(folder), "real", clock=False)
                checks += [
                    Check("the service's own figures are real", not real.provenance.is_synthetic),
                    Check("they have that schema", _schema(real) == _schema(served)),
                    *_sound(real, "FRED"),
                ]
        figures = {
            f"rows_{part}": float(len(getattr(served.bundle, part)))
            for part in ("train", "valid", "test")
        }
        return outcome_of(checks, figures, skipped=skipped)


def _build(
    adapter: FredMacroAdapter, folder: Path, name: str, *, clock: bool = True
) -> TrainingSet:
    builder = FredTrainingDataBuilder(adapter, cache_dir=folder / name, offline=False)
    if clock:
        builder = FredTrainingDataBuilder(
            adapter, cache_dir=folder / name, offline=False, clock=lambda: NOW
        )
    with warnings.catch_warnings():
        # The proxy says that its figures are made up, which is what is wanted here.
        warnings.simplefilter("ignore", SyntheticDataWarning)
        return builder.build()


def _sound(made: TrainingSet, of: str) -> list[Check]:
    """Return the assertions that hold for every training set."""
    found = [chronological(made.bundle), no_leaks(made.bundle), known_in_time(made.dataset)]
    off = []
    for name in made.bundle.train.series_ids:
        values = [row.value for row in made.bundle.train.series(name)]
        mean, sd = statistics.fmean(values), statistics.stdev(values)
        scale = made.scaling.of(name)
        same = math.isclose(scale.mean, mean, rel_tol=1e-6, abs_tol=1e-9)
        if not same or not math.isclose(scale.sd, sd, rel_tol=1e-6, abs_tol=1e-9):
            off.append(f"{name} {scale.mean:g}, {scale.sd:g}: {mean:g}, {sd:g}")
    found.append(Check("scales are those of the training part alone", not off, "; ".join(off)))
    return [Check(f"{of}: {one.what}", one.holds, one.found) for one in found]


def _schema(made: TrainingSet) -> tuple[tuple[str, ...], tuple[str, ...], str, tuple[str, ...]]:
    """Return series, columns of the context, frequency, and the readings of the series."""
    columns = sorted({name for row in made.dataset for name in row.macro_context})
    readings = tuple(made.vintages[name].reading for name in made.dataset.series_ids)
    if made.dataset.series_ids != DEFAULT_SERIES:
        return made.dataset.series_ids, (), "", ()
    return made.dataset.series_ids, tuple(columns), made.dataset.frequency, readings


def _no_early_use(made: TrainingSet, histories: object) -> Check:
    readings = {name: one.reading for name, one in made.vintages.items()}
    leaks = find_early_use(made.dataset, histories, readings)  # type: ignore[arg-type]
    return Check(
        "no row uses a figure before its publication", not leaks, "; ".join(map(str, leaks))
    )
