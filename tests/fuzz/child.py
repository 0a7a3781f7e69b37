"""``python -m tests.fuzz.child TARGET COUNTS [ARGUMENTS OF LIBFUZZER]``: one target under atheris."""

from __future__ import annotations

import atexit
import json
import logging
import sys
from pathlib import Path

SAVE_EVERY = 2_000


def main() -> None:
    """Fuzz; libFuzzer ends the process."""
    import atheris  # an extra; and it must see the decoders being imported

    with atheris.instrument_imports(
        include=["connectors.opcua", "connectors.recording", "connectors.modbus", "twin.contract"]
    ):
        from tests.fuzz.publish_response import counts
        from tests.fuzz.targets import TARGETS

    name, path, *arguments = sys.argv[1:]
    logging.disable(logging.CRITICAL)
    target, runs = TARGETS[name], 0

    def save() -> None:
        Path(path).write_text(json.dumps(counts))

    def once(data: bytes) -> None:
        nonlocal runs
        runs += 1
        target(data)
        if runs % SAVE_EVERY == 0:
            save()

    atexit.register(save)
    atheris.Setup([sys.argv[0], *arguments], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
