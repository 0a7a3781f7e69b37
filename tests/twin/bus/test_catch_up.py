"""A reader of a bus that never rests comes to its end all the same."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from twin.bus.base import Message
from twin.bus.catch_up import WITHIN_S, CatchUp
from twin.bus.connect import open_bus
from twin.contract.topics import READINGS


def test_the_end_is_where_it_was_a_moment_ago(tmp_path: Path) -> None:
    now = [100.0]
    watched = CatchUp(lambda: now[0])
    with (
        closing(open_bus(f"embedded:{tmp_path}")) as bus,
        closing(bus.consumer([READINGS.name])) as reader,
    ):

        def tell(count: int) -> None:
            bus.publish([Message(READINGS.name, "lo", b"x", {}) for _ in range(count)])

        reader.poll(0.0)
        assert watched.reached(reader), "there is nothing to read"
        tell(5)
        assert not watched.reached(reader), "the end is five messages away"
        assert len(reader.poll(1.0, 3)) == 3
        assert not watched.reached(reader), "two of what was there are left"
        now[0] += WITHIN_S + 1
        reader.poll(1.0, 2)
        tell(1)
        assert not watched.reached(reader), "it took too long: the end may be far away by now"
        reader.poll(1.0, 1)
        tell(1)
        assert reader.lag() == 1, "it does not rest"
        assert watched.reached(reader), "all that was there a moment ago was read"
