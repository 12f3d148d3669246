"""The drift detector."""

import numpy as np
import pytest

from fg_core.defenses import DriftDetector, defense_from_name
from fg_core.errors import ConfigError
from fg_core.testing import check_defense


def taught(revisions, detector=None):
    detector = detector or DriftDetector()
    memory = detector.start()
    for revision in revisions:
        memory = detector.learn(memory, revision, 0.3, 1.0, 1.0)
    return memory


def test_it_conforms_and_has_a_name():
    check_defense(DriftDetector())
    assert defense_from_name("drift_detector") == DriftDetector()


def test_a_ramp_is_foreseen_and_its_end_forgotten():
    detector, ramp = DriftDetector(), [0.4, 0.8, 1.2, 1.6]
    found = detector.doubt(taught(ramp), 2.5, 1.0, 1.0)
    assert found.p_bad == 1.0
    assert found.delta == pytest.approx(-1.6)  # 2.0, shrunk by 4 / 5
    mirrored = detector.doubt(taught([-one for one in ramp]), -2.5, 1.0, 1.0)
    assert mirrored.delta == pytest.approx(1.6)
    # Never further than the predictive mean, nor away from it.
    assert detector.doubt(taught(ramp), 0.5, 1.0, 1.0).delta == -0.5
    assert detector.doubt(taught(ramp), -0.5, 1.0, 1.0).delta == 0.0
    after = taught([*ramp, *[0.0] * 16])
    assert detector.doubt(after, 2.5, 1.0, 1.0).p_bad == 0.0


@pytest.mark.parametrize("revisions", [[], [0.0] * 30, [0.4, -0.4] * 10, [5.0]])
def test_what_is_no_drift_is_let_pass(revisions):
    displacements = np.array([-9.0, -1.0, 0.0, 1.0, 9.0])
    found = DriftDetector().doubt(taught(revisions), displacements, 1.0, 1.0)
    assert (found.p_bad == 0.0).all()
    assert (found.delta == 0.0).all()


def test_constants_out_of_range_are_refused():
    with pytest.raises(ConfigError, match="allowance"):
        DriftDetector(allowance=-0.1)
    with pytest.raises(ConfigError, match="threshold"):
        DriftDetector(threshold=0.0)
