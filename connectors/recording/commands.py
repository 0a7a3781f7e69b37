"""``parktwin record`` and ``parktwin replay``."""

from __future__ import annotations

import logging
import re
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, get_args

import typer
from rich.console import Console

from connectors.recording.errors import RecordingError
from connectors.recording.file import RecordingWriter, read_recording
from connectors.recording.recorder import Recorder, RecorderBounds
from connectors.recording.replay import Replay, ReplayPlan, Times
from connectors.settings import ConnectorSettings
from twin.bus.base import Start
from twin.bus.connect import open_bus
from twin.contract.clock import from_iso, system_clock, to_iso
from twin.service.settings import load

PROGRESS_S: Final = 5.0
_ERR = Console(stderr=True, highlight=False, soft_wrap=True)
_SPAN = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")

Sources = Annotated[str, typer.Option(help="only these sources, comma between them; all if left out")]


def record(
    file: Annotated[Path, typer.Argument(help="where to; must not exist yet")],
    bus: Annotated[str, typer.Option(help="URL of the bus; PARKTWIN_BUS if left out")] = "",
    lasts: Annotated[
        str, typer.Option("--for", help="how long, as 90s, 15m, 8h, 1d; 0s = until stopped")
    ] = "1d",
    max_mb: Annotated[int, typer.Option(help="end when the file is about this long [MB]; 0 = no bound")] = 0,
    sources: Sources = "",
    from_start: Annotated[
        bool, typer.Option("--from-start", help="begin with the oldest the bus has")
    ] = False,
) -> None:
    """Keep what goes over the bus, readings, tag sets, gaps and source states, in a file."""
    logging.basicConfig(format="%(message)s")
    bounds = RecorderBounds(parse_span(lasts), max_mb * 1_000_000, _names(sources))
    stop = _stopped_by_signals()
    opened = open_bus(bus or load(ConnectorSettings).bus)
    try:
        writer = RecordingWriter(file)
        try:
            start = Start.EARLIEST if from_start else Start.LATEST
            recorder = Recorder(opened, writer, bounds, clock=system_clock, stop=stop, start=start)
            say = _seldom(lambda: f"{writer.messages} messages, {writer.bytes_written / 1e6:.1f} MB")
            recorder.run(say)
        finally:
            writer.close()
    finally:
        opened.close()
    _ERR.print(f"{file}: {writer.messages} messages, {writer.bytes_written / 1e6:.1f} MB", markup=False)
    if recorder.lost:
        _ERR.print(f"{recorder.lost} messages were gone before they could be read", markup=False)


def replay(
    file: Annotated[Path, typer.Argument(help="a recording")],
    bus: Annotated[str, typer.Option(help="URL of the bus to feed; has to be named, no default")],
    speed: Annotated[
        float, typer.Option(min=0, help="how much faster than it was; 0 = as fast as can be")
    ] = 1.0,
    times: Annotated[str, typer.Option(help="shift to now, keep, or verbatim (every byte)")] = "shift",
    begin: Annotated[str, typer.Option("--from", help="recorded time to begin at, RFC 3339")] = "",
    end: Annotated[str, typer.Option("--until", help="recorded time to end before")] = "",
    sources: Sources = "",
    as_real: Annotated[
        bool, typer.Option("--as-real", help="do not mark what is replayed as simulated")
    ] = False,
) -> None:
    """Feed a recording to a bus; never a command and never a configuration."""
    logging.basicConfig(format="%(message)s")
    if times not in get_args(Times):
        raise RecordingError(f"--times {times}: must be one of {', '.join(get_args(Times))}")
    plan = ReplayPlan(
        speed=speed,
        times=times,  # type: ignore[arg-type]  # checked above
        mark_simulated=not as_real,
        begin=from_iso(begin) if begin else 0,
        end=from_iso(end) if end else 2**63 - 1,
        sources=_names(sources),
    )
    recorded = read_recording(file)
    opened = open_bus(bus)
    try:
        run = Replay(opened, plan, clock=system_clock, stop=_stopped_by_signals())
        run.run(
            recorded,
            _seldom(lambda: f"{run.counts.published} messages, at {to_iso(run.counts.recorded_time)}"),
        )
    finally:
        opened.close()
    counts = run.counts
    _ERR.print(
        f"{counts.published} messages published, {counts.withheld} never published, {counts.damaged} damaged",
        markup=False,
    )


def parse_span(text: str) -> float:
    """Read a span of time [s].

    Raises:
        RecordingError: it is none.

    >>> parse_span("1h30m"), parse_span("1d"), parse_span("0s")
    (5400.0, 86400.0, 0.0)
    """
    found = _SPAN.fullmatch(text)
    if found is None or not text:
        raise RecordingError(f"span {text!r}: write 90s, 15m, 8h, 1d or 1h30m")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


def _names(text: str) -> frozenset[str]:
    return frozenset(name for name in text.replace(",", " ").split() if name)


def _stopped_by_signals() -> threading.Event:
    stop = threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
    return stop


def _seldom(text: Callable[[], str]) -> Callable[[], None]:
    """Say something at most every five seconds, and only to a person or a log."""
    told = time.monotonic()

    def say() -> None:
        nonlocal told
        if time.monotonic() - told >= PROGRESS_S:
            told = time.monotonic()
            sys.stderr.write(text() + "\n")

    return say
