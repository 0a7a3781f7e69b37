"""Khronos' own validator reads the scene without an error or a warning."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.cache import cache_dir
from tests.support.require import missing
from tests.twin.scene.parks import park
from twin.scene.scene_file import build_scene
from twin.scene.shapes.registry import SHAPES

VALIDATOR = "gltf-validator@2.0.0-dev.3.10"
SCRIPT = """
const fs = require("fs");
const validator = require("gltf-validator");
validator.validateBytes(new Uint8Array(fs.readFileSync(process.argv[1])))
  .then((report) => process.stdout.write(JSON.stringify(report.issues)));
"""


@pytest.fixture(scope="module")
def validator_home() -> Path:
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        missing("Node.js with npm", "apt-get install nodejs npm")
    home = cache_dir("gltf-validator")
    if not (home / "node_modules" / "gltf-validator").exists():
        command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(home), VALIDATOR]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=150)
        if done.returncode != 0:
            missing(VALIDATOR, f"npm said: {done.stderr.strip()[-300:]}")
    return home


@pytest.mark.node
def test_validator_finds_nothing(tmp_path: Path, validator_home: Path) -> None:
    scene = build_scene(park([*SHAPES, "unheard_of"]), tmp_path)
    command = ["node", "-e", SCRIPT, str(scene.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=validator_home, timeout=60)
    issues = json.loads(done.stdout)
    assert (issues["numErrors"], issues["numWarnings"], issues["messages"]) == (0, 0, [])
