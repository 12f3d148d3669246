"""The pool of pools against pools that are written out one by one, and its promises."""

import copy
import json
import pickle
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from fg_agents import PoolGrid, PoolOfPools
from fg_core import (
    AgentAction,
    AgentError,
    ConfigError,
    DataError,
    ForecastState,
    TrainingWindow,
    pit_score,
)
from fg_core.mixture import mixture_cdf, mixture_moments, mixture_quantile
from fg_core.pooling import Likelihood, ScaleRule
from fg_core.protocols import RevealedForecast
from fg_core.scoring import crps_gaussian, crps_mixture
from fg_core.testing import check_aggregator

NAMES = ("a", "b", "c", "d", "e")
GROUPS = {"a": "old", "b": "old", "c": "new", "d": "new"}
WINDOW = TrainingWindow(np.array([1.0, 2.0, 1.5, 3.0, 2.0, 2.5]))
HORIZONS = (1, 3)
SMALL = PoolGrid(
    (("old",), ()), (0.9, 0.97), (0.5, 1.0), alphas=(0.9, 1.0), floor=0.002, shrinkage=0.1
)


class Record:
    """A series, and what forecasters say of it: a random walk, seen with different errors."""

    def __init__(self, seed, rounds=40, names=NAMES, absent=0.15):
        rng = np.random.default_rng(seed)
        self.values = np.cumsum(rng.normal(0, 1, rounds + max(HORIZONS) + 1))
        self.names, self.rounds = names, rounds
        k = len(names)
        bias, spread = rng.normal(0, 0.7, k), rng.uniform(0.5, 2.0, k)
        self.means, self.claims = {}, {}
        for t, h in product(range(rounds), HORIZONS):
            noise = rng.normal(0, 0.5, k)
            mean, claim = self.values[t] + bias + noise, spread * np.sqrt(h)
            mean[rng.uniform(size=k) < absent] = np.nan
            if np.isnan(mean).all():
                mean[0] = self.values[t]
            if t % 5 == 3:
                claim = np.where(np.arange(k) == 1, np.nan, claim)
            self.means[t, h], self.claims[t, h] = mean, claim

    def state(self, t):
        return ForecastState(t, float(self.values[t]), 0.0, 0.0)

    def said(self, t, h, order=None):
        order = range(len(self.names)) if order is None else order
        value = float(self.values[t])
        rows = zip(self.means[t, h].tolist(), self.claims[t, h].tolist(), strict=True)
        actions = [
            None if np.isnan(m) else AgentAction(name, m - value, scale=None if np.isnan(s) else s)
            for name, (m, s) in zip(self.names, rows, strict=True)
        ]
        return tuple(actions[i] for i in order)


def play(pool, record, upto=None, order=None, begin=0):
    """Play as the game does; return the pool and all forecasts by origin and horizon."""
    found = {}
    for t in range(begin, record.rounds if upto is None else upto):
        for h in HORIZONS:
            if (t - h, h) in found:
                actions = record.said(t - h, h, order)
                outcome = RevealedForecast(
                    record.state(t - h), h, actions, found[t - h, h], float(record.values[t])
                )
                pool = pool.update(outcome)
        for h in HORIZONS:
            found[t, h] = pool.aggregate(record.state(t), record.said(t, h, order), horizon=h)
    return pool, found


