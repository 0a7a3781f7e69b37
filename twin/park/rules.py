"""The rules a park file is checked against: one row a code. Codes are stable; documentation is made from
here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its code, what must hold, and whether a breach stops the twin from starting."""

    code: str
    text: str
    severity: Severity = "error"


_TABLE = (
    Rule("file.missing", "The file is there and can be read."),
    Rule("file.too_big", "A file has at most 5 MB."),
    Rule("file.encoding", "A file is UTF-8."),
    Rule("yaml.syntax", "The file is YAML."),
    Rule("yaml.empty", "The file has content."),
    Rule("yaml.documents", "A file has one YAML document."),
    Rule("yaml.depth", "Lists and mappings are nested at most 30 deep, aliases included."),
    Rule("yaml.expansion", "Aliases unfold to at most two million values."),
    Rule("yaml.alias", "An alias names an anchor that stands above it."),
    Rule("yaml.tag", "There are no YAML tags such as !!python/object or !!binary."),
    Rule("yaml.merge", "There are no merge keys (<<)."),
    Rule("yaml.key", "Keys are plain texts."),
    Rule("yaml.duplicate_key", "A key stands once in its mapping."),
    Rule("yaml.boolean", "Booleans are written true or false; yes, no, on, off, y and n go into quotes."),
    Rule("yaml.number", "Numbers are decimal: no 012, 0x1F, 1_000 or 1:30 without quotes."),
    Rule("include.missing", "An included file is there, and a pattern finds at least one."),
    Rule("include.outside", "An included file lies in the folder of the main file or below."),
    Rule("include.cycle", "A file does not include itself, directly or through others."),
    Rule("include.twice", "A file is included once."),
    Rule("include.main_only", "park stands only in the main file."),
    Rule("schema.unknown_key", "Every key is known."),
    Rule("schema.missing_key", "Every required key is there."),
    Rule("schema.type", "A value has the type its key asks for."),
    Rule("schema.value", "A value lies within the bounds of its key."),
    Rule("park.too_big", "A park has at most 100,000 pieces of equipment and 1,000,000 tags."),
    Rule("park.timezone", "The time zone is an IANA name."),
    Rule("pattern.bad", "An id has at most one pattern {a..b}, counting up, of at most 1,000 numbers."),
    Rule("pattern.step", "A row of equipment has a step, and a single one has none."),
    Rule("pattern.placeholder", "Only known placeholders stand in texts and node patterns."),
    Rule("id.bad", "An id is lower-case ASCII as its place asks for."),
    Rule("id.duplicate", "An id is given once."),
    Rule("id.outside_park", "Places and equipment begin with the park's id."),
    Rule("place.parent", "The place above is described."),
    Rule("place.level", "Levels go down from enterprise over site and area to line."),
    Rule("reference.kind", "The kind of a piece of equipment is described."),
    Rule("reference.signal", "An equipment changes only signals that its kind has."),
    Rule("reference.source", "A source is described, or is 'none'."),
    Rule("reference.alarm", "An alarm names equipment of its kind."),
    Rule("reference.register_map", "A register map is described."),
    Rule("reference.link", "A link joins equipment or places that are described."),
    Rule("unit.unknown", "A unit is in the table of units."),
    Rule("unit.data_type", "Only numbers have a unit."),
    Rule("range.order", "A range goes from low to high."),
    Rule("range.data_type", "A range fits what the data type can hold; only numbers have one."),
    Rule("range.impossible", "A range stays within what is physically possible."),
    Rule("limits.order", "Limits rise: low_low < low < high < high_high."),
    Rule("limits.range", "Limits lie within the range."),
    Rule("limits.data_type", "Only numbers have limits."),
    Rule("deadband.given", "A deadband is given in the unit or in percent of the range, not both."),
    Rule("deadband.data_type", "Only numbers have a deadband, and no state and no count has."),
    Rule(
        "deadband.range", "A deadband is narrower than the range, and percent are of a range with two ends."
    ),
    Rule("deadband.limits", "A deadband is narrower than the distance from a limit to the next."),
    Rule("role.duplicate", "A kind has one signal of each role."),
    Rule("role.data_type", "A state is an integer or text, a count is a number."),
    Rule("size.missing", "An equipment has a size, its own or its kind's."),
    Rule("endpoint.variable", "Every ${NAME} of an endpoint is set, or has a default: ${NAME:-default}."),
    Rule(
        "endpoint.url",
        "An endpoint is opc.tcp://host:port/path or modbus.tcp://host:port, without user name or password.",
    ),
    Rule("security.protocol", "Only an OPC UA source has security."),
    Rule("security.mode", "A mode is given only with a policy that protects."),
    Rule("security.user", "A user is a name with a password, by their variables, or a certificate."),
    Rule("node.bad", "A node is nsu=<URI>;s=<identifier> (or i=, g=, b=); for Modbus unit=<n>;map=<id>."),
    Rule("node.missing", "A mapped signal has a node, or a node pattern from its equipment or source."),
    Rule("node.duplicate", "Two tags of a source do not share a node."),
    Rule("node.unused", "A node is given only where a source reads it."),
    Rule("register.duplicate", "A register map has one register a signal."),
    Rule("register.type", "A register lies within its table, and its type fits there."),
    Rule("register.unit", "A register is in the unit of its signal."),
    Rule("source.connections", "Only an OPC UA source has several connections, each with an id of its own."),
    Rule("source.no_items", "A source has something to read."),
    Rule("simulated.hidden", "Equipment that a simulated source feeds is not said to be real."),
    Rule("link.self", "Nothing feeds itself."),
    Rule("link.duplicate", "A link is given once."),
    Rule(
        "calculated.target",
        "A calculated tag is at a kind or at equipment that is described, and read from no source.",
    ),
    Rule("calculated.duplicate", "A calculated tag has a name that its equipment has not used yet."),
    Rule("calculated.value", "A calculated tag is worked out of signals that it knows, to its own unit."),
    Rule("calculated.cycle", "A calculated tag is not worked out of itself."),
    Rule(
        "alarm.target", "An alarm watches signals of a kind, or (stale, gap, condition) sources, never both."
    ),
    Rule("alarm.keys", "An alarm has the keys that its type needs, and none of other types."),
    Rule("alarm.limit", "The limit of an alarm lies within the range, or is one that the signal has."),
    Rule(
        "alarm.deadband", "A deadband is narrower than what lies within the limit, so that an alarm can end."
    ),
    Rule(
        "alarm.data_type",
        "Only numbers have a limit, a deviation or a rate; a state is given as the signal tells it.",
    ),
    Rule(
        "alarm.when",
        "An expression alarm is a condition over signals that its equipment knows, shown at one of them.",
    ),
    Rule("alarm.duplicate", "A signal has one alarm of each limit type."),
    Rule(
        "command.target",
        "A command writes one signal or node, or calls one method of an object, of equipment of its kinds.",
    ),
    Rule("command.value", "A command writes a fixed value or an argument; a number has bounds and a unit."),
    Rule("command.read_back", "What is read back is one signal or node, and can be one of the values."),
    Rule("command.interlock", "An interlock is a condition over signals that its equipment knows."),
    Rule("command.duplicate", "A kind has one command of each id."),
    Rule("command.source", "Equipment that is commanded has a source with 'commands: true'."),
    Rule("calendar.times", "Shifts and breaks have times that can be, days are dates, none overlap."),
    Rule("kpi.reference", "Lines, stations, tags, signals and calendars of key figures are described."),
    Rule(
        "kpi.role",
        "A station has state and counts, the pace has a cycle, a meter is a number.",
    ),
    Rule("kpi.duplicate", "A line, a meter of a place, and the factor of a year are given once."),
    Rule("network.reference", "Rows of networks, and whom to call, name equipment or places described."),
    Rule("network.signal", "A row of a network names signals that its equipment has, and that are numbers."),
    Rule("network.duplicate", "An equipment has one row in each network, and one contact."),
    Rule("network.unlinked", "An equipment with a row in a network has links of that network."),
    Rule("site.points", "An outline has three corners or more, a road two points or more."),
    Rule("site.measure", "A road has a width, a hall has a height, and nothing else has them."),
    Rule("shape.unknown", "The shape of a kind is one that can be drawn.", "warning"),
    Rule("equipment.same_place", "Two pieces of equipment do not stand on the same point.", "warning"),
    Rule("signals.none_mapped", "A kind has signals.", "warning"),
)

RULES: Mapping[str, Rule] = {rule.code: rule for rule in _TABLE}
"""Every rule by code."""
