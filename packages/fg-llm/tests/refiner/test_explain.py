"""A record as tables, by the function and by the command."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from fg_core.errors import ArtifactError
from fg_llm.cli import command
from fg_llm.client import ScriptedModel
from fg_llm.refiner import (
    Caps,
    RecursiveStrategyRefiner,
    Refinement,
    explain_record,
    mock_model,
    read_record,
)
from fg_llm.refiner.explain import recorded_proposals
from fg_llm.testing import biased_outcomes


def run(path: Path, model: ScriptedModel) -> Refinement:
    refiner = RecursiveStrategyRefiner(model, caps=Caps(rounds=1), record=path)
    return refiner.refine([biased_outcomes(1.0, 64)])


def test_the_command_shows_every_run(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    found = run(path, mock_model())
    run(path, ScriptedModel(lambda _: "\x1b[2J prose"))

    shown = CliRunner().invoke(command, ["explain", str(path)], standalone_mode=False)

    assert shown.exception is None
    assert shown.output.count("ended by: rounds") == 2
    assert shown.output.count("bad_answer: no valid JSON") == 4
    assert all(one.strategy in shown.output for one in found.report.proposals)
    assert shown.output.isascii()
    assert "\x1b" not in shown.output


def test_the_command_alone_shows_its_help() -> None:
    shown = CliRunner().invoke(command, [], standalone_mode=False)

    assert shown.exception is None
    assert "explain" in shown.output


def test_proposals_are_read_as_they_were_written(tmp_path: Path) -> None:
    found = run(tmp_path / "record.jsonl", mock_model())

    assert recorded_proposals(read_record(tmp_path / "record.jsonl")) == found.report.proposals


def test_a_run_that_was_killed_says_so(tmp_path: Path) -> None:
    found = run(tmp_path / "record.jsonl", mock_model())

    assert "ends before the run did" in explain_record(found.lines[:-1])
    assert "nothing was proposed" in explain_record(found.lines[:1])


def test_texts_of_a_file_cannot_move_the_cursor(tmp_path: Path) -> None:
    found = run(tmp_path / "record.jsonl", mock_model())
    lines = [{**line, "why": "\x1b[2J\n"} for line in found.lines]

    assert "?[2J?" in explain_record(lines)
    with pytest.raises(ArtifactError, match="no number 'round'"):
        explain_record([{**line, "round": True} for line in found.lines])
    with pytest.raises(ArtifactError, match="no text 'why'"):
        explain_record([{**line, "why": 3} for line in found.lines])
