"""The plugin reader, on real metadata in made-up distributions."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint, EntryPoints, distributions, entry_points
from pathlib import Path

import pytest

from fg_core import plugins
from fg_core.errors import (
    ForecastGameError,
    PluginClashError,
    PluginError,
    PluginLoadError,
    UnknownPluginError,
)
from fg_core.plugins import GROUPS, INSTALL_HINT, PluginInfo, Registry, refresh

SOURCES = "fg_core.sources"

MakeDistribution = Callable[..., None]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def install(site: Path) -> MakeDistribution:
    """Return a function that lays a distribution with entry points into `site`."""

    def make(name: str, points: dict[str, str], version: str = "1.2", group: str = SOURCES) -> None:
        info = site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        lines = "".join(f"{key} = {target}\n" for key, target in points.items())
        (info / "entry_points.txt").write_text(f"[{group}]\n{lines}")

    return make


def read(site: Path) -> list[EntryPoint]:
    return [point for dist in distributions(path=[str(site)]) for point in dist.entry_points]


@pytest.fixture
def on_path(site: Path) -> Iterator[Path]:
    sys.path.insert(0, str(site))
    before = set(sys.modules)
    try:
        yield site
    finally:
        sys.path.remove(str(site))
        for name in set(sys.modules) - before:
            if name.startswith("made_up"):
                del sys.modules[name]


# ------------------------------------------------------------------------------------------ groups


def test_there_are_the_fifteen_groups_of_the_design() -> None:
    short = (
        "sources forecasters adversaries defenders aggregators lineups backends disturbances "
        "defenses runtimes executors policies refiners evaluators scenarios"
    )
    assert list(GROUPS) == [f"fg_core.{name}" for name in short.split()]
    assert all(line and "\n" not in line for line in GROUPS.values())


def test_an_unknown_group_is_an_error_that_lists_the_groups_nearest_first() -> None:
    with pytest.raises(PluginError, match=r"no group of plugins 'fg_core\.source'") as caught:
        Registry("fg_core.source")
    message = str(caught.value)
    assert message.index("fg_core.sources") < message.index("fg_core.executors")
    assert all(group in message for group in GROUPS)


# ------------------------------------------------------------------------------------------- names


def test_names_are_sorted_and_of_the_group_only(site: Path, install: MakeDistribution) -> None:
    install("one", {"zebra": "nowhere:Z", "ant": "nowhere:A"})
    install("two", {"mole": "nowhere:M"})
    install("three", {"other": "nowhere:O"}, group="fg_core.policies")
    assert Registry(SOURCES, read(site)).names() == ("ant", "mole", "zebra")


def test_names_and_items_import_nothing(site: Path, install: MakeDistribution) -> None:
    install("one", {"bomb": "made_up_module_that_is_not_there:Bomb"})
    registry = Registry(SOURCES, read(site))
    assert registry.names() == ("bomb",)
    assert registry.items() == (
        PluginInfo("bomb", "made_up_module_that_is_not_there:Bomb", "one", "1.2"),
    )


def test_reading_names_of_what_is_installed_imports_no_plugin() -> None:
    code = """
        import sys
        from fg_core.plugins import GROUPS, Registry
        before = set(sys.modules)
        names = {group: Registry(group).names() for group in GROUPS}
        assert all(isinstance(found, tuple) for found in names.values())
        new = {name for name in set(sys.modules) - before if name.startswith("fg_")}
        assert not new, new
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)


def test_metadata_of_all_groups_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reads = []

    def counted() -> EntryPoints:
        reads.append(1)
        return entry_points()

    monkeypatch.setattr(plugins, "entry_points", counted)
    refresh()
    for _ in range(3):
        for group in GROUPS:
            Registry(group).names()
    assert len(reads) == 1


def test_metadata_are_read_anew_for_another_path_and_after_refresh(
    on_path: Path, install: MakeDistribution
) -> None:
    assert "late" not in Registry(SOURCES).names()
    install("later", {"late": "collections:Counter"})
    refresh()
    assert "late" in Registry(SOURCES).names()
    assert Registry(SOURCES).distribution("late") == "later"
    sys.path.remove(str(on_path))
    assert "late" not in Registry(SOURCES).names()
    sys.path.insert(0, str(on_path))


def test_a_registry_is_no_mapping(site: Path) -> None:
    registry = Registry(SOURCES, [])
    assert not hasattr(registry, "__getitem__")
    assert not hasattr(registry, "__iter__")
    with pytest.raises(TypeError):
        "anything" in registry  # type: ignore[operator]  # noqa: B015


