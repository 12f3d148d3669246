"""What wheels are made from, and the checks of .ci/test-wheels, which builds and tests them.

Nothing is built here: `uv run poe wheels` does that.
"""

from __future__ import annotations

import os
import pkgutil
import re
import runpy
import shutil
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
CHECKS = runpy.run_path(str(ROOT / ".ci" / "wheel_checks.py"))

each_package = pytest.mark.parametrize("package", PACKAGES)


@cache
def _project(package: str) -> dict[str, Any]:
    with (ROOT / "packages" / package / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]


def _entry_points(package: str) -> dict[str, dict[str, str]]:
    project = _project(package)
    scripts = {"console_scripts": project["scripts"]} if "scripts" in project else {}
    return {**project.get("entry-points", {}), **scripts}


# --- what wheels are made from


@each_package
def test_the_licence_is_a_copy_of_the_root_s(package: str) -> None:
    copy = (ROOT / "packages" / package / "LICENSE").read_bytes()

    assert copy == (ROOT / "LICENSE").read_bytes()
    assert _project(package)["license-files"] == ["LICENSE"]


@each_package
def test_the_metadata_are_complete(package: str) -> None:
    project = _project(package)
    found = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    tested = re.search(r"^supported=\((.*)\)$", (ROOT / ".ci" / "run").read_text("utf-8"), re.M)

    assert project["name"] == package
    assert re.fullmatch(r"[A-Z].{10,100}[^.]", project["description"])
    assert project["readme"] == "README.md"
    assert "Typing :: Typed" in project["classifiers"]
    assert tested
    assert found == tested[1].split(), "the Pythons that it names are those that .ci/run tests"


@each_package
def test_the_bounds_on_our_packages_admit_their_versions(package: str) -> None:
    """uv does not compare them between members of a workspace."""
    project = _project(package)
    extras = project.get("optional-dependencies", {})
    for text in [*project["dependencies"], *(text for extra in extras.values() for text in extra)]:
        bounds = re.fullmatch(r"(fg-[a-z]+)(?:\[.*\])?>=([0-9.]+),<([0-9.]+)", text)
        if bounds and bounds[1] in PACKAGES:
            low, version, high = (
                tuple(map(int, number.split(".")))
                for number in (bounds[2], _project(bounds[1])["version"], bounds[3])
            )
            assert low <= version < high, text


@each_package
def test_the_extra_all_is_all(package: str) -> None:
    extras = dict(_project(package).get("optional-dependencies", {}))
    if "all" not in extras:
        return
    named = re.findall(rf"^{package}\[(.*)\]$", "\n".join(extras.pop("all")), re.MULTILINE)

    assert set(",".join(named).split(",")) == extras.keys() - {"testing"}


@each_package
def test_every_entry_point_leads_into_its_own_package(package: str) -> None:
    module = package.replace("-", "_")
    for group, points in _entry_points(package).items():
        for name, target in points.items():
            assert re.match(rf"{module}[.:]", target), f"{group}: {name} = {target}"
            assert callable(pkgutil.resolve_name(target)), f"{group}: {name} = {target}"


@each_package
def test_the_installed_entry_points_are_those_declared(package: str) -> None:
    declared = {
        (group, name, target)
        for group, points in _entry_points(package).items()
        for name, target in points.items()
    }
    installed = {(p.group, p.name, p.value) for p in metadata.distribution(package).entry_points}

    assert installed == declared, "run 'uv sync'"


def test_no_two_packages_announce_a_plugin_of_the_same_name() -> None:
    announced = [
        (group, name)
        for package in PACKAGES
        for group, points in _entry_points(package).items()
        for name in points
    ]

    assert [pair for pair in announced if announced.count(pair) > 1] == []


def test_git_ignores_no_file_of_the_sources() -> None:
    """What git ignores, the build leaves out: the package would work in this tree alone."""
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--ignored", "--exclude-standard", "-z", "packages"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    ignored = [name for name in listed.stdout.split("\0") if "/src/" in name]

    assert [name for name in ignored if "/__pycache__/" not in name] == []


