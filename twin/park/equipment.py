"""Equipment and its tags: from unfolded entries to the rows that state, stream and page index by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from twin.park.entry import Entry
from twin.park.faults import FaultLog, Located, did_you_mean
from twin.park.hierarchy import Unfolded, fill_name
from twin.park.kinds import KindRow, Kinds, change_signal
from twin.park.model import Equipment, Name, SignalKind, Tag
from twin.park.schema import EquipmentEntry, SignalChange
from twin.park.sources import SourceRow, Sources, take_node
from twin.park.yaml_tree import Loc

MAX_TAGS = 1_000_000


@dataclass(frozen=True, slots=True)
class _Plan:
    """What all machines of one entry share: looked up and checked once a row, not once a machine."""

    kind: KindRow
    source: SourceRow | None
    signals: tuple[tuple[SignalKind, SignalChange | None, SourceRow | None], ...]


def make_equipment(
    rows: Iterable[Unfolded],
    kinds: Kinds,
    sources: Sources,
    extra: Mapping[str, Sequence[SignalKind]],
    log: FaultLog,
) -> tuple[tuple[Equipment, ...], tuple[Tag, ...]]:
    """Make equipment and tags in file order, the tags of one equipment next to each other; ``extra`` are
    signals of single equipment that its kind does not have, and no source feeds."""
    equipment: list[Equipment] = []
    tags: list[Tag] = []
    plans: dict[int, _Plan | None] = {}
    standing: dict[tuple[float, float, float], Unfolded] = {}
    for row in rows:
        entry = row.located.entry
        if id(entry) not in plans:
            plans[id(entry)] = _plan(row.located, kinds, sources, log)
        plan = plans[id(entry)]
        if plan is None:
            continue
        machine = _machine(row, plan, log)
        other = standing.setdefault(machine.position, row)
        if other is not row and (other.located is not row.located or entry.step is not None):
            rule = f"{row.id} stands on the same point as {other.id}"
            log.at("equipment.same_place", row.located, "position", rule=rule, next_step="move one of them")
        if len(tags) + len(plan.signals) > MAX_TAGS:
            step = "part the park into several"
            log.at("park.too_big", row.located, rule=f"more than {MAX_TAGS} tags", next_step=step)
            break
        number = len(equipment)
        equipment.append(machine)
        for signal, change, source in plan.signals:
            tag = f"{row.id}:{signal.name}"
            node = ""
            if source is not None:
                patterns = _patterns(row, signal, change, source)
                node = take_node(source, tag, signal.unit, row.number, patterns, row.located, log)
            tags.append(Tag(len(tags), tag, number, signal, source.source.id if source else "", node))
        for signal in extra.get(row.id, ()):
            tags.append(Tag(len(tags), f"{row.id}:{signal.name}", number, signal, "", ""))
    return tuple(equipment), tuple(tags)


def _plan(located: Located[EquipmentEntry], kinds: Kinds, sources: Sources, log: FaultLog) -> _Plan | None:
    entry = located.entry
    source = sources.find(entry.source, located, ("source",), log)
    kind = kinds.rows.get(entry.kind)
    if kind is None:
        if entry.kind not in kinds.broken:
            step = did_you_mean(entry.kind, kinds.rows, "describe it under 'kinds'")
            log.at("reference.kind", located, "kind", rule="no such kind", next_step=step)
        return None
    if entry.size is None and kind.size is None:
        rule = "neither the equipment nor its kind has a size"
        log.at("size.missing", located, "size", rule=rule, next_step="add 'size: [3, 2, 2.5]', metres")
    for name in entry.signals:
        if name not in kind.by_name:
            step = did_you_mean(name, kind.by_name, f"delete it; {entry.kind} has {', '.join(kind.by_name)}")
            log.at(
                "reference.signal",
                located,
                "signals",
                name,
                rule="the kind has no such signal",
                next_step=step,
            )
    for name in sorted(kind.calculated.intersection(entry.signals)):
        for key in ("source", "node"):
            if getattr(entry.signals[name], key) is not None:
                rule, step = "a calculated signal is read from no source", "delete it"
                log.at("calculated.target", located, "signals", name, key, rule=rule, next_step=step)
    signals = tuple(
        _calculated(signal, entry.signals.get(signal.name), located, log)
        if signal.name in kind.calculated
        else _signal(signal, entry.signals.get(signal.name), source, located, sources, log)
        for signal in kind.kind.signals
    )
    simulators = [each.source.id for _, _, each in signals if each is not None and each.source.simulated]
    if entry.simulated is False and simulators:
        rule = f"source {simulators[0]!r}, which feeds it, is a simulator"
        step = "delete it, or correct the source: a person must see what is not real"
        log.at("simulated.hidden", located, "simulated", rule=rule, next_step=step)
    if entry.node is not None and all(each is None for _, _, each in signals):
        step = "name the source, or delete the node"
        log.at("node.unused", located, "node", rule="no source reads this equipment", next_step=step)
    return _Plan(kind, source, signals)


def _signal(
    signal: SignalKind,
    change: SignalChange | None,
    source: SourceRow | None,
    located: Located[EquipmentEntry],
    sources: Sources,
    log: FaultLog,
) -> tuple[SignalKind, SignalChange | None, SourceRow | None]:
    if change is None:
        return signal, None, source
    loc: Loc = ("signals", signal.name)
    if change.source is not None:
        source = sources.find(change.source, located, (*loc, "source"), log)
    if change.node is not None and source is None:
        step = "name the source, or delete the node"
        log.at("node.unused", located, *loc, "node", rule="no source reads this signal", next_step=step)
    return change_signal(signal, change, located, loc, log), change, source


def _calculated(
    signal: SignalKind, change: SignalChange | None, located: Located[EquipmentEntry], log: FaultLog
) -> tuple[SignalKind, SignalChange | None, SourceRow | None]:
    if change is None:
        return signal, None, None
    return change_signal(signal, change, located, ("signals", signal.name), log), change, None


def _patterns(
    row: Unfolded, signal: SignalKind, change: SignalChange | None, source: SourceRow
) -> Iterable[tuple[str | None, Located[Entry], Loc]]:
    if change is not None:
        yield change.node, row.located, ("signals", signal.name, "node")
    yield row.located.entry.node, row.located, ("node",)
    yield source.located.entry.node, source.located, ("node",)


def _machine(row: Unfolded, plan: _Plan, log: FaultLog) -> Equipment:
    entry = row.located.entry
    x, y, z = entry.position
    if entry.step is not None:
        dx, dy, dz = entry.step
        # Rounded to a micrometre, so that 3 * 0.1 is 0.3 and the revision does not hang on the last bit.
        x, y, z = (round(a + row.offset * b, 6) for a, b in ((x, dx), (y, dy), (z, dz)))
    simulated = entry.simulated
    if simulated is None:
        simulated = any(source is not None and source.source.simulated for _, _, source in plan.signals)
    return Equipment(
        id=row.id,
        kind=plan.kind.kind,
        display=fill_name(row, "name", log) or Name(row.id, row.id),
        position=(x, y, z),
        size=entry.size or plan.kind.size or (1.0, 1.0, 1.0),
        rotation_deg=entry.rotation_deg,
        simulated=simulated,
        note=fill_name(row, "note", log),
    )
