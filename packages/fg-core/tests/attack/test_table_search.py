"""The search by tables against the exact solution, and what it promises of any losses."""

import numpy as np
import pytest

from fg_core.attack import best_hits, probes, table_search, within_budget

HITS = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
NONE = 2
BUDGETS = (2.0, 4.0, 7.0)


def found_by(losses, rounds, seed=0, steps=2):
    """Play a search against a function from places to losses of rounds."""
    constant = np.repeat(np.arange(HITS.size)[:, np.newaxis], rounds, axis=1)
    first = np.concatenate([constant, probes(rounds, HITS.size, NONE, 4)])
    costs = np.abs(HITS) * np.ones((rounds, 1))
    search = table_search(first, losses(first), costs, HITS, BUDGETS, steps=steps, seed=seed)
    played = [first]
    asked = next(search)
    while True:
        played.append(asked)
        try:
            asked = search.send(losses(asked))
        except StopIteration as end:
            return end.value, np.concatenate(played), costs


@pytest.mark.parametrize("seed", range(3))
def test_it_is_exact_where_rounds_separate(seed):
    table = np.random.default_rng(seed).normal(size=(20, HITS.size)) ** 2
    table[:, NONE] = 0.5
    found, played, costs = found_by(lambda places: table[np.arange(20), places], 20, seed)
    for one, budget in zip(found, BUDGETS, strict=True):
        exact = best_hits(table - table[:, [NONE]], costs, HITS, budget)
        assert one.loss == pytest.approx(table[np.arange(20), exact].sum())
        assert np.array_equal(played[one.number], one.places)


def test_it_keeps_to_budgets_and_takes_the_worst_of_all_that_was_played():
    table = np.random.default_rng(7).normal(size=(24, HITS.size)) ** 2

    def losses(places):
        # Defenders grow wary: each hit takes away from the next ones.
        hit = places != NONE
        return table[np.arange(24), places] / (1.0 + 0.5 * (hit.cumsum(axis=1) - hit))

    found, played, costs = found_by(losses, 24)
    allowed = [
        (within_budget(played, costs, HITS, b) == played).all(axis=1).nonzero()[0] for b in BUDGETS
    ]
    totals = losses(played).sum(axis=1)
    for one, within in zip(found, allowed, strict=True):
        assert one.number in within
        assert one.played == within.size
        assert one.loss == totals[within].max() == totals[one.number]
    assert found[0].loss <= found[1].loss <= found[2].loss
    # What the table alone promises is worse for the adversary than what its corrections find.
    once, _, _ = found_by(losses, 24, steps=1)
    assert found[2].loss >= once[2].loss
