"""The row of the truth log."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from twin.contract.clock import to_iso
from twin.contract.csv_text import plain_cell

What = Literal[
    "fault_begin",
    "fault_end",
    "sensor_begin",
    "sensor_end",
    "failure",
    "repair",
    "rul",
    "defect",
    "picture",
    "leak",
    "spill",
]
"""What a row tells:

* ``fault_begin``, ``fault_end``: a fault of a machine or of its process was brought about, and is over;
* ``sensor_begin``, ``sensor_end``: the same of an instrument, calibrations too; ``signal`` says which;
* ``failure``, ``repair``: a failure mode reached severity 1, and is as good as new;
* ``rul``: once an hour for every mode that is running down: running hours until it fails;
* ``defect``: what is truly wrong with a product that was inspected, by its ``serial``;
* ``picture``: where that is in its picture, once somebody has asked for the picture;
* ``leak``, ``spill``: what really flows away, when it begins or changes, every hour, and 0 at its end.
"""

KINDS: tuple[str, ...] = get_args(What)


class TruthEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A row of the truth log.

    Args:
        time: simulated time, RFC 3339 in UTC.
        event: what it tells.
        equipment: equipment id.
        fault: fault or failure mode.
        fault_id: number of the fault that was brought about; what ``parktwin sim active`` shows.
        signal: of the instrument.
        strength: as brought about, in the unit of the fault.
        severity: of the failure mode, 0 = as new, 1 = failed.
        rul_h: true remaining running time [h].
        value: true quantity, of a leak or spill.
        unit: of ``value``.
        serial: of the product.
        label: true label of the product; ``good`` where nothing is wrong with it.
        reason: why it ended: ``over``, ``cleared``, ``repaired``.
    """

    time: str
    event: What
    equipment: str = ""
    fault: str = ""
    fault_id: int | None = None
    signal: str = ""
    strength: float | None = None
    severity: float | None = None
    rul_h: float | None = None
    value: float | None = None
    unit: str = ""
    serial: str = ""
    label: str = ""
    reason: str = ""


COLUMNS: tuple[str, ...] = TruthEvent.__struct_fields__
"""Header of the CSV."""


def shown_time(time_ns: int) -> str:
    """Write a simulated time as the log does: to the millisecond, which is as fine as it steps.

    >>> shown_time(1_790_000_000_250_000_000)
    '2026-09-21T14:13:20.250Z'
    """
    return f"{to_iso(time_ns)[:-7]}Z"


def csv_cells(event: TruthEvent) -> list[str]:
    """Write a row as cells in the order of :data:`COLUMNS`; empty where it says nothing.

    >>> row = TruthEvent(time="2026-09-21T14:13:20.000Z", event="rul", fault="wear", rul_h=120.5)
    >>> ",".join(csv_cells(row))
    '2026-09-21T14:13:20.000Z,rul,,wear,,,,,120.5,,,,,'
    """
    values = msgspec.structs.astuple(event)
    return [
        "" if value is None else f"{value:.9g}" if isinstance(value, float) else plain_cell(str(value))
        for value in values
    ]
