import pytest

from fg_core import AgentRegistry, Drift, RandomWalk, default_agent_factory, four_agent_factory
from fg_core.registry import baselines
from fg_core.testing import ConformanceError, PlainAggregator, check_lineup


@pytest.mark.parametrize("lineup", [default_agent_factory, four_agent_factory, baselines()])
def test_good_lineups_pass(lineup):
    check_lineup(lineup)


def test_one_that_makes_other_agents_each_time_is_found():
    made = []

    def fickle(_config):
        made.append(1)
        return AgentRegistry((RandomWalk() if len(made) % 2 else Drift(),))

    with pytest.raises(ConformanceError, match="equal settings make the same agents"):
        check_lineup(fickle)


def test_one_that_fails_is_found():
    def broken(_config):
        raise ZeroDivisionError

    with pytest.raises(ConformanceError, match="ZeroDivisionError"):
        check_lineup(broken)


def test_the_aggregator_is_told_the_groups():
    told = {}

    class Listens(PlainAggregator):
        def with_groups(self, groups):
            told.update(groups)
            return self

    class Grouped(Drift):
        group = "trend"

    check_lineup(lambda _config: AgentRegistry((RandomWalk(), Grouped()), aggregator=Listens()))
    assert told == {"drift": "trend"}
