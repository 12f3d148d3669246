"""Implementation of the command `fg-validate`, with everything that it imports."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any

from fg_core.artifact import write_atomically
from fg_core.console import FAILED, OK, check_output_path
from fg_core.errors import ForecastGameError
from fg_core.plugins import Registry

from .due import due_beside
from .report import as_json, listing, result_lines, summary
from .running import ScenarioResult, chosen_names, load_scenario, run_scenarios

__all__ = ["run"]


def run(options: Mapping[str, Any]) -> int:
    """Run the scenarios that are meant, or list them.

    Returns:
        Exit code: 1 if one failed.

    Raises:
        UnknownPluginError: There is no such scenario.
        ConfigError: The file cannot be written.
        ForecastGameError: Writing it failed.
    """
    names, path = options["names"], options["json_path"]
    if path is not None:
        check_output_path("--json", path)
    if options["list_scenarios"]:
        print(_listing(names))
        return OK
    running = run_scenarios(
        names,
        seed=options["seed"],
        live=options["live"],
        tell=traceback.print_exception if options["debug"] else None,
    )
    print(f"{'scenario':<26} {'result':<8} {'seconds':>7}  package")
    results: list[ScenarioResult] = []
    for result in running:
        print(result_lines(result), flush=True)
        results.append(result)
    print(f"\n{summary(results)}")
    if path is not None:
        text = as_json(results, seed=options["seed"], live=options["live"])
        try:
            write_atomically(path, text.encode())
        except OSError as error:
            reason = error.strerror or error
            raise ForecastGameError(f"{path} could not be written: {reason}") from error
    return FAILED if any(one.outcome.status == "failed" for one in results) else OK


def _listing(names: tuple[str, ...]) -> str:
    registry = Registry("fg_core.scenarios")
    rows = []
    for name in chosen_names(names, registry):
        scenario = load_scenario(name, registry)
        needs = "; ".join(str(need) for need in scenario.requires)
        text = scenario.description + (f" (parts need: {needs})" if needs else "")
        rows.append((name, registry.distribution(name), text))
    return listing(rows, {} if names else due_beside(registry.names()))
