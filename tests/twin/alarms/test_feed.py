from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.twin.alarms.alarm_parks import NOW
from twin.alarms import feed
from twin.alarms.feed import AlarmFeed
from twin.bus.base import Bus, Message
from twin.bus.connect import open_bus
from twin.contract.codec import encode_message
from twin.contract.messages import AlarmEntry
from twin.contract.topics import ALARMS


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Bus]:
    bus = open_bus(f"embedded:{tmp_path / 'bus'}")
    yield bus
    bus.close()


def tell(bus: Bus, *numbers: int, park: str = "park") -> None:
    messages = []
    for number in numbers:
        entry = AlarmEntry(
            park=park, number=number, alarm="a", subject="s", equipment="e", event="alarm",
            from_state="normal", to_state="unacknowledged", active=True, time=NOW, recorded=NOW, by="system",
        )  # fmt: skip
        value, headers = encode_message(entry, message_id=f"{number}", source="t", time_ns=NOW)
        messages.append(Message(ALARMS.name, "a", value, headers))
    bus.publish(messages)


def test_only_what_is_new_is_told_once_and_only_of_this_park(bus: Bus) -> None:
    tell(bus, 1, 2)
    followed = AlarmFeed(bus, "park", lambda: NOW)
    followed.step(0.0)
    assert followed.take().missed, "what was before must be asked for"
    tell(bus, 3, 4)
    tell(bus, 5, park="other")
    bus.publish([Message(ALARMS.name, "a", b"no entry")])
    tell(bus, 4, 6)
    followed.step(0.0)
    news = followed.take()
    assert ([entry.number for entry in news.entries], news.missed) == ([3, 4, 6], False)
    assert followed.take().entries == ()
    followed.stop()


def test_more_than_is_kept_says_so(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "MOST_KEPT", 3)
    followed = AlarmFeed(bus, "park", lambda: NOW)
    followed.step(0.0)
    followed.take()
    tell(bus, 1, 2, 3, 4)
    followed.step(0.0)
    news = followed.take()
    assert ([entry.number for entry in news.entries], news.missed) == ([2, 3, 4], True)
