"""Everything that follows from what is reported: observations, doubts, forecasts.

It sees the reported values and the agents' knowledge and nothing else: no true state, no action of
an adversary, no future.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import MixtureArrays
from fg_core.frozen import replace_unchecked

from .assessment import AssessmentLanes
from .branches import mix_branches, replaced_forecasts
from .learning import Learning
from .players import Players
from .round_arrays import Response

__all__ = ["defended", "respond"]

Array = NDArray[np.float64]


def respond(
    learning: Learning,
    players: Players,
    t: int,
    reported: Array,
    horizons: Sequence[int] | None = None,
) -> Response:
    """Return what forecasters and defenders make of the newest values.

    Args:
        learning: Knowledge of the experts.
        players: Players of the games, of which the defenders are asked.
        t: Number of the period of the newest values.
        reported: Newest values, shape (game,), in the unit of the series.
        horizons: Horizons from the period of these values, in rounds; None: all that are learned
            from.

    Returns:
        Observation, expert forecasts by horizon and doubts, one lane per game, in the unit of the
        series.
    """
    found = learning.respond(t, reported, horizons or learning.horizons)
    defenders = players.defenders
    expected = learning.expected(t) if defenders else None
    if expected is None:
        return Response(found.observation, found.forecasts, (), None)
    shown, schedule = found.observation, learning.schedule
    if schedule.certain_by:
        # To defenders a settled print that may still be revised is as doubtful as any other.
        doubtful = shown.n_unrevealed + schedule.settled(t) - schedule.certain(t)
        shown = replace_unchecked(shown, n_unrevealed=min(doubtful, len(shown.history)))
    answers = [
        one.doubt(t, shown, expected, learning.sensitivities(one.sensitivities_wanted))
        for one in defenders
    ]
    doubts = tuple([doubt for doubt, _ in answers])
    return Response(
        found.observation,
        found.forecasts,
        doubts,
        AssessmentLanes.of(doubts, reported.shape[0]),
        None,
        tuple([actions for _, actions in answers]),
    )


def defended(
    learning: Learning,
    response: Response,
    doubt: AssessmentLanes | None,
    horizon: int,
    *,
    late: int = 0,
) -> MixtureArrays:
    """Return the forecasts under a doubt, with the refactorer's bias.

    Args:
        learning: Knowledge of the experts.
        response: Response to the newest values.
        doubt: Doubt about these values; None: there is none.
        horizon: Horizon from the period of these values, in rounds.
        late: Number of rounds from that period to the round.

    Returns:
        Forecast of each game, in the unit of the series.
    """
    experts = learning.confirmed_for(None).in_round(late)
    bias, used = experts.bias(horizon), response.used[horizon].forecast
    if doubt is None or doubt.is_idle:
        return used.shifted(bias)
    seen, doubtful = response.observation, doubt.doubtful
    if doubt.branches:
        others = replaced_forecasts(experts, seen, doubt.branches, horizon)
        likely = [one.probability for one in doubt.branches]
        labels = [one.label for one in doubt.branches]
        return mix_branches(used, others, likely, labels).shifted(bias)
    instead = learning.ledger.observed(
        seen.t, seen.value + doubt.delta, revealed=seen.t - 1 - seen.n_unrevealed
    )
    replaced = experts.forecast(instead, horizon, doubt_scale=doubt.scale, wanted=doubtful).forecast
    p_bad = doubt.p_bad if doubtful is None else np.where(doubtful, doubt.p_bad, 0.0)
    return mix_branches(used, (replaced,), (p_bad,)).shifted(bias)
