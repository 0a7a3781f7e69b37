"""Which commands each piece of equipment has, with everything that is needed to carry one out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from twin.commands.errors import CommandValueError, UnknownCommandError
from twin.commands.reach import EVERYTHING, Reach, Told
from twin.contract.command import CommandTarget, ReadBack, Scalar
from twin.contract.pattern import fill
from twin.expressions.expression import Expression, compile_condition
from twin.park.command import CommandRule, Interlock
from twin.park.conditions import resolver, tag_of, unit_of
from twin.park.faults import did_you_mean
from twin.park.model import Equipment, Name, Park, SignalKind, Tag

_MS = 1000


@dataclass(frozen=True, slots=True)
class Guard:
    """An interlock at one piece of equipment.

    Args:
        interlock: as the park file has it.
        expression: checked.
        tags: what its references mean here, by reference.
    """

    interlock: Interlock
    expression: Expression
    tags: Mapping[str, Tag]


@dataclass(frozen=True, slots=True)
class Offer:
    """A command that a piece of equipment has.

    Args:
        equipment: which.
        rule: what the park file says.
        source: id of the source it goes to.
        guards: what must hold.
        shows: the tag that shows it when it is done, None if none does.
    """

    equipment: Equipment
    rule: CommandRule
    source: str
    guards: tuple[Guard, ...]
    shows: Tag | None
    target: CommandTarget


class Catalogue:
    """The commands of a park. Thread-safe.

    Args:
        park: the checked park.
        reach: whose commands; what they do not reach is not there.
    """

    def __init__(self, park: Park, reach: Reach = EVERYTHING) -> None:
        self._park = park
        self.reach = reach
        self._equipment = {machine.id: machine for machine in park.equipment}
        self._tags = {tag.tag: tag for tag in park.tags}
        self._signals: dict[str, SignalKind] = {tag.tag: tag.signal for tag in park.tags}
        self._rules: dict[str, list[CommandRule]] = {}
        for rule in park.commands:
            for kind in rule.kinds:
                self._rules.setdefault(kind, []).append(rule)
        self._make = lru_cache(maxsize=4096)(self._offer)

    def equipment(self) -> tuple[str, ...]:
        """The ids of all equipment that has any command, in file order."""
        reaches = self.reach.reaches
        return tuple(
            machine.id for machine in self._park.equipment if self.rules(machine) and reaches(machine.id)
        )

    def rules(self, machine: Equipment) -> list[CommandRule]:
        """The rules for a piece of equipment."""
        rules = self._rules.get(machine.kind.name, ())
        return [rule for rule in rules if not rule.equipment or machine.id in rule.equipment]

    def offers(self, equipment: str) -> tuple[Offer, ...]:
        """Every command of a piece of equipment.

        Raises:
            UnknownCommandError: the park has no such equipment.
        """
        machine = self._machine(equipment)
        return tuple(self._make(equipment, rule.id) for rule in self.rules(machine))

    def find(self, equipment: str, command: str) -> Offer:
        """One command of a piece of equipment.

        Raises:
            UnknownCommandError: there is none such.
        """
        known = [rule.id for rule in self.rules(self._machine(equipment))]
        if command not in known:
            step = did_you_mean(command, known, f"it has {', '.join(known) or 'none'}")
            raise UnknownCommandError(f"{equipment}: no command {command!r}; {step}")
        return self._make(equipment, command)

    def name_of(self, equipment: str, command: str) -> Name | None:
        """What a command is called, None where the park does not have it (any more)."""
        try:
            return self.find(equipment, command).rule.display
        except UnknownCommandError:
            return None

    def told(self, equipment: str, command: str) -> Told:
        """What of requests for a command is told; of one that the park does not have any more, only to who
        sees everything."""
        if self.reach.tags is None:
            return Told()
        try:
            offer = self.find(equipment, command)
        except UnknownCommandError:
            return Told(machine=False, interlocks=False)
        own = [f"{equipment}:{signal.name}" for signal in offer.equipment.kind.signals]
        looked_at = [tag.tag for guard in offer.guards for tag in guard.tags.values()]
        return Told(self.reach.sees(tag for tag in own if tag in self._tags), self.reach.sees(looked_at))

    def _machine(self, equipment: str) -> Equipment:
        machine = self._equipment.get(equipment) if self.reach.reaches(equipment) else None
        if machine is None:
            raise UnknownCommandError(
                f"equipment {equipment!r}: not in park {self._park.id!r}; see /api/park"
            )
        return machine

    def _offer(self, equipment: str, command: str) -> Offer:
        machine = self._machine(equipment)
        rule = next(rule for rule in self.rules(machine) if rule.id == command)
        read_back = rule.read_back
        shown = read_back.signal if read_back is not None and read_back.signal else rule.write
        shows = self._tags.get(f"{equipment}:{shown}") if shown else None
        own = (self._tags[f"{equipment}:{signal.name}"] for signal in machine.kind.signals)
        tags = [shows, *own]
        return Offer(
            equipment=machine,
            rule=rule,
            source=next(tag.source for tag in tags if tag is not None and tag.source),
            guards=tuple(self._guard(machine, interlock) for interlock in rule.interlocks),
            shows=shows,
            target=self._target(machine, rule),
        )

    def _guard(self, machine: Equipment, interlock: Interlock) -> Guard:
        expression = compile_condition(
            interlock.expression, resolver(machine.kind, machine.id, self._signals), unit_of
        )
        tags = {name: self._tags[tag_of(name, machine.id)] for name in expression.references}
        return Guard(interlock, expression, tags)

    def _target(self, machine: Equipment, rule: CommandRule) -> CommandTarget:
        values = {"equipment": machine.id, "kind": machine.kind.name}
        written = self._tags.get(f"{machine.id}:{rule.write}") if rule.write else None
        node = written.node if written is not None else fill(rule.node or rule.method, values)
        argument, given = rule.argument, rule.read_back
        read_back = None
        if given is not None:
            seen = self._tags.get(f"{machine.id}:{given.signal}") if given.signal else None
            read_back = ReadBack(
                node=seen.node if seen is not None else fill(given.node, values),
                values=given.values,
                tolerance=given.tolerance,
                hold_ms=round(given.hold_s * _MS),
                within_ms=round(given.within_s * _MS),
            )
        return CommandTarget(
            action="call" if rule.method else "write",
            node=node,
            object=fill(rule.object, values) if rule.object else "",
            data_type=rule.data_type,
            low=None if argument is None else argument.low,
            high=None if argument is None else argument.high,
            unit="" if argument is None else argument.unit,
            read_back=read_back,
        )


def value_of(offer: Offer, given: Scalar | None) -> Scalar | None:
    """What is written for what a person gave.

    Raises:
        CommandValueError: it is not what the command takes.
    """
    rule, argument = offer.rule, offer.rule.argument
    if argument is None:
        if given is not None:
            raise CommandValueError(f"{rule.id}: takes no value; leave {given!r} out")
        return rule.value
    wanted = f"a {argument.type}"
    if argument.options:
        wanted = f"one of {', '.join(map(str, argument.options))}"
    elif argument.low is not None and argument.high is not None:
        unit = f" {argument.unit}" if argument.unit else ""
        wanted = f"a number from {argument.low:g} to {argument.high:g}{unit}"
    if given is None:
        raise CommandValueError(f"{rule.id}: needs a value; give {wanted}")
    number = isinstance(given, int | float) and not isinstance(given, bool)
    fits = {"number": number, "boolean": isinstance(given, bool), "text": isinstance(given, str)}
    if isinstance(given, str) and not given.isprintable():
        raise CommandValueError(f"{rule.id}: value {given[:60]!a} must be printable text")
    if not fits[argument.type] or (argument.options and given not in argument.options):
        raise CommandValueError(f"{rule.id}: value {given!r} must be {wanted}")
    if number and argument.low is not None and argument.high is not None:
        assert isinstance(given, int | float)
        if not argument.low <= given <= argument.high:
            raise CommandValueError(f"{rule.id}: value {given!r} must be {wanted}")
        # a device that wants a Double is given one, also where a person wrote 5
        return float(given)
    return given