# --- the check of what was built finds what is wrong

README = "# fg-x\n\nA package.\n"
SETTINGS = {
    "project": {
        "name": "fg-x",
        "version": "1.0",
        "description": "A package",
        "readme": "README.md",
        "requires-python": ">=3.11",
        "license": "Apache-2.0",
        "classifiers": ["Typing :: Typed"],
        "dependencies": ["numpy>=1.26", "click>=8.1.8,<9"],
        "optional-dependencies": {"table": ["pandas>=2"]},
        "scripts": {"fg-x": "fg_x:main"},
        "entry-points": {"fg_core.sources": {"x": "fg_x:X"}},
    }
}
METADATA = """\
Metadata-Version: 2.4
Name: fg-x
Version: 1.0
Summary: A package
License-Expression: Apache-2.0
License-File: LICENSE
Classifier: Typing :: Typed
Requires-Python: >=3.11
Requires-Dist: click<9,>=8.1.8
Requires-Dist: numpy>=1.26
Provides-Extra: table
Requires-Dist: pandas>=2; extra == 'table'
Description-Content-Type: text/markdown

"""
ABOUT = "fg_x-1.0.dist-info"
ENTRY_POINTS = "[console_scripts]\nfg-x = fg_x:main\n\n[fg_core.sources]\nx = fg_x:X\n"
SHIPPED = {
    "README.md": README.encode(),
    "tests/test_x.py": b"",
    "src/fg_x/__init__.py": b"",
    "src/fg_x/py.typed": b"",
    "src/fg_x/data.csv": b"1\n",
}
WHEEL = {
    "fg_x/__init__.py": b"",
    "fg_x/py.typed": b"",
    "fg_x/data.csv": b"1\n",
    f"{ABOUT}/METADATA": (METADATA + README).encode(),
    f"{ABOUT}/WHEEL": b"Root-Is-Purelib: true\nTag: py3-none-any\n",
    f"{ABOUT}/RECORD": b"",
    f"{ABOUT}/entry_points.txt": ENTRY_POINTS.encode(),
    f"{ABOUT}/licenses/LICENSE": b"free",
}


def _problems(wheel: dict[str, bytes]) -> str:
    return "\n".join(CHECKS["wheel_problems"](wheel, SHIPPED, SETTINGS, b"free"))


def test_a_right_wheel_has_no_problems() -> None:
    assert _problems(WHEEL) == ""


@pytest.mark.parametrize(
    ("member", "problem"),
    [
        ("fg_x/data.csv", "src/ has what the wheel has not: ['fg_x/data.csv']"),
        ("fg_x/py.typed", "no py.typed"),
        (f"{ABOUT}/licenses/LICENSE", "lacks ['licenses/LICENSE']"),
        (f"{ABOUT}/entry_points.txt", "entry points are {}"),
    ],
)
def test_what_a_wheel_lacks_is_told(member: str, problem: str) -> None:
    assert problem in _problems({name: text for name, text in WHEEL.items() if name != member})


@pytest.mark.parametrize(
    ("member", "old", "new", "problem"),
    [
        ("fg_x/data.csv", "1", "2", "differ in: ['fg_x/data.csv']"),
        ("fg_x/__init__.py", "", "x", "differ in: ['fg_x/__init__.py']"),
        ("fg_x/left_over.py", "", "x", "the wheel has what src/ has not: ['fg_x/left_over.py']"),
        (f"{ABOUT}/licenses/LICENSE", "free", "other", "not that of the tree"),
        (f"{ABOUT}/entry_points.txt", "fg_x:X", "fg_x:Y", "entry points are"),
        (f"{ABOUT}/WHEEL", "py3-none-any", "cp311-cp311-linux_x86_64", "every platform"),
        (f"{ABOUT}/METADATA", "Version: 1.0", "Version: 1.1", "Version is ['1.1']"),
        (f"{ABOUT}/METADATA", "License-File: LICENSE\n", "", "License-File is []"),
        (f"{ABOUT}/METADATA", "click<9,>=8.1.8", "click>=8.1.8", "it requires"),
        (f"{ABOUT}/METADATA", "Provides-Extra: table\n", "", "Provides-Extra is []"),
        (f"{ABOUT}/METADATA", "A package.", "", "the description is not the readme"),
    ],
)
def test_what_is_wrong_in_a_wheel_is_told(member: str, old: str, new: str, problem: str) -> None:
    text = WHEEL.get(member, b"").decode()
    assert old in text

    assert problem in _problems({**WHEEL, member: text.replace(old, new, 1).encode()})


