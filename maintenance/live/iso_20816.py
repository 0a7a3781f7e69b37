"""Zones of ISO 20816-3 (annex A) that hold whatever a machine's size and foundation are.

The zone of a vibration hangs on group and foundation, which readings do not tell. Above the highest limit
between zones B and C (group 1 on a flexible foundation) it is in zone C or D on any, above that between
C and D in zone D. Below that nothing is said here: alarms have the limits of the very machine.
"""

from __future__ import annotations

from maintenance.wording import number

B_TO_C_MM_S, C_TO_D_MM_S = 7.1, 11.0
"""RMS velocity, group 1 (above 300 kW) on a flexible foundation."""


def zone_of(signal: str, unit: str, value: float) -> tuple[str, str] | None:
    """What the standard says of a vibration on any foundation, in Vietnamese and English; None if nothing.

    >>> zone_of("vibration", "mm/s", 12.0)[1]
    'is 12 mm/s: zone D of ISO 20816-3 on any foundation, if of more than 15 kW'
    >>> zone_of("vibration", "mm/s", 5.0), zone_of("feed", "mm/s", 12.0)
    (None, None)
    """
    if unit != "mm/s" or "vibration" not in signal or not value > B_TO_C_MM_S:
        return None
    vi, en = ("D", "D") if value > C_TO_D_MM_S else ("C hoặc D", "C or D")
    return (
        f"{number(value, 'vi')} mm/s: vùng {vi} theo ISO 20816-3 với mọi loại bệ, nếu máy trên 15 kW",
        f"is {number(value, 'en')} mm/s: zone {en} of ISO 20816-3 on any foundation, if of more than 15 kW",
    )
