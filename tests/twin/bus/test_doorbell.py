"""Bells: who listens is woken, with and without inotify."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.twin.bus.reading import DEADLINE_S
from twin.bus import doorbell
from twin.bus.doorbell import Doorbell, Listener


def test_a_ring_ends_the_wait_of_those_who_listen_to_that_name(tmp_path: Path) -> None:
    with (
        closing(Doorbell(tmp_path)) as bell,
        closing(Listener(tmp_path, ["readings", "group a/b"])) as listener,
    ):
        for name in ("readings", "group a/b"):
            ringing = threading.Timer(0.2, bell.ring, [[name]])
            start = time.monotonic()
            ringing.start()
            listener.wait(DEADLINE_S)
            assert 0.15 < time.monotonic() - start < DEADLINE_S / 2
            ringing.join()


def test_a_ring_before_the_wait_is_not_missed_and_is_answered_once(tmp_path: Path) -> None:
    with closing(Doorbell(tmp_path)) as bell, closing(Listener(tmp_path, ["readings"])) as listener:
        bell.ring(["readings", "readings", "gaps"])
        start = time.monotonic()
        listener.wait(DEADLINE_S)
        assert time.monotonic() - start < DEADLINE_S / 2
        start = time.monotonic()
        listener.wait(0.2)
        assert time.monotonic() - start > 0.15


def test_without_inotify_a_listener_looks_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(24, "no more instances")

    monkeypatch.setattr(doorbell, "_watch", refuse)
    with closing(Listener(tmp_path, ["readings"])) as listener:
        start = time.monotonic()
        listener.wait(DEADLINE_S)
        assert time.monotonic() - start < DEADLINE_S / 2


def test_a_folder_that_is_gone_fails_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        closing(Doorbell(tmp_path / "file")) as bell,
        closing(Listener(tmp_path / "file", ["gaps"])) as listener,
    ):
        bell.ring(["gaps"])
        listener.wait(0.01)