class OnePool:
    """One pool of the grid, for one horizon, in plain loops over origins and forecasters."""

    def __init__(self, grid, members, groups, d, temperature):
        self.grid, self.members, self.groups = grid, members, groups
        self.d, self.temperature = d, temperature
        k = len(groups)
        self.log_ratio = {a: np.zeros(k) for a in grid.alphas}
        self.score = dict.fromkeys(grid.alphas, 0.0)
        self.top, self.count = np.zeros(k), np.zeros(k)
        self.error, self.n_error = np.zeros(k), np.zeros(k)
        self.spread = [0.0, 0.0]

    def prior(self, present):
        here = [i for i in range(len(self.groups)) if self.members[i] and present[i]]
        found = np.zeros(len(self.groups))
        kinds = {self.groups[i] for i in here}
        for i in here:
            same = [j for j in here if self.groups[j] == self.groups[i]]
            found[i] = 1 / len(kinds) / len(same)
        return found

    def ratio(self, alpha):
        whole = self.prior([True] * len(self.groups))
        raw = np.exp(alpha * self.log_ratio[alpha])
        return (raw / (whole @ raw) + self.grid.floor) / (1 + self.grid.floor)

    def posterior(self, start_square):
        rule = self.grid.scale
        share = np.array([np.exp(self.score[a]) for a in self.grid.alphas])
        share /= share.sum()
        mixed = sum(v * self.ratio(a) for v, a in zip(share, self.grid.alphas, strict=True))
        factor = np.sqrt((rule.prior + self.top) / (rule.prior + self.count))
        seen = (rule.prior * start_square + self.error) / (rule.prior + self.n_error)
        total, count = self.spread
        g = np.sqrt((self.grid.spread.prior + total) / (self.grid.spread.prior + count))
        return {
            "ratio": mixed,
            "factor": np.clip(factor, rule.lowest, rule.highest),
            "seen": np.sqrt(seen),
            "g": float(np.clip(g, self.grid.spread.lowest, self.grid.spread.highest)),
        }

    def forecast(self, posterior, first_factor, means, claims):
        x = self.grid.horizon_sharing
        factor = posterior["factor"] ** (1 - x) * first_factor**x
        scales = np.where(np.isnan(claims), posterior["seen"], claims * factor)
        present = ~np.isnan(means)
        prior = self.prior(present)
        if prior.sum() == 0.0:
            return None
        w = prior * posterior["ratio"]
        w = (1 - self.grid.shrinkage) * w / w.sum() + self.grid.shrinkage * prior
        return w, np.where(present, means, 0.0), np.where(present, scales, 1.0)

    def learn(self, pooled, means, claims, scales, y):
        present = ~np.isnan(means)
        whole = self.prior([True] * len(self.groups))
        density = stats.t.pdf(y, 5, np.where(present, means, 0.0), scales * np.sqrt(3 / 5))
        heated = density**self.temperature
        for a in self.grid.alphas:
            ratio, old = self.ratio(a), self.log_ratio[a]
            here = np.where(present, whole * ratio, 0.0)
            if here.sum() > 0.0:
                before = (whole * np.exp(old) * present).sum()
                self.score[a] = self.grid.alpha_discount * self.score[a] + np.log(
                    here @ heated / here.sum()
                )
                new = np.log(ratio * heated * before / (here @ heated))
            else:
                self.score[a] *= self.grid.alpha_discount
                new = np.log(ratio * heated)
            self.log_ratio[a] = np.where(present, new, old)
        for i in range(len(means)):
            if present[i]:
                e = (y - means[i]) ** 2
                self.error[i] = self.grid.scale.discount * self.error[i] + e
                self.n_error[i] = self.grid.scale.discount * self.n_error[i] + 1
                if not np.isnan(claims[i]):
                    z2 = min(e / claims[i] ** 2, self.grid.scale.cap)
                    self.top[i] = self.d * self.top[i] + z2
                    self.count[i] = self.d * self.count[i] + 1
        if pooled is not None:
            mean, variance = mixture_moments(*pooled)
            z2 = min((y - mean) ** 2 / variance, self.grid.spread.cap)
            keep = self.grid.spread.discount
            self.spread = [keep * self.spread[0] + z2, keep * self.spread[1] + 1]


