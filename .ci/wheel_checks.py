#!/usr/bin/env python3
"""Checks of what .ci/test-wheels built, and of the environments that it installed it in.

It uses the standard library alone, for it also runs in environments that hold one package.
"""

from __future__ import annotations

import configparser
import json
import re
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from email.message import Message
from email.parser import BytesParser
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# Versions that beat ours: one within the bounds that our packages put on each other, one above all.
DECOYS = ("{version}.post99", "99.0")

EntryPoints = dict[str, dict[str, str]]


def main(arguments: list[str]) -> None:
    """Run the check named first; end with the problems that it found, if any."""
    match arguments:
        case ["contents", root, listed, dist, from_sdist]:
            files = Path(listed).read_text(encoding="utf-8").splitlines()
            problems = contents(Path(root), files, Path(dist), Path(from_sdist))
        case ["decoys", dist, folder]:
            problems = []
            write_decoys(Path(dist), Path(folder))
        case ["pins", dist]:
            problems = []
            print("\n".join(pins(Path(dist))))
        case ["installed", root, dist, *wanted]:
            problems = installed(Path(root), Path(dist), wanted)
        case _:
            problems = [f"no such check: {arguments}"]
    if problems:
        sys.exit("\n".join(problems))


# --- what was built


def contents(root: Path, files: list[str], dist: Path, from_sdist: Path) -> list[str]:
    """Compare sdists and wheels of all packages with the tree and with their pyproject.toml.

    Args:
        root: The tree.
        files: Paths below `root` that git tracks or would track; those not there are passed over.
        dist: Folder of wheels built from the tree.
        from_sdist: Folder of sdists, and of wheels built from these.

    Returns:
        What is wrong, a line each.
    """
    problems = []
    for package in packages_of(root):
        folder = root / "packages" / package
        shipped = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in (root / name for name in files)
            if path.is_relative_to(folder) and path.is_file()
        }
        module = package.replace("-", "_")
        wheels = [find_one(place, f"{module}-*.whl") for place in (dist, from_sdist)]
        sdist = find_one(from_sdist, f"{module}-*.tar.gz")
        if sdist is None or None in wheels:
            problems.append(f"{package}: not built")
            continue
        wheel, second = (members_of(path) for path in wheels if path)
        licence = (root / "LICENSE").read_bytes()
        problems += [
            f"{package}: {problem}"
            for problem in [
                *_compare("the sdist", members_of(sdist), "the tree", shipped, {"PKG-INFO"}),
                *_compare("the wheel", wheel, "the wheel built from the sdist", second, set()),
                *wheel_problems(wheel, shipped, _toml(folder / "pyproject.toml"), licence),
            ]
        ]
    return problems


def wheel_problems(
    wheel: dict[str, bytes], shipped: dict[str, bytes], settings: dict[str, Any], licence: bytes
) -> list[str]:
    """Compare one wheel with the sources of its package.

    Args:
        wheel: Members of the wheel, by name.
        shipped: Files of the package's folder, by path below it.
        settings: The package's pyproject.toml.
        licence: The licence of the whole tree.

    Returns:
        What is wrong, a line each.
    """
    project = settings["project"]
    module = project["name"].replace("-", "_")
    prefix = f"{module}-{project['version']}.dist-info/"
    about = {name.removeprefix(prefix): wheel[name] for name in wheel if name.startswith(prefix)}
    code = {name: wheel[name] for name in wheel if not name.startswith(prefix)}
    sources = {
        name.removeprefix("src/"): text for name, text in shipped.items() if name.startswith("src/")
    }
    problems = _compare("the wheel", code, "src/", sources, set())
    if f"{module}/py.typed" not in code:
        problems.append("the wheel has no py.typed, so its types are not seen")
    if missing := {"METADATA", "WHEEL", "RECORD", "licenses/LICENSE"} - about.keys():
        return [*problems, f"the wheel lacks {sorted(missing)} in {prefix}"]
    if about["licenses/LICENSE"] != licence:
        problems.append("the licence in the wheel is not that of the tree")
    if "Tag: py3-none-any" not in about["WHEEL"].decode().splitlines():
        problems.append("the wheel is not for every platform")

    declared: EntryPoints = {k: dict(v) for k, v in project.get("entry-points", {}).items()}
    if project.get("scripts"):
        declared["console_scripts"] = project["scripts"]
    if (found := read_entry_points(about.get("entry_points.txt", b""))) != declared:
        problems.append(f"entry points are {found}, not {declared}")
    problems += _metadata_problems(BytesParser().parsebytes(about["METADATA"]), project, shipped)
    return problems


