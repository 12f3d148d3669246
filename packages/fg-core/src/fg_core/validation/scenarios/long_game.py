"""A game of 5,000 rounds: nothing adds up that should not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_core.config import SimulationConfig
from fg_core.game import ForecastGame
from fg_core.protocols import Requirement, ScenarioOutcome
from fg_core.transcendental import log
from fg_core.validation.checks import Check, outcome_of
from fg_core.validation.evidence import clearly_above, is_off

from .common import START, all_scored, mean_absolute, naive_errors

__all__ = ["StressHighRounds"]

_ROUNDS, _GAMES = 5_000, 2
_BLOCK, _BEGIN, _SPAN = 50, 500, 1_500
_GROWTH = 1.1


@dataclass(frozen=True)
class StressHighRounds:
    """The default line-up, refactorer included, in a disturbed world for 5,000 rounds.

    Errors are compared by blocks of 50 rounds, which hang together little (pressure halves within
    two rounds), between rounds 500 to 2,000 and the last 1,500. The defense is the default one:
    those that move every print (dampening, ensemble) leave a mean error that stays, since what
    corrects the mean learns from forecasts of revealed values, which no defense has moved.
    """

    name: str = "stress_high_rounds"
    description: str = (
        "5,000 disturbed rounds with a correction of the mean error: the error does not grow, the "
        "mean error stays at 0, the naive forecast is beaten to the end"
    )
    requires: tuple[Requirement, ...] = ()

    def run(self, seed: int) -> ScenarioOutcome:
        """Play two games."""
        config = SimulationConfig(
            horizon=_ROUNDS,
            max_rounds=_ROUNDS,
            disturbance_prob=0.2,
            enable_refactor=True,
        )
        out = ForecastGame(config, seed=seed).run_batch(START, _GAMES, reward="crps")
        errors = np.abs(out.errors)
        early = _blocks(errors[:, _BEGIN : _BEGIN + _SPAN])
        late = _blocks(errors[:, -_SPAN:])
        change = log(late / (_GROWTH * early))  # logs, so that an explosion is seen as well
        naive = _blocks(np.abs(out.targets - out.values)[:, -_SPAN:])
        bias = _blocks(out.errors[:, -_SPAN:])
        checks = (
            all_scored(out, _ROUNDS),
            Check(
                "the last 1,500 rounds are at most 10 % worse than rounds 500 to 2,000",
                not clearly_above(change),
                f"{early.mean():.4f}, then {late.mean():.4f}",
            ),
            Check(
                "the mean error of the last 1,500 rounds is 0",
                not is_off(bias, 0.0),
                f"{bias.mean():+.5f}",
            ),
            Check(
                "the last 1,500 rounds are better than the naive forecast",
                clearly_above(naive - late),
                f"{late.mean():.4f} against {naive.mean():.4f}",
            ),
        )
        figures = {
            "mae": float(mean_absolute(out).mean()),
            "mae_early": float(early.mean()),
            "mae_late": float(late.mean()),
            "mae_naive": float(naive_errors(out).mean()),
        }
        return outcome_of(checks, figures)


def _blocks(errors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the means of blocks of rounds, over all games, flat."""
    return np.asarray(errors.reshape(errors.shape[0], -1, _BLOCK).mean(axis=2).ravel())