def written_out(grid, record, groups):
    """Return means, variances and weights of everything, by origin and horizon."""
    names = record.names
    of = [groups.get(n, f"own {n}") for n in names]
    sets = []
    for wanted in grid.member_sets:
        row = [not wanted or groups.get(n) in wanted for n in names]
        if any(row) and row not in sets:
            sets.append(row)
    keys = list(product(range(len(sets)), grid.discounts, grid.temperatures))
    pools = {
        h: {key: OnePool(grid, sets[key[0]], of, key[1], key[2]) for key in keys} for h in HORIZONS
    }
    losses = {h: {(*key, r): 0.0 for key in keys for r in grid.recalibrate} for h in HORIZONS}
    typical, counts = dict.fromkeys(HORIZONS, 0.0), dict.fromkeys(HORIZONS, 0.0)
    start = {h: float(np.mean((WINDOW.values[h:] - WINDOW.values[:-h]) ** 2)) for h in HORIZONS}
    made, found = {}, {}
    for t in range(record.rounds):
        for h in HORIZONS:
            if (t - h, h) not in made:
                continue
            y, crps = float(record.values[t]), {}
            means, claims = record.means[t - h, h], record.claims[t - h, h]
            for key in keys:
                pooled, scales, g = made[t - h, h][key]
                pools[h][key].learn(pooled, means, claims, scales, y)
                for r in grid.recalibrate if pooled is not None else ():
                    mean, variance = mixture_moments(*pooled)
                    crps[(*key, r)] = crps_gaussian(mean, np.sqrt(variance) * (g if r else 1), y)
            level = np.mean(list(crps.values()))
            for key in losses[h]:
                losses[h][key] = grid.loss_discount * losses[h][key] + crps.get(key, level)
            n_sets = len(losses[h])
            mean_loss = (sum(crps.values()) + (n_sets - len(crps)) * level) / n_sets
            typical[h] = grid.loss_discount * typical[h] + mean_loss
            counts[h] = grid.loss_discount * counts[h] + 1
        believed = {h: {key: pools[h][key].posterior(start[h]) for key in keys} for h in HORIZONS}
        relative = {
            h: {k: v * counts[h] / typical[h] if typical[h] else 0.0 for k, v in losses[h].items()}
            for h in HORIZONS
        }
        for h in HORIZONS:
            made[t, h], parts = {}, []
            evidence = {}
            for key in keys:
                b = believed[h][key]
                first = believed[min(HORIZONS)][key]["factor"]
                args = (record.means[t, h], record.claims[t, h])
                pooled = pools[h][key].forecast(b, first, *args)
                x = grid.horizon_sharing
                factor = b["factor"] ** (1 - x) * first**x
                scales = np.where(np.isnan(args[1]), b["seen"], args[1] * factor)
                scales = np.where(np.isnan(args[0]), 1.0, scales)
                made[t, h][key] = pooled, scales, b["g"]
                for r in grid.recalibrate if pooled is not None else ():
                    own, everywhere = (
                        relative[h][(*key, r)],
                        sum(relative[o][(*key, r)] for o in HORIZONS),
                    )
                    s = grid.loss_sharing
                    evidence[(*key, r)] = -grid.eta * ((1 - s) * own + s * everywhere)
                    parts.append(((*key, r), pooled, b["g"] if r else 1.0))
            top = max(evidence.values())
            v = {key: np.exp(e - top) for key, e in evidence.items()}
            total = sum(v.values())
            w_all, m_all, s_all, weight = [], [], [], np.zeros(len(names))
            for key, (w, m, s), g in parts:
                share = v[key] / total
                centre = w @ m
                w_all.append(share * w)
                m_all.append(centre + g * (m - centre))
                s_all.append(g * s)
                weight += share * w
            mean, variance = mixture_moments(
                np.concatenate(w_all), np.concatenate(m_all), np.concatenate(s_all)
            )
            found[t, h] = float(mean), float(variance), weight
    return found


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    "grid",
    [SMALL, PoolGrid((("new",), ("old",)), (0.95,), (1.0,), (True,), horizon_sharing=0.0)],
    ids=["small", "disjoint sets"],
)
def test_it_equals_pools_written_out_one_by_one(grid, seed):
    record = Record(seed)
    names = NAMES[:4] if grid is not SMALL else NAMES
    record = record if names == NAMES else Record(seed, names=names)
    pool = PoolOfPools(grid=grid, groups=GROUPS).start(names, WINDOW, HORIZONS)
    _, forecasts = play(pool, record)
    for key, (mean, variance, weight) in written_out(grid, record, GROUPS).items():
        found = forecasts[key]
        assert found.mean == pytest.approx(mean, rel=1e-9, abs=1e-9), key
        assert found.variance == pytest.approx(variance, rel=1e-8), key
        labels = dict(zip(found.components.labels, found.components.weights, strict=True))
        assert [labels.get(n, 0.0) for n in names] == pytest.approx(weight.tolist(), abs=1e-9)


