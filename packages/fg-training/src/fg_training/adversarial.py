"""Training against adversaries, one side at a time.

Robust adversarial training (Pinto et al. 2017, arXiv:1703.02702) alternates: the team learns while
the adversary stands still, then the adversary while the team does. Against the *last* opponent
alone that goes round in circles; against a pool of all past ones (fictitious play: Brown 1951;
Robinson 1951, doi:10.2307/1969530) the mean policy goes to an equilibrium.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_core.errors import ConfigError
from fg_core.rng import check_seed, uniform_block

from . import _kernels
from .schedules import SHORT, LearningRates
from .tabled_game import TabledGame

__all__ = ["AdversarialEpoch", "AdversarialTraining", "EpochRecord", "RADversarialTrainer"]

Array = NDArray[np.float64]
_OPPONENTS = ("last", "uniform", "worst")


@dataclass(frozen=True)
class AdversarialEpoch:
    """What one epoch of both sides has come to.

    Args:
        epoch: number of the epoch, from 1.
        nash_conv: what both sides would gain against the mean policies of the other.
        last_nash_conv: alike, against the last policies.
        worst_loss: loss of the mean policy under its worst hits within the budget.
        loss: loss of the mean policy under the adversary of this epoch.
        cost: expected cost of that adversary's hits.
        td_error: mean absolute temporal difference of the defender's learning; 0 where it responds
            exactly.
    """

    epoch: int
    nash_conv: float
    last_nash_conv: float
    worst_loss: float
    loss: float
    cost: float
    td_error: float


@dataclass(frozen=True)
class EpochRecord:
    """An epoch of exact responses as it stands in a learning curve: figures per round of the game.

    Args:
        episode: number of the epoch, from 1.
        average_worst_loss: loss of the mean policy under its worst hits within the budget.
        nash_conv: what both sides would gain against the mean policies of the other.
        last_nash_conv: alike, against the last policies.
        cost: expected cost of the hits of this epoch.
    """

    episode: int
    average_worst_loss: float
    nash_conv: float
    last_nash_conv: float
    cost: float

    @classmethod
    def of(cls, epoch: AdversarialEpoch, rounds: int) -> EpochRecord:
        """Return the record of an epoch of a game with so many rounds."""
        totals = epoch.worst_loss, epoch.nash_conv, epoch.last_nash_conv, epoch.cost
        return cls(epoch.epoch, *(total / rounds for total in totals))


@dataclass(frozen=True, eq=False)
class AdversarialTraining:
    """What training came to.

    Args:
        policy: mean of the defender's policies, shape (cell, doubt): what is to be played.
        hits: mean of the adversary's, shape (round, hit).
        last_policy: defender's last policy.
        last_hits: adversary's last.
        curve: epochs, first to last.
        coverage: share of the cells that the mean adversary leads to.
    """

    policy: Array
    hits: Array
    last_policy: Array
    last_hits: Array
    curve: tuple[AdversarialEpoch, ...]
    coverage: float


@dataclass(frozen=True)
class RADversarialTrainer:
    """Epochs of a defender and of an adversary within its budget, one side frozen in each.

    The adversary responds exactly, since its best response is known (`TabledGame.worst_hits`). The
    defender does so too, or learns by Q-learning from sampled rounds.

    Args:
        opponents: which adversaries of the past the defender trains against: "uniform", all alike;
            "worst", the `worst_k` that cost its mean policy most; "last", the last one alone, which
            does not converge. The adversary trains against the mean defender, or with "last"
            against the last one.
        worst_k: number of adversaries of "worst".
        steps: sampled rounds of the defender's learning in each epoch; 0: it responds exactly.
        exploration: share of doubts at random while it learns.
        rates: rates of its learning.
        seed: seed of the sampled rounds.

    Raises:
        ConfigError: A setting out of its range.

    >>> game = TabledGame.of_matrix([[3, -1], [-2, 1]])
    >>> found = RADversarialTrainer().train(game, epochs=200)
    >>> found.curve[-1].nash_conv < 0.05
    True
    >>> found.policy.round(1).tolist()
    [[0.4, 0.6]]
    """

    opponents: str = "uniform"
    worst_k: int = 5
    steps: int = 0
    exploration: float = 0.1
    rates: LearningRates = SHORT
    seed: int = 0

    def __post_init__(self) -> None:
        if self.opponents not in _OPPONENTS:
            raise ConfigError(
                f"opponents must be one of {', '.join(_OPPONENTS)}, got {self.opponents!r}"
            )
        if self.worst_k < 1 or self.steps < 0:
            raise ConfigError("worst_k must be at least 1 and steps at least 0")
        if not 0.0 <= self.exploration <= 1.0:
            raise ConfigError(f"exploration must be from 0 to 1, got {self.exploration!r}")
        check_seed(self.seed)

    def train(
        self,
        game: TabledGame,
        *,
        epochs: int,
        on_epoch: Callable[[AdversarialEpoch], None] | None = None,
    ) -> AdversarialTraining:
        """Train both sides.

        Args:
            game: game that is played.
            epochs: epochs of each side, at least 1.
            on_epoch: called with what each epoch has come to when it is over.

        Returns:
            Mean and last policies, and a curve with a full evaluation of every epoch.

        Raises:
            ConfigError: No epochs.
        """
        if epochs < 1:
            raise ConfigError(f"epochs must be at least 1, got {epochs!r}")
        policy = np.full((game.n_cells, game.n_doubts), 1.0 / game.n_doubts)
        mean_policy = policy.copy()
        hits = game.worst_hits(policy)
        mean_hits = hits.copy()
        past = [hits]
        q = np.zeros_like(policy)
        visits = np.zeros(game.n_cells)
        curve: list[AdversarialEpoch] = []
        for epoch in range(1, epochs + 1):
            against = self._opponent(game, past, mean_hits, mean_policy)
            error = 0.0
            if self.steps:
                policy, error = self._learned(game, against, q, visits, epoch)
            else:
                policy = game.best_policy(against)
            mean_policy = mean_policy + (policy - mean_policy) / epoch
            hits = game.worst_hits(policy if self.opponents == "last" else mean_policy)
            if self.opponents == "worst":
                past.append(hits)
            else:
                past = [hits]
            mean_hits = mean_hits + (hits - mean_hits) / (epoch + 1)
            curve.append(
                AdversarialEpoch(
                    epoch,
                    game.nash_conv(mean_policy, mean_hits),
                    game.nash_conv(policy, hits),
                    game.loss(mean_policy, game.worst_hits(mean_policy)),
                    game.loss(mean_policy, hits),
                    float((hits * game.costs).sum()),
                    error,
                )
            )
            if on_epoch is not None:
                on_epoch(curve[-1])
        seen = np.zeros(game.n_cells, dtype=np.bool_)
        seen[game.cells[mean_hits > 0.0]] = True
        return AdversarialTraining(
            mean_policy, mean_hits, policy, hits, tuple(curve), float(seen.mean())
        )

    def _opponent(
        self, game: TabledGame, past: list[Array], mean_hits: Array, mean_policy: Array
    ) -> Array:
        """Return what the defender trains against: a mean of adversaries is one of them again."""
        if self.opponents == "uniform":
            return mean_hits
        if self.opponents == "last":
            return past[-1]
        by_hit = game.loss_of_hits(mean_policy)
        ordered = sorted(past, key=lambda hits: -float((hits * by_hit).sum()))
        return np.asarray(np.mean(ordered[: self.worst_k], axis=0))

    def _learned(
        self, game: TabledGame, against: Array, q: Array, visits: Array, epoch: int
    ) -> tuple[Array, float]:
        """Learn values on from where they are; return the greedy policy and the mean error."""
        blocks = -(-self.steps // 64)
        draws = [
            uniform_block(self.seed, "adversarial", who, 0, blocks, epoch, 0).ravel()[: self.steps]
            for who in ("round", "adversary", "defender")
        ]
        rounds = (draws[0] * game.losses.shape[0]).astype(np.intp)
        passed = draws[1][:, None] >= np.cumsum(against, axis=1)[rounds]
        chosen = np.minimum(passed.sum(axis=1), against.shape[1] - 1)
        cells = game.cells[rounds, chosen]
        total = 0.0
        n = game.n_doubts
        flat = q.ravel()
        for cell, row, uniform in zip(
            cells.tolist(), game.losses[rounds, chosen].tolist(), draws[2].tolist(), strict=True
        ):
            policy = [0.0] * n
            policy[int(q[cell].argmax())] = 1.0
            action = _kernels.pick(
                policy, 0, n, 1.0 - self.exploration, self.exploration / n, uniform
            )
            rate = self.rates.value.at(float(visits[cell]))
            total += abs(_kernels.value_row(flat, cell * n + action, rate, -row[action]))
            visits[cell] += 1.0
        greedy = np.eye(n)[q.argmax(axis=1)]
        return np.where(visits[:, None] > 0.0, greedy, 1.0 / n), total / self.steps
