"""The rules of one game as a plain loop over local variables, with the draws of the game.

Three forecasters, adversary, disturbance, gate, Bayesian weights, in plain Python: an independent
reading of the rules, and what a game would cost without agents, records and checks.
"""

from __future__ import annotations

import math
from typing import Any

from scipy.special import ndtri

from fg_core import (
    AdversaryAgent,
    AgentRegistry,
    AutoRegression,
    DefenderAgent,
    Drift,
    ForecastGame,
    ForecastState,
    PoolAggregator,
    RandomWalk,
    SimulatedWorld,
    SimulationConfig,
)
from fg_core.rng import uniform_block

__all__ = ["ROUNDS", "START", "THREE", "fitted", "game_of", "largest_difference", "plain_loop"]

SEED = 11
ROUNDS = 100
PAST = tuple(10.0 + 0.02 * i + (7919 * i * i % 101) / 101.0 for i in range(-40, 0))
START = ForecastState(0, 10.0, 0.0, 0.0, history=PAST)
CONFIG = SimulationConfig(horizon=ROUNDS, max_rounds=10_000, attack_total=25.0, attack_cost=0.1)
THREE = (RandomWalk(), Drift(), AutoRegression(2))
ROOT_PI, ROOT_TWO_PI = math.sqrt(math.pi), math.sqrt(2.0 * math.pi)
HALF_LOG_TWO_PI = 0.5 * math.log(2.0 * math.pi)
ROOT_HALF = math.sqrt(0.5)


def game_of(forecasters: tuple[Any, ...], game: int = 0) -> ForecastGame:
    """Return the game of these rules: an adversary, a gate, Bayesian weights."""
    registry = AgentRegistry(forecasters, (AdversaryAgent(),), (DefenderAgent(),), PoolAggregator())
    return ForecastGame(CONFIG, seed=SEED, registry=registry, game=game)


def fitted() -> tuple:
    """Return what is fitted before the game, as numbers."""
    window = SimulatedWorld.from_config(CONFIG, SEED).training(START)
    walk, drift, ar = (agent.fit(window).fitted for agent in THREE)
    spread = math.sqrt(1.0 + 1.0 / drift.n_changes)
    claims = (walk.step_scale, drift.step_scale * spread, ar.scale(1))
    return claims, drift.slope, (*ar.phi, ar.offset, ar.center, ar.unit), window.step_scale


