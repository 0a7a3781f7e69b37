"""``python -m tests.twin.web.typecheck``: check the page's types with ``tsc --checkJs --strict``.

TypeScript and the type declarations come from npm into the test cache, never into the checkout.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.npm import install

PACKAGES = ("typescript@7.0.2", "@types/three@0.187.0", "uplot@1.6.32")
CONFIG = Path(__file__).parent / "tsconfig.json"
SOURCES = Path(__file__).parents[3] / "twin" / "web" / "src"


def typecheck(npm: str, node: str) -> subprocess.CompletedProcess[str]:
    """Run the check; its output has one line for each fault."""
    modules = install(npm, "tsc", PACKAGES)
    config = modules.parent / "tsconfig.json"
    paths = {
        "three": [str(modules / "@types/three/index.d.ts")],
        "three/addons/*": [str(modules / "@types/three/examples/jsm/*")],
        "uplot": [str(modules / "uplot/dist/uPlot.d.ts")],
    }
    settings = {
        "extends": str(CONFIG),
        "compilerOptions": {"paths": paths},
        "include": [str(SOURCES / "*.js")],
    }
    config.write_text(json.dumps(settings))
    compiler = [node, str(modules / "typescript/bin/tsc"), "-p", str(config)]
    return subprocess.run(compiler, capture_output=True, text=True, check=False)


def main() -> int:
    """Run the command; 1 if a type is wrong, 2 if Node.js is not here."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        sys.stderr.write("node and npm are needed to check the page's types; install Node.js 20 or newer\n")
        return 2
    result = typecheck(npm, node)
    sys.stdout.write(result.stdout + result.stderr)
    return 1 if result.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
