"""Actions of agents, and the messages between them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from numbers import Real
from typing import Any

from .alternatives import SUMMARY_TOLERANCE, Alternative, check_alternatives, summary_of
from .distributions import StatedDistribution
from .errors import AgentError
from .frozen import FrozenMapping, frozen_mapping

__all__ = ["AgentAction", "AgentMessage"]

_MOMENT_TOLERANCE = 1e-6
"""Relative error of a stated scale beside the distribution that it should belong to."""

_NO_HITS: FrozenMapping[str, float] = frozen_mapping()


@dataclass(frozen=True)
class AgentAction:
    """Action of one agent in one round.

    Who acts decides what the numbers mean:

    * a forecaster: `delta` is the expected change of the series over the horizon, `scale` the
      standard deviation of that forecast (None: the aggregator uses the errors it has seen);
    * an adversary: `delta` is what it adds to the value before others see it, and `context` what
      it adds to context columns of the same period;
    * a defender: `delta` is how far it would move the print, `p_bad` how probable it thinks that
      the print is bad (None means 1, a plain correction) and `scale` the standard deviation of
      the value that it would put in its place (None means 0). A defender that doubts earlier
      prints as well lists `alternatives`; the three numbers are then what they say of the newest
      print.

    Args:
        actor: Name of the agent.
        delta: Change, in the unit of the series; must be finite.
        scale: Standard deviation of the change, at least 0, in the unit of the series.
        p_bad: Probability that the print is bad, in [0, 1].
        shape: Distribution of the target's value that a forecaster states; None: a normal.
            `delta` and `scale` are then its mean, less the last value, and its standard deviation,
            so that a pool which knows moments alone still works. `stating` computes both; a scale
            that is left out is computed as well.
        alternatives: Exclusive hypotheses of a defender about which unsettled prints are false
            (see `fg_core.alternatives`); empty: it doubts the newest print alone. `doubting`
            computes the other numbers from them; a `p_bad` or a scale that is left out is computed
            as well.
        context: Changes that an adversary makes to context columns, by column, in the unit of the
            column; must be finite. Other agents have no use for it.

    Raises:
        AgentError: A number is missing, not finite or outside its range, the scale is not that of
            the shape, `delta`, `p_bad` and `scale` are not those of the alternatives, or the
            context is no mapping from names.

    >>> AgentAction("gate", -0.8, scale=0.3, p_bad=0.9).p_bad
    0.9
    >>> AgentAction("liar", 0.0, context={"unemployment": -0.2}).context["unemployment"]
    -0.2
    """

    actor: str
    delta: float
    _: KW_ONLY
    scale: float | None = None
    p_bad: float | None = None
    shape: StatedDistribution | None = None
    alternatives: tuple[Alternative, ...] = ()
    context: Mapping[str, float] = _NO_HITS

    def __post_init__(self) -> None:
        # Nearly every number is a float; the slower look at the others is for the edges.
        if type(self.delta) is not float:
            _check_number(self.actor, "delta", self.delta)
        if self.scale is not None and type(self.scale) is not float:
            _check_number(self.actor, "scale", self.scale)
        if self.p_bad is not None and type(self.p_bad) is not float:
            _check_number(self.actor, "p_bad", self.p_bad)
        if not math.isfinite(self.delta):
            raise AgentError(
                f"agent {self.actor!r} returned a delta of {self.delta}: finite wanted"
            )
        if self.scale is not None and not (math.isfinite(self.scale) and self.scale >= 0.0):
            raise AgentError(f"agent {self.actor!r} returned a scale of {self.scale}: >= 0 wanted")
        if self.p_bad is not None and not 0.0 <= self.p_bad <= 1.0:
            raise AgentError(f"agent {self.actor!r} returned p_bad = {self.p_bad}: [0, 1] wanted")
        if self.shape is not None:
            self._check_shape(self.shape)
        if self.alternatives != ():
            self._check_alternatives()
        if self.context is not _NO_HITS:
            object.__setattr__(self, "context", self._checked_context(self.context))

    def _checked_context(self, context: Any) -> Mapping[str, float]:
        if not isinstance(context, Mapping) or not all(isinstance(name, str) for name in context):
            raise AgentError(
                f"agent {self.actor!r} returned a context of {context!r}: it must be a mapping "
                "from names of columns to what is added to them"
            )
        for name, number in context.items():
            _check_number(self.actor, f"hit on context column {name!r}", number)
            if not math.isfinite(number):
                raise AgentError(
                    f"agent {self.actor!r} returned a hit of {number} on context column {name!r}: "
                    "it must be finite"
                )
        return frozen_mapping({name: float(number) for name, number in context.items()})

    def _check_shape(self, shape: StatedDistribution) -> None:
        if not isinstance(shape, StatedDistribution):
            raise AgentError(
                f"agent {self.actor!r} returned a shape of type {type(shape).__name__}: a "
                "StatedDistribution is wanted"
            )
        if self.scale is None:
            object.__setattr__(self, "scale", shape.scale)
        elif not math.isclose(
            self.scale, shape.scale, rel_tol=_MOMENT_TOLERANCE, abs_tol=1e-12 * abs(shape.mean)
        ):
            raise AgentError(
                f"agent {self.actor!r} returned a scale of {self.scale} with a distribution of "
                f"scale {shape.scale}: leave the scale out, it follows from the distribution"
            )

    def _check_alternatives(self) -> None:
        check_alternatives(self.actor, self.alternatives)
        given = (self.delta, self.p_bad, self.scale)
        numbers = summary_of(self.alternatives)
        size = max([abs(one.delta * one.pattern[0]) + one.scale for one in self.alternatives])
        for what, own, number in zip(("delta", "p_bad", "scale"), given, numbers, strict=True):
            unit = 1.0 if what == "p_bad" else size
            if own is not None and abs(own - number) > SUMMARY_TOLERANCE * unit:
                raise AgentError(
                    f"agent {self.actor!r} returned a {what} of {own} with alternatives that say "
                    f"{number} of the newest print: use AgentAction.doubting"
                )
            object.__setattr__(self, what, number)

    def __repr__(self) -> str:
        more = "" if self.shape is None else f", shape={self.shape!r}"
        if self.alternatives:
            more += f", alternatives={self.alternatives!r}"
        if self.context:
            more += f", context={dict(self.context)!r}"
        return (
            f"AgentAction(actor={self.actor!r}, delta={self.delta!r}, scale={self.scale!r}, "
            f"p_bad={self.p_bad!r}{more})"
        )

    @classmethod
    def stating(cls, actor: str, value: float, shape: StatedDistribution) -> AgentAction:
        """Return the action of a forecaster that states a distribution.

        Args:
            actor: Name of the agent.
            value: Last value, `state.value`, in the unit of the series.
            shape: Distribution of the value that is forecast.

        >>> from fg_core.distributions import NormalPart
        >>> AgentAction.stating("mine", 10.0, StatedDistribution(NormalPart(12.0, 3.0))).delta
        2.0
        """
        return cls(actor, shape.mean - value, scale=shape.scale, shape=shape)

    @classmethod
    def doubting(cls, actor: str, alternatives: Iterable[Alternative]) -> AgentAction:
        """Return the action of a defender that lists alternatives.

        Args:
            actor: Name of the agent.
            alternatives: Exclusive hypotheses about which unsettled prints are false; none: it
                doubts nothing.

        Raises:
            AgentError: An alternative is out of range, or they sum to more than one.

        >>> both = AgentAction.doubting("mine", [Alternative(0.4, -2.0, (1.0, 1.0), scale=0.5)])
        >>> both.delta, both.p_bad, both.scale
        (-2.0, 0.4, 0.5)
        """
        listed = tuple(alternatives)
        if not listed:
            return cls(actor, 0.0, scale=0.0, p_bad=0.0)
        check_alternatives(actor, listed)
        delta, p_bad, scale = summary_of(listed)
        return cls(actor, delta, scale=scale, p_bad=p_bad, alternatives=listed)


def _check_number(actor: str, what: str, number: object) -> None:
    if isinstance(number, bool) or not isinstance(number, Real):
        raise AgentError(f"agent {actor!r} returned a {what} of {number!r}: a number is wanted")


@dataclass(frozen=True)
class AgentMessage:
    """A remark that one part of the game leaves in the record for another, or for a reader.

    >>> AgentMessage("gate", "forecasters", "print doubted, p_bad = 0.93").sender
    'gate'
    """

    sender: str
    receiver: str
    payload: str