# -------------------------------------------------------------------------------------------- load


def test_load_imports_one_plugin_and_returns_its_target(
    on_path: Path, install: MakeDistribution
) -> None:
    (on_path / "made_up_good.py").write_text("class Good:\n    pass\n")
    (on_path / "made_up_bad.py").write_text("raise RuntimeError('imported')\n")
    install("one", {"good": "made_up_good:Good", "bad": "made_up_bad:Bad"})
    target = Registry(SOURCES, read(on_path)).load("good")
    assert type(target()).__name__ == "Good"
    assert "made_up_bad" not in sys.modules


def test_an_alias_is_a_second_name_for_one_target(site: Path, install: MakeDistribution) -> None:
    install("one", {"counter": "collections:Counter", "default": "collections:Counter"})
    registry = Registry(SOURCES, read(site))
    assert registry.load("counter") is registry.load("default")


@pytest.mark.parametrize("name", ["Counter", "counter ", "COUNTER", ""])
def test_names_are_exact(name: str) -> None:
    registry = Registry(SOURCES, [EntryPoint("counter", "collections:Counter", SOURCES)])
    with pytest.raises(UnknownPluginError):
        registry.load(name)


@pytest.mark.parametrize(
    ("source", "target", "cause"),
    [
        ("raise RuntimeError('no licence')", "made_up_broken:X", RuntimeError),
        ("import made_up_absent", "made_up_broken:X", ModuleNotFoundError),
        ("x = (", "made_up_broken:X", SyntaxError),
        ("raise SystemExit(3)", "made_up_broken:X", SystemExit),
        ("", "made_up_broken:X", AttributeError),
        ("", "made_up_not_there:X", ModuleNotFoundError),
        ("", "made up nonsense", AttributeError),
    ],
)
def test_a_plugin_that_does_not_load_is_an_error_with_its_cause(
    on_path: Path, install: MakeDistribution, source: str, target: str, cause: type[BaseException]
) -> None:
    (on_path / "made_up_broken.py").write_text(source)
    install("broken-one", {"broken": target}, version="0.9")
    with pytest.raises(PluginLoadError) as caught:
        Registry(SOURCES, read(on_path)).load("broken")
    message = str(caught.value)
    for part in (SOURCES, "'broken'", target, "broken-one", "0.9", cause.__name__):
        assert part in message
    assert isinstance(caught.value.__cause__, cause)


def test_a_target_that_cannot_be_called_is_an_error() -> None:
    registry = Registry(SOURCES, [EntryPoint("number", "math:pi", SOURCES)])
    with pytest.raises(PluginLoadError, match="float, not a class or a factory"):
        registry.load("number")


def test_a_plugin_with_extras_says_which_one_to_install(
    on_path: Path, install: MakeDistribution
) -> None:
    (on_path / "made_up_extra.py").write_text("import made_up_xgboost\n")
    install("fg-agents", {"boosted": "made_up_extra:X [xgboost]"})
    with pytest.raises(PluginLoadError, match=r"it needs fg-agents\[xgboost\]: install it from"):
        Registry(SOURCES, read(on_path)).load("boosted")


# ----------------------------------------------------------------------------------------- unknown


def test_an_unknown_name_lists_the_known_ones_nearest_first() -> None:
    points = [
        EntryPoint(name, "collections:Counter", SOURCES)
        for name in ("fred", "us_macro", "csv", "synthetic")
    ]
    with pytest.raises(UnknownPluginError) as caught:
        Registry(SOURCES, points).load("us_marco")
    message = str(caught.value)
    assert message.startswith("no plugin 'us_marco' in group fg_core.sources; known, nearest first")
    listed = message.split("nearest first: ")[1].split(";")[0].split(", ")
    assert listed[0] == "us_macro"
    assert sorted(listed) == ["csv", "fred", "synthetic", "us_macro"]
    assert "\n" not in message


