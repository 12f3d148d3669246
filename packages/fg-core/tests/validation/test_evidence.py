"""How often independent samples are called clear, against what is promised."""

from __future__ import annotations

import numpy as np

from fg_core.validation import P_VALUE, clearly_above, clearly_below, is_off, uniform_limit


def test_a_true_mean_is_hardly_ever_called_off_and_a_false_one_nearly_always() -> None:
    rng = np.random.default_rng(5)
    samples = rng.standard_normal((3_000, 40))
    assert sum(is_off(sample, 0.0) for sample in samples) <= 4  # 0.6 are expected
    assert all(is_off(sample, 1.0) for sample in samples[:300] * 0.5)
    assert P_VALUE == 1e-4


def test_samples_that_do_not_vary() -> None:
    assert clearly_above([2.0, 2.0], 1.0)
    assert clearly_below([2.0, 2.0], 3.0)
    assert not is_off([2.0, 2.0], 2.0)


def test_the_limit_of_uniform_numbers() -> None:
    rng = np.random.default_rng(6)
    n, limit = 500, uniform_limit(500)
    grid = np.arange(1, n + 1) / n
    far = [np.abs(np.sort(rng.random(n)) - grid).max() for _ in range(500)]
    assert max(far) < limit
    assert np.abs(np.sort(rng.random(n)) ** 1.5 - grid).max() > limit
