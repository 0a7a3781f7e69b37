"""A forecast of remaining life: a distribution, or the reason why there is none.

``status`` is one of ``forecast``, ``healthy`` (the model's cap or more is left, or so near it that the number
says nothing), ``indicative`` (some sensors are lost, the interval is wider) and ``not_enough_data``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maintenance.histories import F64, I64, Bools

LEVELS = np.array([0.05, 0.10, 0.50, 0.90, 0.95])
HORIZON_CYCLES = 30.0


@dataclass(frozen=True)
class Forecasts:
    """Forecasts of many machines; NaN where there is none.

    Args:
        units: [u] the machines.
        life: [u] cycles left, the mean.
        quantiles: [u, 5] of the cycles left, at ``LEVELS``; the cap stands for "the cap or more".
        fails_within: [u] probability to fail within ``HORIZON_CYCLES``.
        status: of each machine.
        reasons: why, where the status is not ``forecast``.
        cap: beyond it the number says nothing [cycles].
    """

    units: I64
    life: F64
    quantiles: F64
    fails_within: F64
    status: tuple[str, ...]
    reasons: tuple[str, ...]
    cap: float

    @property
    def known(self) -> Bools:
        """[u] whether there is a number."""
        return np.isfinite(self.life)
