"""A park file for the load server: machines of a hundred signals, one tag per node of the server."""

from __future__ import annotations

from pathlib import Path

SIGNALS = 100
SOURCE = "load"


def tags(count: int) -> list[str]:
    """The tags, in the order of the server's nodes.

    >>> tags(200)[100]
    'bench/line/m0002:s001'
    """
    return [f"bench/line/m{n // SIGNALS + 1:04}:s{n % SIGNALS + 1:03}" for n in range(count)]


def write_load_park(path: Path, count: int, endpoint: str, publishing_ms: float = 200) -> None:
    """Write a park of ``count`` tags (a multiple of 100), read from a load server at ``endpoint``."""
    lines = [
        "park: {id: bench, name: {vi: Khu đo, en: Bench park}, timezone: Asia/Ho_Chi_Minh}",
        "places: [{id: bench/line, name: {vi: Chuyền, en: Line}}]",
        "kinds:",
        "  - id: counter",
        "    name: {vi: Máy đếm, en: Counter}",
        "    shape: cabinet",
        "    size: [1, 1, 2]",
        "    signals:",
        *(f"      - {{id: s{n:03}, name: {{vi: Số, en: Count}}}}" for n in range(1, SIGNALS + 1)),
        "sources:",
        f"  - id: {SOURCE}",
        "    name: {vi: Máy chủ tải, en: Load server}",
        "    protocol: opcua",
        f"    endpoint: {endpoint}",
        "    node: nsu=urn:parktwin:load;s={tag}",
        f"    publishing_interval_ms: {publishing_ms}",
        "    sampling_interval_ms: 0",
        "equipment:",
    ]
    for machine in range(count // SIGNALS):
        lines += [
            f"  - id: bench/line/m{machine + 1:04}",
            "    kind: counter",
            f"    name: {{vi: Máy {machine + 1}, en: Machine {machine + 1}}}",
            f"    position: [{machine % 50 * 3}, {machine // 50 * 3}, 0]",
            f"    source: {SOURCE}",
            "    signals:",
            *(
                f'      s{n:03}: {{node: "nsu=urn:parktwin:load;s=load_{machine * SIGNALS + n:06}"}}'
                for n in range(1, SIGNALS + 1)
            ),
        ]
    path.write_text("\n".join(lines) + "\n")
