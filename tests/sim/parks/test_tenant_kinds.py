"""The kinds of the two factories as the park file describes them, against the simulator's own."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from sim.kinds import machine_kinds
from sim.plant import SHIPPED
from tests.sim.fleet_rig import FleetRig
from twin.contract.pattern import unfold

PARK = SHIPPED.parent
FILES = ("electronics", "mechanical")

UNSEEN_BY_A_LIMIT = {
    ("chilled_water_pump", "impeller_wear"): "it turns faster and takes more for the same flow",
    ("screw_compressor", "inlet_valve_sticking"): "it delivers less, as one does that unloads",
}
"""Failures that no fixed limit of a signal of theirs can tell from a sound machine under another load."""


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@cache
def described() -> dict[str, dict[str, dict[str, Any]]]:
    """Kind -> signal -> as described, rows unfolded."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for name in FILES:
        for kind in read(PARK / "kinds" / f"{name}.yaml")["kinds"]:
            found[kind["id"]] = {one: signal for signal in kind["signals"] for one, _ in unfold(signal["id"])}
    return found


KINDS = pytest.mark.parametrize("kind", described())


@KINDS
def test_signals_are_those_of_the_machine(kind: str) -> None:
    machine = machine_kinds()[kind]
    assert list(described()[kind]) == [signal.name for signal in machine.all_signals]
    for signal in machine.all_signals:
        row = described()[kind][signal.name]
        assert row.get("unit", "") == signal.unit, signal.name
        assert row.get("data_type", "Double") == signal.data_type, signal.name
        if signal.data_type not in {"String", "Boolean"}:
            assert row["range"] == [signal.low, signal.high], signal.name


def beyond(kind: str, severity: dict[str, float]) -> dict[str, str]:
    """Signals that leave their limits within two hours of work, and how: ``warning`` or ``critical``."""
    rig = FleetRig(machine_kinds()[kind], n=4, seed=11)
    for mode, amount in severity.items():
        rig.severity[mode][:] = amount
    reads = rig.run(720, 10.0)
    found = {}
    for name, row in described()[kind].items():
        limits = row.get("limits", {})
        if name not in reads[-1] or not limits:
            continue
        values = np.array([read[name] for read in reads])
        worst = {
            "critical": (values < limits.get("low_low", -np.inf))
            | (values > limits.get("high_high", np.inf)),
            "warning": (values < limits.get("low", -np.inf)) | (values > limits.get("high", np.inf)),
        }
        for word, outside in worst.items():
            if outside.any():
                found[name] = word
                break
    return found


@KINDS
def test_a_sound_machine_stays_within_its_limits(kind: str) -> None:
    if kind in {"compressor", "femto_spindle"}:
        return  # recordings that wear out: theirs is to cross them
    assert beyond(kind, {}) == {}


@KINDS
def test_a_failure_crosses_a_limit_where_it_shows_and_little_of_it_none(kind: str) -> None:
    for mode in machine_kinds()[kind].modes:
        if (kind, mode.name) in UNSEEN_BY_A_LIMIT:
            continue
        failed = beyond(kind, {mode.name: 1.0})
        assert set(failed) & set(mode.shows_in), (mode.name, failed)
        if kind != "air_receiver":  # on a bench nobody loads a compressor when it leaks
            assert beyond(kind, {mode.name: 0.2}) == {}, mode.name
