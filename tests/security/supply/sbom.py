"""``python -m tests.security.supply.sbom FILE``: what ParkTwin is made of, as CycloneDX 1.6 in JSON.

Named are the packages that it runs with, of the versions installed, with licence and what needs what, and the
code that is vendored for the page; not what only develops it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Final

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.security.supply.packages import NAME, ROOT, closure, licence

VENDORED: Final = ROOT / "twin" / "web" / "vendor" / "README.md"
_ROW: Final = re.compile(r"^\| `?([a-z0-9@/.-]+)`? \| (\d[^ |]*) \| ([^|]+) \|", re.IGNORECASE | re.MULTILINE)


def bill() -> Bom:
    """Reckon the bill of this checkout and what is installed with it."""
    bom = Bom()
    own = _component(distribution(NAME), ComponentType.APPLICATION)
    bom.metadata.component = own
    needed = closure()
    parts = {name: _component(package) for name, package in needed.items()}
    for part in parts.values():
        bom.components.add(part)
    for name, package in needed.items():
        bom.register_dependency(parts[name], [parts[other] for other in _needs(package) if other in parts])
    vendored = list(_vendored(VENDORED.read_text()))
    for part in vendored:
        bom.components.add(part)
    bom.register_dependency(
        own, [parts[one] for one in _needs(distribution(NAME)) if one in parts] + vendored
    )
    return bom


def written(bom: Bom) -> str:
    """Write a bill down."""
    return str(JsonV1Dot6(bom).output_as_string(indent=1))


def fault_of(text: str) -> str:
    """Why a text is no bill by the schema of CycloneDX, "" if it is one."""
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    return "" if error is None else str(error)


def _component(package: Distribution, kind: ComponentType = ComponentType.LIBRARY) -> Component:
    name = canonicalize_name(package.name)
    return _part(name, package.version, licence(package), "pypi", kind)


def _vendored(table: str) -> Iterator[Component]:
    for name, version, licensed in _ROW.findall(table):
        yield _part(name, version, licensed.strip(), "npm", ComponentType.LIBRARY)


def _part(name: str, version: str, licensed: str, where: str, kind: ComponentType) -> Component:
    address = PackageURL(where, None, name, version)
    said = [LicenseFactory().make_from_string(licensed)] if licensed else []
    return Component(name=name, version=version, type=kind, purl=address, bom_ref=str(address), licenses=said)


def _needs(package: Distribution) -> list[str]:
    wanted = [Requirement(line) for line in package.requires or ()]
    return sorted(
        {
            canonicalize_name(one.name)
            for one in wanted
            if one.marker is None or one.marker.evaluate({"extra": ""})
        }
    )


def main(arguments: list[str]) -> int:
    """Run the command; 1 if what came out is no valid bill."""
    (path,) = arguments
    bom = bill()
    text = written(bom)
    if fault := fault_of(text):
        sys.stderr.write(f"{path}: is no valid CycloneDX: {fault}\n")
        return 1
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text + "\n")
    sys.stdout.write(f"{path}: {len(bom.components)} components\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
