"""The CRPS of mixtures with stated distributions: integration, other programs, and invariants."""

import numpy as np
import pytest
import scoringrules
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from fg_core.distributions import (
    Mass,
    NormalPart,
    QuantileGrid,
    ShapeArrays,
    StatedDistribution,
    cdf,
    crps,
    own_crps,
    pack,
    pool_regret,
    quantile,
    stated_arrays,
)
from fg_core.pooling import crps_regret
from fg_core.scoring import crps_gaussian, crps_mixture
from fg_core.scoring._kernels import mixture_crps
from fg_core.testing.strategies import stated_distributions, values

quiet = settings(
    derandomize=True, database=None, deadline=None, max_examples=settings.default.max_examples // 3
)


@st.composite
def mixtures(draw, limit=50.0):
    n = draw(st.integers(1, 4))
    several = [draw(stated_distributions(limit=limit)) for _ in range(n)]
    raw = np.array(draw(st.lists(st.floats(0.01, 1.0), min_size=n, max_size=n)))
    return raw / raw.sum(), several


def scored(weights, several, value):
    n = len(several)
    return float(crps(weights, np.zeros(n), np.ones(n), pack(several), np.array(value)))


@quiet
@given(mixtures(limit=5.0), st.sampled_from([0.0, 1.0]) | values(5.0))
def test_it_is_the_integral(plainly, mixture, value):
    weights, several = mixture
    wanted = plainly["crps"](weights, several, value)
    assert scored(weights, several, value) == pytest.approx(wanted, rel=1e-5, abs=1e-6)


@quiet
@given(mixtures(), values(100.0))
def test_it_is_a_score(mixture, value):
    weights, several = mixture
    found = scored(weights, several, value)
    assert 0.0 <= found < np.inf
    mean = sum(w * s.mean for w, s in zip(weights, several, strict=True))
    # E|X - y| - E|X - X'| / 2 lies above |y - mean| - E|X - mean|, by the triangle.
    spread = sum(w * (abs(s.mean - mean) + s.scale) for w, s in zip(weights, several, strict=True))
    assert found >= abs(value - mean) - spread - 1e-9 * (1.0 + abs(value) + spread)


@quiet
@given(mixtures(), values(50.0), values(1e3), st.floats(0.01, 100.0))
def test_it_moves_and_scales_with_the_unit(mixture, value, shift, unit):
    weights, several = mixture
    n = len(several)
    plain = scored(weights, several, value)
    shapes = pack(several)
    moved = ShapeArrays(
        shapes.stated,
        shapes.normal_share,
        unit * shapes.normal_mean + shift,
        unit * shapes.normal_scale,
        unit * shapes.knots + shift,
        shapes.pieces,
        shapes.lower_share,
        unit * shapes.lower_scale,
        shapes.upper_share,
        unit * shapes.upper_scale,
        unit * shapes.places + shift,
        shapes.masses,
    )
    found = crps(weights, np.zeros(n), np.ones(n), moved, np.array(unit * value + shift))
    size = max(s.scale for s in several) * unit + 100.0 * unit + abs(shift)
    assert float(found) == pytest.approx(unit * plain, rel=1e-8, abs=1e-10 * size)


@pytest.mark.parametrize("value", [-2.0, 0.0, 0.3, 1.0, 4.0])
def test_known_families(value):
    uniform = StatedDistribution(QuantileGrid((0.0, 1.0), (-0.5, 1.5)))
    assert uniform.crps(value) == pytest.approx(scoringrules.crps_uniform(value, -0.5, 1.5))
    # A point mass at each end of a uniform, as scoringrules has it.
    censored = StatedDistribution(
        QuantileGrid((0.0, 1.0), (-0.5, 1.5)), (Mass(-0.5, 0.2), Mass(1.5, 0.3))
    )
    wanted = scoringrules.crps_uniform(value, -0.5, 1.5, 0.2, 0.3)
    assert censored.crps(value) == pytest.approx(float(wanted))
    normal = StatedDistribution(NormalPart(0.4, 2.0))
    assert normal.crps(value) == pytest.approx(float(crps_gaussian(0.4, 2.0, value)), rel=1e-12)
    point = StatedDistribution(None, (Mass(0.3, 1.0),))
    assert point.crps(value) == pytest.approx(abs(value - 0.3), abs=1e-15)
    sample = np.array([-1.0, 0.0, 0.0, 2.0, 5.0])
    atoms = StatedDistribution(None, tuple(Mass(float(x), 0.2) for x in sample))
    wanted = scoringrules.crps_ensemble(value, sample, estimator="nrg")
    assert atoms.crps(value) == pytest.approx(float(wanted), abs=1e-12)
    # Levels without spread between them and 0 below: an exponential tail above a mass.
    tail = StatedDistribution(QuantileGrid((0.0, 0.5), (0.0, 0.0)))
    assert tail.crps(value) == pytest.approx(abs(value))


