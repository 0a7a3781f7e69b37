"""A park with one machine whose signals are read from a server under test."""

from __future__ import annotations

from collections.abc import Sequence

from tests.connectors.opcua.servers.process import NAMESPACE


def park_of(tags: Sequence[str], endpoint: str) -> str:
    """Write a park file with one machine that has these tags (``park/line/machine:<signal>``), read from
    ``endpoint``, where each tag is the string node id too."""
    equipment, _, _ = tags[0].partition(":")
    signals = "\n".join(
        f"      - {{id: {tag.partition(':')[2]}, name: {{vi: Bộ đếm, en: Counter}}}}" for tag in tags
    )
    park, line, _ = equipment.split("/")
    return f"""
park: {{id: {park}, name: {{vi: Khu thử, en: Test park}}, timezone: Asia/Ho_Chi_Minh}}
places:
  - {{id: {park}/{line}, name: {{vi: Chuyền thử, en: Test line}}}}
kinds:
  - id: counter
    name: {{vi: Máy đếm, en: Counter}}
    shape: cabinet
    size: [1, 1, 2]
    signals:
{signals}
sources:
  - id: counting
    name: {{vi: Máy chủ đếm, en: Counting server}}
    protocol: opcua
    endpoint: {endpoint}
    node: nsu={NAMESPACE};s={{tag}}
    publishing_interval_ms: 100
    sampling_interval_ms: 0
equipment:
  - id: {equipment}
    kind: counter
    name: {{vi: Máy đếm, en: Counter}}
    position: [0, 0, 0]
    source: counting
"""
