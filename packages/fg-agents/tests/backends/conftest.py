"""statsmodels on one thread, also where a test calls it directly: ten times faster."""

import pytest

from fg_agents.backends._threads import one_thread


@pytest.fixture(autouse=True, scope="session")
def _one_thread():
    with one_thread():
        yield
