"""A plant small enough to follow by hand: a transformer, a board, four looms, and a line of two stations."""

from __future__ import annotations

from pathlib import Path

from sim.plant import Plant, read_plant
from sim.simulation import Simulation
from twin.contract.clock import NS_PER_S

START_NS = 1_790_000_000 * NS_PER_S
"""2026-09-21T14:13:20Z, a Monday, 21:13 in Vietnam."""

MAIN = """
name: tiny
tick_s: 0.5
utc_offset_h: 7
servers: [{id: one, name: One, port: 0}, {id: two, name: Two, port: 0}]
include: [parts/*.yaml]
links: [links.yaml]
calendars:
  - id: day
    shifts: [{name: day, start: "08:00", end: "16:00", days: [mon, tue, wed, thu, fri]}]
machines:
  - {kind: mv_transformer, server: two, equipment: tiny/a/power/tx1}
  - {kind: lv_board, server: two, equipment: tiny/a/power/board1}
"""

PART = """
machines:
  - {kind: loom, server: one, equipment: "tiny/a/weaving/lm{1..3}"}
  - kind: loom
    server: one
    equipment: tiny/a/weaving/lm4
    calendar: day
    parameters: {pick_rate_setpoint: 500}
  - {kind: conveyor, server: one, equipment: "tiny/a/line1/conveyor{1..2}"}
lines:
  - id: tiny/a/line1
    code: L1
    piece: box
    stations:
      - {equipment: conveyor1, cycle_s: 10, spread: 0.2}
      - equipment: conveyor2
        cycle_s: 12
        spread: 0.2
        reject: 0.1
        inspects: true
        defects: {low_fill: 0.2}
cameras:
  - {station: tiny/a/line1/conveyor2, source: bottle}
"""

LINKS = """
links:
  - {network: electricity, upstream: tiny/a/power/tx1, downstream: tiny/a/power/board1}
  - network: electricity
    upstream: tiny/a/power/board1
    downstream: ["tiny/a/weaving/lm{1..4}", "tiny/a/line1/conveyor{1..2}"]
  - {network: air, upstream: tiny/a/power/board1, downstream: tiny/a/weaving}
"""


def write_plant(folder: Path, *, main: str = MAIN, part: str = PART, links: str = LINKS) -> Path:
    """Write the files of the plant into ``folder``; the main file."""
    (folder / "parts").mkdir(parents=True, exist_ok=True)
    (folder / "parts" / "hall.yaml").write_text(part, encoding="utf-8")
    (folder / "links.yaml").write_text(links, encoding="utf-8")
    path = folder / "plant.yaml"
    path.write_text(main, encoding="utf-8")
    return path


def small_plant(folder: Path) -> Plant:
    """Read it."""
    return read_plant(write_plant(folder))


class Watched(Simulation):
    """A simulation that one asks by name."""

    def shows(self, tag: str) -> float:
        """What the instrument of a tag shows."""
        return float(self.value[self._number(tag)])

    def truly(self, tag: str) -> float:
        """What is true there."""
        return float(self.true[self._number(tag)])

    def says(self, tag: str) -> str | None:
        """The text of a tag."""
        return self.text[self._number(tag)]

    def output(self, equipment: str, name: str) -> float:
        """A tag or a flow, as it truly is."""
        return float(self.outputs[self.fleets.row_of[equipment, name]])

    def _number(self, tag: str) -> int:
        return next(number for number, one in enumerate(self.tags) if one.tag == tag)
