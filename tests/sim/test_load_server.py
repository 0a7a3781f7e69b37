"""``python -m sim.load_server`` as a process, counted by a plain client."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys

import pytest

from sim.load_server import NAMESPACE, main
from tests.sim.opcua.serving import Heard, client_of

TAGS = 250
RATE_HZ = 10.0


async def test_a_client_misses_nothing_and_the_report_is_true() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sim.load_server",
        *("--tags", str(TAGS), "--rate", str(RATE_HZ), "--start-value", "1000"),
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        begun = json.loads(await process.stdout.readline())
        assert (begun["tags"], begun["namespace"]) == (TAGS, NAMESPACE)
        names = [f"load_{number:06}" for number in range(1, TAGS + 1)]
        heard = Heard()
        async with client_of(begun["endpoint"], NAMESPACE) as client:
            await client.subscribe(heard, *names, queue=100)
            for name in names:
                await heard.wait(name, 20)
        for name in names:
            values = heard.of(name)
            assert values == [values[0] + step for step in range(len(values))]
            times = [told.source_time.timestamp() for told in heard.values[name]][1:]
            assert times == pytest.approx([times[0] + step / RATE_HZ for step in range(len(times))], abs=1e-3)
        process.send_signal(signal.SIGTERM)
        achieved = json.loads(await process.stdout.readline())
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert achieved["last_value"] == 1000 + achieved["ticks"]
    assert achieved["values"] == achieved["ticks"] * TAGS
    assert achieved["last_value"] >= max(heard.of(names[0]))
    assert achieved["ticks"] + achieved["ticks_skipped"] == pytest.approx(
        achieved["seconds"] * RATE_HZ, abs=1
    )
    assert achieved["values_per_s"] == pytest.approx(achieved["values"] / achieved["seconds"])


def test_a_taken_port_is_status_3() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "sim.load_server", "--tags", "1", "--port", port],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 3
    assert port in done.stderr


@pytest.mark.parametrize("wrong", [["--tags", "0"], ["--rate", "0"]])
def test_impossible_loads_are_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(wrong)
    assert "--tags must be at least 1" in capsys.readouterr().err
