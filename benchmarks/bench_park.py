"""Park files: how long a check takes, and how much of it is YAML. The peer is PyYAML's own safe loader."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import yaml

from benchmarks.table import Row, median_seconds
from twin.park.park_document import park_document
from twin.park.park_file import load_park

_KINDS = 15
_HEAD = """\
park: {id: big, name: {vi: Lớn, en: Big}, timezone: Asia/Ho_Chi_Minh}
include: ["kinds.yaml", "area*.yaml"]
places:
  - {id: big/plant, name: {vi: Nhà máy, en: Plant}}
sources:
  - {id: plc, name: PLC, protocol: opcua, endpoint: "opc.tcp://127.0.0.1:4840/", node: "nsu=urn:plc;s={tag}"}
"""


def write_park(folder: Path, equipment: int, tags: int) -> Path:
    """Write a park, each machine by itself as an export from another system would have it."""
    signals = tags // equipment
    kinds = ["kinds:\n"]
    for kind in range(_KINDS):
        kinds.append(
            f"  - id: kind{kind}\n    name: {{vi: Loại {kind}, en: Kind {kind}}}\n    size: [2, 1, 2]\n"
        )
        kinds.append("    signals:\n")
        for signal in range(signals):
            kinds.append(
                f"      - {{id: s{signal}, name: {{vi: Tín hiệu {signal}, en: Signal {signal}}}, unit: °C, "
                "range: [0, 200], limits: {low: 10, high: 150}}\n"
            )
    (folder / "kinds.yaml").write_text("".join(kinds))
    for first in range(0, equipment, 2000):
        rows = ["equipment:\n"]
        for number in range(first, min(first + 2000, equipment)):
            rows.append(
                f"  - id: big/plant/m{number}\n    kind: kind{number % _KINDS}\n"
                f"    name: {{vi: Máy {number}, en: Machine {number}}}\n"
                f"    position: [{number % 100 * 5}, {number // 100 * 5}, 0]\n    source: plc\n"
            )
        (folder / f"area{first:05d}.yaml").write_text("".join(rows))
    (folder / "park.yaml").write_text(_HEAD)
    return folder / "park.yaml"


def _load_plainly(folder: Path) -> None:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for file in folder.glob("*.yaml"):
        yaml.load(file.read_text(), loader)


def run() -> list[Row]:
    """Check a park of 5,000 tags and one of 100,000."""
    rows = []
    for equipment, tags, at_most_s, repeats in ((300, 5_000, 1.5, 5), (10_000, 100_000, 30.0, 1)):
        with tempfile.TemporaryDirectory() as folder:
            path = write_park(Path(folder), equipment, tags)
            park = load_park(path, environment={})
            seconds = median_seconds(partial(load_park, path, environment={}), repeats)
            peer = median_seconds(partial(_load_plainly, Path(folder)), repeats)
        note = (
            f"{equipment:,} machines; PyYAML's loading alone {peer:.2f} s; "
            f"{len(park_document(park)):,} bytes as a document"
        )
        name, target = f"check {len(park.tags):,} tags", f"at most {at_most_s}"
        rows.append(Row("park", name, seconds, "s", target, seconds <= at_most_s, note))
    return rows


if __name__ == "__main__":
    from benchmarks.table import as_markdown

    print(as_markdown(run()))
