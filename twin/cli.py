"""``parktwin``: the one command."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version as version_of
from pathlib import Path
from time import monotonic, sleep
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from twin.cli_audit import app as audit_app
from twin.cli_backup import PARK_NOTE, restore
from twin.cli_backup import app as backup_app
from twin.cli_bus import app as bus_app
from twin.cli_consent import app as consent_app
from twin.cli_forward import add_forwarded
from twin.cli_identity import identity_url
from twin.cli_incident import app as incident_app
from twin.cli_sim import app as sim_app
from twin.cli_tokens import app as tokens_app
from twin.cli_users import app as users_app
from twin.contract.errors import ParkTwinError
from twin.launcher.plan import Door, demo_park, one_box
from twin.launcher.supervisor import Supervisor

FIRST_PICTURE_TIMEOUT_S = 60.0
EXIT_FAULT = 2

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="ParkTwin: a digital twin of an industrial park."
)
app.add_typer(sim_app, name="sim")
app.add_typer(audit_app, name="audit")
app.add_typer(incident_app, name="incident")
app.add_typer(users_app, name="users")
app.add_typer(backup_app, name="backup")
app.add_typer(bus_app, name="bus")
app.add_typer(consent_app, name="consent")
app.command()(restore)
app.add_typer(tokens_app, name="tokens")
add_forwarded(app)
_OUT = Console(highlight=False)
_ERR = Console(stderr=True, highlight=False)


@app.command()
def demo(
    directory: Annotated[Path, typer.Option("--dir", help="where the demo keeps its files")] = Path(
        "var/demo"
    ),
    port: Annotated[int, typer.Option(help="port of the page; another one if it is taken")] = 8420,
) -> None:
    """Run a simulated park with every service, on this machine only."""
    _OUT.print("Khu công nghiệp mô phỏng, chỉ trên máy này, chưa bảo mật")
    _OUT.print("A simulated park, on this machine only, not secured")
    _run(demo_park(), directory, bus="", port=port, simulated=True)


@app.command()
def up(
    park: Annotated[Path, typer.Argument(help="the park file")],
    directory: Annotated[Path, typer.Option("--dir", help="where the services keep their files")] = Path(
        "var/up"
    ),
    bus: Annotated[str, typer.Option(help="URL of the bus; the embedded one if left out")] = "",
    port: Annotated[int, typer.Option(help="port of the page; another one if it is taken")] = 8420,
) -> None:
    """Run all services for a park on this machine; people sign in, with the accounts of 'parktwin users'."""
    _check(park)
    _run(park, directory, bus=bus, port=port, simulated=False, door=_door(directory))


@app.command()
def check(park: Annotated[Path, typer.Argument(help="the park file")]) -> None:
    """Check a park file; exit status 2 and every fault by line if it is not right."""
    from twin.park.report import run_check

    raise typer.Exit(run_check(park, os.environ, out=sys.stdout))


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False
)
def qc(context: typer.Context) -> None:
    """Inspect pictures of products: teach, inspect, evaluate, classify, benchmark; see parktwin qc --help."""
    raise typer.Exit(subprocess.call([sys.executable, "-m", "vision_qc", *context.args]))


@app.command()
def version() -> None:
    """Print the version."""
    _OUT.print(f"parktwin {version_of('parktwin')}")


def _check(park: Path) -> None:
    from twin.park.report import run_check

    if status := run_check(park, os.environ, out=sys.stderr):
        raise typer.Exit(status)


def _door(directory: Path) -> Door:
    """The accounts of the environment, or those of the folder; a token for this run alone."""
    directory.mkdir(parents=True, exist_ok=True)
    url = os.environ.get("PARKTWIN_IDENTITY") or identity_url("", directory)
    return Door(url, os.environ.get("PARKTWIN_ACCESS_TOKEN") or secrets.token_urlsafe(32))


def _first_link(door: Door) -> str:
    """The path with which the first account is made, "" if there is one."""
    from twin.contract.clock import system_clock
    from twin.identity.identities import Identities

    identities = Identities(door.identity, clock=system_clock)
    try:
        return identities.links.first(anew=True)
    finally:
        identities.close()


def _run(
    park: Path, directory: Path, *, bus: str, port: int, simulated: bool, door: Door | None = None
) -> None:
    from twin.launcher.first_picture import wait_for_first_reading

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    supervisor = Supervisor(directory)
    supervisor.acquire()
    (directory / PARK_NOTE).write_text(f"{park.resolve()}\n", "utf-8")
    signal.signal(signal.SIGTERM, _interrupt)
    # a shell has the jobs of a script's background ignore it; whoever sends it all the same means it
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        begun = monotonic()
        link = "" if door is None else _first_link(door)
        plan = one_box(park, directory, bus=bus, port=port, simulated=simulated, door=door)
        plan.twin_address.unlink(missing_ok=True)
        supervisor.start(plan.services)
        _OUT.print(
            f"started {', '.join(service.name for service in plan.services)}; logs in {directory / 'logs'}"
        )
        supervisor.wait_until([plan.twin_address], FIRST_PICTURE_TIMEOUT_S)
        url = plan.twin_address.read_text()
        if link:
            _OUT.print("\nchưa ai có tài khoản; hãy tạo tài khoản đầu tiên bằng liên kết này, dùng một lần")
            _OUT.print("nobody has an account yet; make the first one with this link, good once, for a day")
            _OUT.print(f"\n  [bold]{url}{link}[/bold]\n", soft_wrap=True)
        token = "" if door is None else door.token
        if wait_for_first_reading(url, FIRST_PICTURE_TIMEOUT_S, supervisor.check, token) is None:
            _ERR.print(
                f"no reading on the page within {FIRST_PICTURE_TIMEOUT_S:.0f} s; {url} says what is missing"
            )
        else:
            _OUT.print(f"first reading on the page after {monotonic() - begun:.1f} s")
        _OUT.print(f"\n  [bold]{url}[/bold]\n\nCtrl-C stops everything · nhấn Ctrl-C để dừng tất cả")
        _watch(supervisor.check)
    except KeyboardInterrupt:
        _OUT.print("\nstopping · đang dừng")
    finally:
        supervisor.stop()
    _OUT.print("stopped · đã dừng")


def _watch(look: Callable[[], None]) -> NoReturn:
    while True:
        look()
        sleep(0.5)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def main() -> None:
    """Run ``parktwin``; an error of ours is one line and exit status 2."""
    try:
        app()
    except ParkTwinError as error:
        _ERR.print(f"[red]{error.code}[/red]: {error}", markup=True)
        raise SystemExit(EXIT_FAULT) from None


if __name__ == "__main__":
    main()
