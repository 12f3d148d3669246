"""A strategy in the refactorer's seat, as a refiner of the core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fg_core.revealed import RevealedForecast
from fg_llm.answers import ADJUSTMENT_LIMIT
from fg_llm.strategy.program import Program, check_program

from .error_features import REFINER_FEATURES, moment_of, strategy_increment

__all__ = ["StrategyRefiner"]


@dataclass(frozen=True)
class StrategyRefiner:
    """Refiner that plays one strategy: `RefiningAgent(StrategyRefiner(program))` in a game.

    It asks nobody, so games with it are as repeatable as any. Give the agent the `every` and
    `memory` that the strategy was refined with (by default they are the same). The agent holds the
    sum of increments between 0 and the mean error of the forecasts that it keeps, on top.

    Args:
        program: Checked program over `REFINER_FEATURES`.
        name: Name of the refiner.

    Raises:
        StrategyError: The program reads a feature that is not in `REFINER_FEATURES`.

    >>> from fg_core.testing.examples import example_outcomes
    >>> text = {"language": 1, "prog": [{"op": "num", "milli": 250}]}
    >>> StrategyRefiner(check_program(text, REFINER_FEATURES)).propose(example_outcomes(4))
    0.1
    """

    program: Program
    name: str = "strategy"

    def __post_init__(self) -> None:
        check_program(self.program.to_wire(), REFINER_FEATURES)

    @property
    def limit(self) -> float:
        """Largest increment, in standard deviations of the forecasts."""
        return ADJUSTMENT_LIMIT

    def propose(self, outcomes: Sequence[RevealedForecast]) -> float:
        """Return the increment from no correction; see `propose_increment`."""
        return self.propose_increment(outcomes, 0.0)

    def propose_increment(self, outcomes: Sequence[RevealedForecast], adjustment: float) -> float:
        """Return what the strategy adds to the correction in force.

        Args:
            outcomes: Revealed forecasts without any adjustment, oldest first.
            adjustment: Adjustment in force, in standard deviations of the forecasts.

        Returns:
            Increment in the same unit, within the limit; 0 where there are no forecasts.

        Raises:
            ForecastUnavailable: A forecast has no spread to measure errors by.
        """
        if not outcomes:
            return 0.0
        return strategy_increment(self.program, moment_of(outcomes), adjustment).value
