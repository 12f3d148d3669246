"""The data of two validation scenarios: the training set, and its prices alone, undisturbed.

"Clean" says that nothing disturbs the figures and no adversary changes them: what a forecaster or a
learner does on these is what every disturbed or attacked run is compared with. Without a key they
are made up, and their provenance says so, which is how a scenario knows to skip itself.
"""

from __future__ import annotations

from dataclasses import replace

from fg_core import DatasetBundle

from .builder import FredTrainingDataBuilder

__all__ = ["fred_cpi_clean", "fred_training_clean"]


def fred_training_clean(builder: FredTrainingDataBuilder | None = None) -> DatasetBundle:
    """Return the training set of all series, cut in three.

    Args:
        builder: Builder of the set; None: one with the default settings.

    Returns:
        Training, validation and test part, one after the other in time.

    Raises:
        ForecastGameError: As `FredTrainingDataBuilder.build`.
    """
    return (builder or FredTrainingDataBuilder()).build().bundle


def fred_cpi_clean(builder: FredTrainingDataBuilder | None = None) -> DatasetBundle:
    """Return the training set of consumer prices alone, cut in three at the same moments.

    The other series are still the context of its rows.

    Args:
        builder: Builder of the training set that it is taken from; CPIAUCSL is one of its series.
            None: one with the default settings.

    Returns:
        Training, validation and test part, one after the other in time.

    Raises:
        ForecastGameError: As `FredTrainingDataBuilder.build`.
        DataError: CPIAUCSL is not one of its series.
    """
    whole = fred_training_clean(builder)
    train, valid, test = (
        replace(
            part,
            observations=part.series("CPIAUCSL"),
            units={name: unit for name, unit in part.units.items() if name == "CPIAUCSL"},
        )
        for part in (whole.train, whole.valid, whole.test)
    )
    return DatasetBundle(train, valid, test, whole.provenance)
