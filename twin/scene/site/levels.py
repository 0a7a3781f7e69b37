"""Heights of the flat things [m]. Machines stand at 0; every layer lies clear of the next, so none
flickers."""

from __future__ import annotations

GROUND = -0.40
PLOT = -0.28
LAWN = -0.18
ROAD = -0.16
MARKING = -0.10
KERB = -0.06
YARD = -0.02
FLOOR = 0.0
STRIPE = 0.03
POND = -0.22