@pytest.mark.parametrize(
    "agent",
    [
        PoolOfPools(),
        PoolOfPools(grid=SMALL, groups={"north": "old", "south": "old"}),
        PoolOfPools(grid=PoolGrid((("old",), ("new",))), groups={"north": "old", "west": "new"}),
        PoolOfPools(grid=PoolGrid(likelihood=Likelihood(), eta=0.0, shrinkage=0.0, floor=1e-12)),
    ],
)
def test_conforms(agent):
    if agent.grid.member_sets == (("old",), ("new",)):
        # "south" is in no pool at all; it may be the only one with a forecast.
        agent = PoolOfPools(grid=PoolGrid((("old",), ())), groups=agent.groups)
    check_aggregator(agent)


def test_late_information_changes_no_earlier_forecast_by_one_bit():
    record, other = Record(3), Record(3)
    cut = 25
    other.values[cut + 1 :] += 100.0
    for t, h in product(range(cut + 1, other.rounds), HORIZONS):
        other.means[t, h] = 3.0 * other.means[t, h] + 7.0
    pool = PoolOfPools(grid=SMALL, groups=GROUPS).start(NAMES, WINDOW, HORIZONS)
    one, two = play(pool, record)[1], play(pool, other)[1]
    for t, h in product(range(cut + 1), HORIZONS):
        assert one[t, h] == two[t, h]
    assert one[cut + 1, 1] != two[cut + 1, 1]


def test_a_target_is_learned_from_only_when_it_is_revealed():
    record = Record(4, absent=0.0)
    pool, found = play(PoolOfPools(grid=SMALL).start(NAMES, WINDOW, HORIZONS), record, upto=10)
    before = {h: dict(pool.weights(h)) for h in HORIZONS}
    outcome = RevealedForecast(record.state(9), 1, record.said(9, 1), found[9, 1], 4.0)
    after = pool.update(outcome)
    assert {h: dict(pool.weights(h)) for h in HORIZONS} == before
    assert dict(after.weights(1)) != before[1]


def test_a_claim_is_judged_by_what_was_believed_when_it_was_made():
    """Nothing learned between a forecast and its target changes how the forecast is judged."""
    grid = PoolGrid(((),), (0.9,), (1.0,), (False,), alphas=(1.0,), eta=0.0, horizon_sharing=0.0)
    record = Record(5, absent=0.0)
    pool, found = play(PoolOfPools(grid=grid).start(NAMES, WINDOW, HORIZONS), record, upto=12)
    origin, h = 9, 3
    factor = dict(pool.earlier)[origin].posterior[h].factor
    scales = record.claims[origin, h] * factor[0]
    scales = np.where(
        np.isnan(record.claims[origin, h]), dict(pool.earlier)[origin].posterior[h].seen, scales
    )
    y = 2.0
    actions = record.said(origin, h)
    after = pool.update(RevealedForecast(record.state(origin), h, actions, found[origin, h], y))
    view = pool._views[h]
    ratio = view.ratio[0, 0, 0, 0]
    density = stats.t.pdf(y, 5, record.means[origin, h], scales * np.sqrt(3 / 5))
    posterior = ratio * density / (ratio @ density / len(NAMES))
    evidence = after.memory[h].evidence[0, 0, 0, 0]
    assert np.exp(evidence) == pytest.approx(posterior, rel=1e-9)
    # Beliefs of three periods are kept, and not more.
    assert [t for t, _ in pool.earlier] == [8, 9, 10]


