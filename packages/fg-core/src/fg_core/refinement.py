"""Refinement between episodes: what a refiner is given, and what it did, to print and to write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .revealed import RevealedForecast

if TYPE_CHECKING:
    from .record import GameOutputs

__all__ = [
    "Proposal",
    "RefinementReport",
    "episode_outcomes",
    "proposal_table",
    "refinement_summary",
]


@dataclass(frozen=True)
class Proposal:
    """One proposal, and what became of it.

    Args:
        round: Number of the round, from 1.
        number: Number of the proposal in its round, from 1.
        strategy: Short name of the proposed strategy; empty where there was none to read.
        decision: `refused` before it was scored, `rejected` after, or `accepted`.
        why: Reason in words of ours.
        training: Gain on the training stretch over the strategy in force, in standard deviations
            of the forecasts; None: it was not scored.
        validation: The same gain on later periods; None: it did not come so far.
        random: The same gain of the best of as many random proposals; None: as `validation`.
        clamped: Share of its adjustments that were cut to the limit; None: it was not scored.
    """

    round: int
    number: int
    strategy: str
    decision: str
    why: str
    training: float | None = None
    validation: float | None = None
    random: float | None = None
    clamped: float | None = None


@dataclass(frozen=True)
class RefinementReport:
    """A refinement.

    Args:
        refiner: Name of the refiner.
        model: Name of what it asks.
        forecasts: Number of revealed forecasts that it was given.
        rounds: Number of rounds.
        calls: Number of questions.
        tokens: Tokens of questions and answers, as far as they were told.
        stop: Reason for which it ended.
        unavailable: Why nothing could be asked; empty where it could.
        proposals: All proposals, in their order.
        strategy: Strategy that was accepted, as text; empty: none.
        gain: Gain of that strategy over no correction on the last, sealed stretch, in standard
            deviations of the forecasts; None: the stretch was not opened.
        random_gain: Expected gain, on that stretch, of the best of as many random proposals.
    """

    refiner: str
    model: str
    forecasts: int
    rounds: int
    calls: int
    tokens: int
    stop: str
    unavailable: str = ""
    proposals: tuple[Proposal, ...] = ()
    strategy: str = ""
    gain: float | None = None
    random_gain: float | None = None

    @property
    def net_gain(self) -> float | None:
        """The gain less that of the best of as many random proposals."""
        if self.gain is None or self.random_gain is None:
            return None
        return self.gain - self.random_gain


def episode_outcomes(outputs: GameOutputs) -> tuple[RevealedForecast, ...]:
    """Return the scored forecasts of a game that is over, as a refiner is given them.

    They are the forecasts as they were issued, so the game should be one without hits: a refiner
    is to learn what the team gets wrong, not what an adversary made of it.

    Args:
        outputs: Game with its full record.

    Returns:
        Forecasts of the first horizon whose target has come, in the order of their origins.
    """
    horizon = outputs.config.horizons[0]
    states = {step.observation.t: step.observation for step in outputs.steps}
    return tuple(
        RevealedForecast(
            states[one.issued.origin], horizon, one.issued.actions, one.issued.forecast, one.target
        )
        for one in outputs.scored
        if one.issued.horizon == horizon and one.issued.origin in states
    )


def refinement_summary(report: RefinementReport) -> str:
    """Return the proposals, the end and the gain of a refinement, in a line.

    >>> refinement_summary(RefinementReport("r", "m", 40, 0, 0, 0, "no model", "no server there"))
    'refiner r: no server there; nothing was refined'
    """
    if report.unavailable:
        return f"refiner {report.refiner}: {report.unavailable}; nothing was refined"
    counts = {
        name: sum(one.decision == name for one in report.proposals)
        for name in ("accepted", "rejected", "refused")
    }
    told = ", ".join(f"{n} {name}" for name, n in counts.items())
    text = f"refiner {report.refiner}: {len(report.proposals)} proposals ({told}); "
    text += f"ended by: {report.stop}"
    if report.gain is not None and report.random_gain is not None:
        text += (
            f"; sealed periods: gain {report.gain:+.4f}, net of the best random proposals "
            f"{report.gain - report.random_gain:+.4f} standard deviations"
        )
    return text


def proposal_table(proposals: Sequence[Proposal]) -> str:
    """Return proposals as a table of text, a line each.

    >>> print(proposal_table([Proposal(1, 2, "", "refused", "not JSON")]))
    round  no.  strategy  decision  training  validation  random  clamped  why
        1    2  -         refused          -           -       -        -  not JSON
    """
    heads = (
        *("round", "no.", "strategy", "decision"),
        *("training", "validation", "random", "clamped", "why"),
    )
    rows = [
        (
            *(str(one.round), str(one.number), one.strategy or "-", one.decision),
            *map(_figure, (one.training, one.validation, one.random)),
            "-" if one.clamped is None else f"{one.clamped:.0%}",
            one.why,
        )
        for one in proposals
    ]
    widths = [max(len(row[k]) for row in (heads, *rows)) for k in range(len(heads))]
    left = (2, 3, len(heads) - 1)
    return "\n".join(
        "  ".join(
            text.ljust(width) if k in left else text.rjust(width)
            for k, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (heads, *rows)
    )


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:+.4f}"
