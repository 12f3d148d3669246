"""Place of the cache, and whether the network may be used.

The folder of the cache is the first of these that is given:

1. an option (`--cache-dir`, or the argument `cache_dir`);
2. the environment variable `FG_CACHE_DIR`;
3. the key `cache_dir` in the file `forecast-game.toml` of the working directory (a relative path
   counts from that file);
4. `data/cache` in the working directory.

The network is not used (offline) if an option says so, or else if the environment variable
`FG_OFFLINE` is 1, true, yes or on.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fg_core import ConfigError

__all__ = ["DEFAULT_FOLDER", "SETTINGS_FILE", "CacheLocation", "cache_location", "is_offline"]

DEFAULT_FOLDER = Path("data") / "cache"
SETTINGS_FILE = "forecast-game.toml"
_FOLDER_VARIABLE = "FG_CACHE_DIR"
_OFFLINE_VARIABLE = "FG_OFFLINE"
_SETTING = "cache_dir"

_YES = ("1", "true", "yes", "on")
_NO = ("", "0", "false", "no", "off")


@dataclass(frozen=True)
class CacheLocation:
    """The folder of the cache.

    Args:
        folder: The folder; it need not be there yet.
        chosen_by: Name of what chose it, for messages.
    """

    folder: Path
    chosen_by: str


def cache_location(
    option: str | os.PathLike[str] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    working_directory: Path | None = None,
) -> CacheLocation:
    """Return the folder of the cache, by the order that this module documents.

    Args:
        option: Folder that the caller gave; None or empty: nothing.
        environ: The environment; None: that of this process.
        working_directory: Folder in which `forecast-game.toml` is looked for; None: that of this
            process.

    Returns:
        Folder, and a word for what chose it.

    Raises:
        ConfigError: The file of settings cannot be read, or its `cache_dir` is no path.

    >>> cache_location("elsewhere", environ={"FG_CACHE_DIR": "there"}).chosen_by
    'the option'
    >>> cache_location(environ={"FG_CACHE_DIR": "there"}).folder.name
    'there'
    """
    if option is not None and os.fspath(option):
        return CacheLocation(Path(option), "the option")
    environ = os.environ if environ is None else environ
    if environ.get(_FOLDER_VARIABLE):
        return CacheLocation(Path(environ[_FOLDER_VARIABLE]), _FOLDER_VARIABLE)
    here = Path() if working_directory is None else working_directory
    named = _from_settings(here / SETTINGS_FILE)
    if named is not None:
        return CacheLocation(here / named, SETTINGS_FILE)
    return CacheLocation(here / DEFAULT_FOLDER, "default")


def is_offline(option: bool = False, *, environ: Mapping[str, str] | None = None) -> bool:
    """Return whether the network must not be used.

    Args:
        option: Choice of the caller; True settles it.
        environ: The environment; None: that of this process.

    Returns:
        True where nothing may be fetched.

    Raises:
        ConfigError: `FG_OFFLINE` is neither yes nor no.

    >>> is_offline(environ={"FG_OFFLINE": "1"}), is_offline(environ={})
    (True, False)
    """
    environ = os.environ if environ is None else environ
    said = environ.get(_OFFLINE_VARIABLE, "")
    if option:
        return True
    if said.strip().lower() in _YES:
        return True
    if said.strip().lower() in _NO:
        return False
    raise ConfigError(f"{_OFFLINE_VARIABLE} is {said!r}; set it to 1 or 0, or unset it")


def _from_settings(path: Path) -> Path | None:
    """Return the folder that a file of settings names; None if it names none or is not there."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}; mend or remove it") from error
    try:
        settings = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}; mend or remove it") from error
    named = settings.get(_SETTING)
    if named is None:
        return None
    if not isinstance(named, str) or not named:
        raise ConfigError(
            f"{path}: {_SETTING} is {named!r}; give the path of a folder as text, such as "
            f'{_SETTING} = "data/cache"'
        )
    return Path(named)