def test_what_was_saved_is_restored_to_the_last_bit():
    record = Record(6)
    fresh = PoolOfPools(grid=SMALL, groups=GROUPS)
    half, found = play(fresh.start(NAMES, WINDOW, HORIZONS), record, upto=20)
    again = fresh.restored(json.loads(json.dumps(half.saved(), allow_nan=False)))
    assert again.saved() == half.saved()
    for t in range(20, 30):
        pools = []
        for pool in (half, again):
            new = pool
            for h in HORIZONS:
                actions = record.said(t - h, h)
                new = new.update(
                    RevealedForecast(
                        record.state(t - h), h, actions, found[t - h, h], float(record.values[t])
                    )
                )
            pools.append(new)
        half, again = pools
        for h in HORIZONS:
            found[t, h] = half.aggregate(record.state(t), record.said(t, h), horizon=h)
            assert again.aggregate(record.state(t), record.said(t, h), horizon=h) == found[t, h]
    assert again.saved() == half.saved()


def test_what_another_pool_saved_is_refused():
    saved = PoolOfPools().start(("a", "b"), WINDOW, (1,)).saved()
    for other in (PoolOfPools(grid=PoolGrid(discounts=(0.9,))), PoolOfPools(grid=SMALL)):
        with pytest.raises(DataError, match="another grid"):
            other.restored(saved)
    with pytest.raises(DataError, match="another grid, or of other forecasters"):
        PoolOfPools().restored({**saved, "names": ["a", "b", "c"]})
    with pytest.raises(DataError, match="memory by horizon"):
        PoolOfPools().restored({**saved, "memory": {"one": {}}})
    with pytest.raises(DataError, match="'learned_to' is missing"):
        PoolOfPools().restored({k: v for k, v in saved.items() if k != "learned_to"})


def test_copies_and_pickles_go_on_alike():
    record = Record(7)
    pool, _ = play(PoolOfPools(grid=SMALL, groups=GROUPS).start(NAMES, WINDOW, HORIZONS), record)
    wanted = play(pool, record, begin=30)[1]
    for twin in (pickle.loads(pickle.dumps(pool)), copy.deepcopy(pool)):
        assert play(twin, record, begin=30)[1] == wanted


def test_computing_once_changes_nothing():
    """The game teaches the same twice, from a print and from its reveal: no bit may differ."""
    record = Record(8)
    start = PoolOfPools(grid=SMALL, groups=GROUPS).start(NAMES, WINDOW, HORIZONS)
    _, once = play(start, record)
    twice, pool = {}, start
    for t in range(record.rounds):
        provisional = pool
        for h in HORIZONS:
            if t - h >= 0:
                args = (record.state(t - h), h, record.said(t - h, h), twice[t - h, h])
                outcome = RevealedForecast(*args, float(record.values[t]))
                provisional = provisional.update(outcome)
        for h in HORIZONS:
            provisional.aggregate(record.state(t), record.said(t, h), horizon=h)
        for h in HORIZONS:
            if t - h >= 0:
                args = (record.state(t - h), h, record.said(t - h, h), twice[t - h, h])
                pool = pool.update(RevealedForecast(*args, float(record.values[t])))
        for h in HORIZONS:
            twice[t, h] = pool.aggregate(record.state(t), record.said(t, h), horizon=h)
    assert once == twice


@given(st.permutations(range(len(NAMES))), st.integers(0, 20))
@settings(max_examples=10, deadline=None)
def test_permuting_forecasters_permutes_weights(order, seed):
    record = Record(seed, rounds=15)
    plain, _ = play(PoolOfPools(grid=SMALL, groups=GROUPS).start(NAMES, WINDOW, HORIZONS), record)
    names = tuple(NAMES[i] for i in order)
    start = PoolOfPools(grid=SMALL, groups=GROUPS).start(names, WINDOW, HORIZONS)
    moved, _ = play(start, record, order=order)
    for h in HORIZONS:
        assert dict(plain.weights(h)) == pytest.approx(dict(moved.weights(h)), abs=1e-12)