def extras_named_like_groups() -> list[tuple[str, str]]:
    """Pairs of group and package, as `pyproject.toml` of this package says."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    return [
        (f"fg_core.{extra}", re.split("[^a-z-]", requirement)[0])
        for extra, requirements in project["optional-dependencies"].items()
        for requirement in requirements
        if f"fg_core.{extra}" in GROUPS
    ]


@pytest.mark.parametrize(("group", "package"), extras_named_like_groups())
def test_an_unknown_name_says_what_to_install(group: str, package: str) -> None:
    with pytest.raises(UnknownPluginError) as caught:
        Registry(group, []).load("mine")
    message = str(caught.value)
    assert "none is installed" in message
    assert re.search(rf"\b{package}( or [a-z-]+)* brings some", message)
    assert INSTALL_HINT in message
    with pytest.raises(UnknownPluginError, match=rf"\b{package}( or [a-z-]+)* brings more"):
        Registry(group, [EntryPoint("counter", "collections:Counter", group)]).load("mine")


def test_what_to_install_is_read_from_metadata(on_path: Path) -> None:
    info = on_path / "fg_core-9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: fg-core\nVersion: 9\n"
        "Requires-Dist: numpy>=1\n"
        "Requires-Dist: fg-disputes[all]<2,>=1; extra == 'scenarios'\n"
        "Requires-Dist: other-pack>=1; python_version < '9' and extra == \"scenarios\"\n"
        "Requires-Dist: hypothesis; extra == 'testing'\n"
    )
    refresh()
    try:
        with pytest.raises(UnknownPluginError, match="fg-disputes or other-pack brings some"):
            Registry("fg_core.scenarios", []).load("mine")
        with pytest.raises(UnknownPluginError, match="if a package brings it"):
            Registry(SOURCES, []).load("mine")
    finally:
        refresh()


def test_a_group_without_a_package_of_ours_still_says_where_to_install_from() -> None:
    with pytest.raises(UnknownPluginError, match="if a package brings it, install it from this"):
        Registry("fg_core.disturbances", []).load("mine")


def test_the_install_hint_warns_of_the_stranger_on_the_public_index() -> None:
    for part in ("workspace", "wheels", "your own index", "fg-core belongs to a stranger"):
        assert part in INSTALL_HINT


def test_all_plugin_errors_are_ours() -> None:
    with pytest.raises(ForecastGameError):
        Registry(SOURCES, []).distribution("missing")
    with pytest.raises(UnknownPluginError, match="missing"):
        Registry(SOURCES, []).require("missing")
    assert issubclass(UnknownPluginError, LookupError)


# ----------------------------------------------------------------------------------------- clashes


def test_two_distributions_with_one_name_clash_and_both_are_named(
    site: Path, install: MakeDistribution
) -> None:
    install("alpha-pack", {"model": "collections:Counter", "fine": "collections:Counter"})
    install("beta-pack", {"model": "collections:OrderedDict"}, version="3.0")
    registry = Registry(SOURCES, read(site))
    for attempt in (registry.load, registry.distribution):
        with pytest.raises(PluginClashError) as caught:
            attempt("model")
        message = str(caught.value)
        for part in (
            "'model'",
            SOURCES,
            "alpha-pack 1.2 (collections:Counter)",
            "beta-pack 3.0 (collections:OrderedDict)",
        ):
            assert part in message
    assert registry.names() == ("fine", "model")
    assert registry.load("fine")
    # The list shows both, for this is where a user looks for the culprit.
    assert [info.distribution for info in registry.items() if info.name == "model"] == [
        "alpha-pack",
        "beta-pack",
    ]


def test_one_distribution_with_two_targets_for_a_name_clashes_too() -> None:
    points = [
        EntryPoint("model", "collections:Counter", SOURCES),
        EntryPoint("model", "collections:OrderedDict", SOURCES),
    ]
    with pytest.raises(PluginClashError):
        Registry(SOURCES, points).load("model")


def test_a_distribution_listed_twice_with_one_target_is_no_clash(
    site: Path, install: MakeDistribution
) -> None:
    install("alpha-pack", {"model": "collections:Counter"})
    registry = Registry(SOURCES, [*read(site), *read(site)])
    assert registry.load("model")
    assert len(registry.items()) == 1


def test_the_same_target_from_two_distributions_is_no_clash(
    site: Path, install: MakeDistribution
) -> None:
    install("alpha-pack", {"model": "collections:Counter"})
    install("renamed-pack", {"model": "collections:Counter"})
    registry = Registry(SOURCES, read(site))
    assert registry.load("model")
    assert registry.distribution("model") in ("alpha-pack", "renamed-pack")


def test_repr_shows_group_and_names() -> None:
    registry = Registry(SOURCES, [EntryPoint("counter", "collections:Counter", SOURCES)])
    assert repr(registry) == "Registry('fg_core.sources', names=['counter'])"
