"""What imports of this package must not load: a start-up of a command is not to wait for it."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("httpx", "httpcore", "stamina", "tenacity", "statsmodels", "pandas", "pyarrow", "ssl")

PROGRAMS = {
    "the package": "import fg_data; fg_data.load_dataset",
    "the adapter": "from fg_data.fred import FredMacroAdapter; FredMacroAdapter()",
    "a proxy": (
        "import warnings; warnings.simplefilter('ignore'); "
        "from fg_data.fred import FredMacroAdapter; FredMacroAdapter(api_key='').fetch('UNRATE')"
    ),
    "the transport": "from fg_data.http import HttpTransport; HttpTransport()",
}


def test_neither_the_network_nor_anything_heavy_is_loaded() -> None:
    """One program after the other, in one process that has loaded nothing else before."""
    look = f"import sys; print(sorted(set({HEAVY}) & set(sys.modules)))"
    code = "\n".join(f"{program}\n{look}" for program in PROGRAMS.values())
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found = dict(zip(PROGRAMS, done.stdout.splitlines(), strict=True))
    assert found == dict.fromkeys(PROGRAMS, "[]")
