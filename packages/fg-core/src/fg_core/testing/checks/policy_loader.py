"""Conformance of policy loaders."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fg_core.errors import ForecastGameError
from fg_core.protocols import PolicyLoader, PolicyRole
from fg_core.testing._play import Promises
from fg_core.testing.fakes import PlainAggregator

from .adversary import check_adversary
from .aggregator import check_aggregator
from .defender import check_defender
from .forecaster import check_forecaster

__all__ = ["check_policy_loader"]


def check_policy_loader(loader: PolicyLoader, path: str, role: PolicyRole) -> None:
    """Check a policy loader on a policy that was saved in the format that it reads.

    It says the role, and the agent that it returns passes the check of that role; the file is left
    as it was; what is truncated, no policy at all or missing is an error of ours; and a pickle is
    never unpickled.

    Args:
        loader: Loader that is checked.
        path: Saved policy.
        role: Role of the agent that was saved.

    Raises:
        ConformanceError: A promise is broken.
    """
    promises = Promises("PolicyLoader", loader)
    promises.members("load", "role")
    promises.require(loader.role == role, f"its role is {role}", f"it is {loader.role!r}")
    saved = Path(path).read_bytes()
    agent = promises.call("load", loader.load, path)
    twin = promises.call("load", loader.load, path)
    promises.require(
        Path(path).read_bytes() == saved, "load leaves the file as it was", "the file changed"
    )
    checks: dict[str, Callable[[Any], None]] = {
        "forecaster": check_forecaster,
        "correction": lambda one: check_aggregator(one.correcting(PlainAggregator())),
        "adversary": check_adversary,
        "defender": check_defender,
    }
    checks[role](agent)
    promises.require(
        type(agent) is type(twin) and agent.name == twin.name,
        "load is pure: one file gives one agent",
        f"first {agent!r}, then {twin!r}",
    )
    with tempfile.TemporaryDirectory() as folder:
        marker = Path(folder) / "unpickled"
        # A pickle, by hand, whose reading makes a folder: "os.mkdir(marker)".
        trap = b"cos\nmkdir\n(V" + str(marker).encode("raw_unicode_escape") + b"\ntR."
        bad = {
            "truncated": saved[: len(saved) // 2],
            "empty": b"",
            "no policy": b'{"surprise": [1, 2, 3]}',
            "a pickle": trap,
        }
        for what, data in bad.items():
            file = Path(folder) / Path(path).name
            file.write_bytes(data)
            _refuses(promises, loader, file, what)
        promises.require(
            not marker.exists(), "a policy is never unpickled", "a pickle was read and obeyed"
        )
        _refuses(promises, loader, Path(folder) / "missing" / Path(path).name, "missing")


def _refuses(promises: Promises, loader: PolicyLoader, path: Path, what: str) -> None:
    promise = f"load refuses a file that is {what} with an error of ours"
    try:
        agent = loader.load(str(path))
    except ForecastGameError:
        return
    except FileNotFoundError as error:
        if what == "missing":
            return
        promises.broken(promise, f"it raised {type(error).__name__}: {error}", error)
    except Exception as error:  # noqa: BLE001 - a stranger's code may raise anything
        promises.broken(promise, f"it raised {type(error).__name__}: {error}", error)
    promises.broken(promise, f"it returned {agent!r}")
