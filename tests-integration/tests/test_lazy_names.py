"""Packages that import their names lazily: the imports that type checkers read are Python's table.

A literal for each, since neither can read the other's; see `fg_core.lazy_names`.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAZY = {
    str(path.parent.relative_to(ROOT)): path.parent
    for path in sorted(ROOT.glob("packages/*/src/**/__init__.py"))
    if "lazy_names(" in path.read_text(encoding="utf-8")
}

each_lazy_package = pytest.mark.parametrize("folder", LAZY.values(), ids=LAZY.keys())


def _imported(body: list[ast.stmt]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for node in body:
        assert isinstance(node, ast.ImportFrom)
        module = "." * node.level + (node.module or "")
        found.setdefault(module, set()).update(alias.name for alias in node.names)
    return found


def _literal(tree: ast.Module, name: str) -> list[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            value: list[str] = ast.literal_eval(node.value)
            return value
    raise AssertionError(f"no {name}")


def test_the_packages_whose_commands_start_at_once_are_lazy() -> None:
    tops = {folder.name for folder in LAZY.values() if folder.parent.name == "src"}
    assert {"fg_core", "fg_agents", "fg_backtest", "fg_data"} <= tops


@each_lazy_package
def test_imports_table_and_public_names_are_the_same(folder: Path) -> None:
    tree = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
    (choice,) = (node for node in tree.body if isinstance(node, ast.If))
    assert ast.unparse(choice.test) == "TYPE_CHECKING"
    (table,) = choice.orelse
    assert isinstance(table, ast.Assign)
    assert isinstance(table.value, ast.Call)

    names = ast.literal_eval(table.value.args[1])
    assert {module: set(found) for module, found in names.items()} == _imported(choice.body)
    lazy = {name for found in names.values() for name in found}
    assert {*_literal(tree, "__all__")} - {"__version__"} == lazy


@each_lazy_package
def test_no_lazy_name_is_that_of_a_module(folder: Path) -> None:
    """Importing the module would put it where the name is looked for first."""
    tree = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
    modules = {path.stem for path in folder.iterdir() if path.suffix in ("", ".py")}
    assert not modules & {*_literal(tree, "__all__")}
