"""axe-core in the page: what breaks WCAG 2.2 at level A or AA, by name and place.

The library (MPL-2.0) comes from npm into the test cache; it is a tool of the tests and no part of the page.
"""

from __future__ import annotations

import json
import shutil
from functools import cache

from tests.support.npm import install
from tests.support.require import missing
from tests.twin.web.conftest import Viewer

PACKAGE = "axe-core@4.14.1"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


@cache
def axe_source() -> str:
    """The library as one script."""
    npm = shutil.which("npm")
    if npm is None:
        missing("npm", "install Node.js 20 or newer with npm")
    return (install(npm, "axe", (PACKAGE,)) / "axe-core" / "axe.min.js").read_text()


def violations(viewer: Viewer) -> list[str]:
    """Check what is on the page now; one line for each rule that is broken, with the first places."""
    if not viewer.ask("Boolean(window.axe)"):
        viewer.page.evaluate(axe_source() + "; undefined")
    options = json.dumps({"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]})
    found = viewer.ask(
        f"""axe.run(document, {options}).then(({{ violations }}) => violations.map((one) =>
          `${{one.id}}: ${{one.nodes.slice(0, 3).map((node) =>
            `${{node.target.join(' ')}} (${{node.failureSummary.split('\\n').slice(1).join(' ').trim()}})`
          ).join('; ')}}`))"""
    )
    return [str(line) for line in found]


def breaches(viewer: Viewer) -> list[str]:
    """Check what is on the page now in either colour scheme; it is shown in the scheme it was in the end."""
    found = []
    for _ in range(2):
        theme = viewer.ask("document.documentElement.dataset.theme")
        found += [f"{theme}: {one}" for one in violations(viewer)]
        viewer.page.locator(".header > .icon-button").last.click()
        viewer.until(f"document.documentElement.dataset.theme !== '{theme}'")
    return found
