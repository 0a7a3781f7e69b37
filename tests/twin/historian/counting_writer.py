"""Counts up into a history until it is killed:
``python -m tests.twin.historian.counting_writer DIR FIRST [START]``.

Insert ``number`` holds one reading a nanosecond, each telling its own place; the number is printed once the
insert is done.
"""

from __future__ import annotations

import sys

from tests.twin.historian.frames import START, frame, tag_set
from twin.historian.connect import open_history

ROWS = 2_000
SIGNALS = tuple(f"s{i}" for i in range(20))
OF = tag_set("counter", SIGNALS)


def main(directory: str, first: int, start: int = START) -> None:
    """Write for ever."""
    history = open_history(f"chdb:{directory}", retention_days=0)
    index = [i % len(SIGNALS) for i in range(ROWS)]
    number = first
    while True:
        places = range(number * ROWS, (number + 1) * ROWS)
        history.append(
            [frame(OF, [start + place for place in places], [float(p) for p in places], index=index)]
        )
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        number += 1


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
