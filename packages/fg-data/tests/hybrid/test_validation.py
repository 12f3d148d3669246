"""The scenario of hybrids passes, and is turned red by a jump at the join."""

from __future__ import annotations

from fg_core.validation import load_scenario
from fg_data.hybrid import source


def test_it_passes_and_a_jump_turns_it_red(monkeypatch) -> None:
    assert load_scenario("hybrid_blend").run(2**64 - 1).status == "passed"
    extended = source.extended
    monkeypatch.setattr(
        source, "extended", lambda *a, **k: tuple(v + 3.0 for v in extended(*a, **k))
    )
    outcome = load_scenario("hybrid_blend").run(7)
    assert outcome.status == "failed"
    assert "larger a step" in outcome.message