@pytest.mark.parametrize("value", [0.0, 0.2, 1.0, 3.0])
def test_a_pure_tail_is_an_exponential(value):
    """A grid whose inner piece has next to nothing is the exponential of its tail."""
    tiny = 1e-9
    beta = 2.0
    grid = QuantileGrid((0.0, tiny), (0.0, tiny * beta))
    wanted = scoringrules.crps_exponential(value, 1.0 / beta)
    assert StatedDistribution(grid).crps(value) == pytest.approx(float(wanted), abs=1e-7)


@pytest.mark.parametrize(("n_levels", "worst"), [(9, 0.005), (19, 0.005), (99, 0.001)])
def test_a_grid_of_normal_quantiles_scores_as_the_normal(n_levels, worst):
    levels = np.arange(1, n_levels + 1) / (n_levels + 1)
    grid = StatedDistribution(QuantileGrid(tuple(levels), tuple(ndtri(levels))))
    values_ = np.linspace(-4.0, 4.0, 41)
    apart = [grid.crps(y) - float(crps_gaussian(0.0, 1.0, y)) for y in values_]
    assert np.abs(apart).max() < worst
    assert grid.scale == pytest.approx(1.0, abs=0.01)
    # Averaged over what happens, the shape between the levels costs next to nothing.
    assert np.average(apart, weights=np.exp(-0.5 * values_**2)) < 5e-4


def test_it_is_twice_the_mean_pinball_loss_of_all_levels():
    """`scoringrules.crps_quantile` on very many quantiles of the distribution is the same score."""
    stated = StatedDistribution(
        QuantileGrid((0.1, 0.4, 0.5, 0.9), (-1.0, 0.0, 0.0, 3.0)), (Mass(1.0, 0.25),)
    )
    n = 20_000
    levels = (np.arange(n) + 0.5) / n
    quantiles = stated.quantile(levels)
    for value in (-3.0, 0.0, 0.7, 1.0, 6.0):
        wanted = scoringrules.crps_quantile(value, quantiles, levels)
        assert stated.crps(value) == pytest.approx(float(wanted), rel=1e-3)


@quiet
@given(st.lists(st.tuples(values(), st.floats(0.01, 10.0)), min_size=1, max_size=4), values())
def test_stated_normals_are_normals(parts, value):
    """Normals that are stated as distributions score as a plain mixture, whoever states one."""
    m, s = np.array(parts).T
    n = m.size
    w = np.full(n, 1.0 / n)
    stated = pack([StatedDistribution(NormalPart(*part)) for part in parts])
    wanted = crps_mixture(w, m, s, value)
    found = crps(w, np.zeros(n), np.ones(n), stated, np.array(value))
    scale = 1e-12 * (1.0 + abs(value) + np.abs(m).max())
    assert float(found) == pytest.approx(float(wanted), rel=1e-10, abs=scale)


# -------------------------------------------------------------------------- rows and batches


