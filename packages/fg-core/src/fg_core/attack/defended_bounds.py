r"""Upper bounds of a round's score behind a defense.

- *Clipping and dampening* move every print by a correction $\delta$ that is a known function of it:
  the forecast is that of the confirmed experts from $c = r + \delta(r)$. Weights do not move, means
  are linear in $c$, and scales are $(s^2 + g^2 \delta^2)^{1/2}$ with the sensitivity $g$ of the
  mean.
- *The innovation gate* mixes the forecast that uses the print with one that does not; see
  `gate_bounds`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from fg_core.agents import DefenderAgent
from fg_core.defenses import Clipping, Dampening, InnovationGate, NoDefense
from fg_core.game import ForecastGame
from fg_core.protocols import Defender, World
from fg_core.registry import AgentRegistry
from fg_core.resolution import nearest_decimal
from fg_core.scoring._kernels import mixture_crps
from fg_core.state import ForecastState

from .enclosures import Course, Interval, crps_tents, product
from .forecaster_courses import unfollowed
from .gate_bounds import PlayedGate
from .played_hits import PlayedHits, play_hits
from .score_bounds import ScoreBounds, bounds_by_tents, unpooled

__all__ = ["BehindDefense", "corrects", "defended_bounds", "undefendable"]

Array = NDArray[np.float64]
_CLOSE = 1e-6
_NEXT = "defenses judge prints one step ahead: let horizons have 1"


def undefendable(defenders: Sequence[Defender]) -> list[str]:
    """Return why a certificate cannot say what defenders do, in words; empty: it can.

    Args:
        defenders: Defenders of a game.

    Returns:
        One sentence per reason.

    >>> undefendable([DefenderAgent(Clipping())]), len(undefendable([DefenderAgent()] * 2))
    ([], 1)
    """
    if len(defenders) > 1:
        return ["several defenders play: what they do together is not bounded"]
    known = (NoDefense, Clipping, Dampening, InnovationGate)
    return [
        f"what defender {one.name!r} does to a print is not bounded"
        for one in defenders
        if type(one) is not DefenderAgent or type(one.defense) not in known
    ]


def corrects(defenders: Sequence[Defender]) -> bool:
    """Return whether a defender moves every print, so that no provisional refit is forecast from.

    Args:
        defenders: Defenders of a game.
    """
    return any(
        isinstance(one, DefenderAgent) and isinstance(one.defense, Clipping | Dampening)
        for one in defenders
    )


@dataclass(frozen=True, eq=False)
class BehindDefense:
    """Games behind a defense, by horizon.

    Args:
        agent: Defender that plays; None: there is none.
        played: Forecasts by hit behind it; those without a hit alone where the gate plays.
        gate: What is known of the innovation gate; None: it does not play, or horizons leave out
            the next round.
    """

    agent: DefenderAgent | None
    played: Mapping[int, PlayedHits]
    gate: PlayedGate | None = None

    @classmethod
    def of(
        cls,
        game: ForecastGame,
        initial: ForecastState,
        world: World,
        rounds: int | None,
        undefended: Mapping[int, PlayedHits],
    ) -> BehindDefense:
        """Play what has to be known of a game's defense, none of it in `undefendable`.

        Args:
            game: Game with its defenders.
            initial: State that the game begins in.
            world: Record that it is played on.
            rounds: Number of rounds.
            undefended: Forecasts by horizon and hit, played without defenders.

        Returns:
            Games behind the defense.
        """
        defenders = game.registry.defenders
        agent = cast(DefenderAgent, defenders[0]) if defenders else None
        if agent is None or isinstance(agent.defense, NoDefense):
            return cls(None, undefended)
        if not isinstance(agent.defense, InnovationGate):
            grid = next(iter(undefended.values())).nominal
            return cls(agent, play_hits(game, initial, world, grid, rounds, defenders))
        first = undefended.get(1)
        if first is None:
            return cls(agent, undefended, None)
        gate = PlayedGate.of(game, initial, world, rounds, first, _expected(first))
        return cls(agent, gate.clean, gate)


def defended_bounds(
    registry: AgentRegistry,
    behind_all: BehindDefense,
    played: Mapping[int, PlayedHits],
    horizon: int,
    empty: NDArray[np.bool_],
    decimals: int | None,
    undefended: ScoreBounds,
    reasons: Sequence[str],
    *,
    budgets: Array,
    cap: float,
    first_round: int,
) -> tuple[Array, list[ScoreBounds], list[str]]:
    """Return scores without an attack and bounds of them with one, behind a defense.

    Args:
        registry: Agents of the game.
        behind_all: Games behind the defense.
        played: Forecasts by horizon and hit, played without defenders.
        horizon: Horizon, in rounds.
        empty: Whether no hit that the resolution allows is within a cell, shape (round, cell).
        decimals: Resolution of the record; None: it has none.
        undefended: Bounds without defenders.
        reasons: Why there are none without defenders, in words.
        budgets: Units that may be spent, shape (budget,), in step scales.
        cap: Largest hit, in step scales.
        first_round: First round that may be hit.

    Returns:
        Scores, shape (round,); bounds by budget, or one for all; and why there are none, in words.
    """
    one, behind, agent = played[horizon], behind_all.played[horizon], behind_all.agent
    clean = behind.scores[:, behind.none]
    if agent is None:
        return clean, [undefended], list(reasons)
    if isinstance(agent.defense, InnovationGate):
        if behind_all.gate is None:
            return clean, [undefended], [*reasons, _NEXT]
        if reasons:
            return clean, [undefended], list(reasons)
        gate = [
            behind_all.gate.bounds(undefended, one, float(b), cap, first_round) for b in budgets
        ]
        return clean, gate, []
    why = unfollowed(registry.forecasters, horizon, refits=False)
    why += unpooled(registry.aggregator, one)
    if 1 not in played:
        why.append(_NEXT)
    if why and not empty.all():
        return clean, [undefended], why
    if empty.all():
        nowhere = np.full(empty.shape, np.inf)
        return clean, [bounds_by_tents(behind, behind.points[:, 1:], nowhere, empty)], []
    assert isinstance(agent.defense, Clipping | Dampening)
    found = _corrected(agent.defense, behind, played[1], empty)
    if found is None:
        return clean, [undefended], [f"defense {agent.defense.name!r} does not correct as it says"]
    met = _meets(played[1], decimals)
    if not met.any():
        return clean, [found], []
    # A print that is exactly what was forecast is used, and its forecast is the undefended one.
    expected = _expected(played[1])
    cell = np.minimum((one.points[:, 1:] < expected[:, np.newaxis]).sum(axis=1), empty.shape[1] - 1)
    used = undefended.cells[np.arange(cell.size), cell]
    sizes = np.abs(expected - one.points[:, one.none]) / one.step_scale
    found = found.with_corners(
        np.where(met, sizes, 0.0)[:, np.newaxis],
        np.where(met, used, clean)[:, np.newaxis],
    )
    return clean, [found], list(reasons)


def _expected(first: PlayedHits) -> Array:
    """Return the predictive mean of each print, shape (round,); NaN in the first round."""
    found = np.full(first.points.shape[0], np.nan)
    n = first.deltas.shape[-1]
    means = first.points[:, first.none, np.newaxis] + first.deltas[:, first.none]
    mean = (first.weights[:, first.none, :n] * means).sum(axis=-1)
    found[1:] = mean[:-1]
    return found


def _meets(first: PlayedHits, decimals: int | None) -> NDArray[np.bool_]:
    """Return in which rounds a print within the cap may be exactly what was forecast."""
    expected = _expected(first)
    within = (first.points[:, 0] <= expected) & (expected <= first.points[:, -1])
    if decimals is None:
        return np.asarray(within)
    near = nearest_decimal(expected, decimals)
    return np.asarray(within & (np.abs(expected - near) <= 1e-9 * (1.0 + np.abs(near))))


def _corrected(
    defense: Clipping | Dampening, behind: PlayedHits, first: PlayedHits, empty: NDArray[np.bool_]
) -> ScoreBounds | None:
    """Return bounds behind a correction that is a function of the print alone."""
    n = behind.deltas.shape[-1]
    x, error = behind.points, behind.points - _expected(first)[:, np.newaxis]
    if isinstance(defense, Dampening):
        delta, pace = -defense.share * error, np.full(np.diff(x).shape, -defense.share)
        paces = Interval.at(pace)
    else:
        limit = defense.limit * behind.step_scale
        delta = np.clip(-error, -limit, limit)
        inside = (error > -limit) & (error < limit)
        moves = inside[:, :-1] | inside[:, 1:] | (error[:, :-1] * error[:, 1:] <= 0.0)
        stays = ~(inside[:, :-1] & inside[:, 1:])
        paces = Interval(np.where(moves, -1.0, 0.0), np.where(stays, 0.0, -1.0))
    corrected = x + delta
    means, scales, weights = (
        one[..., n:].copy() for one in (behind.means, behind.scales, behind.weights)
    )
    used = weights.sum(axis=-1) == 0.0
    rows, at = np.arange(x.shape[0]), np.abs(corrected - corrected[:, :1]).argmax(axis=1)
    # Two points with a correction, as far apart as there are, say how means move.
    first_at = np.argmax(~used, axis=1)
    run = corrected[rows, at] - corrected[rows, first_at]
    rise = means[rows, at] - means[rows, first_at]
    gain = np.divide(
        rise, run[:, np.newaxis], out=np.zeros_like(rise), where=run[:, np.newaxis] != 0
    )
    line = (
        means[rows, first_at][:, np.newaxis]
        + gain[:, np.newaxis]
        * (corrected - corrected[rows, first_at][:, np.newaxis])[..., np.newaxis]
    )
    spread = (gain[:, np.newaxis] * delta[..., np.newaxis]) ** 2
    own = scales[rows, first_at] ** 2 - spread[rows, first_at]
    wide = np.sqrt(np.maximum(own[:, np.newaxis] + spread, 0.0))
    shares = np.broadcast_to(weights[rows, first_at][:, np.newaxis], weights.shape)
    judged = ~used & ~np.isnan(behind.scores)
    for claimed, seen in ((line, means), (wide, scales), (shares, weights)):
        size = np.abs(seen[judged]).max(initial=1e-300)
        if (np.abs(claimed - seen)[judged] > _CLOSE * size).any():
            return None
    cell = (..., np.newaxis)
    width = np.diff(x)
    pace_of_mean = product(
        Interval.at(gain[:, np.newaxis]), Interval(1.0 + paces.low[cell], 1.0 + paces.high[cell])
    )
    deltas = Course(delta[cell], Interval(paces.low[cell], paces.high[cell]))
    square = product(deltas.range(width), deltas.slope)
    pace_of_square = product(Interval.at(gain[:, np.newaxis] ** 2), square)
    least = np.sqrt(np.maximum(own, 1e-300))[:, np.newaxis]
    most = np.maximum(wide[:, :-1], wide[:, 1:])
    pace_of_scale = product(pace_of_square, Interval(1.0 / np.maximum(most, least), 1.0 / least))
    still = Interval.at(np.zeros((*width.shape, n)))
    scores = np.where(
        used, mixture_crps(shares, line, wide, behind.targets[:, np.newaxis]), behind.scores
    )
    filled = replace(behind, scores=scores)
    places, heights = crps_tents(
        x,
        behind.targets,
        scores,
        Course(shares, still),
        Course(line, pace_of_mean),
        Course(wide, pace_of_scale),
    )
    found = bounds_by_tents(filled, places, heights, empty)
    return found.with_corners(np.abs(behind.hits), behind.scores)
