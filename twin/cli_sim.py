"""``parktwin sim``: work the simulated park while it runs, over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from twin.contract.errors import ParkTwinError

if TYPE_CHECKING:
    from twin.sim_control import SimulatorControl

app = typer.Typer(
    add_completion=False, help="Work a simulated park that runs: faults, bad days, truth, speed."
)
_OUT = Console(highlight=False, width=None if sys.stdout.isatty() else 240)
"""Whoever pipes it away wants whole lines, not lines of eighty columns."""

Directory = Annotated[Path, typer.Option("--dir", help="where the simulator's services keep their files")]
Url = Annotated[str, typer.Option(help="HTTP address of the simulator, instead of --dir")]
Lasts = Annotated[str, typer.Option("--for", help="how long it lasts, as 90s, 5m, 1h30m; 0 = until cleared")]
DEMO = Path("var/demo")


class CommandError(ParkTwinError, ValueError):
    """An argument of ``parktwin sim`` does not hold."""

    code = "cli.argument"


def _simulator(directory: Path, url: str) -> SimulatorControl:
    from twin.sim_control import find_simulator

    return find_simulator(directory, url, os.environ.get("PARKTWIN_SIM_TOKEN", ""))


@app.callback(invoke_without_command=True)
def sim(
    context: typer.Context,
    list_faults: Annotated[bool, typer.Option("--list-faults", help="list every fault it can have")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="list as JSON")] = False,
    directory: Directory = DEMO,
    url: Url = "",
) -> None:
    """Work a simulated park that runs."""
    if context.invoked_subcommand is not None:
        if url or directory != DEMO or list_faults or as_json:
            raise CommandError(
                f"options before {context.invoked_subcommand!r}: --dir and --url stand behind the command: "
                f"parktwin sim {context.invoked_subcommand} ... --url URL"
            )
        return
    if not list_faults:
        _OUT.print(context.get_help(), markup=False)
        raise typer.Exit
    rows = _simulator(directory, url).call("GET", "/api/faults")["faults"]
    if as_json:
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    else:
        _OUT.print(_catalogue(rows))


@app.command()
def inject(
    fault: Annotated[str, typer.Argument(help="a fault of 'parktwin sim --list-faults'")],
    equipment: Annotated[str, typer.Argument(help="equipment id; for a sensor <equipment id>:<signal>")],
    strength: Annotated[float | None, typer.Option(help="how strong, in the fault's own unit")] = None,
    ramp: Annotated[str, typer.Option(help="how long it takes to get there, as 90s, 5m")] = "",
    lasts: Lasts = "",
    directory: Directory = DEMO,
    url: Url = "",
) -> None:
    """Bring about a fault now."""
    order: dict[str, object] = {"fault": fault, "equipment": equipment}
    given = {"strength": strength, "ramp": ramp or None, "for": lasts or None}
    order |= {name: value for name, value in given.items() if value is not None}
    made = _simulator(directory, url).call("POST", "/api/faults", order)
    ends = f"until {made['ends']}" if made["ends"] else "until it is cleared or repaired"
    _OUT.print(
        f"{made['id']}: {made['fault']} on {made['equipment']}, strength {made['strength']:g}, "
        f"from {made['begun']} {ends} (simulated time)",
        markup=False,
    )


@app.command()
def clear(
    number: Annotated[int, typer.Argument(help="number of the fault, as 'parktwin sim active' shows")],
    directory: Directory = DEMO,
    url: Url = "",
) -> None:
    """End a fault, or strike one that is to come; a worn machine is repaired."""
    _simulator(directory, url).call("DELETE", f"/api/faults/{number}")
    _OUT.print(f"{number}: cleared")


@app.command()
def active(directory: Directory = DEMO, url: Url = "") -> None:
    """List the faults that are on or to come."""
    listed = _simulator(directory, url).call("GET", "/api/faults/active")
    rows = listed["active"] + listed["coming"]
    if not rows:
        _OUT.print(f"no fault is on or to come at {listed['now']} (simulated time)")
        return
    table = Table("id", "fault", "where", "strength", "now", "from", "until")
    for row in rows:
        now = f"{row['strength_now']:g}" if "strength_now" in row else "to come"
        begins = row.get("begun") or row["begins"]
        table.add_row(
            str(row["id"]), row["fault"], escape(row["equipment"]), f"{row['strength']:g}", now, begins,
            row.get("ends") or "",
        )  # fmt: skip
    _OUT.print(table)


@app.command()
def repair(
    equipment: Annotated[str, typer.Argument(help="equipment id")],
    mode: Annotated[str, typer.Option(help="one failure mode; all that wear if left out")] = "",
    directory: Directory = DEMO,
    url: Url = "",
) -> None:
    """Make a machine as good as new."""
    order = {"equipment": equipment} | ({"mode": mode} if mode else {})
    done = _simulator(directory, url).call("POST", "/api/repairs", order)
    _OUT.print(f"{equipment}: as good as new in {', '.join(done['repaired'])}", markup=False)


@app.command()
def scenario(
    file: Annotated[Path, typer.Argument(help="a scenario file, as docs/simulator.md describes")],
    directory: Directory = DEMO,
    url: Url = "",
) -> None:
    """Play a scenario from now on."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"scenario {file}: cannot be read ({error}); name a YAML file") from error
    played = _simulator(directory, url).call("POST", "/api/scenario", {"text": text, "name": str(file)})
    _OUT.print(f"{played['name']['vi']} · {played['name']['en']}", markup=False)
    for row in played["faults"]:
        _OUT.print(f"{row['id']}: {row['begins']} {row['fault']} on {row['equipment']}", markup=False)


