"""A park file of ten thousand machines for the page, and what changes in it."""

from __future__ import annotations

from pathlib import Path

KINDS = (
    "conveyor", "cnc_machine", "loom", "pump", "cabinet",
    "chiller", "compressor", "robot", "oven", "tank",
)  # fmt: skip
"""Shapes of the machines, each a kind of its own."""
ACROSS = 125
PITCH_M = 6


def write_large_park(path: Path, machines: int) -> None:
    """Write a park of so many machines (a multiple of 100), each with five signals, one with limits."""
    signals = [
        *(f"      - {{id: v{n}, name: {{vi: Số {n}, en: Value {n}}}, unit: kW}}" for n in range(1, 5)),
        "      - {id: v5, name: {vi: Số 5, en: Value 5}, unit: kW, range: [0, 100],"
        " limits: {high: 75, high_high: 85}}",
    ]
    lines = [
        "park: {id: bench, name: {vi: Khu đo, en: Bench park}, timezone: Asia/Ho_Chi_Minh}",
        "places:",
        *(
            f"  - {{id: bench/l{n:03}, name: {{vi: Chuyền {n}, en: Line {n}}}}}"
            for n in range(machines // 100)
        ),
        "kinds:",
    ]
    for kind in KINDS:
        lines += [
            f"  - id: {kind}",
            f"    name: {{vi: {kind}, en: {kind}}}",
            f"    shape: {kind}",
            "    size: [2, 2, 2]",
            "    signals:",
            *signals,
        ]
    lines += [
        "sources:",
        "  - {id: load, name: {vi: Nguồn, en: Source}, protocol: opcua,"
        " endpoint: 'opc.tcp://127.0.0.1:4840', node: 'nsu=urn:x;s={tag}'}",
        "equipment:",
    ]
    for machine in range(machines):
        lines += [
            f"  - {{id: bench/l{machine // 100:03}/m{machine % 100:02}, kind: {KINDS[machine % len(KINDS)]},"
            f" name: {{vi: Máy {machine}, en: Machine {machine}}}, source: load,"
            f" position: [{machine % ACROSS * PITCH_M}, {machine // ACROSS * PITCH_M}, 0]}}"
        ]
    path.write_text("\n".join(lines) + "\n")
