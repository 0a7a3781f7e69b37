"""What the state must know of every tag, as columns in the order of the park's dense tag numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twin.contract.clock import NS_PER_S
from twin.contract.frame import F64, I64
from twin.park.calculation_order import in_order
from twin.park.model import Park

I32 = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]

NEVER_STALE = int(np.iinfo(np.int64).max)
"""``stale_after`` of a tag whose age alone makes nobody doubt it: longer than time itself."""


@dataclass(frozen=True, slots=True, eq=False)
class TagTable:
    """The park's tags in columns of length ``n``, its equipment in columns of length ``e``.

    Args:
        revision: of the park, 16 hex digits.
        number: dense number by tag.
        unit: unit symbol by tag number.
        source: ``int32[n]``, number of the feeding source in ``sources``; -1 = none.
        sources: source ids.
        stale_after: ``int64[n]`` [ns], :data:`NEVER_STALE` where age does not count.
        limits: ``float64[4, n]`` low-low, low, high, high-high; NaN = no such limit.
        is_state: ``bool[n]``, True where the tag carries its equipment's PackML state.
        equipment_count: e.
        owners: ``int32[o]``, the equipment that has tags, ascending.
        first_tag: ``int64[o]``, number of the first tag of each owner; its tags follow one another.
        calculated: ``intp[c]``, the tags that are worked out of others.
        inputs: ``intp[i]``, what they are worked out of, as it is measured, tag by tag in runs.
        first_input: ``intp[c]``, where the run of each begins.
    """

    revision: str
    number: dict[str, int]
    unit: tuple[str, ...]
    source: I32
    sources: tuple[str, ...]
    stale_after: I64
    limits: F64
    is_state: Bools
    equipment_count: int
    owners: I32
    first_tag: I64
    calculated: Rows
    inputs: Rows
    first_input: Rows

    def __len__(self) -> int:
        return len(self.source)


def build_tag_table(park: Park) -> TagTable:
    """Lay a park out in columns.

    Raises:
        ValueError: the tags of an equipment do not follow one another: the park was not made by its loader.
    """
    tags = park.tags
    equipment = np.fromiter((tag.equipment for tag in tags), np.int32, len(tags))
    if len(tags) and (np.diff(equipment) < 0).any():
        raise ValueError(f"park {park.id!r}: tags must stand in the order of their equipment")
    owners, first = np.unique(equipment, return_index=True)
    source_number = {source.id: number for number, source in enumerate(park.sources)}
    nan = float("nan")
    limits = np.full((4, len(tags)), nan)
    for number, tag in enumerate(tags):
        wanted = tag.signal.limits
        row = (wanted.low_low, wanted.low, wanted.high, wanted.high_high)
        limits[:, number] = [nan if limit is None else limit for limit in row]
    return TagTable(
        revision=park.revision,
        number={tag.tag: number for number, tag in enumerate(tags)},
        unit=tuple(tag.signal.unit for tag in tags),
        source=np.fromiter((source_number.get(tag.source, -1) for tag in tags), np.int32, len(tags)),
        sources=tuple(source.id for source in park.sources),
        stale_after=np.fromiter(
            (
                NEVER_STALE if tag.signal.stale_after_s is None else int(tag.signal.stale_after_s * NS_PER_S)
                for tag in tags
            ),
            np.int64,
            len(tags),
        ),
        limits=limits,
        is_state=np.fromiter((tag.signal.role == "state" for tag in tags), np.bool_, len(tags)),
        equipment_count=len(park.equipment),
        owners=owners.astype(np.int32),
        first_tag=first.astype(np.int64),
        **_inputs(park),
    )


def restrict(table: TagTable, tags: Sequence[str]) -> TagTable:
    """Return the table of some tags, in their order, without equipment and without what they hang on."""
    rows = np.array([table.number[tag] for tag in tags], np.intp)
    none = np.zeros(0, np.intp)
    return TagTable(
        revision=table.revision,
        number={tag: number for number, tag in enumerate(tags)},
        unit=tuple(table.unit[row] for row in rows.tolist()),
        source=table.source[rows],
        sources=table.sources,
        stale_after=table.stale_after[rows],
        limits=table.limits[:, rows],
        is_state=table.is_state[rows],
        equipment_count=0,
        owners=none.astype(np.int32),
        first_tag=none.astype(np.int64),
        calculated=none,
        inputs=none,
        first_input=none,
    )


def _inputs(park: Park) -> dict[str, Rows]:
    """What calculated tags are worked out of in the end, through others that are calculated."""
    leaves: dict[int, list[int]] = {}
    for group in (group for step in in_order(park) for group in step):
        for place, tag in enumerate(group.tags):
            wanted = dict.fromkeys(
                leaf for one in group.bound.all_tags(place).tolist() for leaf in leaves.get(one, (one,))
            )
            leaves[tag] = list(wanted)
    return {
        "calculated": np.array(list(leaves), np.intp),
        "inputs": np.array([leaf for many in leaves.values() for leaf in many], np.intp),
        "first_input": np.cumsum([0, *(len(many) for many in leaves.values())], dtype=np.intp)[:-1],
    }
