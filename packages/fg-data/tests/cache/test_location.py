from __future__ import annotations

from pathlib import Path

import pytest

from fg_core import ConfigError
from fg_data.cache import cache_location, is_offline


def test_option_before_variable_before_settings_before_default(tmp_path: Path) -> None:
    def chosen(option: str | None, environ: dict[str, str]) -> tuple[Path, str]:
        found = cache_location(option, environ=environ, working_directory=tmp_path)
        return found.folder, found.chosen_by

    assert chosen(None, {}) == (tmp_path / "data" / "cache", "default")
    (tmp_path / "forecast-game.toml").write_text('cache_dir = "from settings"\n[other]\nx = 1\n')
    assert chosen(None, {}) == (tmp_path / "from settings", "forecast-game.toml")
    environ = {"FG_CACHE_DIR": "from variable"}
    assert chosen(None, environ) == (Path("from variable"), "FG_CACHE_DIR")
    assert chosen("from option", environ) == (Path("from option"), "the option")


def test_what_is_empty_names_nothing(tmp_path: Path) -> None:
    found = cache_location("", environ={"FG_CACHE_DIR": ""}, working_directory=tmp_path)
    assert found.chosen_by == "default"
    (tmp_path / "forecast-game.toml").write_text("seed = 7\n")
    assert cache_location(environ={}, working_directory=tmp_path).chosen_by == "default"


def test_an_absolute_path_in_the_settings_stays_absolute(tmp_path: Path) -> None:
    (tmp_path / "forecast-game.toml").write_text(f'cache_dir = "{tmp_path / "far"}"\n')
    found = cache_location(environ={}, working_directory=tmp_path / ".")
    assert found.folder == tmp_path / "far"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cache_dir = 3\n", r"cache_dir is 3; give the path of a folder"),
        ('cache_dir = ""\n', r"cache_dir is ''; give"),
        ("cache_dir = \n", r"forecast-game.toml is not valid TOML"),
    ],
)
def test_settings_that_cannot_be_read_are_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "forecast-game.toml").write_text(text)
    with pytest.raises(ConfigError, match=message):
        cache_location(environ={}, working_directory=tmp_path)


def test_settings_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "forecast-game.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="cannot be read"):
        cache_location(environ={}, working_directory=tmp_path)


@pytest.mark.parametrize("said", ["1", "true", "YES", " on "])
def test_offline_by_variable(said: str) -> None:
    assert is_offline(environ={"FG_OFFLINE": said})


@pytest.mark.parametrize("said", ["", "0", "false", "No", "off"])
def test_not_offline_by_variable_unless_the_option_says_so(said: str) -> None:
    assert not is_offline(environ={"FG_OFFLINE": said})
    assert is_offline(True, environ={"FG_OFFLINE": said})


def test_offline_must_be_yes_or_no() -> None:
    with pytest.raises(ConfigError, match="FG_OFFLINE is 'perhaps'; set it to 1 or 0"):
        is_offline(environ={"FG_OFFLINE": "perhaps"})
