"""Settings under their old names are those under their new ones, with a warning."""

from dataclasses import replace

import pytest

from fg_core import ConfigError
from fg_core.defenses import InnovationGate

OLD = {
    "reach": "outlier_scale",
    "turmoil": "tail_share",
    "turmoil_factor": "tail_factor",
    "turmoil_weight": "tail_weight",
}
VALUES = {"reach": 3.0, "turmoil": 0.1, "turmoil_factor": 4.0, "turmoil_weight": 9.0}


@pytest.mark.parametrize("old", OLD)
def test_an_old_name_sets_and_shows_the_setting(old: str) -> None:
    new = InnovationGate(**{OLD[old]: VALUES[old]})
    with pytest.warns(DeprecationWarning, match=f"{old} is called {OLD[old]} now"):
        assert InnovationGate(**{old: VALUES[old]}) == new != InnovationGate()
    with pytest.warns(DeprecationWarning, match=f"{old} is called {OLD[old]} now"):
        assert getattr(new, old) == VALUES[old]


def test_a_setting_under_both_names_is_refused() -> None:
    with pytest.raises(ConfigError, match="reach is called outlier_scale now; give it once"):
        InnovationGate(reach=3.0, outlier_scale=3.0)


def test_a_value_out_of_range_is_refused_by_its_new_name() -> None:
    with (
        pytest.warns(DeprecationWarning, match="reach is called"),
        pytest.raises(ConfigError, match="outlier_scale must be in"),
    ):
        InnovationGate(reach=0.0)


def test_copies_and_places_are_as_they_were() -> None:
    gate = InnovationGate(0.05, 2.0, 0.98, 3.0, 0.1, 4.0, "mine")
    assert replace(gate, name="innovation_gate") == InnovationGate(
        outlier_scale=3.0, tail_share=0.1, tail_factor=4.0
    )
