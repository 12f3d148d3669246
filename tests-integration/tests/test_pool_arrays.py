"""The aggregators of fg_agents and the array functions of fg_core say the same, bit for bit."""

import numpy as np
import pytest

from fg_agents import BayesianAggregator, EnsembleAggregatorAgent
from fg_core import AgentAction, ForecastState, TrainingWindow
from fg_core.pooling import (
    ScaleRule,
    bayes_weights,
    discounted_add,
    equal_weights,
    forget,
    normalise,
    rank_weights,
    reward_weights,
)
from fg_core.pooling.weights import forgotten
from fg_core.protocols import RevealedForecast
from fg_core.scoring import crps_gaussian, log_score_gaussian

GAMES, ROUNDS, K = 25, 40, 3
NAMES = ("a", "b", "c")
WINDOW = TrainingWindow(np.array([1.0, 2.0, 1.0, 3.0]))
VALUE = 4.0


def draws():
    rng = np.random.default_rng(31)
    deltas = rng.normal(0, 1, (ROUNDS, GAMES, K))
    scales = rng.uniform(0.5, 2.0, (ROUNDS, GAMES, K))
    targets = VALUE + rng.standard_t(4, (ROUNDS, GAMES))
    return deltas, scales, targets


def one_by_one(agent, deltas, scales, targets):
    state = ForecastState(0, VALUE, 0.0, 0.0)
    found = np.empty((ROUNDS, GAMES, K))
    for g in range(GAMES):
        playing = agent.start(NAMES, WINDOW, (1,))
        for r in range(ROUNDS):
            found[r, g] = list(playing.weights(1).values())
            said = tuple(
                AgentAction(n, float(d), scale=float(s))
                for n, d, s in zip(NAMES, deltas[r, g], scales[r, g], strict=True)
            )
            forecast = playing.aggregate(state, said)
            playing = playing.update(
                RevealedForecast(state, 1, said, forecast, float(targets[r, g]))
            )
    return found


def as_arrays(mode, deltas, scales, targets, *, alpha=1.0, floor=0.0, discount=0.95):
    rule = ScaleRule()
    shape = (GAMES, K)
    logs = np.full(shape, -np.log(K))
    total, count, loss, n_loss = (np.zeros(shape) for _ in range(4))
    found = np.empty((ROUNDS, GAMES, K))
    for r in range(ROUNDS):
        mean_loss = np.where(n_loss > 0, loss / np.maximum(n_loss, 1e-300), np.nan)
        if mode == "equal":
            found[r] = equal_weights(np.ones(shape, dtype=bool))
        elif mode == "rank":
            found[r] = normalise(np.log(rank_weights(mean_loss)))
        elif mode == "reward_proportional":
            typical = mean_loss.mean(axis=-1) if r else np.full(GAMES, 1.0)
            found[r] = normalise(np.log(reward_weights(-mean_loss, typical)))
        else:
            found[r], _ = forgotten(logs, alpha, floor)
        means, y = VALUE + deltas[r], targets[r][:, None]
        believed = scales[r] * rule.factor(total, count)
        prior = forget(logs, alpha, floor)
        logs = bayes_weights(prior, -log_score_gaussian(means, believed, y))
        total, count = discounted_add(
            total, count, rule.capped((y - means) / scales[r]), rule.discount
        )
        loss, n_loss = discounted_add(loss, n_loss, crps_gaussian(means, believed, y), discount)
    return found


@pytest.mark.parametrize(
    ("agent", "mode", "settings"),
    [
        (BayesianAggregator(), "bayesian", {}),
        (
            BayesianAggregator(alpha=0.95, floor=0.01),
            "bayesian",
            {"alpha": 0.95, "floor": 0.01},
        ),
        (EnsembleAggregatorAgent(), "equal", {}),
        (EnsembleAggregatorAgent(strategy="rank"), "rank", {}),
        (EnsembleAggregatorAgent(strategy="reward_proportional"), "reward_proportional", {}),
    ],
)
def test_one_game_at_a_time_equals_all_at_once(agent, mode, settings):
    data = draws()
    scalar, batch = one_by_one(agent, *data), as_arrays(mode, *data, **settings)
    assert (scalar == batch).all(), np.abs(scalar - batch).max()
    assert np.allclose(batch.sum(axis=-1), 1.0, atol=1e-12)
