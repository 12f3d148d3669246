"""The workspace as a whole: what every package must have, and what no file may contain."""

from __future__ import annotations

import ast
import os
import pkgutil
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = sorted(path.parent.name for path in ROOT.glob("packages/*/pyproject.toml"))
SIBLINGS = [name for name in PACKAGES if name != "fg-core"]
# Too heavy for an extra, which the lock would hold; without it, a message says what to install.
BROUGHT_BY_USERS = {"mlflow"}

each_package = pytest.mark.parametrize("package", PACKAGES)


@cache
def _pyproject(folder: str) -> dict[str, Any]:
    with (ROOT / folder / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def _module(package: str) -> str:
    return package.replace("-", "_")


def _names(requirements: list[str]) -> set[str]:
    """Distribution names of requirement strings, in normal form."""
    found = (re.match(r"[A-Za-z0-9._-]+", text) for text in requirements)
    return {re.sub(r"[-_.]+", "-", match.group()).lower() for match in found if match}


def _all_requirements(package: str) -> list[str]:
    project = _pyproject(f"packages/{package}")["project"]
    extras = project.get("optional-dependencies", {})
    return [*project["dependencies"], *(text for extra in extras.values() for text in extra)]


def test_the_packages_of_the_design_are_there() -> None:
    assert set(PACKAGES) == {
        "fg-core",
        "fg-data",
        "fg-agents",
        "fg-training",
        "fg-llm",
        "fg-backtest",
    }


# --- every package


@each_package
def test_has_readme_changelog_types_and_tests(package: str) -> None:
    folder = ROOT / "packages" / package
    version = _pyproject(f"packages/{package}")["project"]["version"]

    assert (folder / "README.md").read_text(encoding="utf-8").startswith(f"# {package}\n")
    assert f"## {version}" in (folder / "CHANGELOG.md").read_text(encoding="utf-8")
    assert (folder / "src" / _module(package) / "py.typed").is_file()
    assert list((folder / "tests").rglob("test_*.py"))


@each_package
def test_version_is_static_and_is_the_installed_one(package: str) -> None:
    project = _pyproject(f"packages/{package}")["project"]

    assert "version" not in project.get("dynamic", [])
    assert project["version"] == metadata.version(package)
    assert project["version"] == pkgutil.resolve_name(f"{_module(package)}:__version__")


@each_package
def test_is_built_by_hatchling_from_src(package: str) -> None:
    settings = _pyproject(f"packages/{package}")

    assert settings["build-system"]["build-backend"] == "hatchling.build"
    assert settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == [
        f"src/{_module(package)}"
    ]
    assert settings["project"]["requires-python"] == ">=3.11"
    assert settings["project"]["license"] == "Apache-2.0"


@each_package
def test_no_dependency_names_a_sibling(package: str) -> None:
    dependencies = _names(_pyproject(f"packages/{package}")["project"]["dependencies"])

    assert dependencies.isdisjoint(SIBLINGS), "a sibling may be named in an extra only"
    assert ("fg-core" in dependencies) == (package != "fg-core")


@each_package
def test_the_core_says_who_brings_more_of_each_group(package: str) -> None:
    """A package that is missing cannot say so itself; see `fg_core.plugins`."""
    extras = _pyproject("packages/fg-core")["project"]["optional-dependencies"]
    groups = _pyproject(f"packages/{package}")["project"].get("entry-points", {})
    for group in groups if package != "fg-core" else ():
        assert package in _names(extras[group.removeprefix("fg_core.")]), group


@each_package
def test_our_packages_are_bounded_above(package: str) -> None:
    """While at 0.x a minor version may break; its own extras name no version."""
    for text in _all_requirements(package):
        (name,) = _names([text])
        if name in PACKAGES and name != package:
            major, minor, _ = _pyproject(f"packages/{name}")["project"]["version"].split(".")
            assert text.endswith(f">={major}.{minor},<{major}.{int(minor) + 1}"), text


@each_package
def test_every_dependency_has_a_lower_bound(package: str) -> None:
    for text in _all_requirements(package):
        if _names([text]) != {package}:
            assert ">=" in text, text


@each_package
def test_imports_only_what_it_declares(package: str) -> None:
    """A module that is there because another package asked for it is missing for a stranger."""
    declared = _names(_all_requirements(package)) | {package}
    providers = metadata.packages_distributions()
    undeclared = set()
    for path in (ROOT / "packages" / package / "src").rglob("*.py"):
        for module in _imported(path):
            top = module.partition(".")[0]
            if top in sys.stdlib_module_names or top in BROUGHT_BY_USERS:
                continue
            if not _names(providers.get(top, [top])) & declared:
                undeclared.add(f"{path.relative_to(ROOT)}: {module}")

    assert not undeclared


@each_package
def test_tests_of_a_package_use_no_sibling(package: str) -> None:
    """Import-linter sees the sources alone; what joins two packages is tested here."""
    others = {_module(name) for name in SIBLINGS if name != package}
    found = {
        f"{path.relative_to(ROOT)}: {module}"
        for path in (ROOT / "packages" / package / "tests").rglob("*.py")
        for module in _imported(path)
        if module.partition(".")[0] in others
    }

    assert not found


@each_package
def test_no_module_imports_through_a_package_it_is_in(package: str) -> None:
    """`from fg_core import x` inside fg_core is a cycle through `__init__`, unseen by contracts."""
    source = ROOT / "packages" / package / "src"
    found = set()
    for path in source.rglob("*.py"):
        own = _module_of(path)
        for module, name in _imports_from(path):
            folder = source.joinpath(*module.split("."))
            is_module = (folder / f"{name}.py").exists() or (folder / name).is_dir()
            is_about_it = name.startswith("__")  # such as __version__
            if own.startswith(f"{module}.") and not is_module and not is_about_it:
                found.add(f"{path.relative_to(ROOT)}: from {module} import {name}")

    assert not found


def _module_of(path: Path) -> str:
    parts = path.with_suffix("").parts
    if "src" in parts:
        parts = parts[len(parts) - parts[::-1].index("src") :]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def _imports(path: Path) -> list[ast.Import | ast.ImportFrom]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


def _imported(path: Path) -> list[str]:
    plain = [
        alias.name
        for node in _imports(path)
        if isinstance(node, ast.Import)
        for alias in node.names
    ]
    return plain + [module for module, _ in _imports_from(path)]


def _imports_from(path: Path) -> list[tuple[str, str]]:
    """Pairs of module and name for each `from module import name`, relative ones resolved."""
    own = _module_of(path).split(".")
    package = own if path.name == "__init__.py" else own[:-1]
    found = []
    for node in _imports(path):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *filter(None, [node.module])])
            found += [(module, alias.name) for alias in node.names]
    return found


