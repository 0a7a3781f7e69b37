"""Calibration by the clock: an analyser shows its reference for a while every day, and says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.sensors.bank import Handle, SensorBank
from sim.sensors.trouble import OUT_OF_SERVICE, TROUBLES
from twin.contract.clock import NS_PER_S

_DAY_NS = 86_400 * NS_PER_S


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """A tag that is calibrated every day.

    Args:
        row: of the tag.
        hour: local hour at which it begins, 0 to 24.
        minutes: how long it takes.
        reference: what is shown, as a share of the range; None where the machine reads its standards itself
            and only the status is missing.
    """

    row: int
    hour: float
    minutes: float = 20.0
    reference: float | None = 0.5


@dataclass(frozen=True, slots=True)
class CalibrationChange:
    """A calibration that begins or ends at ``time_ns``."""

    time_ns: int
    row: int
    begins: bool


class Calibrations:
    """Begins and ends the calibrations of a bank.

    Args:
        rows: who is calibrated when.
        bank: what is calibrated.
        utc_offset_h: by how much local time is ahead of UTC [h].
    """

    def __init__(self, rows: Sequence[CalibrationRow], bank: SensorBank, utc_offset_h: float) -> None:
        self._rows = tuple(rows)
        self._bank = bank
        self._offset_ns = round(utc_offset_h * 3600) * NS_PER_S
        self._going: dict[int, Handle] = {}

    def due(self, now_ns: int) -> list[CalibrationChange]:
        """Begin and end what is due at ``now_ns``; returns what changed."""
        changes = []
        day_ns = (now_ns + self._offset_ns) % _DAY_NS
        for number, one in enumerate(self._rows):
            begin_ns = round(one.hour * 3600) * NS_PER_S
            is_time = (day_ns - begin_ns) % _DAY_NS < round(one.minutes * 60) * NS_PER_S
            if is_time and number not in self._going:
                kind = OUT_OF_SERVICE if one.reference is None else TROUBLES["calibration"]
                self._going[number] = self._bank.begin(one.row, kind, one.reference or 0.0)
                changes.append(CalibrationChange(now_ns, one.row, begins=True))
            elif not is_time and number in self._going:
                self._bank.end(self._going.pop(number))
                changes.append(CalibrationChange(now_ns, one.row, begins=False))
        return changes