def test_weights_sum_to_one_after_each_of_a_thousand_updates_of_any_size():
    rng = np.random.default_rng(1)
    pool = PoolOfPools(grid=SMALL, groups=GROUPS).start(NAMES, WINDOW, (1,))
    for t in range(1000):
        state = ForecastState(t, 5.0, 0.0, 0.0)
        size = 10.0 ** rng.uniform(-6, 100 if t % 9 == 0 else 6)
        actions = tuple(
            AgentAction(n, float(d), scale=float(s))
            for n, d, s in zip(NAMES, rng.normal(0, 1, 5), 10 ** rng.uniform(-2, 2, 5), strict=True)
        )
        forecast = pool.aggregate(state, actions)
        target = 5.0 + float(rng.standard_cauchy()) * size
        pool = pool.update(RevealedForecast(state, 1, actions, forecast, target))
        weights = list(pool.weights().values())
        assert abs(sum(weights) - 1.0) < 1e-12, t
        assert min(weights) > 0.0
        assert abs(float(pool.pool_weights().sum()) - 1.0) < 1e-12
        assert abs(float(forecast.components.weights.sum()) - 1.0) < 1e-12


def test_a_copy_within_its_group_changes_nothing():
    record = Record(9, absent=0.0)
    grid = PoolGrid(((),), (0.95,), (1.0,), (False, True), alphas=(1.0,), shrinkage=0.0)
    groups = {n: n for n in NAMES}
    one = PoolOfPools(grid=grid, groups=groups).start(NAMES, WINDOW, HORIZONS)
    copied = Record(9, absent=0.0)
    copied.names = (*NAMES, "twin")
    for key in copied.means:
        for column in (copied.means, copied.claims):
            column[key] = np.append(column[key], column[key][2])
    two = PoolOfPools(grid=grid, groups={**groups, "twin": "c"})
    two = two.start(copied.names, WINDOW, HORIZONS)
    (first, single), (second, double) = play(one, record), play(two, copied)
    for key, forecast in single.items():
        assert abs(double[key].mean - forecast.mean) < 1e-12
        assert double[key].variance == pytest.approx(forecast.variance, rel=1e-12)
    for h in HORIZONS:
        w, v = first.weights(h), second.weights(h)
        assert abs(w["c"] - v["c"] - v["twin"]) < 1e-12
        assert all(abs(w[n] - v[n]) < 1e-12 for n in "abde")


def test_forecasters_may_join_late_and_be_missing():
    rng = np.random.default_rng(2)
    pool = PoolOfPools(grid=SMALL).start(("a", "b", "late"), WINDOW, (1,))
    value = 0.0
    for t in range(30):
        state = ForecastState(t, value, 0.0, 0.0)
        actions = (
            AgentAction("a", 0.0, scale=1.0) if t % 4 else None,
            AgentAction("b", float(rng.normal(0, 1)), scale=1.5),
            AgentAction("late", 0.0, scale=1.0) if t >= 21 else None,
        )
        forecast = pool.aggregate(state, actions)
        labels = forecast.components.labels
        assert labels == tuple(a.actor for a in actions if a is not None)
        if t == 21:
            weights = dict(zip(labels, forecast.components.weights.tolist(), strict=True))
            assert weights["late"] == pytest.approx(1 / 3, abs=0.1)  # its share of the prior
        value += float(rng.normal())
        pool = pool.update(RevealedForecast(state, 1, actions, forecast, value))


