"""Systems in changes and in levels, in any unit, at one origin and at many."""

import numpy as np
import pytest

from fg_agents.linear import (
    DataPanel,
    MinnesotaPrior,
    ShrunkAutoregression,
    VectorAutoregression,
    lagged,
    moments_at,
    posterior,
)
from fg_core import TrainingWindow

MIXED = VectorAutoregression(
    difference=("infl",), sums=("tbilrate",), order=3, discount=0.97, cutoff=None
)


def the_fit(specification, window, ends=None):
    panel = DataPanel.of(window)
    return specification.fits(panel, [len(panel) - 1] if ends is None else ends).systems[0]


@pytest.mark.parametrize("own", [("value",), ("infl", "growth"), ("value", "infl"), "persistent"])
def test_levels_follow_from_changes(macro, own):
    """Forecast the columns in their forms, then add changes up: the level form says the same."""
    spec = VectorAutoregression(difference=own, order=2, tightness=0.5, cutoff=None)
    fit = the_fit(spec, macro)
    rows = DataPanel.of(macro).values[:, list(fit.system.columns)]
    longest = max(fit.system.steps)
    forms = rows.copy()
    for j, step in enumerate(fit.system.steps):
        forms[longest:, j] -= step * rows[longest - step : len(rows) - step, j]
    forms = forms[longest:]
    x, y = lagged(forms, 2)
    own_lag = [p and not s for p, s in zip(fit.system.persistent, fit.system.steps, strict=True)]
    found = posterior(
        moments_at(x, y, np.ones(len(x)), [len(x) - 1]), MinnesotaPrior(0.5), own_lag
    ).coefficients[0]
    path, levels = list(forms), rows[-1].copy()
    for h in range(1, 6):
        now = found[0] + np.concatenate([path[-1], path[-2]]) @ found[1:]
        path.append(now)
        steps = np.array(fit.system.steps)
        levels = np.where(steps == 1, levels + now, now)
        model = fit.model.at(0)
        said = model.forecast(rows[::-1][: model.order], h)[-1]
        np.testing.assert_allclose(said, levels, rtol=1e-6, atol=1e-6)


def test_sums_are_about_the_mean_of_the_level(macro):
    """Dummies are in the unit and at the level of the data, whatever a fit works in."""
    spec = VectorAutoregression(
        ("rate",), sums=("rate",), sum_tightness=0.5, order=2, discount=0.9, cutoff=None
    )
    fit = the_fit(spec, macro)
    assert fit.system.sums == (False, True)
    rows = DataPanel.of(macro).values[:, list(fit.system.columns)]
    x, y = lagged(rows, 2)
    moments = moments_at(x, y, np.ones(len(x)), [len(x) - 1], discount=0.9)
    means = np.array([[0.0, moments.xx[0, 0, 2] / moments.count[0]]])
    prior = MinnesotaPrior(0.2, sum_tightness=0.5)
    found = posterior(moments, prior, [1.0, 1.0], means)
    assert fit.system.persistent == (True, True)
    lags = found.coefficients[0, 1:].reshape(2, 2, 2).transpose(0, 2, 1)
    np.testing.assert_allclose(fit.model.lags[0], lags, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(fit.model.constant[0], found.coefficients[0, 0], rtol=1e-7)
    np.testing.assert_allclose(fit.model.covariance[0], found.covariance[0], rtol=1e-7)


def test_seasonal_changes():
    noise = np.random.default_rng(0).standard_normal(80)
    values = np.tile([0.0, 5.0, -3.0, 2.0], 20) + noise
    seasonal = ShrunkAutoregression(2, 0.3, "seasonal", cutoff=None)
    fit = the_fit(seasonal, TrainingWindow(values, season_length=4))
    assert fit.system.steps == (4,)
    assert fit.model.order == 6
    changes = values[4:] - values[:-4]
    direct = the_fit(ShrunkAutoregression(2, 0.3, "none", cutoff=None), TrainingWindow(changes))
    assert direct.system.persistent == (False,)  # so that the prior is the same
    phi, constant = direct.model.lags[0, :, 0, 0], direct.model.constant[0, 0]
    path, levels = list(changes), list(values)
    for _ in range(6):
        path.append(constant + phi[0] * path[-1] + phi[1] * path[-2])
        levels.append(levels[-4] + path[-1])
    said = fit.model.at(0).forecast(values[:-7:-1, np.newaxis], 6)[:, 0]
    np.testing.assert_allclose(said, levels[-6:], rtol=1e-7)


@pytest.mark.parametrize("power", [-300, -7, 12, 300])
def test_a_unit_that_is_a_power_of_two_changes_no_digit(macro, power):
    unit = 2.0**power
    scaled = TrainingWindow(
        macro.values * unit,
        macro.end_t,
        contexts=[{k: v * 2.0**5 for k, v in row.items()} for row in macro.contexts],
    )
    spec = VectorAutoregression(difference=("value",), order=2, tightness=0.3)
    one, other = the_fit(spec, macro), the_fit(spec, scaled)
    assert one.system == other.system
    for h in (1, 5):
        for name, factor in (("offsets", unit), ("variances", unit * unit)):
            a, b = (getattr(fit.model.forms(0, h), name) for fit in (one, other))
            np.testing.assert_allclose(b / factor, a, rtol=1e-11)
        np.testing.assert_allclose(
            other.model.forms(0, h).weights[..., 0],
            one.model.forms(0, h).weights[..., 0],
            rtol=1e-9,
        )


def test_many_origins_are_fits_one_by_one(macro):
    ends = [30, 31, 47, 80, 119]
    panel = DataPanel.of(macro)
    together = MIXED.fits(panel, ends)
    seen = []
    for fit in together.systems:
        for at, position in enumerate(fit.at):
            end = ends[position]
            alone = MIXED.fits(panel.head(end + 1), [end]).systems[0]
            assert alone.system == fit.system
            for name in ("lags", "constant", "covariance"):
                one, other = getattr(fit.model, name)[at], getattr(alone.model, name)[0]
                np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-10)
            assert fit.rows[at] == pytest.approx(float(alone.rows[0]))
            seen.append(end)
    assert sorted(seen) == ends


def test_too_few_rows_and_numbers_too_large():
    short = DataPanel.of(TrainingWindow(np.arange(11.0)))
    fits = ShrunkAutoregression(4, 0.2, "first").fits(short, [5, 10])
    assert fits.systems == ()
    assert fits.reasons == {0: "13 rows wanted, 6 there", 1: "13 rows wanted, 11 there"}
    huge = DataPanel.of(TrainingWindow(np.tile([1e308, -1e308], 20)))
    assert ShrunkAutoregression(2, 0.2, "first").fits(huge, [39]).reasons == {
        0: "the fit is singular or overflows"
    }


def test_columns_may_come_and_go():
    """A column that enters late is used from when it is in half of the rows, not before."""
    rng = np.random.default_rng(1)
    contexts = [
        {"old": float(rng.standard_normal())}
        | ({"new": float(rng.standard_normal())} if t > 29 else {})
        for t in range(100)
    ]
    panel = DataPanel.of(TrainingWindow(rng.standard_normal(100), 99, contexts=contexts))
    fits = VectorAutoregression(order=1).fits(panel, [40, 58, 59, 99])
    found = {fit.system.names: fit.at for fit in fits.systems}
    assert found == {("value", "old"): (0, 1), ("value", "new", "old"): (2, 3)}
    assert next(fit.system.start for fit in fits.systems if "new" in fit.system.names) == 30
