"""Randomness: the published test vectors, an independent generator, and what is promised."""

from __future__ import annotations

import hashlib
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from fg_core.errors import ConfigError
from fg_core.rng import (
    ROUNDS_PER_BLOCK,
    AgentDraws,
    DrawArrays,
    Draws,
    Stream,
    StreamArrays,
    check_seed,
    uniform_block,
)

MASK = 2**64 - 1


def philox(counter: tuple[int, ...], key: tuple[int, ...]) -> tuple[int, ...]:
    """Return Philox 4x64-10 as in Salmon et al. (2011), table 2 and section 3.3."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        high0, low0 = divmod(0xD2E7470EE14C6C93 * c0, 2**64)
        high1, low1 = divmod(0xCA5A826395121157 * c2, 2**64)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B97F4A7C15) & MASK, (k1 + 0xBB67AE8584CAA73B) & MASK
    return c0, c1, c2, c3


# Known answers from Random123 (kat_vectors): counter, key, output.
PI = (
    0x243F6A8885A308D3,
    0x13198A2E03707344,
    0xA4093822299F31D0,
    0x082EFA98EC4E6C89,
    0x452821E638D01377,
    0xBE5466CF34E90C6C,
)
KNOWN = [
    (
        (0, 0, 0, 0),
        (0, 0),
        (0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B),
    ),
    (
        (MASK,) * 4,
        (MASK, MASK),
        (0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0),
    ),
    (
        PI[:4],
        PI[4:],
        (0xA528F45403E61D95, 0x38C72DBD566E9788, 0xA5A1610E72FD18B5, 0x57BD43B5E52B7FE6),
    ),
]


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN)
def test_the_generator_of_this_test_gives_the_published_numbers(
    counter: tuple[int, ...], key: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    assert philox(counter, key) == expected


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN)
def test_numpy_gives_the_published_numbers(
    counter: tuple[int, ...], key: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    # numpy counts up before its first output, with carry: begin one below.
    whole = (sum(c << (64 * i) for i, c in enumerate(counter)) - 1) % 2**256
    below = np.array([(whole >> (64 * i)) & MASK for i in range(4)], dtype=np.uint64)
    bits = np.random.Philox(key=np.array(key, dtype=np.uint64), counter=below)
    assert tuple(int(word) for word in bits.random_raw(4)) == expected


def by_hand(seed: int, stream: str, agent: str, game: int, block: int, index: int, k: int) -> float:
    """Return uniform `k` of a block, from the documentation of `fg_core.rng` alone."""
    name = hashlib.blake2b(f"{stream}\0{agent}".encode(), digest_size=8).digest()
    key = (seed, int.from_bytes(name, "little"))
    words = philox((16 * game + k // 4 + 1, block, index, 0), key)
    return ((words[k % 4] >> 12) + 0.5) / 2**52


@pytest.mark.parametrize(
    ("seed", "stream", "agent", "game", "block", "index"),
    [
        (7, "noise", "", 0, 0, 0),
        (0, "noise", "", 1, 0, 0),
        (MASK, "disturbance", "gate", 9_999, 3, 2),
        (2**63, "adversary", "ü", 10**9, 12, 1),
    ],
)
def test_blocks_are_what_the_documentation_says(
    seed: int, stream: str, agent: str, game: int, block: int, index: int
) -> None:
    found = uniform_block(seed, stream, agent, game, 1, block, index)
    assert found.shape == (1, ROUNDS_PER_BLOCK)
    expected = [by_hand(seed, stream, agent, game, block, index, k) for k in range(64)]
    assert found[0].tolist() == expected


def test_streams_read_the_block_of_their_round() -> None:
    stream = Stream(7, "noise", "walk", game=3)
    for round_idx, index in ((0, 0), (63, 0), (64, 0), (200, 5)):
        expected = by_hand(7, "noise", "walk", 3, round_idx // 64, index, round_idx % 64)
        assert stream.uniform(round_idx, index) == expected


@settings(
    derandomize=True, database=None, deadline=None, max_examples=settings.default.max_examples // 2
)
@given(
    seed=st.integers(0, MASK),
    first=st.integers(0, 10**6),
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    block=st.integers(0, 100),
    index=st.integers(0, 9),
)
def test_how_games_are_cut_into_chunks_does_not_matter(
    seed: int, first: int, sizes: list[int], block: int, index: int
) -> None:
    whole = uniform_block(seed, "noise", "", first, sum(sizes), block, index)
    edges = [first, *(first + int(e) for e in np.cumsum(sizes))]
    chunks = [uniform_block(seed, "noise", "", a, b - a, block, index) for a, b in pairwise(edges)]
    assert np.concatenate(chunks).tobytes() == whole.tobytes()


def test_a_game_alone_draws_what_it_draws_in_a_batch() -> None:
    batch = uniform_block(7, "noise", "", 0, 20, 1, 0)
    for game in (0, 7, 19):
        alone = Stream(7, "noise", game=game)
        assert [alone.uniform(64 + r) for r in range(64)] == batch[game].tolist()


def test_the_order_of_draws_does_not_matter() -> None:
    rounds = [5, 300, 0, 64, 63, 5]
    once, again = Stream(7, "noise"), Stream(7, "noise")
    forwards = {r: once.normal(r) for r in rounds}
    assert {r: again.normal(r) for r in reversed(rounds)} == forwards


def test_a_new_agent_or_stream_shifts_nobodys_draws() -> None:
    quiet = Stream(7, "noise")
    before = [quiet.normal(r) for r in range(100)]
    busy = Stream(7, "noise")
    after = []
    for r in range(100):
        for other in ("adversary", "defender", "forecaster"):
            Stream(7, other, f"agent-{r}").normal(r, index=r % 3)
        after.append(busy.normal(r))
    assert after == before


def test_everything_in_the_key_makes_another_number() -> None:
    base = {"seed": 7, "stream": "noise", "agent": "a", "game": 0}
    numbers = {Stream(**base).uniform(0)}  # type: ignore[arg-type]
    for change in ({"seed": 8}, {"stream": "shock"}, {"agent": "b"}, {"game": 1}):
        numbers.add(Stream(**(base | change)).uniform(0))  # type: ignore[arg-type]
    stream = Stream(**base)  # type: ignore[arg-type]
    numbers |= {stream.uniform(1), stream.uniform(0, 1), stream.uniform(64)}
    assert len(numbers) == 8


def test_stream_and_agent_do_not_run_together() -> None:
    assert Stream(7, "ab", "c").uniform(0) != Stream(7, "a", "bc").uniform(0)
    assert Stream(7, "abc", "").uniform(0) != Stream(7, "", "abc").uniform(0)


def test_no_number_repeats_over_rounds_games_indices_and_streams() -> None:
    blocks = [
        uniform_block(7, stream, "", 0, 20, block, index)
        for stream in ("noise", "shock")
        for block in range(4)
        for index in range(3)
    ]
    everything = np.concatenate(blocks).ravel()
    assert np.unique(everything).size == everything.size == 2 * 4 * 3 * 20 * 64


# -------------------------------------------------------------------------------------- properties


def test_uniforms_lie_strictly_between_0_and_1() -> None:
    found = uniform_block(1, "noise", "", 0, 2000, 0, 0)
    assert found.dtype == np.float64
    assert 0.0 < found.min() < 1e-4
    assert 1.0 - 1e-4 < found.max() < 1.0


def test_the_extreme_words_are_inside_and_have_finite_normals() -> None:
    for word in (0, MASK):
        uniform = ((np.uint64(word) >> np.uint64(12)) + 0.5) * 2.0**-52
        assert 0.0 < uniform < 1.0
        assert math.isfinite(stats.norm.ppf(uniform))


def test_uniforms_are_uniform_and_normals_normal() -> None:
    uniforms = uniform_block(3, "noise", "", 0, 2000, 0, 0).ravel()
    assert stats.kstest(uniforms, "uniform").pvalue > 0.01
    stream = Stream(3, "noise")
    normals = np.array([stream.normal(r, i) for r in range(2000) for i in range(20)])
    n = normals.size
    assert abs(normals.mean()) < 4.0 / math.sqrt(n)
    assert abs(normals.var() - 1.0) < 4.0 * math.sqrt(2.0 / n)
    assert abs(stats.skew(normals)) < 4.0 * math.sqrt(6.0 / n)
    assert abs(stats.kurtosis(normals)) < 4.0 * math.sqrt(24.0 / n)
    assert stats.kstest(normals, "norm").pvalue > 0.01


def test_neighbours_are_not_correlated() -> None:
    found = uniform_block(5, "noise", "", 0, 4000, 0, 0)
    other = uniform_block(5, "shock", "", 0, 4000, 0, 0)
    bound = 4.0 / math.sqrt(4000 * 63)
    for a, b in (
        (found[:, :-1], found[:, 1:]),
        (found[:-1, :63], found[1:, :63]),
        (found[:, :63], other[:, :63]),
    ):
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < bound


def test_a_normal_is_the_inverse_distribution_function_of_its_uniform() -> None:
    stream = Stream(7, "noise")
    for r in range(200):
        assert stats.norm.cdf(stream.normal(r)) == pytest.approx(stream.uniform(r), rel=1e-13)


def test_an_agents_draws_are_those_of_its_stream_and_round() -> None:
    draws = AgentDraws(Stream(7, "adversary", "gate"), 70)
    assert draws.uniform() == Stream(7, "adversary", "gate").uniform(70)
    assert draws.normal(2) == Stream(7, "adversary", "gate").normal(70, 2)


GOLDEN = [0.8119876519090184, 0.1361195462041923, 0.0026912087091540693]


def test_the_same_numbers_for_ever() -> None:
    """Golden: a change of these changes every result that anybody has published."""
    stream = Stream(7, "noise")
    assert [stream.uniform(r).hex() for r in (0, 1, 64)] == [
        by_hand(7, "noise", "", 0, 0, 0, 0).hex(),
        by_hand(7, "noise", "", 0, 0, 0, 1).hex(),
        by_hand(7, "noise", "", 0, 1, 0, 0).hex(),
    ]
    assert [stream.uniform(r) for r in (0, 1, 64)] == GOLDEN


# -------------------------------------------------------------------------------------------- seeds


@pytest.mark.parametrize("seed", [0, 7, 2**32, MASK])
def test_seeds_of_64_bits_are_taken(seed: int) -> None:
    assert check_seed(seed) == seed
    assert 0.0 < Stream(seed, "noise").uniform(0) < 1.0


@pytest.mark.parametrize("seed", [-1, 2**64, 1.0, "7", None, True])
def test_other_seeds_are_refused(seed: object) -> None:
    with pytest.raises(ConfigError, match="seed must be a whole number from 0 to"):
        check_seed(seed)  # type: ignore[arg-type]


def test_keys_count_from_zero() -> None:
    for bad in ({"seed": -1}, {"seed": 1, "game": -1}):
        with pytest.raises(ConfigError):
            Stream(stream="noise", **bad)
    with pytest.raises(ConfigError, match="count from 0"):
        Stream(1, "noise").uniform(0, -1)
    with pytest.raises(ConfigError, match="count from 0"):
        StreamArrays(1, "noise", "", 0, 2).uniform(0, -1)


def test_rounds_before_the_first_have_numbers_of_their_own():
    """Forecasters of a game that begins in period 0 are asked about the period before it."""
    alone = [Stream(1, "noise", "", game) for game in (3, 4)]
    together = StreamArrays(1, "noise", "", 3, 2)
    rounds = range(-70, 70)
    rows = [[one.uniform(r) for one in alone] for r in rounds]
    assert [together.uniform(r).tolist() for r in rounds] == rows
    assert len({x for row in rows for x in row}) == 2 * len(rounds)


def test_the_draws_of_a_game_and_of_many_are_draws():
    one = AgentDraws(Stream(7, "forecaster", "a", 4), 70)
    many = DrawArrays(StreamArrays(7, "forecaster", "a", 3, 2), 70)
    assert isinstance(one, Draws)
    assert isinstance(many, Draws)
    for index in (2, 0, 1, 0):
        assert many.uniform(index)[1] == one.uniform(index)
        assert many.normal(index)[1] == one.normal(index)
