"""Modules that a command imports before it has parsed its options load nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

import fg_core

# The package around the modules is a stub, so that what they import counts, and nothing else.
_LOADED = """
import sys, types
package = types.ModuleType("fg_core")
package.__path__ = [sys.argv[1]]
sys.modules["fg_core"] = package
before = set(sys.modules)
__import__(sys.argv[2])
found = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(found - {"fg_core"} - set(sys.stdlib_module_names)))
"""


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("fg_core.calendar", set()),
        ("fg_core.console", {"click"}),
        ("fg_core.documents", {"msgspec", "typing_extensions"}),
    ],
)
def test_what_commands_import_first_is_light(module: str, allowed: set[str]) -> None:
    command = [sys.executable, "-c", _LOADED, fg_core.__path__[0], module]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) <= allowed