@app.command()
def truth(
    kind: Annotated[str, typer.Option(help="fault, sensor, failure, repair, rul, defect, leak, spill")] = "",
    since: Annotated[str, typer.Option(help="2h for two simulated hours ago, or a time with offset")] = "",
    directory: Directory = DEMO,
    url: Url = "",
) -> None:
    """Print what was really the matter, as CSV, for scoring."""
    query = {name: value for name, value in (("kind", kind), ("since", since)) if value}
    try:
        for piece in _simulator(directory, url).lines("/truth.csv", query):
            sys.stdout.write(piece)
        sys.stdout.flush()
    except BrokenPipeError:
        # who read us has seen enough (head); the interpreter would complain once more at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@app.command("bad-day")
def bad_day(
    name: Annotated[str, typer.Argument(help="a bad day of 'parktwin sim bad-days'")],
    server: Annotated[str, typer.Argument(help="whose, as anphat")],
    lasts: Lasts = "",
    settings: Annotated[list[str] | None, typer.Option("--set", help="a parameter, as delay_s=2")] = None,
    directory: Directory = DEMO,
    url: Url = "",
) -> None:
    """Give a server a bad day."""
    order: dict[str, object] = {
        "server": server,
        "name": name,
        "parameters": dict(_parameter(text) for text in settings or ()),
    }
    made = _simulator(directory, url).call("POST", "/api/bad-days", order | ({"for": lasts} if lasts else {}))
    ends = f"until {made['ends']}" if made["ends"] else "until it is ended"
    _OUT.print(f"{made['id']}: {made['name']} of {made['server']} {ends}", markup=False)


@app.command("bad-days")
def bad_days(
    end: Annotated[int | None, typer.Option(help="end the one of this number")] = None,
    directory: Directory = DEMO,
    url: Url = "",
) -> None:
    """List the bad days there are and those that are on, or end one."""
    simulator = _simulator(directory, url)
    if end is not None:
        simulator.call("DELETE", f"/api/bad-days/{end}")
        _OUT.print(f"{end}: ended")
        return
    listed = simulator.call("GET", "/api/bad-days")
    table = Table("bad day", "Tiếng Việt", "English", "parameters", "lasts")
    for row in listed["bad_days"]:
        parameters = "\n".join(f"{name}: {text}" for name, text in row["parameters"].items())
        table.add_row(row["id"], row["vi"], row["en"], escape(parameters), _lasts(row["duration_s"]))
    _OUT.print(table)
    _OUT.print(f"servers: {', '.join(listed['servers'])}", markup=False)
    for row in listed["active"]:
        until = row["ends"] or "ended with --end"
        _OUT.print(
            f"{row['id']}: {row['name']} of {row['server']} since {row['begun']} until {until}", markup=False
        )


@app.command()
def speed(
    factor: Annotated[
        float | None, typer.Argument(help="simulated seconds a second; as it is if left out")
    ] = None,
    directory: Directory = DEMO,
    url: Url = "",
) -> None:
    """Tell or change how fast simulated time goes."""
    simulator = _simulator(directory, url)
    now = (
        simulator.call("GET", "/api/clock")
        if factor is None
        else simulator.call("POST", "/api/clock", {"speed": factor})
    )
    _OUT.print(f"{now['now']}, {now['speed']:g} simulated seconds a second")


def _parameter(text: str) -> tuple[str, float | str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise CommandError(f"--set {text!r}: must be name=value; write --set delay_s=2")
    try:
        return name, float(value)
    except ValueError:
        return name, value


def _catalogue(rows: list[dict[str, Any]]) -> Table:
    table = Table("fault", "of", "what", "strength", "lasts", "shows in", "for example")
    for row in rows:
        of = row["kind"] or {"sensor": "any tag", "machine": "any machine"}.get(row["acts"], "")
        strength = f"{row['strength']:g} {row['unit']}" if row["unit"] else ""
        table.add_row(
            row["id"], of, escape(f"{row['vi']}\n{row['en']}"), strength, _lasts(row["duration_s"]),
            ", ".join(row["shows_in"]), escape(row["example"]),
        )  # fmt: skip
    return table


def _lasts(seconds: float) -> str:
    """Write a duration for people.

    >>> _lasts(0.0), _lasts(90.0), _lasts(5400.0)
    ('until ended', '1m30s', '1h30m')
    """
    if not seconds:
        return "until ended"
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return "".join(
        f"{number}{unit}" for number, unit in ((hours, "h"), (minutes, "m"), (left, "s")) if number
    )


@app.command(
    add_help_option=False, context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
)
def virtual(context: typer.Context) -> None:
    """Simulate a park in virtual time into files, as fast as it goes; see --help."""
    raise typer.Exit(subprocess.call([sys.executable, "-m", "sim.virtual", *context.args]))
