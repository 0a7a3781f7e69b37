"""Which units behind a connection answer: a dead one is asked ever more seldom, so that it costs the others
little."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

FIRST_WAIT_S: Final = 1.0
LAST_WAIT_S: Final = 30.0


@dataclass(slots=True)
class UnitState:
    """What is known of one unit.

    Args:
        good_at: when it last answered, ns; 0 = never.
        silent_since: since when it does not, ns; 0 = it does.
        due: when it is to be asked again, seconds of the loop.
        wait_s: how long it is left alone after the next failure.
        why: what it did last.
    """

    good_at: int = 0
    silent_since: int = 0
    due: float = 0.0
    wait_s: float = FIRST_WAIT_S
    why: str = ""

    def failed(self, why: str, *, now_ns: int, loop_s: float, rng: random.Random) -> bool:
        """Note that it did not answer; return True if it did until now."""
        newly = not self.silent_since
        self.silent_since = self.silent_since or now_ns
        self.why = why
        self.due = loop_s + rng.uniform(0.5, 1.0) * self.wait_s
        self.wait_s = min(2 * self.wait_s, LAST_WAIT_S)
        return newly

    def answered(self, now_ns: int) -> bool:
        """Note that it answered; return True if it did not until now."""
        back = bool(self.silent_since)
        self.good_at, self.silent_since, self.due, self.wait_s = now_ns, 0, 0.0, FIRST_WAIT_S
        return back
