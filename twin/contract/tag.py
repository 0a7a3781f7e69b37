"""Names of things: equipment ids and tags.

An *equipment id* is a path through the ISA-95 hierarchy with a park tier on top
(``park/enterprise/site/area/line/equipment``): two to eight lower-case segments joined by ``/``. A *tag* is
an equipment id, a colon and a signal name. Display names live in the park file.
"""

from __future__ import annotations

import re

from twin.contract.errors import TagError

_SEGMENT = r"[a-z0-9][a-z0-9-]{0,39}"
EQUIPMENT_ID = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT}){{1,7}}")
SIGNAL = re.compile(r"[a-z][a-z0-9_]{0,59}")


def check_equipment_id(text: str) -> str:
    """Return ``text`` if it is an equipment id.

    Raises:
        TagError: it is not.

    >>> check_equipment_id("yenphong/anphat-electronics/f1/smt/line2/reflow1")
    'yenphong/anphat-electronics/f1/smt/line2/reflow1'
    """
    if not EQUIPMENT_ID.fullmatch(text):
        raise TagError(
            f"equipment id {text!r}: must be 2 to 8 segments of a-z, 0-9 and '-' joined by '/'; "
            "rename it, and put the display name under 'name'"
        )
    return text


def check_signal(text: str) -> str:
    """Return ``text`` if it is a signal name.

    Raises:
        TagError: it is not.
    """
    if not SIGNAL.fullmatch(text):
        raise TagError(f"signal {text!r}: must be a-z, then up to 59 of a-z, 0-9 and '_'; rename it")
    return text


def make_tag(equipment_id: str, signal: str) -> str:
    """Join an equipment id and a signal into a tag.

    >>> make_tag("yenphong/park/utilities/pump1", "flow")
    'yenphong/park/utilities/pump1:flow'
    """
    return f"{check_equipment_id(equipment_id)}:{check_signal(signal)}"


def split_tag(tag: str) -> tuple[str, str]:
    """Part a tag into equipment id and signal.

    Raises:
        TagError: it is not a tag.

    >>> split_tag("yenphong/park/utilities/pump1:flow")
    ('yenphong/park/utilities/pump1', 'flow')
    """
    equipment_id, colon, signal = tag.partition(":")
    if not colon:
        raise TagError(f"tag {tag!r}: no ':' between equipment id and signal; write <equipment id>:<signal>")
    return check_equipment_id(equipment_id), check_signal(signal)
