"""Work that cannot be cut short holds nobody up."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time

import pytest

from twin.service.daemon import in_daemon_thread


async def test_an_error_comes_back_to_whoever_waits() -> None:
    def fail() -> int:
        raise KeyError("lost")

    with pytest.raises(KeyError, match="lost"):
        await in_daemon_thread(fail)


async def test_whoever_stops_waiting_is_free_at_once() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await in_daemon_thread(lambda: time.sleep(0.3))
    await asyncio.sleep(0.4)  # the late result falls on nobody


def test_the_process_ends_while_the_work_still_blocks() -> None:
    program = (
        "import asyncio, time\n"
        "from twin.service.daemon import in_daemon_thread\n"
        "async def main():\n"
        "    try:\n"
        "        async with asyncio.timeout(0.05):\n"
        "            await in_daemon_thread(lambda: time.sleep(600))\n"
        "    except TimeoutError:\n"
        "        pass\n"
        "asyncio.run(main())\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, check=True)
    assert ended.stderr == b""


@pytest.mark.parametrize(
    ("body", "status", "printed"),
    [
        ("return 3", 3, ""),
        ("raise SystemExit(0)", 0, ""),
        ("raise SystemExit('no')", 1, "no"),
        ("sys.exit()", 0, ""),
        ("raise KeyError('lost')", 1, "KeyError: 'lost'"),
    ],
)
def test_a_process_ends_with_the_status_of_its_main(body: str, status: int, printed: str) -> None:
    program = (
        "import sys, threading, time\n"
        "from twin.service.daemon import end_with\n"
        "def main():\n"
        "    threading.Thread(target=time.sleep, args=(600,)).start()\n"
        "    print('said', end='')\n"
        f"    {body}\n"
        "end_with(main)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, timeout=60, check=False, text=True
    )
    assert (ended.returncode, ended.stdout) == (status, "said")
    assert printed in ended.stderr
    assert bool(ended.stderr) == bool(printed)