def draws(game: int) -> tuple[list[float], list[float], list[float]]:
    """Return noise, uniforms and normals of nature for one game."""
    noise: list[float] = []
    fires: list[float] = []
    shocks: list[float] = []
    for block in range(-(-ROUNDS // 64)):
        noise += ndtri(uniform_block(SEED, "noise", "", game, 1, block, 0)[0]).tolist()
        nature = (uniform_block(SEED, "disturbance", "gaussian", game, 1, block, i) for i in (0, 1))
        uniforms, others = nature
        fires += uniforms[0].tolist()
        shocks += ndtri(others[0]).tolist()
    return noise, fires, shocks


def mixture_crps(w: list[float], m: list[float], s: list[float], y: float) -> float:
    """Return the CRPS of a mixture of normals."""
    erf, exp, hypot = math.erf, math.exp, math.hypot
    total = 0.0
    for i, wi in enumerate(w):
        si, d = s[i], y - m[i]
        z = d / si
        away = d * erf(z * ROOT_HALF) + 2.0 * si * exp(-0.5 * z * z) / ROOT_TWO_PI
        total += wi * away - wi * wi * si / ROOT_PI
        for j in range(i + 1, len(w)):
            d, sj = m[i] - m[j], hypot(si, s[j])
            z = d / sj
            apart = d * erf(z * ROOT_HALF) + 2.0 * sj * exp(-0.5 * z * z) / ROOT_TWO_PI
            total -= wi * w[j] * apart
    return total if total > 0.0 else 0.0


def plain_loop(fit: tuple, game: int, mixtures: bool) -> list[tuple[float, ...]]:
    """Play one game; return (target, print, mean, variance, score, p_bad) of each round."""
    (c1, c2, c3), slope, (phi1, phi2, offset, center, unit), step = fit
    noise, fires, shocks = draws(game)
    exp, log, sqrt, hypot, pi = math.exp, math.log, math.sqrt, math.hypot, math.pi
    config = CONFIG
    probability = config.disturbance_prob
    size = config.disturbance_scale * config.adversarial_intensity
    alpha, floor, shrink = 0.99, 0.001, 0.2
    keep, prior_n, cap = 0.95, 4.0, 9.0
    base, weight_of_base, forgetting = 0.05, 2.0, 0.98
    turmoil_base, weight_of_turmoil, pace = 0.02, 20.0, 0.9
    width_of_bad = 4.0 * step
    hit_size = max(0.0, 0.4 - 0.2 * 0.0) * step
    third, spare = 1.0 / 3.0, floor / 3.0
    # (weights before forgetting, squares, count): what the pool has learned; then what follows.
    l1 = l2 = l3 = -log(3.0)
    q1 = q2 = q3 = count = 0.0
    bad_count = print_count = rough_count = squares = recent = 0.0
    spent = 0.0
    values = list(PAST)
    v, x = START.value, START.exogenous

    def follows(l1, l2, l3, q1, q2, q3, count):  # type: ignore[no-untyped-def]
        """Return prior log weights, weights and factors of a memory."""
        a, b, c = alpha * l1, alpha * l2, alpha * l3
        top = a if a >= b and a >= c else (b if b >= c else c)
        a, b, c = exp(a - top), exp(b - top), exp(c - top)
        total = a + b + c
        a, b, c = (
            (a / total + spare) / (1.0 + floor),
            (b / total + spare) / (1.0 + floor),
            (c / total + spare) / (1.0 + floor),
        )
        total = a + b + c
        n = prior_n + count
        f1, f2, f3 = sqrt((prior_n + q1) / n), sqrt((prior_n + q2) / n), sqrt((prior_n + q3) / n)
        return (
            log(a),
            log(b),
            log(c),
            (1.0 - shrink) * a / total + shrink * third,
            (1.0 - shrink) * b / total + shrink * third,
            (1.0 - shrink) * c / total + shrink * third,
            c1 * (0.4 if f1 < 0.4 else 2.5 if f1 > 2.5 else f1),
            c2 * (0.4 if f2 < 0.4 else 2.5 if f2 > 2.5 else f2),
            c3 * (0.4 if f3 < 0.4 else 2.5 if f3 > 2.5 else f3),
        )

    def learned(target, m1, m2, m3, s1, s2, s3, p1, p2, p3, q1, q2, q3, count):  # type: ignore[no-untyped-def]
        """Return the memory after a target."""
        e1, e2, e3 = target - m1, target - m2, target - m3
        z1, z2, z3 = e1 / s1, e2 / s2, e3 / s3
        a = p1 - HALF_LOG_TWO_PI - log(s1) - 0.5 * z1 * z1
        b = p2 - HALF_LOG_TWO_PI - log(s2) - 0.5 * z2 * z2
        c = p3 - HALF_LOG_TWO_PI - log(s3) - 0.5 * z3 * z3
        top = a if a >= b and a >= c else (b if b >= c else c)
        norm = top + log(exp(a - top) + exp(b - top) + exp(c - top))
        z1, z2, z3 = e1 / c1, e2 / c2, e3 / c3
        z1, z2, z3 = z1 * z1, z2 * z2, z3 * z3
        return (
            a - norm,
            b - norm,
            c - norm,
            keep * q1 + (z1 if z1 < cap else cap),
            keep * q2 + (z2 if z2 < cap else cap),
            keep * q3 + (z3 if z3 < cap else cap),
            keep * count + 1.0,
        )

    memory = (l1, l2, l3, q1, q2, q3, count)
    p1, p2, p3, w1, w2, w3, s1, s2, s3 = follows(*memory)
    last, before = values[-1], values[-2]
    z = (last - center) / unit
    m1, m2 = last, last + slope
    m3 = last + unit * (offset + phi1 * z + phi2 * ((before - center) / unit) - z)
    mean = w1 * m1 + w2 * m2 + w3 * m3
    d1, d2, d3 = m1 - mean, m2 - mean, m3 - mean
    variance = w1 * (s1 * s1 + d1 * d1) + w2 * (s2 * s2 + d2 * d2) + w3 * (s3 * s3 + d3 * d3)
    found = []
    for r in range(ROUNDS):
        # Tamper.
        trend = (v - values[-8]) / 8.0
        hit = -hit_size if trend + 0.4 * x >= 0.0 else hit_size
        limit = config.attack_total - spent
        limit = (limit if limit < config.attack_cap else config.attack_cap) * step
        hit = -limit if hit < -limit else limit if hit > limit else hit
        spent += abs(hit) / step
        cost = config.attack_cost / step * abs(hit)
        reported = v + hit
        # Learn from the print for this round alone, and forecast with it.
        count = memory[6]
        after = learned(
            reported, m1, m2, m3, s1, s2, s3, p1, p2, p3, memory[3], memory[4], memory[5], count
        )
        _, _, _, u1, u2, u3, r1, r2, r3 = follows(*after)
        z, lag = (reported - center) / unit, phi2 * ((last - center) / unit)
        n1, n2 = reported, reported + slope
        n3 = reported + unit * (offset + phi1 * z + lag - z)
        # Doubt the print.
        factor = sqrt((prior_n + squares) / (prior_n + recent))
        factor = 0.4 if factor < 0.4 else 2.5 if factor > 2.5 else factor
        stated_scale = sqrt(variance)
        surprise, scale = reported - mean, stated_scale * factor
        turmoil = (turmoil_base * weight_of_turmoil + rough_count) / (weight_of_turmoil + recent)
        z2 = (surprise / scale) ** 2
        calm, rough = exp(-0.5 * z2), exp(-0.5 * z2 / 25.0) / 5.0
        good = ((1.0 - turmoil) * calm + turmoil * rough) / (ROOT_TWO_PI * scale)
        wide = hypot(scale, width_of_bad)
        bad = 1.0 / (pi * wide * (1.0 + (surprise / wide) ** 2))
        rate = (base * weight_of_base + bad_count) / (weight_of_base + print_count)
        p_bad = rate * bad / (rate * bad + (1.0 - rate) * good)
        # Forecast without it.
        instead = reported - surprise
        z = (instead - center) / unit
        o1, o2 = instead, instead + slope
        o3 = instead + unit * (offset + phi1 * z + lag - z)
        t1, t2 = sqrt(s1 * s1 + scale * scale), sqrt(s2 * s2 + scale * scale)
        reach = phi1 * scale
        t3 = sqrt(s3 * s3 + reach * reach)
        # Mix.
        p_good = 1.0 - p_bad
        a1, a2, a3, a4, a5, a6 = (
            p_good * u1,
            p_good * u2,
            p_good * u3,
            p_bad * w1,
            p_bad * w2,
            p_bad * w3,
        )
        middle = a1 * n1 + a2 * n2 + a3 * n3 + a4 * o1 + a5 * o2 + a6 * o3
        d1, d2, d3, d4, d5, d6 = (
            n1 - middle,
            n2 - middle,
            n3 - middle,
            o1 - middle,
            o2 - middle,
            o3 - middle,
        )
        spread = (
            a1 * (r1 * r1 + d1 * d1)
            + a2 * (r2 * r2 + d2 * d2)
            + a3 * (r3 * r3 + d3 * d3)
            + a4 * (t1 * t1 + d4 * d4)
            + a5 * (t2 * t2 + d5 * d5)
            + a6 * (t3 * t3 + d6 * d6)
        )
        # Move.
        shock = size * shocks[r] if fires[r] <= probability else 0.0
        target = v + config.base_trend + 0.4 * x + config.base_noise_std * noise[r] + shock
        x = 0.6 * x + 0.2 * shock
        # Reward.
        if mixtures:
            score = mixture_crps(
                [a1, a2, a3, a4, a5, a6],
                [n1, n2, n3, o1, o2, o3],
                [r1, r2, r3, t1, t2, t3],
                target,
            )
        else:
            score = abs(target - middle)
        found.append((target, reported, middle, spread, score, p_bad, score - cost))
        # Reveal, then learn.
        memory = learned(
            v, m1, m2, m3, s1, s2, s3, p1, p2, p3, memory[3], memory[4], memory[5], count
        )
        square = (reported - v) ** 2
        bad_count = forgetting * bad_count + square / (square + scale * scale)
        print_count = forgetting * print_count + 1.0
        z2 = ((v - mean) / scale) ** 2
        calmer = (1.0 - turmoil) * 5.0 * exp(-0.5 * z2 * (1.0 - 1.0 / 25.0))
        rough_count = pace * rough_count + turmoil / (turmoil + calmer)
        z2 = ((v - mean) / stated_scale) ** 2
        squares = pace * squares + (z2 if z2 < cap else cap)
        recent = pace * recent + 1.0
        values.append(v)
        p1, p2, p3, w1, w2, w3, s1, s2, s3 = follows(*memory)
        z = (v - center) / unit
        m1, m2 = v, v + slope
        m3 = v + unit * (offset + phi1 * z + phi2 * ((last - center) / unit) - z)
        mean = w1 * m1 + w2 * m2 + w3 * m3
        d1, d2, d3 = m1 - mean, m2 - mean, m3 - mean
        variance = w1 * (s1 * s1 + d1 * d1) + w2 * (s2 * s2 + d2 * d2) + w3 * (s3 * s3 + d3 * d3)
        last, v = v, target
    return found


def largest_difference() -> float:
    """Return by how much the loop and `run` differ at most, relative to 1 and the number."""
    worst = 0.0
    fit = fitted()
    for number in (0, 5):
        steps = game_of(THREE, number).run(START).steps
        for ours, step in zip(plain_loop(fit, number, True), steps, strict=True):
            theirs = (
                step.target,
                step.observation.value,
                step.forecast,
                step.probabilistic.variance,
                -step.reward_breakdown["team"],
                step.issued[0].p_bad,
                step.reward_breakdown["adversaries"],
            )
            gaps = [abs(a - b) / max(1.0, abs(b)) for a, b in zip(ours, theirs, strict=True)]
            worst = max(worst, *gaps)
    return worst