def _metadata_problems(
    found: Message, project: dict[str, Any], shipped: dict[str, bytes]
) -> list[str]:
    """Compare the metadata of a wheel with the `[project]` that it was built from."""
    expected = {
        "Name": [project["name"]],
        "Version": [project["version"]],
        "Summary": [project["description"]],
        "License-Expression": [project["license"]],
        "License-File": ["LICENSE"],
        "Requires-Python": [project["requires-python"]],
        "Description-Content-Type": ["text/markdown"],
        "Classifier": sorted(project["classifiers"]),
        "Provides-Extra": sorted(project.get("optional-dependencies", {})),
    }
    problems = [
        f"{field} is {values}, not {wanted}"
        for field, wanted in expected.items()
        if (values := sorted(found.get_all(field, []))) != wanted
    ]
    required = [text for text in found.get_all("Requires-Dist", []) if "extra ==" not in text]
    if sorted(map(_normal, required)) != sorted(map(_normal, project["dependencies"])):
        problems.append(f"it requires {required}, not {project['dependencies']}")
    readme = shipped.get(project["readme"], b"").decode()
    body = found.get_payload()
    if not readme or not isinstance(body, str) or body.strip() != readme.strip():
        problems.append("the description is not the readme")
    return problems


def _compare(
    what: str,
    members: dict[str, bytes],
    other: str,
    expected: dict[str, bytes],
    made: set[str],
) -> list[str]:
    """Say where two sets of files differ; `made` are members that the build makes."""
    found = {name: text for name, text in members.items() if name not in made}
    differing = {name for name in found.keys() & expected.keys() if found[name] != expected[name]}
    lists = {
        f"{what} has what {other} has not": found.keys() - expected.keys(),
        f"{other} has what {what} has not": expected.keys() - found.keys(),
        f"{what} and {other} differ in": differing,
        f"{what} lacks": made - members.keys(),
    }
    return [f"{problem}: {sorted(names)}" for problem, names in lists.items() if names]


# --- our names, and nobody else's


def pins(dist: Path) -> list[str]:
    """Requirements that pin each of our names to the wheel file in `dist`, an absolute path."""
    return [
        f"{wheel.name.partition('-')[0].replace('_', '-')} @ {wheel.as_uri()}"
        for wheel in sorted(dist.glob("*.whl"))
    ]


def write_decoys(dist: Path, folder: Path) -> None:
    """Write wheels with our names and higher versions, which fail when they are imported."""
    for wheel in sorted(dist.glob("*.whl")):
        module, version, *_ = wheel.name.split("-")
        for decoy in DECOYS:
            write_wheel(folder, module, decoy.format(version=version), "raise ImportError('decoy')")


