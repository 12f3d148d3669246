import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fg_core import ConfigError, InnovationGate
from fg_core.pooling.scale import ScaleRule
from fg_core.testing import check_defense

GATE = InnovationGate()
positive = st.floats(1e-3, 1e3)
errors = st.floats(-50.0, 50.0)
reveals = st.lists(st.tuples(errors, errors), max_size=12)


def taught(gate, pairs, scale=1.0):
    memory = gate.start()
    for revision, surprise in pairs:
        memory = gate.learn(memory, revision, surprise, scale, 1.5)
    return memory


def test_conforms():
    check_defense(GATE)


@given(errors, st.floats(0.05, 20), st.floats(0.05, 20), reveals)
def test_doubt_is_bayes_rule(e, stated_scale, step, pairs):
    memory = taught(GATE, pairs)
    found = GATE.doubt(memory, e, stated_scale, step)
    scale = float(GATE.factor(memory)) * stated_scale
    rate, q = float(GATE.rate(memory)), float(GATE.learned_tail_share(memory))
    width = np.hypot(scale, GATE.outlier_scale * step)
    good = (1 - q) * stats.norm.pdf(e, 0, scale) + q * stats.norm.pdf(e, 0, 5 * scale)
    false = rate * stats.cauchy.pdf(e, 0, width)
    assert found.p_bad == pytest.approx(false / (false + (1 - rate) * good), rel=1e-9)
    assert (found.delta, found.scale) == (-e, pytest.approx(scale))


@given(reveals, st.floats(0.1, 10))
def test_what_is_learned_is_a_discounted_count_over_a_prior(pairs, stated_scale):
    gate = InnovationGate(
        prior=0.1,
        prior_weight=3.0,
        forgetting=0.9,
        tail_share=0.05,
        tail_weight=6.0,
        rescaling=ScaleRule(discount=0.8, prior=2.0, cap=16.0, lowest=0.1, highest=9.0),
    )
    memory = gate.start()
    badness, rough, squares = [], [], []

    def discounted(start, weight, terms, discount):
        ages = range(len(terms) - 1, -1, -1)
        total = math.fsum(discount**k * x for k, x in zip(ages, terms, strict=True))
        return (weight * start + total) / (weight + math.fsum(discount**k for k in ages))

    for revision, surprise in [*pairs, (0.0, 0.0)]:
        f = math.sqrt(discounted(1.0, 2.0, squares, 0.8))
        f = min(max(f, 0.1), 9.0)
        q = discounted(0.05, 6.0, rough, 0.8)
        assert gate.factor(memory) == pytest.approx(f)
        assert gate.learned_tail_share(memory) == pytest.approx(q)
        assert gate.rate(memory) == pytest.approx(discounted(0.1, 3.0, badness, 0.9))
        memory = gate.learn(memory, revision, surprise, stated_scale, 1.5)
        scale = f * stated_scale
        badness.append(revision**2 / (revision**2 + scale**2))
        logs = stats.norm.logpdf(surprise, 0, [scale, 5 * scale]) + np.log([1 - q, q])
        rough.append(float(np.exp(logs[1] - np.logaddexp(*logs))))
        squares.append(min((surprise / stated_scale) ** 2, 16.0))


@given(positive, positive, reveals)
def test_no_surprise_is_large_enough_to_be_believed(stated_scale, step, pairs):
    memory = taught(GATE, pairs)
    scale = float(GATE.factor(memory)) * stated_scale
    # Where the turmoil ends, whatever has been learned, more surprise is never less doubt.
    sizes = scale * np.geomspace(math.sqrt(2.0) * GATE.tail_factor, 1e12, 200)
    p = GATE.doubt(memory, sizes, stated_scale, step).p_bad
    assert (np.diff(p) >= -1e-12).all()
    assert p[-1] == 1.0


@given(st.floats(1.25, 30.0))
def test_a_fresh_gate_doubts_a_larger_surprise_more(step):
    p = GATE.doubt(GATE.start(), np.linspace(0.0, 40.0, 400), 1.0, step).p_bad
    assert (np.diff(p) > -1e-12).all()
    assert 0.0 < p[0] < 0.02
    assert p[-1] > 0.99


@given(st.floats(0, 1e9), positive, positive, reveals)
def test_doubt_is_a_probability_and_symmetric(e, scale, step, pairs):
    memory = taught(GATE, pairs)
    mirrored = taught(GATE, [(-r, -u) for r, u in pairs])
    up, down = GATE.doubt(memory, e, scale, step), GATE.doubt(mirrored, -e, scale, step)
    assert 0.0 < up.p_bad <= 1.0
    assert up.p_bad == down.p_bad
    assert up.delta == -down.delta


def test_small_surprises_are_left_alone_and_large_ones_distrusted():
    p = [float(GATE.doubt(GATE.start(), e, 1.0, 1.5).p_bad) for e in (0.0, 1.0, 3.0, 20.0)]
    assert p == sorted(p)
    assert p[1] < 0.02
    assert p[3] > 0.9


