import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from fg_core.pooling import logarithmic_pool

rows = st.lists(
    st.tuples(st.floats(0.05, 1.0), st.floats(-3.0, 3.0), st.floats(0.3, 3.0)),
    min_size=1,
    max_size=4,
)


@given(rows)
def test_it_is_the_product_of_the_densities(row):
    raw, m, s = (np.array(column) for column in zip(*row, strict=True))
    w = raw / raw.sum()
    mean, scale, shares = logarithmic_pool(w, m, s)

    def product(x):
        return float(np.exp(w @ norm.logpdf(x, m, s)))

    low, high = float(mean - 9 * scale), float(mean + 9 * scale)
    mass = quad(product, low, high, points=[float(mean)])[0]
    for x in (-1.0, 0.3, float(mean)):
        assert product(x) / mass == pytest.approx(norm.pdf(x, mean, scale), rel=1e-6)
    assert shares.sum() == pytest.approx(1.0)
    assert shares @ m == pytest.approx(float(mean), abs=1e-12)


def test_sizes_at_the_edge_of_floats():
    mean, scale, _ = logarithmic_pool(
        np.array([0.5, 0.5]), np.array([1.0, 2.0]), np.array([1e-200, 1e200])
    )
    assert mean == 1.0
    assert scale == pytest.approx(1e-200 * np.sqrt(2))
