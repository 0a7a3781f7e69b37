"""A source on the bus whose machines go through the lives of simulated condensers, a window in each row."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from maintenance.machine_lives import Lives
from twin.bus.base import Bus, Message
from twin.contract.clock import NS_PER_S
from twin.contract.codec import encode_message
from twin.contract.frame import Frame, encode_frame
from twin.contract.messages import TagSet
from twin.contract.topics import READINGS, TAG_SETS

WINDOW_S = 60.0
START_NS = 1_790_000_000 * NS_PER_S
SOURCE = "food"
READINGS_A_WINDOW = 2


def machine_id(unit: int) -> str:
    """Equipment id of one of them."""
    return f"yenphong/dongnam-foods/f4/utilities/condenser{unit}"


def tag_set(lives: Lives, units: list[int], *, states: bool = True) -> TagSet:
    """The tags of some machines, the state of each first."""
    tags = [
        f"{machine_id(unit)}:{name}"
        for unit in units
        for name in ((("state",) if states else ()) + lives.signals)
    ]
    return TagSet(
        source=SOURCE, tags=tuple(tags), units=("",) * len(tags), data_types=("Double",) * len(tags)
    )


def frames(lives: Lives, units: list[int], rows: list[int], *, state: str = "Execute") -> Iterator[Frame]:
    """Frames of the rows of each unit, one window after the other, as a source would send them."""
    announced = tag_set(lives, units).id
    width = len(lives.signals) + 1
    index = np.arange(width * len(units), dtype=np.uint32)
    for window, row in enumerate(rows):
        for part in range(READINGS_A_WINDOW):
            values = []
            for unit in units:
                mine = lives.rows(unit)
                place = min(mine.start + row, mine.stop - 1) if row >= 0 else mine.stop + row
                values += [np.nan, *lives.value[place].astype(np.float64)]
            time = START_NS + round((window + (part + 0.5) / READINGS_A_WINDOW) * WINDOW_S * NS_PER_S)
            text = tuple(state if number % width == 0 else None for number in range(len(index)))
            yield Frame(
                source=SOURCE,
                sequence=1 + window * READINGS_A_WINDOW + part,
                tag_set=announced,
                index=index,
                source_time=np.full(len(index), time, np.int64),
                status=np.zeros(len(index), np.uint32),
                value=np.array(values, np.float64),
                text=text,
            )


def announce(bus: Bus, announced: TagSet) -> None:
    """Tell the bus what the frames mean."""
    value, headers = encode_message(announced, message_id=announced.id, source=SOURCE, time_ns=START_NS)
    bus.publish([Message(TAG_SETS.name, announced.id, value, headers)])


def publish(bus: Bus, some: list[Frame]) -> None:
    """Put frames on the bus."""
    bus.publish([Message(READINGS.name, SOURCE, encode_frame(one)) for one in some])
