"""The import contracts bite: each is broken on purpose, in a copy made of empty packages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = ["fg_core", "fg_data", "fg_agents", "fg_training", "fg_llm", "fg_backtest"]

VIOLATIONS = {
    "a sibling": ("independence", {"fg_data/a.py": "import fg_agents"}),
    "a sibling for its types": (
        "independence",
        {
            "fg_llm/a.py": (
                "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import fg_training"
            )
        },
    ),
    "a sibling inside a function": (
        "independence",
        {"fg_backtest/a.py": "def f():\n    from fg_data import b", "fg_data/b.py": ""},
    ),
    "a sibling from the core": ("layers", {"fg_core/a.py": "import fg_backtest"}),
    "a cycle": (
        "cycles",
        {"fg_core/a.py": "from fg_core import b", "fg_core/b.py": "from fg_core import a"},
    ),
    "a cycle further down": (
        "cycles",
        {
            "fg_llm/deep/__init__.py": "",
            "fg_llm/deep/a.py": "import fg_llm.deep.b",
            "fg_llm/deep/b.py": "import fg_llm.deep.a",
        },
    ),
}


def _lint(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the contracts of this workspace on the packages in a folder."""
    run = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    config = str(ROOT / ".importlinter")
    return subprocess.run(
        [sys.executable, "-c", run, "--no-cache", "--config", config, *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    for name in MODULES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    return tmp_path


def test_clean_packages_keep_every_contract(packages: Path) -> None:
    (packages / "fg_data" / "a.py").write_text("import fg_core\n")

    result = _lint(packages)

    assert result.returncode == 0, result.stdout + result.stderr
    assert "3 kept, 0 broken" in result.stdout


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_a_violation_breaks_its_contract(packages: Path, violation: str) -> None:
    contract, files = VIOLATIONS[violation]
    for name, content in files.items():
        path = packages / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content + "\n")

    result = _lint(packages, "--contract", contract)

    assert result.returncode == 1, result.stdout + result.stderr
    assert "0 kept, 1 broken" in result.stdout
