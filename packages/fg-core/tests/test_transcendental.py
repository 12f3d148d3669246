import ast
from pathlib import Path

import numpy as np
import pytest

import fg_core
from fg_core import transcendental

SOURCE = Path(fg_core.__file__).parent
ELSEWHERE = {"exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "logaddexp", "hypot", "power"}
ELSEWHERE |= {"sin", "cos", "tan", "arctan", "arctan2", "sinh", "cosh", "tanh", "pow", "erf"}


PAIRS = ("betaln", "hypot", "logaddexp", "owens_t", "stdtr", "stdtrit")
"""Functions of two arguments."""


def found_in(text):
    """Return the transcendental functions that a module takes from numpy, scipy or math."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id in ("np", "numpy", "math", "special") and node.attr in ELSEWHERE:
                found.add(node.attr)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if module in ("math", "numpy"):
                found.update(one.name for one in node.names if one.name in ELSEWHERE)
            elif module.startswith("scipy.special"):
                found.update(one.name for one in node.names)
    return found


def test_transcendental_functions_come_from_one_place():
    others = {
        (str(path.relative_to(SOURCE)), name)
        for path in SOURCE.rglob("*.py")
        if path.name not in ("transcendental.py", "_special_functions.py")
        for name in found_in(path.read_text(encoding="utf-8"))
    }
    assert others == set()


def test_the_search_finds_them():
    text = "import numpy as np\nfrom scipy.special import ndtr\nx = np.exp(math.log(2.0))"
    assert found_in(text) == {"exp", "log", "ndtr"}


@pytest.mark.parametrize("name", transcendental.__all__)
def test_single_numbers_and_arrays_give_the_same_bits(name):
    function = getattr(transcendental, name)
    numbers = np.linspace(0.05, 0.95, 37)
    pair = name in PAIRS
    arrays = (numbers, numbers[::-1].copy()) if pair else (numbers,)
    alone = [float(function(*row)) for row in zip(*(one.tolist() for one in arrays), strict=True)]
    assert function(*arrays).tolist() == alone


@pytest.mark.parametrize("name", transcendental.__all__)
def test_bits_do_not_depend_on_where_an_array_lies(name):
    """Results that touch a strided argument, in memory, have the bits of those that do not."""
    function, n = getattr(transcendental, name), 200
    numbers = np.linspace(0.05, 0.95, n)
    more = (numbers[::-1].copy(),) if name in PAIRS else ()
    memory = np.empty(6 * n)
    strided, beside = memory[: 5 * n].reshape(n, 5)[:, -1], memory[5 * n :]
    strided[:] = numbers
    function(strided, *more, out=beside)
    assert beside.tolist() == function(numbers, *more).tolist()
