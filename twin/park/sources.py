"""Sources, and the node every mapped signal is found at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from twin.contract.messages import SourceSecurity
from twin.contract.pattern import PatternError, fill
from twin.park.endpoint import (
    EXAMPLES,
    EndpointError,
    VariableError,
    check_endpoint,
    hide_password,
    substitute,
)
from twin.park.entry import Entry
from twin.park.faults import FaultLog, Located, did_you_mean
from twin.park.model import Name, Source
from twin.park.node_id import NodeIdError, canonical_node
from twin.park.registers import RegisterError, RegisterMaps
from twin.park.schema import EquipmentEntry, SourceEntry
from twin.park.yaml_tree import Loc

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")

NONE = "none"
"""What a park file writes where no source feeds an equipment or a signal."""


@dataclass(slots=True)
class SourceRow:
    """A source, its own node pattern, the register maps, and the nodes taken so far with the tag that took
    each."""

    source: Source
    located: Located[SourceEntry]
    maps: RegisterMaps
    nodes: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Sources:
    """All sources by id; of those in ``broken`` only the id is known."""

    rows: dict[str, SourceRow] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    def find(self, name: str, located: Located[Entry], loc: Loc, log: FaultLog) -> SourceRow | None:
        """Return the source of this id, None for ``none`` or (with a fault) where there is no such source."""
        if name == NONE or name in self.broken:
            return None
        row = self.rows.get(name)
        if row is None:
            step = did_you_mean(name, self.rows, "describe it under 'sources', or write 'none'")
            log.at("reference.source", located, *loc, rule="no such source", next_step=step)
        return row


def make_sources(
    entries: Iterable[Located[SourceEntry]],
    maps: RegisterMaps,
    environment: Mapping[str, str],
    log: FaultLog,
) -> Sources:
    """Make the rows of all sources, endpoints filled in and checked."""
    sources = Sources()
    for located in entries:
        entry = located.entry
        if entry.id in sources.rows:
            continue
        endpoint = ""
        try:
            endpoint = check_endpoint(substitute(entry.endpoint, environment), entry.protocol)
        except VariableError as error:
            step = "set it, or write a default: ${NAME:-default}"
            log.at("endpoint.variable", located, "endpoint", rule=str(error), next_step=step)
        except EndpointError as error:
            step, shown = f"write {EXAMPLES[entry.protocol]}", hide_password(entry.endpoint)
            log.at("endpoint.url", located, "endpoint", rule=str(error), next_step=step, value=shown)
        source = Source(
            id=entry.id,
            display=Name(entry.name.vi, entry.name.en),
            protocol=entry.protocol,
            endpoint=endpoint,
            publishing_interval_ms=entry.publishing_interval_ms,
            sampling_interval_ms=entry.sampling_interval_ms,
            simulated=entry.simulated,
            endpoint_template=entry.endpoint,
            security=_security(located, log),
            commands=entry.commands,
        )
        sources.rows[entry.id] = SourceRow(source, located, maps)
    return sources


def _security(located: Located[SourceEntry], log: FaultLog) -> SourceSecurity:
    """Return how a source is reached; what does not go together is noted."""
    entry = located.entry.security
    if entry is None:
        return SourceSecurity()
    if located.entry.protocol != "opcua":
        rule, step = (
            f"{located.entry.protocol} knows no security",
            "delete it; keep the device in a closed network",
        )
        log.at("security.protocol", located, "security", rule=rule, next_step=step, value="")
    if entry.policy == "None" and entry.mode is not None:
        rule = "nothing is signed or encrypted with policy None"
        step = "write policy: Basic256Sha256, or delete the mode"
        log.at("security.mode", located, "security", "mode", rule=rule, next_step=step)
    user = entry.user
    if user is None:
        return SourceSecurity(
            policy=entry.policy, mode=entry.mode or "sign_and_encrypt", check_host=entry.check_host
        )
    given = (user.name_env is not None, user.password_env is not None, user.certificate is not None)
    if given not in {(True, True, False), (False, False, True)}:
        rule = "a user is a name with a password, or a certificate"
        step = "write name_env and password_env (names of environment variables), or certificate alone"
        log.at("security.user", located, "security", "user", rule=rule, next_step=step, value="")
    for key in ("name_env", "password_env"):
        variable = getattr(user, key)
        if variable is not None and not _VARIABLE.fullmatch(variable):
            rule = "must be the name of an environment variable of the connectors, not what it holds"
            # what stands there may be the password itself: it is not shown
            log.at(
                "security.user", located, "security", "user", key,
                rule=rule, next_step=f"write {key}: PLC7_{key.removesuffix('_env').upper()}", value="...",
            )  # fmt: skip
    return SourceSecurity(
        policy=entry.policy,
        mode=entry.mode or "sign_and_encrypt",
        check_host=entry.check_host,
        user_name_env=user.name_env or "",
        password_env=user.password_env or "",
        user_certificate=user.certificate or "",
    )


def take_node(
    row: SourceRow,
    tag: str,
    unit: str,
    number: str,
    patterns: Iterable[tuple[str | None, Located[Entry], Loc]],
    equipment: Located[EquipmentEntry],
    log: FaultLog,
) -> str:
    """Fill the first given node pattern in and take the node for ``tag``; "" (with a fault) if that cannot
    be.

    Args:
        row: the source.
        tag: whose node it is.
        unit: the signal's.
        number: of the equipment in its row, "" if it is alone.
        patterns: from the nearest (the signal's own) to the farthest (the source's), with where each stands.
        equipment: where a missing node is noted.
        log: where to.
    """
    for pattern, located, loc in patterns:
        if pattern is None:
            continue
        equipment_id, _, signal = tag.partition(":")
        values = {"tag": tag, "equipment": equipment_id, "signal": signal}
        if number:
            values["n"] = number
        try:
            node = fill(pattern, values)
            if row.source.protocol == "modbus":
                node, canonical = row.maps.find(node, signal, unit)
            else:
                canonical = canonical_node(node)
        except PatternError as error:
            step = "use {tag}, {equipment}, {signal}, and {n} in a row"
            log.at("pattern.placeholder", located, *loc, rule=str(error), next_step=step)
            return ""
        except RegisterError as error:
            log.at(error.code, located, *loc, rule=str(error), next_step=error.next_step)
            return ""
        except NodeIdError as error:
            step = "write e.g. nsu=urn:plant:line1;s={tag}"
            log.at("node.bad", located, *loc, rule=str(error), next_step=step)
            return ""
        if not canonical:
            return ""
        taken_by = row.nodes.setdefault(canonical, tag)
        if taken_by != tag:
            rule = f"node {node} of source {row.source.id!r} is taken by {taken_by}, and by {tag}"
            step = "put {tag} or {signal} into the pattern, or give each its own node"
            if row.source.protocol == "modbus":
                step = "give each device its own unit, e.g. unit={n}"
            log.at("node.duplicate", located, *loc, rule=rule, next_step=step)
            return ""
        return node
    rule = f"no node is given for {tag}, neither here nor by source {row.source.id!r}"
    modbus = row.source.protocol == "modbus"
    step = "add 'node: unit=1;map=...'" if modbus else "add 'node: nsu=...;s={tag}' to the source"
    log.at("node.missing", equipment, "node", rule=rule, next_step=step)
    return ""