def test_sets_without_a_forecast_leave_the_word_to_the_others():
    pool = PoolOfPools(grid=SMALL, groups=GROUPS).start(NAMES, WINDOW, (1,))
    state = ForecastState(0, 5.0, 0.0, 0.0)
    actions = (None, None, *(AgentAction(n, 1.0, scale=1.0) for n in "cde"))
    forecast = pool.aggregate(state, actions)
    assert forecast.components.labels == ("c", "d", "e")
    learned = pool.update(RevealedForecast(state, 1, actions, forecast, 6.0))
    weights = learned.pool_weights().sum(axis=(1, 2, 3))
    assert weights.tolist() == pytest.approx([0.5, 0.5])  # the absent set did as well as the other


def test_groups_have_one_vote_each():
    pool = PoolOfPools(grid=PoolGrid(), groups=GROUPS).start(NAMES, WINDOW, (1,))
    weights = pool.weights()
    assert weights["a"] + weights["b"] == pytest.approx(1 / 3)
    assert weights["c"] + weights["d"] == pytest.approx(1 / 3)
    assert weights["e"] == pytest.approx(1 / 3)
    told = PoolOfPools(groups={"a": "mine"}).with_groups({"a": "theirs", "b": "theirs"})
    assert dict(told.groups) == {"a": "mine", "b": "theirs"}


def test_the_better_setting_wins():
    """After a fall of the variance, pools whose scales forget fast do better, and get weight."""
    rng = np.random.default_rng(3)
    pool = PoolOfPools(grid=PoolGrid(discounts=(0.9, 0.99), recalibrate=(False,)))
    pool = pool.start(("a",), WINDOW, (1,))
    for t in range(120):
        state = ForecastState(t, 0.0, 0.0, 0.0)
        actions = (AgentAction("a", 0.0, scale=1.0),)
        forecast = pool.aggregate(state, actions)
        y = float(rng.normal(0, 2.0 if t < 60 else 0.5))
        pool = pool.update(RevealedForecast(state, 1, actions, forecast, y))
    fast, slow = pool.pool_weights().sum(axis=(0, 2, 3)).tolist()
    assert fast > 0.8 > slow
    settled = PoolOfPools(grid=PoolGrid(eta=0.0)).start(("a",), WINDOW, (1,))
    assert np.ptp(settled.pool_weights()) == 0.0


def test_inflation_widens_and_leaves_the_mean():
    record = Record(10)
    pool, _ = play(PoolOfPools(grid=SMALL).start(NAMES, WINDOW, HORIZONS), record)
    state, actions = record.state(20), record.said(20, 1)
    plain = pool.aggregate(state, actions)
    wide = pool.aggregate(state, actions, inflation=(0.7,) * 5)
    assert wide.mean == plain.mean
    assert wide.variance == pytest.approx(plain.variance + 0.49)


@pytest.fixture(scope="module")
def issued():
    start = PoolOfPools(grid=SMALL, groups=GROUPS).start(NAMES, WINDOW, HORIZONS)
    return list(play(start, Record(11))[1].values())


def test_quantiles_equal_root_finding_and_never_decrease(issued):
    levels = np.array([0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99])
    for forecast in issued[::7]:
        parts = forecast.components
        args = (parts.weights, parts.means, parts.scales)
        found = mixture_quantile(levels, *args)
        assert (np.diff(found) >= 0.0).all()
        span = 40 * forecast.scale
        for level, x in zip(levels, found, strict=True):
            root = optimize.brentq(
                lambda q, p=level, a=args: float(mixture_cdf(q, *a)) - p,
                forecast.mean - span,
                forecast.mean + span,
                xtol=1e-13,
            )
            assert x == pytest.approx(root, abs=1e-9)


def test_crps_equals_integration_and_is_not_negative(issued):
    rng = np.random.default_rng(12)
    for forecast in issued[::9]:
        parts = forecast.components
        args = (parts.weights, parts.means, parts.scales)
        y = float(rng.normal(forecast.mean, 2 * forecast.scale))
        score = float(crps_mixture(*args, y))
        span = 12 * forecast.scale
        below = integrate.quad(
            lambda x, a=args: float(mixture_cdf(x, *a)) ** 2, forecast.mean - span, y, limit=200
        )[0]
        above = integrate.quad(
            lambda x, a=args: (1 - float(mixture_cdf(x, *a))) ** 2,
            y,
            max(y, forecast.mean) + span,
            limit=200,
        )[0]
        assert score >= 0.0
        assert score == pytest.approx(below + above, rel=1e-5)