def test_extras_bring_our_packages_along() -> None:
    assert CHECKS["closure"](ROOT, ["fg-core"]) == {"fg-core"}
    assert CHECKS["closure"](ROOT, ["fg-backtest"]) == {"fg-core", "fg-backtest"}
    assert CHECKS["closure"](ROOT, ["fg-backtest[data]"]) == {"fg-core", "fg-backtest", "fg-data"}
    assert CHECKS["closure"](ROOT, ["fg-backtest[all]"]) >= {"fg-backtest", "fg-data", "fg-agents"}


def test_an_environment_that_is_the_tree_s_own_is_found_out(tmp_path: Path) -> None:
    problems = "\n".join(CHECKS["installed"](ROOT, tmp_path, ["fg-core"]))

    assert "fg-data can be imported beside ['fg-core']" in problems
    assert "this tree is on the path" in problems
    assert "fg-core: there is no wheel of it" in problems


def test_a_package_from_elsewhere_is_found_out(tmp_path: Path) -> None:
    for name in PACKAGES:
        CHECKS["write_wheel"](tmp_path, name.replace("-", "_"), "0.1.0", "")

    problems = "\n".join(CHECKS["installed"](ROOT, tmp_path, ["fg-core"]))

    assert re.search(r"fg-core: it was installed from file:.*/packages/fg-core, not from", problems)


# --- somebody else's fg-core loses


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Folders of a wheel that stands for our fg-core, and of decoys with higher versions."""
    folder = tmp_path_factory.mktemp("wheels")
    CHECKS["write_wheel"](folder / "dist", "fg_core", "0.1.0", "")
    CHECKS["write_decoys"](folder / "dist", folder / "decoys")
    return folder / "dist", folder / "decoys"


def _resolve(wheels: tuple[Path, Path], wanted: str, pins: Path | None) -> tuple[int, str]:
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        pytest.skip("uv is not on the path")
    links = [text for folder in wheels for text in ("--find-links", str(folder))]
    constraints = ["--constraints", str(pins)] if pins else []
    done = subprocess.run(
        [
            *(uv, "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--no-index"),
            *("--no-config", "--python", sys.executable, *links, *constraints, "-"),
        ],
        input=wanted,
        cwd=wheels[0],
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout.strip() or done.stderr


@pytest.mark.parametrize(
    ("wanted", "decoy"),
    [("fg-core>=0.1,<0.2", "fg-core==0.1.0.post99"), ("fg-core", "fg-core==99.0")],
)
def test_a_decoy_wins_without_pins_and_loses_with_them(
    wheels: tuple[Path, Path], tmp_path: Path, wanted: str, decoy: str
) -> None:
    pins = tmp_path / "pins.txt"
    pins.write_text("\n".join(CHECKS["pins"](wheels[0])), encoding="utf-8")
    ours = next(wheels[0].glob("*.whl"))

    assert _resolve(wheels, wanted, None) == (0, decoy)
    assert _resolve(wheels, wanted, pins) == (0, f"fg-core @ {ours.as_uri()}")


def test_pins_hide_no_bound(wheels: tuple[Path, Path], tmp_path: Path) -> None:
    """A package that asks for a later fg-core than ours fails, though a decoy would do."""
    pins = tmp_path / "pins.txt"
    pins.write_text("\n".join(CHECKS["pins"](wheels[0])), encoding="utf-8")

    code, said = _resolve(wheels, "fg-core>=0.2", pins)

    assert code != 0
    assert "fg-core" in said