# --- the root


def test_the_root_is_virtual_and_locked() -> None:
    assert "project" not in _pyproject(".")
    assert (ROOT / "uv.lock").is_file()


def test_the_root_pins_all_our_names_to_this_tree() -> None:
    assert _pyproject(".")["tool"]["uv"]["sources"] == {
        name: {"workspace": True} for name in PACKAGES
    }


def test_the_lock_takes_all_our_names_from_this_tree() -> None:
    with (ROOT / "uv.lock").open("rb") as file:
        locked = {entry["name"]: entry["source"] for entry in tomllib.load(file)["package"]}

    assert {name: locked[name] for name in PACKAGES} == {
        name: {"editable": f"packages/{name}"} for name in PACKAGES
    }


def test_the_exported_requirements_take_all_our_names_from_this_tree() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()

    assert {f"-e ./packages/{name}" for name in PACKAGES} <= set(lines)
    assert not [line for line in lines if re.match(r"fg[-_]", line)]


def test_the_licence_is_apache() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_the_root_documents_are_there(name: str) -> None:
    assert (ROOT / name).stat().st_size > 1000


def test_the_readme_gives_both_commands() -> None:
    lines = [line.strip() for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()]

    assert "python3 -m pip install uv && uv run fg-backtest --source us_macro" in lines
    assert "uv run pytest" in lines


def test_scripts_of_the_menu_are_executable() -> None:
    scripts = [path for path in (ROOT / ".ci").iterdir() if path.is_file()]

    assert ROOT / ".ci" / "run" in scripts
    assert [path.name for path in scripts if not os.access(path, os.X_OK)] == []


def test_the_workflow_and_the_local_run_use_entries_of_the_menu() -> None:
    menu = set(_pyproject(".")["tool"]["poe"]["tasks"])
    for name in (".github/workflows/ci.yml", ".ci/run"):
        used = re.findall(
            r"uv run (?:--locked )?poe ([a-z0-9-]+)", (ROOT / name).read_text("utf-8")
        )
        assert used, name
        assert set(used) <= menu, name


def test_helper_code_of_these_tests_is_type_checked() -> None:
    checked = {
        path for pattern in _pyproject(".")["tool"]["mypy"]["files"] for path in ROOT.glob(pattern)
    }
    helpers = [
        path
        for folder in ("tests-integration", "scripts")
        for path in (ROOT / folder).rglob("*.py")
        if not path.name.startswith("test_")
    ]

    assert [path for path in helpers if checked.isdisjoint({path, *path.parents})] == [], (
        "add it to files of [tool.mypy] in pyproject.toml"
    )


# --- no file that goes to others says where it was made

# In pieces, so that this file does not contain what it forbids.
_REGISTRIES = ["py" + "pi.org", "python" + "hosted.org", "ana" + "conda.org"]
_FOLDERS = ["home", "ro" + "ot", "wo" + "rk", "fa" + "rm", "Us" + "ers", "mnt", "op" + "t"]
FORBIDDEN = {
    "a registry's host": re.compile("|".join(map(re.escape, _REGISTRIES)), re.IGNORECASE),
    "an index address": re.compile(r"https?://[^ \"'>]+/simp" + r"le\b"),
    "a path of one machine": re.compile(rf"(?<![\w.$}}*-])/(?:{'|'.join(_FOLDERS)})/\w"),
}


def _shipped_files() -> list[Path]:
    """Files that git tracks or would track, but the lock, which must name where files come from."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = set(filter(None, listed.stdout.split("\0"))) - {"uv.lock"}
    return sorted(path for path in (ROOT / name for name in names) if path.is_file())


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_contains(what: str) -> None:
    found = []
    for path in _shipped_files():
        content = path.read_bytes()
        if b"\0" in content:
            continue
        for number, line in enumerate(content.decode("utf-8").splitlines(), start=1):
            if FORBIDDEN[what].search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")

    assert found == []


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a registry's host", "see " + _REGISTRIES[0] + " for it"),
        ("an index address", "--index-url https://index.example/" + "simp" + "le/"),
        ("a path of one machine", f'open("/{_FOLDERS[2]}/main/x")'),
        ("a path of one machine", f"/{_FOLDERS[0]}/someone/x"),
    ],
)
def test_the_patterns_find_what_they_forbid(what: str, line: str) -> None:
    assert FORBIDDEN[what].search(line)


@pytest.mark.parametrize("line", ["packages/*/src", "$HOME/.pyenv", "work/home is fine", "1/opt/2"])
def test_the_patterns_leave_the_rest_alone(line: str) -> None:
    assert not any(pattern.search(line) for pattern in FORBIDDEN.values())