def rows_of(seed, n_rows, k):
    """Rows of pools, some of normals alone, with very different numbers of knots and masses."""
    rng = np.random.default_rng(seed)
    kinds = []
    for _ in range(n_rows):
        row = []
        for _ in range(k):
            kind = rng.integers(5)
            n = int(rng.integers(2, 8))
            grid = QuantileGrid(
                tuple(np.sort(rng.uniform(0.01, 0.99, n))),
                tuple(np.sort(rng.normal(0, 2, n)).round(int(rng.integers(0, 4)))),
            )
            row.append(
                [
                    None,
                    StatedDistribution(grid),
                    StatedDistribution(grid, (Mass(0.0, 0.4),)),
                    StatedDistribution(NormalPart(rng.normal(), 1.5), (Mass(0.0, 0.3),)),
                    StatedDistribution(None, (Mass(0.0, 0.5), Mass(2.0, 0.5))),
                ][kind]
            )
        kinds.append(row)
    kinds[0] = [None] * k
    weights = rng.dirichlet(np.ones(k), size=n_rows)
    means, scales = rng.normal(0, 2, (n_rows, k)), rng.uniform(0.3, 2.0, (n_rows, k))
    for i, row in enumerate(kinds):
        for j, one in enumerate(row):
            if one is not None:
                means[i, j], scales[i, j] = one.mean, max(one.scale, 1e-12)
    n = len(kinds)
    parts = [pack(row) or ShapeArrays.nothing(k) for row in kinds]
    shapes = ShapeArrays.joined([part.map(lambda a: a[np.newaxis]) for part in parts], axis=0)
    return kinds, weights, means, scales, shapes, rng.normal(0, 2, n).round(1)


@pytest.mark.parametrize("k", [1, 3, 6])
def test_a_row_has_the_same_bits_alone_as_in_a_batch(k):
    kinds, w, m, s, shapes, y = rows_of(k, 25, k)
    levels = np.array([0.02, 0.5, 0.4, 0.97])
    together = (
        crps(w, m, s, shapes, y),
        cdf(y, w, m, s, shapes),
        cdf(y, w, m, s, shapes, strictly=True),
    )
    quantiles = quantile(levels, w, m, s, shapes)
    singles = own_crps(m, s, shapes, y[:, np.newaxis])
    regrets = pool_regret(w, m, s, shapes, y, crps_regret(w, m, s, y))
    turned = crps(w[::-1], m[::-1], s[::-1], shapes.map(lambda a: a[::-1]), y[::-1])
    assert turned[::-1].tolist() == together[0].tolist()
    for i, row in enumerate(kinds):
        own = pack(row)
        one = (w[i], m[i], s[i], own)
        value = np.array(y[i])
        assert float(crps(*one, value)) == together[0][i]
        assert float(cdf(value, *one)) == together[1][i]
        assert float(cdf(value, *one, strictly=True)) == together[2][i]
        assert quantile(levels, *one).tolist() == quantiles[i].tolist()
        if own is None:
            assert float(crps(*one, value)) == float(mixture_crps(w[i], m[i], s[i], value))
            continue
        assert own_crps(m[i], s[i], own, value).tolist() == singles[i].tolist()
        alone = pool_regret(w[i], m[i], s[i], own, value, crps_regret(w[i], m[i], s[i], value))
        assert alone.tolist() == regrets[i].tolist()


def test_a_component_without_weight_changes_no_bit():
    kinds, w, m, s, shapes, y = rows_of(5, 40, 3)
    more = pack([StatedDistribution(QuantileGrid((0.1, 0.2, 0.9), (-0.3, 0.1, 0.2)))] * 40)
    wide = ShapeArrays.joined([more.map(lambda a: a[:, np.newaxis]), shapes], axis=1)
    zero = np.zeros((40, 1))
    w2, m2, s2 = (np.hstack([extra, a]) for extra, a in ((zero, w), (zero, m), (zero + 1.0, s)))
    assert crps(w2, m2, s2, wide, y).tolist() == crps(w, m, s, shapes, y).tolist()
    levels = np.array([0.1, 0.5])
    assert quantile(levels, w2, m2, s2, wide).tolist() == quantile(levels, w, m, s, shapes).tolist()
    assert len(kinds) == 40


