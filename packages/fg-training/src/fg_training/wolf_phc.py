"""Policy hill-climbing that learns fast while it loses.

WoLF-PHC of Bowling & Veloso (2002), "Multiagent learning using a variable learning rate",
Artificial Intelligence 136, doi:10.1016/S0004-3702(02)00121-2. Each step, all at the state in which
the action was taken: the value of the action, the visit, the average policy, the test whether the
policy is worth more than the average one, and a constrained step towards the best action.
"""

from __future__ import annotations

from typing import ClassVar

from . import _kernels
from .q_table import QTableAgent
from .rules import is_winning

__all__ = ["WoLFPHCAgent"]


class WoLFPHCAgent(QTableAgent):
    """A learner with a mixed policy: small steps while it wins, large ones while it loses.

    Against another of its kind its *current* mix settles where plain hill-climbing
    (`losing_ratio=1`) circles; it needs falling rates and some exploration for that. With constant
    exploration, the mix that is played settles, not the policy below it: report `mix()`.

    >>> agent = WoLFPHCAgent(1, 2)
    >>> _ = agent.learn(0, 0, 1.0, 0)
    >>> agent.policy.round(6).tolist()  # not winning yet: twice the step of a winner
    [[0.5001, 0.4999]]
    """

    kind: ClassVar[str] = "wolf"
    _code: ClassVar[float] = _kernels.CLIMB

    def policy_step(self, state: int, *, clock: int = 0) -> float:
        """Return how much probability the policy of a state would move by now.

        Args:
            state: number of the state.
            clock: number of the step in the run, for rates by the clock of the run.

        Returns:
            The winning step where the policy is worth more than the average policy, else the
            losing one.
        """
        time = self.visits[state] if self.rates.clock == "state" else float(clock)
        step = self.rates.winning.at(time)
        won = is_winning(self.policy[state], self.average[state], self.q[state])
        return step if won else step * self.rates.losing_ratio
