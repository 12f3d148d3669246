"""Draws of a batch: the numbers of each game, by any route, for ever."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core.rng import DrawArrays, Stream, StreamArrays, uniform_block

# Known answers: a change of these changes every result that anybody has published.
UNIFORMS = {
    (0, 0, 0): 0.8119876519090184,
    (0, 1, 0): 0.1361195462041923,
    (0, 64, 0): 0.0026912087091540693,
}


@given(
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**58 - 20),
    st.integers(1, 9),
    st.integers(0, 400),
    st.integers(0, 3),
)
@settings(max_examples=settings.default.max_examples // 2)
def test_each_game_has_its_own_stream(seed, first, n, r, index):
    together = StreamArrays(seed, "noise", "agent", first, n)
    for i in range(n):
        alone = Stream(seed, "noise", "agent", first + i)
        assert together.uniform(r, index)[i] == alone.uniform(r, index)
        assert together.normal(r, index)[i] == alone.normal(r, index)


def test_known_answers():
    stream = StreamArrays(7, "noise", "", 0, 3)
    for (game, r, index), known in UNIFORMS.items():
        assert stream.uniform(r, index)[game] == known


def test_rounds_may_be_asked_in_any_order():
    forwards, backwards = (StreamArrays(3, "noise", "", 5, 4) for _ in range(2))
    rounds = [0, 63, 64, 130, 131]
    there = {r: forwards.normal(r) for r in rounds}
    for r in reversed(rounds):
        assert np.array_equal(backwards.normal(r), there[r])


def test_draws_of_a_round():
    stream = StreamArrays(7, "adversary", "hits", 2, 3)
    draws = DrawArrays(stream, 70)
    assert np.array_equal(draws.uniform(1), stream.uniform(70, 1))
    assert np.array_equal(draws.normal(), stream.normal(70))


@pytest.mark.parametrize("cut", [1, 7, 19])
def test_a_block_in_two_parts(cut):
    whole = uniform_block(7, "noise", "", 100, 20, 3, 1)
    first = uniform_block(7, "noise", "", 100, cut, 3, 1)
    second = uniform_block(7, "noise", "", 100 + cut, 20 - cut, 3, 1)
    assert np.array_equal(np.concatenate([first, second]), whole)
