"""``python -m twin.scene PARK.yaml CACHE_DIR``: build the scene, print where it is as one line of JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from twin.contract.errors import ParkTwinError
from twin.park.park_file import load_park
from twin.scene.scene_file import build_scene


def main() -> int:
    """Run the command; 2 if the park does not check."""
    parser = argparse.ArgumentParser(prog="python -m twin.scene", description=__doc__)
    parser.add_argument("park", type=Path, help="the park file")
    parser.add_argument("cache_dir", type=Path, help="where scenes are kept")
    arguments = parser.parse_args()
    try:
        park = load_park(arguments.park, environment=os.environ)
    except ParkTwinError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    scene = build_scene(park, arguments.cache_dir)
    row = {"hash": scene.hash, "path": str(scene.path), "shapes": scene.shapes}
    sys.stdout.write(json.dumps(row) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
