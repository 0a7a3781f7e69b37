"""Zones of vibration severity of ISO 20816-3, annex A: RMS velocity 10 to 1000 Hz on non-rotating parts.

A: new machines. B: unrestricted long-term running. C: not for long-term running. D: damage is likely.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Zones:
    """Upper ends of the zones A, B and C [mm/s]."""

    a: float
    b: float
    c: float

    def of(self, velocity_mm_s: float) -> str:
        """The zone that a velocity is in.

        >>> GROUP2_RIGID.of(1.0), GROUP2_RIGID.of(3.0), GROUP2_RIGID.of(6.0)
        ('A', 'C', 'D')
        """
        for end, zone in ((self.a, "A"), (self.b, "B"), (self.c, "C")):
            if velocity_mm_s <= end:
                return zone
        return "D"


GROUP1_RIGID = Zones(2.3, 4.5, 7.1)
"""Above 300 kW, or motors with a shaft height from 315 mm, on stiff foundations."""
GROUP1_FLEXIBLE = Zones(3.5, 7.1, 11.0)
GROUP2_RIGID = Zones(1.4, 2.8, 4.5)
"""15 to 300 kW, or motors with a shaft height of 160 to 315 mm, on stiff foundations."""
GROUP2_FLEXIBLE = Zones(2.3, 4.5, 7.1)
