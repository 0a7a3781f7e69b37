"""Kinh Bac Textile and Song Cau Food: what the park file says of them is what the simulator does, and the
limits tell a sound machine from a worn one."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from sim.kind import FailureMode, MachineKind
from sim.kinds import machine_kinds
from tests.sim.fleet_rig import FleetRig
from twin.contract.pattern import unfold

PARK = Path(__file__).parents[3] / "sim" / "parks" / "yenphong"
DOMAINS = ("textile", "food")

Row = dict[str, Any]


def read(part: str, domain: str) -> Row:
    loaded: Row = yaml.safe_load((PARK / part / f"{domain}.yaml").read_text(encoding="utf-8"))
    return loaded


KINDS: dict[str, Row] = {kind["id"]: kind for domain in DOMAINS for kind in read("kinds", domain)["kinds"]}
KIND_ROWS = pytest.mark.parametrize("row", KINDS.values(), ids=list(KINDS))

NO_LIMIT_TELLS = {
    (
        "dyeing_machine",
        "steam_valve_leak",
    ): "a bath that is heated while it should not be is within what baths have",
    ("dyeing_machine", "dosing_drift"): "pH and salt are those of another recipe; shades that are off tell",
}
"""Failures that no fixed limit can tell, and why."""


@KIND_ROWS
def test_signals_are_those_of_the_machine(row: Row) -> None:
    kind = machine_kinds()[row["id"]]
    told = [(s["id"], s.get("unit", ""), s.get("data_type", "Double")) for s in row["signals"]]
    assert told == [(s.name, s.unit, s.data_type) for s in kind.all_signals]
    ranges = {s["id"]: s["range"] for s in row["signals"] if "range" in s}
    expected = {s.name: [s.low, s.high] for s in kind.all_signals if s.data_type not in {"String", "Boolean"}}
    assert ranges == expected


def outside(row: Row, reads: list[Any], ends: tuple[str, str]) -> set[str]:
    """Names of signals that leave their limits at the end of some reads, any unit."""
    low, high = ends
    found = set()
    for signal in row["signals"]:
        limits = signal.get("limits", {})
        values = np.array([read[signal["id"]] for read in reads]) if signal["id"] in reads[0] else None
        if values is None or not limits:
            continue
        if (low in limits and (values < limits[low]).any()) or (
            high in limits and (values > limits[high]).any()
        ):
            found.add(signal["id"])
    return found


@KIND_ROWS
@pytest.mark.parametrize("works", [True, False], ids=["at work", "at rest"])
def test_a_sound_machine_keeps_its_limits(row: Row, works: bool) -> None:
    if row["id"] == "steam_boiler" and not works:
        return  # steam is drawn, pressure falls: an alarm is right
    rig = FleetRig(machine_kinds()[row["id"]], n=4, seed=2)
    rig.running[:] = works
    assert not outside(row, rig.run(90, 60.0)[8:], ("low", "high"))


def modes() -> list[tuple[MachineKind, FailureMode]]:
    return [(machine_kinds()[name], mode) for name in KINDS for mode in machine_kinds()[name].modes]


@pytest.mark.parametrize(("kind", "mode"), modes(), ids=[f"{k.name}-{m.name}" for k, m in modes()])
def test_a_failed_machine_does_not(kind: MachineKind, mode: FailureMode) -> None:
    """At functional failure a limit is passed, at the latest; early none that means danger."""
    if (kind.name, mode.name) in NO_LIMIT_TELLS:
        return
    row = KINDS[kind.name]
    rig = FleetRig(kind, n=3, seed=3)
    rig.severity[mode.name][:] = 1.0
    assert outside(row, rig.run(90, 60.0), ("low", "high"))
    rig = FleetRig(kind, n=3, seed=3)
    rig.severity[mode.name][:] = 0.3
    assert not outside(row, rig.run(90, 60.0)[8:], ("low_low", "high_high"))


Box = tuple[float, float, float, float]


def footprints(domain: str) -> dict[str, Box]:
    """West, south, east, north of every machine [m]."""
    sizes = {**{name: kind["size"] for name, kind in KINDS.items()}}
    for other in ("electronics", "mechanical", "infrastructure"):
        sizes |= {kind["id"]: kind["size"] for kind in read("kinds", other)["kinds"] if "size" in kind}
    found = {}
    for row in read("equipment", domain)["equipment"]:
        width, depth, _ = row.get("size", sizes[row["kind"]])
        if row.get("rotation_deg", 0) % 180 == 90:
            width, depth = depth, width
        step = row.get("step", [0, 0, 0])
        for number, (name, _) in enumerate(unfold(row["id"])):
            x, y = (row["position"][axis] + number * step[axis] for axis in (0, 1))
            found[name] = (x - width / 2, y - depth / 2, x + width / 2, y + depth / 2)
    return found


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_machine_stands_in_a_hall_or_yard_and_on_no_other(domain: str) -> None:
    grounds = []
    for place in read("site", domain)["site"]:
        if place["kind"] in {"hall", "yard"}:
            xs, ys = zip(*place["points"], strict=True)
            grounds.append((min(xs), min(ys), max(xs), max(ys)))
    boxes = footprints(domain)
    for name, (west, south, east, north) in boxes.items():
        assert any(w <= west and s <= south and e >= east and n >= north for w, s, e, n in grounds), name
    for (one, a), (other, b) in combinations(boxes.items(), 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (one, other)


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_machine_is_simulated_by_its_kind_on_the_server_that_reads_it(domain: str) -> None:
    placed = {
        name: (row["kind"], row["source"])
        for row in read("equipment", domain)["equipment"]
        for name, _ in unfold(row["id"])
    }
    simulated = {
        name: (row["kind"], row["server"])
        for row in read("plant", domain)["machines"]
        for name, _ in unfold(row["equipment"])
    }
    assert placed == simulated
