"""Putting a backup back: all of it is checked before any of it is in its place."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from twin.backup.archive import Part, check_parts, copy_part, read_archive
from twin.backup.errors import BackupTargetError
from twin.backup.folder import HISTORY, running_in
from twin.backup.history import put_in, readings_in
from twin.backup.keys import Unwrapper
from twin.backup.postgresql import check_empty, put_back
from twin.backup.take import FILES, PARK, SETTINGS

_STAGE: Final = ".restore-"


@dataclass(frozen=True, slots=True)
class Found:
    """What a backup holds.

    Args:
        manifest: as it was written.
        parts: its parts, each as the manifest says.
    """

    manifest: dict[str, Any]
    parts: tuple[Part, ...]


def verify_backup(file: Path, unwrapper: Unwrapper) -> Found:
    """Read all of a backup and hold every part against the manifest; nothing is written.

    Raises:
        BackupDamagedError: a byte is not what was written.
        BackupKeyError: the key or passphrase does not open it.
    """
    return _read(file, unwrapper, None)


def restore_backup(
    file: Path, folder: Path, unwrapper: Unwrapper, *, environment: Mapping[str, str], force: bool = False
) -> Found:
    """Put a backup into a folder for 'parktwin up', and its dumps into the databases that settings name.

    Args:
        file: the backup.
        folder: must be empty or not there.
        unwrapper: who opens it.
        environment: settings that name databases and a history on servers.
        force: what is there already is moved aside (folder) or replaced (databases).

    Raises:
        BackupTargetError: something is there already, or runs there.
        BackupDamagedError, BackupKeyError: as :func:`verify_backup`; nothing was put back.
    """
    folder = folder.absolute()
    running = running_in(folder)
    if running:
        raise BackupTargetError(f"{folder}: {running} runs there; stop it first")
    if folder.exists() and any(folder.iterdir()) and not force:
        raise BackupTargetError(
            f"{folder}: is not empty; name another folder, or move what is there aside with --force"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=_STAGE, dir=folder.parent))
    try:
        found = _read(file, unwrapper, stage)
        targets = _targets(found.manifest, environment, force=force)
        made = stage / FILES
        made.mkdir(exist_ok=True)
        _place_history(found, stage, made, environment, force=force)
        if (stage / PARK).exists():
            (stage / PARK).rename(made / PARK)
        if (stage / SETTINGS).exists():
            (stage / SETTINGS).rename(made / SETTINGS)
        for name, url in targets.items():
            put_back(url, stage / name, force=force)
        _put_in_place(made, folder)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return found


def _read(file: Path, unwrapper: Unwrapper, stage: Path | None) -> Found:
    seen: dict[str, tuple[int, str]] = {}
    manifest: dict[str, Any] = {}
    with file.open("rb") as source:
        for item in read_archive(source, unwrapper, str(file)):
            if isinstance(item, dict):
                manifest = item
                continue
            name, content = item
            if stage is None:
                seen[name] = copy_part(content, None)
                continue
            path = stage / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as out:
                path.chmod(0o600)
                seen[name] = copy_part(content, out)
    return Found(manifest, tuple(check_parts(manifest, seen, str(file))))


def _targets(manifest: dict[str, Any], environment: Mapping[str, str], *, force: bool) -> dict[str, str]:
    """For each dump the URL that it goes to."""
    targets = {}
    for name, variables in manifest["databases"].items():
        urls = [environment[one] for one in variables if environment.get(one, "").startswith("postgresql")]
        if not urls:
            raise BackupTargetError(
                f"{name}: the backup holds the database of {', '.join(variables)}; set it to an empty one"
            )
        check_empty(urls[0], force=force)
        targets[name] = urls[0]
    return targets


def _place_history(
    found: Found, stage: Path, made: Path, environment: Mapping[str, str], *, force: bool
) -> None:
    blocks = [
        (part.name.rpartition(".")[2], stage / part.name) for part in found.parts if part.kind == "history"
    ]
    url = environment.get("PARKTWIN_HISTORY", "")
    if url.startswith(("clickhouse://", "clickhouses://")):
        if readings_in(url) and not force:
            raise BackupTargetError(f"{url}: holds readings already; name an empty one, or add with --force")
    else:
        url = f"chdb:{made / HISTORY}"
    if blocks:
        put_in(url, blocks)


def _put_in_place(made: Path, folder: Path) -> None:
    if folder.exists():
        if any(folder.iterdir()):
            number = 1
            while (aside := folder.with_name(f"{folder.name}.before-restore-{number}")).exists():
                number += 1
            folder.rename(aside)
        else:
            folder.rmdir()
    made.rename(folder)
