"""Random programs are well formed, and of many kinds."""

from __future__ import annotations

import numpy as np
import pytest

from fg_llm.strategy import FEATURES, OPERATIONS, random_program, strategy_hash


def test_every_operation_occurs_and_few_programs_repeat() -> None:
    generator = np.random.default_rng(3)
    programs = [random_program(generator, FEATURES, 20) for _ in range(200)]

    assert {node.op for program in programs for node in program.nodes} >= set(OPERATIONS)
    assert len({strategy_hash(program) for program in programs}) > 150


def test_one_seed_gives_one_program() -> None:
    one, other = (random_program(np.random.default_rng(5), FEATURES) for _ in range(2))

    assert one == other


@pytest.mark.parametrize(("n_nodes", "features"), [(2, FEATURES), (64, FEATURES), (8, {})])
def test_sizes_out_of_range_are_refused(n_nodes: int, features: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="n_nodes must be from 3 to 63"):
        random_program(np.random.default_rng(1), features, n_nodes)