def write_wheel(folder: Path, module: str, version: str, code: str) -> Path:
    """Write a wheel with one module and no requirements, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{module}-{version}-py3-none-any.whl"
    about = f"{module}-{version}.dist-info"
    name = module.replace("_", "-")
    files = {
        f"{module}/__init__.py": f"{code}\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{file},,\n" for file in [*files, f"{about}/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in {**files, f"{about}/RECORD": record}.items():
            archive.writestr(file, text)
    return path


# --- what was installed


def installed(root: Path, dist: Path, wanted: list[str]) -> list[str]:
    """Check this very environment: of our packages it has those wanted, from the files in `dist`.

    Args:
        root: The tree, which must have no part in it.
        dist: Folder of the wheels.
        wanted: Our packages that were asked for, with extras as in `fg-backtest[all]`.

    Returns:
        What is wrong, a line each.
    """
    ours = packages_of(root)
    expected = closure(root, wanted)
    there = {name for name in ours if _has_distribution(name)}
    problems = [
        f"{name} can be imported beside {sorted(expected)}"
        for name in sorted(set(ours) - expected)
        if find_spec(name.replace("-", "_"))
    ]
    if there != expected:
        problems.append(f"installed are {sorted(there)}, not {sorted(expected)}")
    near = [text for text in sys.path if text and Path(text).resolve().is_relative_to(root)]
    if near:
        problems.append(f"this tree is on the path: {near}")
    for name in sorted(there & expected):
        problems += [f"{name}: {problem}" for problem in _installed_problems(name, dist)]
    if not problems:
        print(f"Of ours there is {', '.join(sorted(there))}, from the wheels just built.")
    return problems


def _installed_problems(package: str, dist: Path) -> list[str]:
    module = package.replace("-", "_")
    wheel = find_one(dist, f"{module}-*.whl")
    if wheel is None:
        return ["there is no wheel of it"]
    distribution = metadata.distribution(package)
    origin = json.loads(distribution.read_text("direct_url.json") or "{}").get("url")
    if origin != wheel.as_uri():
        return [f"it was installed from {origin or 'an index'}, not from {wheel.as_uri()}"]

    problems = []
    library = Path(sysconfig.get_path("purelib"))
    spec = find_spec(module)
    if spec is None or spec.origin != str(library / module / "__init__.py"):
        problems.append(f"it is imported from {spec and spec.origin}, not from {library}")
    changed = [
        name
        for name, text in members_of(wheel).items()
        if not name.endswith(".dist-info/RECORD")  # the installer adds its own lines
        and (not (library / name).is_file() or (library / name).read_bytes() != text)
    ]
    if changed:
        problems.append(f"these are not as in the wheel: {changed}")
    for point in distribution.entry_points:
        try:
            point.load()
        except Exception as error:  # noqa: BLE001 - a plugin may fail in any way, and all are told
            problems.append(f"{point.group}: {point.name} = {point.value} does not load: {error!r}")
        if point.group == "console_scripts":
            script = Path(sysconfig.get_path("scripts")) / point.name
            if not script.is_file():
                problems.append(f"the command {point.name} is not there")
    return problems


def closure(root: Path, wanted: list[str]) -> set[str]:
    """Names of our packages that come along with those wanted, by their pyproject.toml."""
    ours = packages_of(root)
    done: set[tuple[str, str]] = set()
    todo = [pair for text in wanted for pair in _parts(text)]
    while todo:
        name, extra = pair = todo.pop()
        if pair in done or name not in ours:
            continue
        done.add(pair)
        project = _toml(root / "packages" / name / "pyproject.toml")["project"]
        more = project["optional-dependencies"][extra] if extra else project["dependencies"]
        todo += [pair for text in more for pair in _parts(text)]
    return {name for name, _ in done}


def _parts(requirement: str) -> list[tuple[str, str]]:
    """Name and extra of a requirement, once with no extra and once for each."""
    name, extras = re.findall(r"^([\w.-]+)(?:\[(.*?)\])?", requirement)[0]
    return [(name, extra.strip()) for extra in ["", *filter(None, extras.split(","))]]


def _has_distribution(name: str) -> bool:
    return any(True for _ in metadata.distributions(name=name))


# --- reading


def packages_of(root: Path) -> list[str]:
    """Names of all packages of the tree."""
    return sorted(path.parent.name for path in root.glob("packages/*/pyproject.toml"))


def find_one(folder: Path, pattern: str) -> Path | None:
    """The one file in `folder` that fits, or None if there is none or more than one."""
    found = list(folder.glob(pattern))
    return found[0] if len(found) == 1 else None


def members_of(path: Path) -> dict[str, bytes]:
    """Files of a wheel, or of an sdist without its outer folder, by name.

    Hatchling copies the tree's .gitignore into each sdist; it is left out here.
    """
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist()}
    found = {}
    with tarfile.open(path) as sdist:
        for member in sdist:
            name = member.name.partition("/")[2]
            if name != ".gitignore" and (file := sdist.extractfile(member)):
                found[name] = file.read()
    return found


def read_entry_points(text: bytes) -> EntryPoints:
    """Entry points by group and name."""
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment]  # names keep their case
    parser.read_string(text.decode())
    return {group: dict(parser[group]) for group in parser.sections()}


def _normal(requirement: str) -> tuple[str, ...]:
    """Name, bounds and marker of a requirement, whatever the order and spaces."""
    plain, _, marker = requirement.replace(" ", "").replace("'", '"').partition(";")
    name, bounds = re.findall(r"^([\w.-]+(?:\[.*?\])?)(.*)$", plain)[0]
    return (name.lower(), marker, *sorted(bounds.split(",")))


def _toml(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return tomllib.load(file)


if __name__ == "__main__":
    main(sys.argv[1:])
