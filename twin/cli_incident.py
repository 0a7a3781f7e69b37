"""``parktwin incident``: take what was known of an incident out of a twin, signed; verify such a file."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from twin.contract.errors import ParkTwinError

EXIT_CHANGED = 1
_CONNECT_S = 5.0
_ANSWER_S = 1800.0
"""A month of a whole park takes minutes to write."""

app = typer.Typer(no_args_is_help=True, help="Incidents as signed files: export, verify.")

_Out = Annotated[Path, typer.Argument(help="the file to write")]
_Equipment = Annotated[
    list[str], typer.Option(help="id of a machine or place; again for more; all if left out")
]
_Url = Annotated[str, typer.Option(help="address of the twin, instead of --dir")]
_Folder = Annotated[Path, typer.Option("--dir", help="folder of 'parktwin demo' or 'parktwin up' that runs")]


class TwinAnswerError(ParkTwinError, ConnectionError):
    """A twin does not give what was asked for."""

    code: ClassVar[str] = "cli.incident"


@app.command()
def export(
    out: _Out,
    start: Annotated[str, typer.Option("--from", help="RFC 3339, ms since the epoch, or now-1h")],
    end: Annotated[str, typer.Option("--to", help="RFC 3339, ms since the epoch, or now")] = "now",
    equipment: _Equipment = [],  # noqa: B006  # typer's way to take many
    directory: _Folder = Path("var/demo"),
    url: _Url = "",
) -> None:
    """Write readings, alarms, commands, inspections with pictures, versions of models and the park of a
    stretch of time, with checksums and a signature; the access token is PARKTWIN_ACCESS_TOKEN."""
    import httpx

    from twin.incidents.verify import verify_bundle

    base = url.rstrip("/") or _address(directory)
    asked = {"from": start, "to": end, "equipment": equipment}
    token = os.environ.get("PARKTWIN_ACCESS_TOKEN", "")
    headers = {"authorization": f"Bearer {token}"} if token else {}
    part = out.with_name(f"{out.name}.part")
    try:
        with httpx.stream(
            "GET",
            f"{base}/api/incidents/bundle",
            params=asked,
            headers=headers,
            timeout=httpx.Timeout(_ANSWER_S, connect=_CONNECT_S),
        ) as answer:
            if answer.status_code != httpx.codes.OK:
                answer.read()
                raise TwinAnswerError(f"{base} answers {answer.status_code}: {_detail(answer)}")
            with part.open("wb") as file:
                for chunk in answer.iter_bytes():
                    file.write(chunk)
        verified = verify_bundle(part)
        part.replace(out)
    except httpx.HTTPError as error:
        raise TwinAnswerError(f"{base} does not answer: {str(error) or type(error).__name__}") from error
    finally:
        part.unlink(missing_ok=True)
    files = len(verified.manifest["files"])
    sys.stdout.write(f"{out}: {files} files, {out.stat().st_size:,} bytes, signed by {verified.signer}\n")
    for what, why in verified.manifest["missing"].items():
        sys.stdout.write(f"missing: {what}: {why}\n")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="the bundle")],
    key: Annotated[
        Path | None,
        typer.Option(
            help="public key of the twin (PEM, from /api/incidents/key), kept apart from the bundle"
        ),
    ] = None,
) -> None:
    """Check every byte; exit status 1 and the file that is not what was signed, 0 if all is."""
    from twin.incidents.errors import BundleError
    from twin.incidents.signing_key import read_public
    from twin.incidents.verify import verify_bundle

    expected = None if key is None else read_public(key.read_bytes(), str(key))
    try:
        found = verify_bundle(file, expected)
    except BundleError as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(EXIT_CHANGED) from None
    of = found.manifest
    files = len(of["files"])
    sys.stdout.write(f"{files} files, every one as it was signed: {of['park']}, {of['from']} to {of['to']}\n")
    sys.stdout.write(f"signed by {found.signer}")
    sys.stdout.write(
        ", the key expected\n" if found.known else "; give --key to know that it is the twin's own key\n"
    )


def _address(directory: Path) -> str:
    path = directory / "twin" / "twin.url"
    try:
        return path.read_text().strip()
    except OSError as error:
        raise TwinAnswerError(
            f"no twin runs in {directory} ({path}: {error.strerror}); give --url"
        ) from error


def _detail(answer: object) -> str:
    import httpx

    assert isinstance(answer, httpx.Response)
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:300]
