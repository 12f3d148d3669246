"""Conformance of refiners."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from fg_core.errors import ForecastUnavailable
from fg_core.protocols import EpisodeRefiner, Refiner
from fg_core.refinement import RefinementReport
from fg_core.testing._play import Promises, bind
from fg_core.testing.examples import example_outcomes

__all__ = ["check_refiner"]


def check_refiner(refiner: Refiner) -> None:
    """Check a refiner: within its limit for any revealed forecasts, none of them included; pure.

    NaN and `ForecastUnavailable` are allowed where it has nothing to propose, as long as they come
    each time. It is shown forecasts that are right on average, far off either way, one alone, many
    and none, and it leaves them as they were. One that refines between episodes gives the same
    report of the same episodes.

    Args:
        refiner: Refiner that is checked.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.testing.fakes import MeanErrorRefiner
    >>> check_refiner(MeanErrorRefiner(0.1))
    """
    promises = Promises("Refiner", refiner)
    promises.members("limit", "propose")
    promises.named()
    promises.frozen(refiner)
    limit = promises.number("limit", refiner.limit, low=0.0)
    whole = example_outcomes(24)
    above = tuple(replace(one, target=one.forecast.mean + 1e6) for one in whole)
    below = tuple(replace(one, target=one.forecast.mean - 1e6) for one in whole)
    shown = [whole, whole[:1], (), tuple(reversed(whole)), whole[12:13] * 40, above, below]
    for outcomes in shown:
        try:
            found = promises.pure("propose", refiner.propose, outcomes)
        except ForecastUnavailable:
            continue
        if not (isinstance(found, float) and math.isnan(found)):
            promises.number("propose", found, low=-limit, high=limit)
    promises.replay("propose", [bind(refiner.propose, outcomes) for outcomes in shown])
    if isinstance(refiner, EpisodeRefiner):
        episodes = (example_outcomes(40), (), example_outcomes(24))
        report = promises.pure("refine_episodes", refiner.refine_episodes, episodes)
        promises.require(
            isinstance(report, RefinementReport) and report.forecasts == 64,
            "refine_episodes returns a report of all forecasts that it was given",
            f"got {report!r}",
        )
    if hasattr(refiner, "propose_increment"):
        ask: Any = refiner.propose_increment
        for outcomes in shown:
            try:
                found = promises.pure("propose_increment", ask, outcomes, 0.5)
            except ForecastUnavailable:
                continue
            if not (isinstance(found, float) and math.isnan(found)):
                promises.number("propose_increment", found, low=-limit, high=limit)
