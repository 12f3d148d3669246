"""A gate that is chosen on past data: a best response there, and blind to everything else."""

import numpy as np
import pytest

from fg_core import TrainingWindow
from fg_core.agents import BestResponseDefender, best_response, best_response_gate
from fg_core.agents.by_name import defender_from_name
from fg_core.agents.defender import DefenderAgent
from fg_core.defenses import InnovationGate
from fg_core.errors import DataError
from fg_core.testing import check_defender

VALUES = np.random.default_rng(11).normal(size=64).cumsum()


def test_it_is_a_defender_that_keeps_the_rules():
    check_defender(BestResponseDefender())
    assert isinstance(defender_from_name("best_response_defense"), BestResponseDefender)


def test_no_candidate_does_better_in_the_stated_mixture():
    chosen = best_response_gate(VALUES)
    played = best_response.PastAttacks.of(VALUES)
    losses = {gate: played.loss(gate) for gate in best_response.CANDIDATES}
    assert chosen in losses
    assert losses[chosen] == min(losses.values())
    assert len(set(losses.values())) > 1
    assert losses[chosen] <= played.loss(InnovationGate()) + 1e-12


def test_unit_and_level_of_the_series_make_no_difference():
    assert best_response_gate(VALUES) == best_response_gate(8.0 * VALUES + 1024.0)


def test_fit_takes_the_gate_of_its_window_and_begins_afresh():
    rng = np.random.default_rng(2)
    calm = 0.9 ** np.arange(80) + 0.01 * rng.normal(size=80).cumsum()
    fitted = BestResponseDefender().fit(TrainingWindow(calm))
    assert isinstance(fitted, DefenderAgent)
    assert fitted.defense == best_response_gate(calm)
    assert fitted.memory == fitted.defense.start()


def test_series_too_short_or_flat_have_the_default_gate():
    assert best_response_gate(VALUES[:10]) == InnovationGate()
    assert best_response_gate(np.ones(50)) == InnovationGate()
    with pytest.raises(DataError, match="finite"):
        best_response_gate([1.0, np.nan])
