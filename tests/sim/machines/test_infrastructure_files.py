"""The infrastructure's part of the park file tells of the same machines as its part of the plant."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import yaml

from sim.kind import STATE
from sim.kinds import machine_kinds
from sim.plant import SHIPPED
from twin.contract.pattern import unfold

PART = "infrastructure.yaml"
LIMITS = ("low_low", "low", "high", "high_high")


@cache
def part(folder: str) -> dict[str, Any]:
    """The infrastructure's file of a folder of the park."""
    text = (SHIPPED.parent / folder / PART).read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.safe_load(text)
    return read


KINDS: list[dict[str, Any]] = part("kinds")["kinds"]


def unfolded(rows: list[dict[str, Any]], key: str) -> dict[str, dict[str, Any]]:
    """Rows by every id that they stand for."""
    return {one: row for row in rows for one, _ in unfold(row[key])}


@pytest.mark.parametrize("row", KINDS, ids=[row["id"] for row in KINDS])
def test_signals_are_those_of_the_machine(row: dict[str, Any]) -> None:
    signals = machine_kinds()[row["id"]].all_signals
    assert [signal["id"] for signal in row["signals"]] == [signal.name for signal in signals]
    for written, signal in zip(row["signals"], signals, strict=True):
        assert written.get("unit", "") == signal.unit, signal.name
        assert written.get("data_type", "Double") == signal.data_type, signal.name
        assert set(written["name"]) == {"vi", "en"}
        assert (written.get("role") == "state") == (signal is STATE)  # the twin gives others roles, too
        if signal.data_type not in {"String", "Boolean"}:
            assert written["range"] == [signal.low, signal.high], signal.name
        given = [written.get("limits", {}).get(name) for name in LIMITS]
        known = [limit for limit in given if limit is not None]
        assert known == sorted(set(known)), signal.name
        assert all(signal.low <= limit <= signal.high for limit in known), signal.name


def test_park_and_plant_name_the_same_machines() -> None:
    equipment = unfolded(part("equipment")["equipment"], "id")
    machines = unfolded(part("plant")["machines"], "equipment")
    assert set(equipment) == set(machines)
    for identifier, row in machines.items():
        assert equipment[identifier]["kind"] == row["kind"], identifier
        assert equipment[identifier]["source"] == row["server"], identifier


def test_links_join_what_is_there() -> None:
    """Ends below the park's own place are its equipment; the others are the tenants'."""
    known = set(unfolded(part("equipment")["equipment"], "id"))
    joined = set()
    for row in part("links")["links"]:
        for end in (row["upstream"], row["downstream"]):
            for name in [end] if isinstance(end, str) else end:
                joined |= {one for one, _ in unfold(name)}
    assert {one for one in joined if one.startswith("yenphong/park/")} <= known
    alone = known - joined
    assert {one.split("/")[3] for one in alone} == {"environment"}  # masts hang on nothing


def test_there_is_a_park_of_infrastructure() -> None:
    equipment = unfolded(part("equipment")["equipment"], "id")
    tags = sum(len(machine_kinds()[row["kind"]].all_signals) for row in equipment.values())
    assert len(equipment) >= 95
    assert tags >= 1300


def test_kinds_that_are_described_are_used_or_given_to_tenants() -> None:
    used = {row["kind"] for row in part("equipment")["equipment"]}
    assert {row["id"] for row in KINDS} == used
