"""From the tree of a file to checked entries: every fault of every entry at once, none hiding another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from twin.park.entry import Entry
from twin.park.faults import Document, FaultLog, Located, did_you_mean
from twin.park.yaml_tree import Loc, plain, written
from twin.park.yaml_tree import Mapping as YamlMapping
from twin.park.yaml_tree import Sequence as YamlSequence

E = TypeVar("E", bound=Entry)

_SEE = "see docs/park-file.md"
_WANTED: Mapping[str, tuple[str, str]] = {
    "string_type": ("must be a text", "write a text, in quotes if it looks like a number"),
    "float_type": ("must be a number", "write a number such as 80 or 7.5: decimal point, no quotes, no unit"),
    "int_type": ("must be a whole number", "write a whole number without quotes"),
    "bool_type": ("must be true or false", "write true or false without quotes"),
    "tuple_type": ("must be a list", "write [a, b, c], or one '- item' a line"),
    "dict_type": ("must be a mapping", "write 'key: value' lines below it"),
    "model_type": ("must be a mapping", "write 'key: value' lines below it"),
    "finite_number": ("must be a finite number", "write a number; leave the key out where there is no bound"),
    "string_too_short": ("must not be empty", "write something, or leave the key out"),
    "string_pattern_mismatch": ("must be a-z, then a-z, 0-9 and '_'", "rename it"),
    "string_too_long": ("must have at most {max_length} characters", "shorten it"),
    "too_long": ("must have at most {max_length} items", "take some out"),
    "too_short": ("must have at least {min_length} items", "add some"),
    "greater_than": ("must be above {gt:g}", "correct the value"),
    "greater_than_equal": ("must be at least {ge:g}", "correct the value"),
    "less_than_equal": ("must be at most {le:g}", "correct the value"),
}


def read_entry(model: type[E], document: Document, loc: Loc, data: object, log: FaultLog) -> E | None:
    """Validate one entry; what is wrong is noted in ``log``.

    Returns:
        The entry; if faults were noted, without the keys at fault, so that the rest can still be checked;
        None if too little is left.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = error.errors(include_url=False)
    for fault in faults:
        _note(model, document, loc, fault, log)
    for fault in faults:
        _prune(data, fault["loc"])
    try:
        return model.model_validate(data)
    except ValidationError:
        return None


def read_list(model: type[E], document: Document, section: str, log: FaultLog) -> Iterator[Located[E | None]]:
    """Validate the entries of a section of one file, in file order; None where one cannot be used."""
    assert isinstance(document.root, YamlMapping)
    node = document.root.children[section][1]
    if not isinstance(node, YamlSequence):
        log.add(
            "schema.type", document, (section,), rule="must be a list", next_step="write one '- ' an entry"
        )
        return
    for number, item in enumerate(node.items):
        loc = (section, number)
        yield Located(read_entry(model, document, loc, plain(item), log), document, loc)


def claimed_id(entry: Located[E | None]) -> str:
    """Return the id an unusable entry would have had, "" if none: others may refer to it without a fault."""
    return written(entry.document.root, (*entry.loc, "id"))


def _note(model: type[Entry], document: Document, loc: Loc, fault: ErrorDetails, log: FaultLog) -> None:
    kind, inner, context = fault["type"], fault["loc"], fault.get("ctx", {})
    where = (*loc, *inner)
    if kind == "missing" and isinstance(inner[-1], str):
        rule = "this key is required and is not there"
        log.add("schema.missing_key", document, where, rule=rule, next_step=f"add '{inner[-1]}: ...'")
    elif kind == "missing":
        log.add("schema.value", document, where[:-1], rule="the list is too short", next_step=_SEE)
    elif kind == "extra_forbidden":
        known = sorted(_fields_at(model, inner[:-1]))
        step = did_you_mean(str(inner[-1]), known, f"delete it; known here: {', '.join(known)}")
        rule = "no such key here"
        log.add("schema.unknown_key", document, where, rule=rule, next_step=step, value="", key=True)
    elif kind == "literal_error":
        expected = str(context["expected"])
        words = [word.strip("'") for word in expected.replace(" or ", ", ").split(", ")]
        step = did_you_mean(written(document.root, where), words, "choose one of them")
        log.add("schema.value", document, where, rule=f"must be one of {expected}", next_step=step)
    elif context.get("class_name") == "NameEntry":
        step = "write {vi: Máy nén, en: Compressor}, or one text for both, in quotes if it is a number"
        log.add("schema.type", document, where, rule="must be a name", next_step=step)
    else:
        rule, step = _WANTED.get(kind, (fault["msg"].replace("{", "").replace("}", ""), _SEE))
        code = "schema.type" if kind.endswith("_type") else "schema.value"
        log.add(code, document, where, rule=rule.format(**context), next_step=step)


def _prune(data: object, loc: tuple[int | str, ...]) -> None:
    """Take out of ``data`` the innermost key of ``loc`` that can go."""
    at: object = data
    keyed: tuple[dict[str, object], str] | None = None
    for step in loc:
        if isinstance(at, dict) and isinstance(step, str):
            keyed = (at, step) if step in at else keyed
            at = at.get(step)
        elif isinstance(at, tuple) and isinstance(step, int) and step < len(at):
            at = at[step]
        else:
            break
    if keyed is not None:
        keyed[0].pop(keyed[1], None)


def _fields_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> set[str]:
    """Return the keys known at ``loc`` below ``model``."""
    for step in loc:
        if isinstance(step, str) and step in model.model_fields:
            inner = _model_in(model.model_fields[step].annotation)
            if inner is None:
                return set()
            model = inner
    return set(model.model_fields)


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        found = _model_in(argument)
        if found is not None:
            return found
    return None