def test_what_fills_up_does_not_cut_the_pieces_of_others():
    """Places of nothing lie at 0, in the middle of these grids; a cut there would be seen."""
    rng = np.random.default_rng(2)
    rows, n = 60, 5
    quantiles = np.sort(rng.normal(0.0, 1.0, (rows, 2, n)), axis=-1)
    grids = stated_arrays(levels=np.linspace(0.1, 0.9, n), quantiles=quantiles)
    nothing = ShapeArrays.nothing(rows, 1).padded(7, 2)
    wide = ShapeArrays.joined([grids, nothing], axis=1)
    w, y = rng.dirichlet((1.0, 1.0), rows), rng.normal(size=rows)
    mean, scale = grids.moments()
    plain = crps(w, mean, scale, grids, y)
    zero = np.zeros((rows, 1))
    more = (np.hstack([w, zero]), np.hstack([mean, zero]), np.hstack([scale, zero + 1.0]))
    assert crps(*more, wide, y).tolist() == plain.tolist()


def test_blocks_do_not_matter(monkeypatch):
    _, w, m, s, shapes, y = rows_of(9, 50, 4)
    whole = crps(w, m, s, shapes, y)
    monkeypatch.setattr("fg_core.distributions.energy._BLOCK", 1)
    assert crps(w, m, s, shapes, y).tolist() == whole.tolist()
    assert np.isnan(crps(w, m, s, shapes, np.where(y > 0, np.nan, y))[y > 0]).all()


# ----------------------------------------------------------------------------------- regrets


@quiet
@given(mixtures(limit=5.0), values(5.0))
def test_the_regret_is_the_slope_of_the_score(mixture, value):
    """Leaning by a little towards one forecaster changes the CRPS by minus its regret."""
    w, several = mixture
    n = len(several)
    zero, one = np.zeros(n), np.ones(n)
    regret = pool_regret(w, zero, one, pack(several), np.array(value), np.zeros(n))
    assert float(np.sum(w * regret)) == pytest.approx(0.0, abs=1e-9 * (1.0 + np.abs(regret).max()))
    step = 1e-5
    for i in range(n):
        towards = np.eye(n)[i]
        more = scored((1.0 - step) * w + step * towards, several, value)
        less = scored((1.0 + step) * w - step * towards, several, value) if w[i] > step else None
        if less is not None:
            slope = (more - less) / (2.0 * step)
            assert -slope == pytest.approx(regret[i], rel=1e-4, abs=1e-6)


def test_regrets_of_stated_normals_are_those_of_normals():
    rng = np.random.default_rng(0)
    w = rng.dirichlet(np.ones(3))
    m, s = rng.normal(size=3), rng.uniform(0.5, 2.0, 3)
    stated = pack([StatedDistribution(NormalPart(a, b)) for a, b in zip(m, s, strict=True)])
    found = pool_regret(w, np.zeros(3), np.ones(3), stated, np.array(0.3), np.zeros(3))
    assert found == pytest.approx(crps_regret(w, m, s, np.array(0.3)), rel=1e-12)


def test_numbers_of_any_size():
    """Far from 0, with narrow pieces and with absurd values nothing cancels or overflows."""
    near = StatedDistribution(QuantileGrid((0.1, 0.5, 0.9), (-1.0, 0.0, 2.0)), (Mass(0.5, 0.2),))
    far = StatedDistribution(
        QuantileGrid((0.1, 0.5, 0.9), (1e6 - 1.0, 1e6, 1e6 + 2.0)), (Mass(1e6 + 0.5, 0.2),)
    )
    assert far.crps(1e6 + 0.25) == pytest.approx(near.crps(0.25), rel=1e-9)
    narrow = StatedDistribution(QuantileGrid((0.1, 0.5, 0.6, 0.9), (0.0, 1e-13, 1.0, 1.0 + 1e-12)))
    tied = StatedDistribution(QuantileGrid((0.1, 0.5, 0.6, 0.9), (0.0, 0.0, 1.0, 1.0)))
    assert narrow.crps(0.4) == pytest.approx(tied.crps(0.4), rel=1e-9)
    mixed = scored(np.array([0.5, 0.5]), [near, StatedDistribution(NormalPart(0.0, 1e-8))], 0.0)
    point = scored(np.array([0.5, 0.5]), [near, StatedDistribution(None, (Mass(0.0, 1.0),))], 0.0)
    assert mixed == pytest.approx(point, abs=1e-8)
    assert near.crps(1e300) == pytest.approx(1e300)
