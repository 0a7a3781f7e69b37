from __future__ import annotations

import pytest

from sim.physics.iso_20816 import GROUP1_RIGID, GROUP2_FLEXIBLE, GROUP2_RIGID, Zones


@pytest.mark.parametrize(
    ("zones", "velocity_mm_s", "zone"),
    [
        (GROUP2_RIGID, 1.4, "A"),
        (GROUP2_RIGID, 2.8, "B"),
        (GROUP2_RIGID, 4.5, "C"),
        (GROUP2_RIGID, 4.6, "D"),
        (GROUP2_FLEXIBLE, 4.5, "B"),
        (GROUP1_RIGID, 7.1, "C"),
    ],
)
def test_zones_end_where_the_standard_says(zones: Zones, velocity_mm_s: float, zone: str) -> None:
    assert zones.of(velocity_mm_s) == zone
