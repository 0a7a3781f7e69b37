"""``python -m docs.generate``: make the tables of the pages anew from the code, so that they never lie.

With ``--check`` it writes nothing and ends with status 1 if a page is out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic_core import PydanticUndefined

from connectors.opcua.policies import POLICIES, SETTING
from connectors.settings import ConnectorSettings
from docs.sources import limit_table, policies, sources
from maintenance.settings import MaintenanceSettings
from sim.faults.reference import HEADS as FAULT_HEADS
from sim.faults.reference import fault_rows
from sim.kinds import machine_kinds
from sim.settings import SimSettings
from twin.api.settings import TwinSettings
from twin.contract.command_texts import COMMAND_TEXTS
from twin.contract.messages import MESSAGE_TYPES
from twin.contract.topics import TOPICS
from twin.expressions.checker import FUNCTIONS
from twin.identity.permissions import HEADS as PERMISSION_HEADS
from twin.identity.permissions import table_rows as permission_rows
from twin.park.reference import TABLES as PARK_TABLES
from twin.park.reference import fill_tables, markdown_table
from twin.service.settings import ServiceSettings
from vision_qc.camera_station.settings import StationSettings
from vision_qc.service.settings import QcSettings

HERE = Path(__file__).parent


def _topics() -> str:
    rows = (
        (
            f"`{topic.name}`",
            topic.key,
            f"`{topic.payload.TYPE}`" if topic.payload else "frames",
            "newest of each key" if topic.compacted else f"{topic.retention_hours:g} h",
            str(topic.partitions),
        )
        for topic in TOPICS.values()
    )
    return markdown_table(("topic", "key", "carries", "keeps", "partitions"), rows)


def _messages() -> str:
    rows = (
        (f"`{kind.TYPE}`", (kind.__doc__ or "").split("\n\n")[0].replace("\n", " ")) for kind in MESSAGE_TYPES
    )
    return markdown_table(("type", "says"), ((name, " ".join(text.split())) for name, text in rows))


def _settings(kind: type[ServiceSettings], beyond: type[ServiceSettings] | None = None) -> Callable[[], str]:
    def make() -> str:
        known = beyond.model_fields if beyond else {}
        rows = (
            (
                f"`PARKTWIN_{name.upper()}`",
                "required" if field.default is PydanticUndefined else f"`{_shown(field.default)}`",
                field.description or "",
            )
            for name, field in kind.model_fields.items()
            if name not in known
        )
        return markdown_table(("variable", "default", "meaning"), rows)

    return make


def _shown(default: object) -> str:
    if isinstance(default, frozenset):
        return ",".join(sorted(default, reverse=True))
    return "" if default is None else str(default)


def _sim_settings() -> str:
    text = (SimSettings.__doc__ or "").partition("Args:")[2]
    rows: list[tuple[str, str]] = []
    for line in text.strip().splitlines():
        name, colon, meaning = line.strip().partition(": ")
        if colon and name in SimSettings.__struct_fields__:
            rows.append((f"`{name}`", meaning))
        else:  # a meaning that takes two lines
            rows[-1] = (rows[-1][0], f"{rows[-1][1]} {line.strip()}")
    return markdown_table(("setting", "meaning"), rows)


def _faults() -> str:
    return markdown_table(FAULT_HEADS, fault_rows(machine_kinds().values()))


def _policies() -> str:
    rows = (
        (f"`{policy.name}`", policy.uri, f"only if `{SETTING}` names it" if policy.obsolete else "yes")
        for policy in POLICIES.values()
    )
    return markdown_table(("policy", "on the wire", "used"), rows)


def _outcomes() -> str:
    rows = ((f"`{code}`", text.vi, text.en) for code, text in COMMAND_TEXTS.items())
    return markdown_table(("code", "tiếng Việt", "English"), rows)


def _functions() -> str:
    rows = ((f"`{function.written}`", function.text) for function in FUNCTIONS.values())
    return markdown_table(("function", "is"), rows)


def _permissions() -> str:
    return markdown_table(PERMISSION_HEADS, permission_rows())


PAGES: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "../README.md": {
        "sources": sources,
        "policies": policies,
        "permissions": _permissions,
        "limits": limit_table,
    },
    "commands.md": {"outcomes": _outcomes, "functions": _functions},
    "park-file.md": PARK_TABLES,
    "reference.md": {
        "topics": _topics,
        "messages": _messages,
        "service settings": _settings(ServiceSettings),
        "twin settings": _settings(TwinSettings, ServiceSettings),
        "connector settings": _settings(ConnectorSettings, ServiceSettings),
        "maintenance settings": _settings(MaintenanceSettings, ServiceSettings),
        "simulator settings": _sim_settings,
        "security policies": _policies,
    },
    "simulator.md": {"faults": _faults},
    "inspection.md": {
        "qc settings": _settings(QcSettings, ServiceSettings),
        "station settings": _settings(StationSettings, ServiceSettings),
    },
}
"""Page -> name of a table in it -> what makes it."""


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` only compare them."""
    stale = []
    for name, tables in PAGES.items():
        path = HERE / name
        text = path.read_text()
        made = fill_tables(text, tables)
        if made != text:
            stale.append(name)
            if "--check" not in arguments:
                path.write_text(made)
    if stale and "--check" in arguments:
        sys.stderr.write(f"out of date: {', '.join(stale)}; run 'make docs'\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
