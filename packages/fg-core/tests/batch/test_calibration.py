"""Adapted quantiles of many games: which are issued, and that they survive."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from fg_core import ConfigError, ProbabilisticForecast
from fg_core.batch import HorizonArrays, MixtureArrays, QuantileCalibration
from fg_core.mixture import mixture_cdf, mixture_quantile

N, ROUNDS, K = 3, 4, 2
LEVELS = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Tails:
    """Multiplies the probability of both tails by a parameter; the median stays."""

    def levels(self, levels, parameters):
        tail = np.minimum(levels, 1.0 - levels) * parameters[..., :1]
        return np.where(levels < 0.5, tail, np.where(levels > 0.5, 1.0 - tail, 0.5))

    def forecast(self, made, plain, parameters):
        if not parameters.size:
            return made
        wanted = self.levels(np.array(LEVELS), parameters)
        own = tuple(np.interp([0.1, 0.25, 0.5, 0.75, 0.9], LEVELS, made.quantile(wanted.tolist())))
        return ProbabilisticForecast(made.mean, made.variance, own, made.components)


def components(seed, shape):
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(K), shape)
    return weights, rng.normal(size=(*shape, K)), rng.uniform(0.5, 2, (*shape, K))


def calibrated(parameters):
    return QuantileCalibration(Tails(), np.asarray(parameters))


def test_each_row_has_quantiles_at_levels_of_its_own():
    weights, means, scales = components(0, (N,))
    levels = np.random.default_rng(1).uniform(0.01, 0.99, (N, 5))
    found = mixture_quantile(levels, weights, means, scales)
    for i in range(N):
        alone = mixture_quantile(levels[i], weights[i], means[i], scales[i])
        np.testing.assert_array_equal(found[i], alone)
    same = mixture_quantile(np.broadcast_to(LEVELS, (N, 3)), weights, means, scales)
    np.testing.assert_array_equal(same, mixture_quantile(LEVELS, weights, means, scales))


def test_mixtures_issue_adapted_quantiles_and_everything_else_as_it_was():
    parts = components(2, (N,))
    plain = MixtureArrays(*parts, ("a", "b"))
    made = replace(plain, calibration=calibrated([[0.5], [1.0], [np.nan]]))
    np.testing.assert_array_equal(made.mean, plain.mean)
    np.testing.assert_array_equal(made.quantile(LEVELS)[1:], plain.quantile(LEVELS)[1:])
    expected = mixture_quantile([0.05, 0.5, 0.95], *(part[0] for part in parts))
    np.testing.assert_array_equal(made.quantile(LEVELS)[0], expected)
    assert made.each[0].quantiles == pytest.approx(
        np.interp([0.1, 0.25, 0.5, 0.75, 0.9], LEVELS, expected)
    )
    assert made.each[2] == plain.each[2]
    rows = np.array([2, 0])
    np.testing.assert_array_equal(made.take(rows).quantile(LEVELS), made.quantile(LEVELS)[rows])
    assert plain.calibrating(plain) is plain
    passed_on = made.calibrating(plain.shifted(1.0))
    np.testing.assert_array_equal(passed_on.quantile(0.1), made.shifted(1.0).quantile(0.1))
    idle = replace(plain, calibration=calibrated(np.empty((N, 0))))
    assert idle.calibrating(plain) is plain
    np.testing.assert_array_equal(idle.quantile(LEVELS), plain.quantile(LEVELS))


def test_the_distribution_function_is_that_of_the_mixture():
    weights, means, scales = components(3, (N,))
    made = MixtureArrays(weights, means, scales)
    values = np.array([-1.0, 0.0, 50.0])
    np.testing.assert_array_equal(made.cdf(values), mixture_cdf(values, weights, means, scales))
    first = made.take(np.array([0]))
    expected = [float(mixture_cdf(y, weights[0], means[0], scales[0])) for y in values]
    assert first.cdf(values).tolist() == expected


def arrays(seed, parameters, kept=True):
    parts = components(seed, (N, ROUNDS)) if kept else (None,) * 3
    plain = np.zeros((N, ROUNDS))
    weights, means, scales = parts
    known = None if parameters is None else calibrated(parameters)
    return HorizonArrays(
        plain, plain, plain, plain, weights=weights, means=means, scales=scales, calibration=known
    )


def test_quantiles_of_a_batch_are_those_that_were_issued():
    parameters = np.random.default_rng(4).uniform(0.1, 1.0, (N, ROUNDS, 1))
    parameters[1, 2] = np.nan
    found, plain = arrays(5, parameters), arrays(5, None)
    quantiles = found.quantiles(LEVELS)
    for i, r in np.ndindex(N, ROUNDS):
        factor = 1.0 if np.isnan(parameters[i, r, 0]) else parameters[i, r, 0]
        tail = 0.1 * factor
        wanted = [tail, 0.5, 1.0 - (1.0 - 0.9) * factor]
        parts = (found.weights[i, r], found.means[i, r], found.scales[i, r])
        np.testing.assert_allclose(quantiles[i, r], mixture_quantile(wanted, *parts), rtol=1e-12)
    np.testing.assert_array_equal(quantiles[1, 2], plain.quantiles(LEVELS)[1, 2])
    assert found.quantiles().shape == (N, ROUNDS, 5)
    with pytest.raises(ConfigError, match="quantiles need the components"):
        arrays(5, parameters, kept=False).quantiles()


def test_parts_of_games_are_joined_with_their_calibration():
    rng = np.random.default_rng(6)
    first, second = (arrays(s, rng.uniform(0.1, 1.0, (N, ROUNDS, 1))) for s in (7, 8))
    joined = first.joined(second)
    both = np.concatenate([first.quantiles(LEVELS), second.quantiles(LEVELS)], axis=1)
    np.testing.assert_array_equal(joined.quantiles(LEVELS), both)
    with pytest.raises(ConfigError, match="calibration were kept of one part"):
        first.joined(arrays(8, None))
