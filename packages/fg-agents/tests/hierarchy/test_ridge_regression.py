"""Ridge regression against its normal equations."""

import numpy as np
import pytest

from fg_agents.hierarchy import ridge


def data(seed=0, n=50, k=4):
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 1, (n, k)) * [1.0, 10.0, 0.1, 3.0] + [5.0, 0.0, -2.0, 100.0]
    return x, x @ [1.0, 0.2, -3.0, 0.0] + rng.standard_normal(n)


@pytest.mark.parametrize("penalties", [[0.0] * 4, [0.0, 0.0, 7.0, 30.0], [5.0] * 4])
def test_it_solves_the_normal_equations(penalties):
    x, y = data()
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    inner = np.linalg.inv(z.T @ z + np.diag(penalties))
    b = inner @ z.T @ (y - y.mean())
    fit = ridge(x, y, np.array(penalties))
    assert fit.slopes * x.std(axis=0) == pytest.approx(b)
    assert fit.predict(x) == pytest.approx(y.mean() + z @ b)
    hat = z @ inner @ z.T + 1.0 / len(y)
    assert fit.degrees == pytest.approx(np.trace(hat))
    residuals = y - y.mean() - z @ b
    sigma2 = residuals @ residuals / (len(y) - np.trace(hat))
    assert fit.scale**2 == pytest.approx(sigma2 * (1.0 + np.trace(hat @ hat.T) / len(y)))


def test_for_least_squares_the_scale_is_the_final_prediction_error():
    x, y = data(n=20)
    design = np.column_stack([np.ones(20), x])
    rss = float(np.linalg.lstsq(design, y, rcond=None)[1][0])
    fit = ridge(x, y, np.zeros(4))
    assert fit.scale**2 == pytest.approx(rss / 20 * (20 + 5) / (20 - 5))


@pytest.mark.parametrize("horizon", [1, 4])
@pytest.mark.parametrize("penalty", [0.0, 10.0])
def test_the_scale_is_that_of_errors_on_new_rows(horizon, penalty):
    stated_scale, seen, plain = [], [], []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        x = np.zeros((80, 3))
        for t in range(1, 80):
            x[t] = 0.6 * x[t - 1] + rng.standard_normal(3)
        shocks = rng.standard_normal(80 + horizon)
        y = x @ [0.5, 0.2, 0.0] + sum(shocks[k : k + 80] for k in range(horizon))
        fit = ridge(x[:40], y[:40], np.full(3, penalty), horizon=horizon)
        stated_scale.append(fit.scale**2)
        plain.append(ridge(x[:40], y[:40], np.full(3, penalty)).scale ** 2)
        seen.append(np.mean(np.square(y[50:] - fit.predict(x[50:]))))
    assert np.mean(stated_scale) == pytest.approx(np.mean(seen), rel=0.08)
    if horizon > 1:
        assert np.mean(plain) < 0.85 * np.mean(seen)


def test_rows_far_apart_do_not_overlap():
    x, y = data()
    apart = ridge(x, y, np.zeros(4), times=np.arange(50.0) * 9, horizon=4)
    assert apart.scale == ridge(x, y, np.zeros(4)).scale
    assert apart.degrees == pytest.approx(5.0)
    hat = np.column_stack([np.ones(50), x])
    hat = hat @ np.linalg.pinv(hat)
    together = np.maximum(0.0, 1.0 - np.abs(np.subtract.outer(np.arange(50), np.arange(50))) / 4)
    near = ridge(x, y, np.zeros(4), horizon=4)
    assert near.degrees == pytest.approx(np.trace(hat @ together))
    residuals = y - hat @ y
    factor = (1.0 + np.trace(hat @ together @ hat.T) / 50) / (50 - near.degrees)
    assert near.scale**2 == pytest.approx(residuals @ residuals * factor)


def test_a_constant_column_has_no_slope_and_a_huge_penalty_leaves_the_mean():
    x, y = data()
    x[:, 1] = 0.1 + 0.2
    fit = ridge(x, y, np.zeros(4))
    assert fit.slopes[1] == 0.0
    assert fit.degrees == pytest.approx(4.0)
    shrunk = ridge(x, y, np.full(4, 1e12))
    assert shrunk.predict(x) == pytest.approx(np.full(len(y), y.mean()), abs=1e-6)


def test_equal_columns_share_the_slope():
    x, y = data()
    x[:, 1] = x[:, 0]
    fit = ridge(x, y, np.zeros(4))
    assert fit.slopes[0] == pytest.approx(fit.slopes[1])
    assert fit.degrees == pytest.approx(4.0)


def test_a_missing_number_stands_at_the_mean():
    x, y = data()
    fit = ridge(x, y, np.zeros(4))
    row = x[:1].copy()
    row[0, 2] = fit.means[2]
    gap = row.copy()
    gap[0, 2] = np.nan
    assert fit.predict(gap) == fit.predict(row)


@pytest.mark.parametrize("k", [-20, 20])
def test_a_power_of_two_scales_exactly(k):
    x, y = data()
    plain, scaled = (ridge(a * x, a * y, np.full(4, 3.0)) for a in (1.0, 2.0**k))
    assert scaled.slopes.tolist() == plain.slopes.tolist()
    assert scaled.scale == plain.scale * 2.0**k
    assert scaled.predict(x * 2.0**k).tolist() == (plain.predict(x) * 2.0**k).tolist()
