"""The example of the guide to defenses runs as it stands there."""

import re
from pathlib import Path

import pytest

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "defenses.md"


def test_the_example_of_a_doubt_about_several_prints_runs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    section = re.search(r"^## Several prints\n(.*?)^## ", text, re.DOTALL | re.MULTILINE)
    assert section is not None
    code = re.search(r"^```python\n(.*?)^```", section.group(1), re.DOTALL | re.MULTILINE)
    assert code is not None
    exec(compile(code.group(1), str(GUIDE), "exec"), {"__name__": "guide"})
    assert "'replaced 2'" in capsys.readouterr().out
