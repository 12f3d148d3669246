"""The examples of the guides run as they stand there, and print what the guides say."""

import re
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


def blocks(text: str) -> list[str]:
    """Return the Python examples of a page."""
    return re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def test_the_example_of_a_doubt_about_several_prints_runs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = (DOCS / "defenses.md").read_text(encoding="utf-8")
    section = re.search(r"^## Several prints\n(.*?)^## ", text, re.DOTALL | re.MULTILINE)
    assert section is not None
    (code,) = blocks(section.group(1))
    exec(compile(code, "defenses.md", "exec"), {"__name__": "guide"})
    assert "'replaced 2'" in capsys.readouterr().out


@pytest.mark.parametrize("page", ["context.md", "forecast.md", "vintages.md"])
def test_examples_print_what_stands_below_them(
    page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    known: dict[str, Any] = {"__name__": "guide"}
    examples = blocks((DOCS / page).read_text(encoding="utf-8"))
    for code in examples:
        exec(compile(code, page, "exec"), known)
    told = [line[2:] for code in examples for line in code.splitlines() if line.startswith("# ")]
    assert told
    printed = capsys.readouterr().out.splitlines()
    assert [line for line in told if line not in printed] == []
