"""The full record of one game: what it leaves behind, round by round."""

from __future__ import annotations

from typing import Any

from fg_core.action import AgentMessage
from fg_core.batch.forecast_arrays import broadcast_to_games
from fg_core.frozen import FrozenMapping, construct_unchecked, frozen_mapping, replace_unchecked
from fg_core.reasons import in_short
from fg_core.record import (
    IssuedForecast,
    PrintAssessment,
    ScoredForecast,
    StepResult,
    TrajectoryEntry,
)
from fg_core.state import ForecastState

from .play import Play
from .round_arrays import AssessedLanes, IssuedLanes, RoundArrays

__all__ = ["GameRecord", "counted", "issued_of"]

_DOUBTFUL = 0.5


def issued_of(lanes: IssuedLanes, names: tuple[str, ...], lane: int = 0) -> IssuedForecast:
    """Return the forecast that one game issued, with all that went into it.

    Args:
        lanes: Forecasts of all games.
        names: Names of the forecasters.
        lane: Number of the game among them.

    Returns:
        Forecast of the game, in the unit of the series.
    """
    experts = lanes.experts
    forecast_arrays, state = experts.forecast_arrays, experts.state
    actions = forecast_arrays.actions[lane]
    unavailable: Any = frozen_mapping()
    if not forecast_arrays.is_full:
        reasons = [why if isinstance(why, str) else why[lane] for why in forecast_arrays.reasons]
        unavailable = FrozenMapping(
            {
                name: in_short(why)
                for name, why, action in zip(names, reasons, actions, strict=True)
                if action is None
            }
        )
    plain = lanes.forecast if lanes.undefended is None else lanes.undefended
    p_bad = lanes.p_bad
    found: IssuedForecast = construct_unchecked(
        IssuedForecast,
        origin=lanes.origin,
        horizon=lanes.horizon,
        forecast=lanes.forecast.each[lane],
        actions=tuple(
            [
                action if action is None or action.actor else replace_unchecked(action, actor=name)
                for name, action in zip(names, actions, strict=True)
            ]
        ),
        base=state.each[lane].value,
        p_bad=p_bad if isinstance(p_bad, float) else float(p_bad[lane]),
        undefended=plain.each[lane],
        unavailable=unavailable,
        assessment=None if lanes.assessed is None else _assessment(lanes.assessed, lane),
    )
    return found


def _assessment(lanes: AssessedLanes, lane: int) -> PrintAssessment:
    n = lanes.expected.means.shape[0]
    correction, scale = (broadcast_to_games(x, n) for x in (lanes.doubt.delta, lanes.doubt.scale))
    return PrintAssessment(
        lanes.expected.each[lane],
        float(correction[lane]),
        float(scale[lane]),
        lanes.replaced.each[lane],
    )


class GameRecord:
    """The rounds of one game as they are played.

    Args:
        names: Names of the forecasters.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self.steps: list[StepResult] = []
        self.entries: list[TrajectoryEntry] = []

    def write(self, i: int, before: ForecastState, done: RoundArrays) -> None:
        """Add a round.

        Args:
            i: Number of the round, from 0.
            before: World's state at its start.
            done: Arrays of the round.
        """
        after = done.after.each[0]
        issued = tuple([self._issued(one) for one in done.issued.values()])
        first = issued[0]
        cost = float(done.cost[0])
        breakdown = {"team": 0.0, "adversaries": -cost}
        if done.loss is not None:
            loss = float(done.loss[0])
            breakdown = {"team": -loss, "adversaries": loss - cost}
        for name, credit in done.credit.items():
            number = float(credit[0])
            if number == number:  # a forecaster without a forecast earns nothing
                breakdown[name] = number
        doubts = tuple([one[0] for one in done.response.actions])
        said = tuple([one for one in first.actions if one is not None])
        scored = tuple(
            [
                construct_unchecked(
                    ScoredForecast,
                    issued=self._issued(lanes),
                    target=after.value,
                    crps=float(score[0]),
                    error=float(error[0]),
                )
                for lanes, score, error in done.scored.values()
            ]
        )
        step: StepResult = construct_unchecked(
            StepResult,
            next_state=after,
            actions=(*done.actions, *doubts, *said),
            reward_breakdown=FrozenMapping(breakdown),
            forecast=first.forecast.mean,
            target=after.value,
            messages=self._messages(done, first),
            probabilistic=first.forecast,
            observation=done.response.observation.each[0],
            issued=issued,
            scored=scored,
            disturbance=float(done.disturbance[0]),
            attack=float(done.attack[0]),
        )
        self.steps.append(step)
        self.entries.append(
            construct_unchecked(
                TrajectoryEntry,
                round_idx=i,
                state=replace_unchecked(before, history=()),
                actions=step.actions,
                messages=step.messages,
                reward_breakdown=step.reward_breakdown,
                forecast=step.forecast,
                target=step.target,
                variance=step.probabilistic.variance,
                disturbance=step.disturbance,
            )
        )

    def _issued(self, lanes: IssuedLanes) -> IssuedForecast:
        # A forecast is written when it is issued and again when it is scored.
        kept: Any = lanes.__dict__.get("_shown")
        if kept is None:
            kept = lanes.__dict__["_shown"] = issued_of(lanes, self._names)
        found: IssuedForecast = kept
        return found

    def _messages(self, done: RoundArrays, first: IssuedForecast) -> tuple[AgentMessage, ...]:
        found = []
        doubt = done.response.doubt
        if doubt is not None and first.p_bad > _DOUBTFUL and not doubt.is_idle:
            text = f"print {first.base:.6g} doubted, p_bad = {first.p_bad:.2f}"
            found.append(AgentMessage("defenders", "forecasters", text))
        for name, reason in first.unavailable.items():
            text = f"no forecast at this origin: {reason}"
            found.append(AgentMessage(name, "aggregator", text))
        return tuple(found)


def counted(play: Play) -> dict[str, Any]:
    """Return what a single game counted on the way.

    Args:
        play: Play of the only game.

    Returns:
        Fields of its result by name: units of attack that were spent, prints that were doubted,
        forecasts that were not scored, and missing forecasts by forecaster and by reason.
    """
    missing = {name: int(count[0]) for name, count in play.missing.items() if count[0] > 0.0}
    return {
        "attack_spent": float(play.tampering.spent[0]),
        "prints_doubted": int(_only(play.doubted)),
        "unscored": play.unscored,
        "missing": FrozenMapping(missing),
        "missing_reasons": FrozenMapping(
            {
                name: FrozenMapping({kind: int(count[0]) for kind, count in kinds.items()})
                for name, kinds in play.reasons.items()
                if name in missing
            }
        ),
    }


def _only(number: Any) -> Any:
    return number if isinstance(number, int) else number[0]