@given(positive, st.floats(-20, 20), reveals)
def test_units_do_not_matter(unit, e, pairs):
    memory = taught(GATE, pairs)
    other = GATE.start()
    for r, u in pairs:
        other = GATE.learn(other, r * unit, u * unit, unit, 1.5 * unit)
    assert other == pytest.approx(memory, rel=1e-9, abs=1e-12)
    plain = GATE.doubt(memory, e, 1.0, 1.5)
    scaled = GATE.doubt(other, e * unit, unit, 1.5 * unit)
    assert scaled.p_bad == pytest.approx(plain.p_bad, rel=1e-6, abs=1e-12)


def test_caution_follows_the_revisions_revealed():
    calm = taught(GATE, [(0.0, 1.0)] * 60)
    hit = taught(GATE, [(5.0 if i % 4 == 0 else 0.0, 1.0) for i in range(60)])
    assert GATE.rate(calm) < 0.01 < GATE.rate(GATE.start()) < 0.15 < GATE.rate(hit) < 0.35
    # Nothing but the revisions was different.
    assert calm[1:] == hit[1:]
    faded = hit
    for _ in range(200):
        faded = GATE.learn(faded, 0.0, 1.0, 1.0, 1.5)
    assert GATE.rate(faded) < 0.01
    doubts = [float(GATE.doubt(m, 3.5, 1.0, 1.5).p_bad) for m in (calm, GATE.start(), hit)]
    assert doubts == sorted(doubts)
    assert doubts[0] < 0.2 < doubts[1] < 0.8 < doubts[2]


def test_turmoil_is_believed_where_it_is_revealed_and_fades_where_it_is_not():
    quiet = taught(GATE, [(0.0, (-1.0) ** i) for i in range(40)])
    wild = taught(GATE, [(0.0, 6.0 if i % 8 == 0 else 0.5) for i in range(40)])
    shares = [float(GATE.learned_tail_share(m)) for m in (quiet, GATE.start(), wild)]
    assert shares == sorted(shares)
    assert shares[0] < 0.016 < 0.04 < shares[2] < 0.2
    # A surprise of 4.5 standard deviations: a shock to one, a false print to the other.
    p = [float(GATE.doubt(m, 4.5 * float(GATE.factor(m)), 1.0, 1.5).p_bad) for m in (quiet, wild)]
    assert p[1] < 0.5 * p[0]


@given(st.floats(0.1, 2.5))
def test_a_wrong_claim_of_scale_is_corrected_by_revealed_surprises(truth):
    memory = taught(GATE, [(0.0, truth * (-1.0) ** i) for i in range(300)])
    # A discount of 0.9 counts the last ten, beside the four of the prior.
    expected = math.sqrt((4.0 + 10.0 * truth**2) / 14.0)
    assert float(GATE.factor(memory)) == pytest.approx(expected)
    assert float(GATE.doubt(memory, 1.0, 3.0, 1.5).scale) == pytest.approx(3.0 * expected)


@given(st.sampled_from([1e6, 1e40, 1e150]), st.sampled_from([-1.0, 1.0]))
def test_what_is_remembered_stays_finite(size, sign):
    memory = taught(GATE, [(size, sign * size)] * 1000)
    assert np.isfinite(memory).all()
    assert 0.9 < GATE.rate(memory) < 1.0
    assert 0.3 < GATE.learned_tail_share(memory) < 0.5
    assert GATE.factor(memory) == GATE.rescaling.highest
    for e in (0.0, 1.0, size, -size):
        found = GATE.doubt(memory, e, 1.0, 1.5)
        assert 0.0 < float(found.p_bad) <= 1.0
    # And it is not for ever: the discounted sums forget.
    for _ in range(400):
        memory = GATE.learn(memory, 0.0, 1.0, 1.0, 1.5)
    assert GATE.rate(memory) < 0.01
    assert GATE.learned_tail_share(memory) < 0.02


@given(st.lists(st.tuples(errors, errors, positive, positive), min_size=1, max_size=20))
def test_arrays_equal_scalars_bit_for_bit(games):
    r, u, s, d = (np.array(column) for column in zip(*games, strict=True))
    whole, alone = GATE.start(), [GATE.start()] * len(games)
    for turn in range(4):
        found = GATE.doubt(whole, np.roll(u, turn), s, d)
        whole = GATE.learn(whole, np.roll(r, turn), u, s, d)
        for i in range(len(games)):
            step = (float(s[i]), float(d[i]))
            one = GATE.doubt(alone[i], float(np.roll(u, turn)[i]), *step)
            for name in ("p_bad", "delta", "scale"):
                assert float(getattr(one, name)) == float(getattr(found, name)[i])
            learned = GATE.learn(alone[i], float(np.roll(r, turn)[i]), float(u[i]), *step)
            alone[i] = tuple(float(x) for x in learned)
            assert alone[i] == tuple(float(np.broadcast_to(x, len(games))[i]) for x in whole)


@pytest.mark.parametrize(
    "bad",
    [
        {"prior": 0.0},
        {"prior_weight": 0.0},
        {"forgetting": 1.5},
        {"outlier_scale": 0.0},
        {"outlier_scale": math.inf},
        {"tail_share": 1.0},
        {"tail_share": 0.0},
        {"tail_factor": 0.5},
        {"tail_weight": 0.0},
        {"tail_weight": math.nan},
    ],
)
def test_constants_are_checked(bad):
    with pytest.raises(ConfigError, match=next(iter(bad))):
        InnovationGate(**bad)
