"""No module outside the folder of a service names it: a new one is a folder and an entry point."""

from __future__ import annotations

import ast
import re
from importlib.metadata import entry_points
from pathlib import Path

import fg_data
from fg_data.histories import HistorySource

SOURCE = Path(str(fg_data.__file__)).parent

# Where a service is named on purpose: the list of public names, the default of an option, the
# examples of --help; and texts in which the name is a fact about the data.
ALLOWED = {"__init__.py", "default_source.py", "cli.py", "synthetic.py", "us_macro/source.py"}


def services() -> dict[str, Path]:
    """The folder of each service of ours, by the name of its source."""
    found = {}
    for point in entry_points(group="fg_core.sources"):
        if point.dist is not None and point.dist.name == "fg-data":
            made = point.load()()
            if isinstance(made, HistorySource):
                found[made.name] = SOURCE / point.module.removeprefix("fg_data.").split(".")[0]
    return found


def words_of(path: Path) -> list[tuple[int, str]]:
    """Everything in a module that is not a comment or a docstring: names, imports and texts."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                found.append((line, name))
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.append((line, name))
            case ast.ImportFrom(module=str(name)):
                found.append((line, name))
            case ast.alias(name=name, asname=other):
                found += [(line, name), (line, other or "")]
            case ast.Constant(value=str(text)):
                found.append((line, text))
    docstrings = {
        node.value.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [(line, text) for line, text in found if line not in docstrings]


def names_it(text: str, name: str) -> bool:
    """Whether a text has a name in it: `bis` is in `BisAdapter` and "the BIS", not in `bisect`."""
    words = [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", text)]
    return f" {' '.join(name.lower().split('_'))} " in f" {' '.join(words)} "


def test_what_naming_is() -> None:
    assert names_it("fg_data.fred", "fred")
    assert names_it("FredMacroAdapter", "fred")
    assert names_it("FRED_NOTICE", "fred")
    assert names_it("from fred_md:PATH", "fred_md")
    assert not names_it("bisect_left", "bis")
    assert not names_it("Frederick", "fred")


def test_a_service_is_named_in_its_own_folder_alone() -> None:
    folders = services()
    assert "fred" in folders
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        text = path.read_text(encoding="utf-8").lower()
        # Most modules have the letters nowhere, and need not be parsed.
        names = [n for n, folder in folders.items() if n in text and folder not in path.parents]
        where = path.relative_to(SOURCE).as_posix()
        if where in ALLOWED or not names:
            continue
        for line, words in words_of(path):
            found += [f"{where}:{line} names {n}: {words}" for n in names if names_it(words, n)]
    assert found == []
