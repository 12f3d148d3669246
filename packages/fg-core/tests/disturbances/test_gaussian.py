import numpy as np

from fg_core import SimulationConfig
from fg_core.disturbances import GaussianDisturbance
from fg_core.rng import Stream
from fg_core.testing import check_disturbance


def test_conforms():
    check_disturbance(GaussianDisturbance())


def test_it_fires_with_its_probability_and_scale():
    config = SimulationConfig(
        disturbance_prob=0.3, disturbance_scale=2.0, adversarial_intensity=1.5
    )
    stream = Stream(5, "disturbance", "gaussian")
    rule = GaussianDisturbance()
    found = np.array(
        [rule.sample(None, [stream.uniform(t)], [stream.normal(t, 1)], config) for t in range(4000)]
    )
    fired = found[found != 0.0]
    assert abs(len(fired) / 4000 - 0.3) < 0.03
    assert abs(fired.std() / 3.0 - 1.0) < 0.06
    assert abs(fired.mean()) < 0.3


def test_arrays_equal_scalars():
    config = SimulationConfig(disturbance_prob=0.5)
    u, z = np.random.default_rng(1).random(50), np.random.default_rng(2).normal(size=50)
    whole = GaussianDisturbance().sample(None, [u], [z], config)
    single = [
        GaussianDisturbance().sample(None, [a], [b], config) for a, b in zip(u, z, strict=True)
    ]
    assert whole.tolist() == single


def test_never_and_always():
    rule = GaussianDisturbance()
    assert rule.sample(None, [0.001], [1.0], SimulationConfig(disturbance_prob=0.0)) == 0.0
    assert rule.sample(None, [0.999], [1.0], SimulationConfig(disturbance_prob=1.0)) == 1.0
