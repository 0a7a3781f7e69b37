"""What of a part is in the store, and when more comes."""

from __future__ import annotations

from datetime import datetime, timedelta

from maintenance.plan.site_file import Part
from maintenance.plan.spans import SiteClock


def arrivals(part: Part, clock: SiteClock) -> list[tuple[float, int]]:
    """When parts under way can be used [h from now] and how many, in order: the morning after they came."""
    midnight = datetime.min.time()
    return sorted(
        (clock.hours(datetime.combine(one.arrives + timedelta(days=1), midnight)), one.count)
        for one in part.on_order
    )