def test_pits_are_uniform_when_the_truth_is_drawn_from_the_forecast():
    """The truth of each period is drawn from the pool's own forecast of it, then learned."""
    rng = np.random.default_rng(13)
    pool = PoolOfPools(grid=SMALL).start(("a", "b", "c"), WINDOW, (1,))
    pits = []
    for t in range(600):
        state = ForecastState(t, 0.0, 0.0, 0.0)
        actions = tuple(
            AgentAction(n, float(d), scale=float(s))
            for n, d, s in zip("abc", rng.normal(0, 1, 3), rng.uniform(0.5, 2, 3), strict=True)
        )
        forecast = pool.aggregate(state, actions)
        parts = forecast.components
        which = rng.choice(parts.weights.size, p=parts.weights / parts.weights.sum())
        y = float(rng.normal(parts.means[which], parts.scales[which]))
        pits.append(float(pit_score(forecast, y)))
        pool = pool.update(RevealedForecast(state, 1, actions, forecast, y))
    assert min(pits) >= 0.0
    assert max(pits) <= 1.0
    assert stats.kstest(pits, "uniform").pvalue > 0.01


def test_errors_say_what_is_wrong():
    with pytest.raises(ConfigError, match="at least one forecaster"):
        PoolOfPools().start((), WINDOW, (1,))
    with pytest.raises(ConfigError, match="its sets are of the groups x, y"):
        PoolOfPools(grid=PoolGrid((("x", "y"),)), groups=GROUPS).start(NAMES, WINDOW, (1,))
    pool = PoolOfPools().start(("a",), WINDOW, (1,))
    state = ForecastState(0, 1.0, 0.0, 0.0)
    with pytest.raises(AgentError, match="not started for horizon 2"):
        pool.aggregate(state, (AgentAction("a", 0.0, scale=1.0),), horizon=2)
    with pytest.raises(AgentError, match="for 1 forecasters, got 2"):
        pool.aggregate(state, (None, None))
    with pytest.raises(AgentError, match="no forecaster has a forecast at t = 0"):
        pool.aggregate(state, (None,))
    for name, value, message in (
        ("discounts", (0.9, 1.1), r"discounts must be in \(0, 1\]"),
        ("discounts", (), "one value or more"),
        ("alphas", (0.9, 0.9), "all different"),
        ("temperatures", (0.0,), "above 0"),
        ("shrinkage", 1.5, "shrinkage"),
        ("eta", -1.0, "eta"),
        ("floor", 0.0, "floor must be above 0"),
        ("loss_discount", 0.0, "loss_discount"),
    ):
        with pytest.raises(ConfigError, match=message):
            PoolGrid(**{name: value})


def test_the_scale_rule_of_the_grid_is_used():
    wild = PoolOfPools(grid=PoolGrid(scale=ScaleRule(highest=9.0), spread=ScaleRule(highest=1.0)))
    tame = PoolOfPools(grid=PoolGrid(scale=ScaleRule(highest=1.0), spread=ScaleRule(highest=1.0)))
    scales = []
    for pool in (wild, tame):
        playing = pool.start(("a",), WINDOW, (1,))
        for t in range(60):
            state, actions = ForecastState(t, 0.0, 0.0, 0.0), (AgentAction("a", 0.0, scale=0.1),)
            forecast = playing.aggregate(state, actions)
            playing = playing.update(RevealedForecast(state, 1, actions, forecast, 5.0))
        scales.append(forecast.scale)
    assert scales[1] == pytest.approx(0.1)
    assert scales[0] > 0.25
