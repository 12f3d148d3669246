"""What a user would pick instead: automatic models of statsforecast, scored like our pools."""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np
from pool_play import HORIZONS, LEVEL, Recorded, Result
from scipy.special import ndtr

from fg_core.scoring import crps_gaussian


def peers(recorded: Mapping[str, Recorded], refit: int) -> dict[str, Result]:
    """Return what a user would pick instead: three automatic models and their equal weights.

    Raises:
        SystemExit: statsforecast is not installed.
    """
    try:
        import pandas as pd
        from statsforecast import StatsForecast
        from statsforecast.models import AutoARIMA, AutoETS, AutoTheta
    except ImportError:
        raise SystemExit(
            "peers need statsforecast: uv run --project benchmarks python "
            "benchmarks/pool_modes.py --peers"
        ) from None
    names = ("AutoARIMA", "AutoETS", "AutoTheta")
    cells: dict[str, dict] = {name: {} for name in (*names, "equal weights of the three")}
    cpu = dict.fromkeys(cells, 0.0)
    z = 1.2815515655446004
    for series, one in recorded.items():
        last = one.values.size - 1
        frame = pd.DataFrame({"unique_id": series, "ds": np.arange(last + 1), "y": one.values})
        said: dict[tuple[int, int], list[tuple[float, float]]] = {}
        for model in (AutoARIMA(), AutoETS(), AutoTheta()):
            began = time.process_time()
            for t in range(one.scored[0], one.scored[1] + 1):
                if (t - one.scored[0]) % refit == 0:
                    engine = StatsForecast([model], freq=1).fit(frame.iloc[: t + 1])
                fitted = engine.fitted_[0, 0]
                ahead = fitted.forward(
                    one.values[: t + 1].astype(np.float64), h=max(HORIZONS), level=[80]
                )
                for h in HORIZONS:
                    width = float(ahead["hi-80"][h - 1] - ahead["lo-80"][h - 1])
                    claim = float(ahead["mean"][h - 1]), max(width / (2 * z), 1e-9)
                    said.setdefault((t, h), []).append(claim)
            cpu[type(model).__name__] += time.process_time() - began
        for h in HORIZONS:
            rows = [t for t in range(one.scored[0], one.scored[1] + 1) if t + h <= last]
            y = one.values[[t + h for t in rows]]
            claims = np.array([said[t, h] for t in rows])
            means, scales = claims[..., 0], claims[..., 1]
            middle = means.mean(axis=1)
            spread = scales**2 + (means - middle[:, np.newaxis]) ** 2
            columns = [(means[:, i], scales[:, i]) for i in range(3)]
            columns.append((middle, np.sqrt(spread.mean(axis=1))))
            for name, (mean, scale) in zip(cells, columns, strict=True):
                u = ndtr((y - mean) / scale)
                inside = (np.abs(u - 0.5) < LEVEL / 2).astype(np.float64)
                crps = np.asarray(crps_gaussian(mean, scale, y))
                cells[name][series, h] = {
                    "crps": crps,
                    "mixture": crps,
                    "normal_80": inside,
                    "own_80": inside,
                }
    return {name: Result(cells[name], cpu[name]) for name in cells}
