"""``parktwin opcua``: look at a server, draft the mapping, and see what changed since."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Final, get_args

import typer
from rich.console import Console

from connectors.errors import SecurityError
from connectors.opcua.address_space import AddressSpaceWriter, Found, read_address_space
from connectors.opcua.address_space_diff import compare
from connectors.opcua.browse import OBJECTS, Walk, WalkCounts
from connectors.opcua.mapping_draft import gather, write_draft
from connectors.opcua.node_ids import parse_node_address, resolve
from connectors.opcua.security import Door, SecurityKit
from connectors.opcua.session import Session
from connectors.settings import PKI_FOLDER, ConnectorSettings
from twin.contract.clock import system_clock
from twin.contract.messages import SecurityMode, SecurityPolicy, SourceConfig, SourceSecurity
from twin.service.settings import load

PROGRESS_S: Final = 2.0
NODES_SUFFIX: Final = ".nodes.jsonl"
MAX_NODES: Final = 1_000_000

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Look at OPC UA servers.")
_ERR = Console(stderr=True, highlight=False, soft_wrap=True)

Url = Annotated[str, typer.Argument(help="opc.tcp://host:port/path")]
Root = Annotated[str, typer.Option(help="node to begin at, nsu=<uri>;s=<identifier>; Objects if left out")]
MaxNodes = Annotated[int, typer.Option(help="stop after about this many nodes, and say so", min=1)]
Policy = Annotated[str, typer.Option(help="security policy, e.g. Basic256Sha256")]
Mode = Annotated[str, typer.Option(help="sign or sign_and_encrypt")]
NameEnv = Annotated[str, typer.Option(help="environment variable with the user name")]
PasswordEnv = Annotated[str, typer.Option(help="environment variable with the password")]


@app.command()
def browse(
    url: Url,
    out: Annotated[
        Path | None, typer.Option(help=f"draft of a park file; beside it FILE{NODES_SUFFIX} for 'diff'")
    ] = None,
    source: Annotated[str, typer.Option(help="id of the source in the draft")] = "server",
    root: Root = "",
    max_nodes: MaxNodes = MAX_NODES,
    policy: Policy = "None",
    mode: Mode = "sign_and_encrypt",
    user_name_env: NameEnv = "",
    password_env: PasswordEnv = "",
) -> None:
    """Walk a server; print every variable, or with --out write a draft of a park file."""
    security = _security(policy, mode, user_name_env, password_env)
    if out is None:
        asyncio.run(_walk(url, security, root, max_nodes, None))
        return
    nodes = out.with_name(out.name + NODES_SUFFIX)
    part = nodes.with_name(nodes.name + ".part")
    asyncio.run(_walk(url, security, root, max_nodes, part))
    part.replace(nodes)
    header, found = read_address_space(nodes)
    draft = gather(header, found)
    for number, (name, lines) in enumerate(write_draft(header, draft, source, out.stem)):
        path = out if number == 0 else out.with_name(name)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    tags = sum(len(machine.signals) for machine in draft.machines)
    known = "".join(f", {count} nodes of {name}" for name, count in sorted(draft.structures.items()))
    _ERR.print(
        f"{out}: {len(draft.machines)} machines, {tags} tags, {len(draft.left_out)} left out by name{known}; "
        f"check it with 'parktwin check {out}'. Keep {nodes} for 'parktwin opcua diff'.",
        markup=False,
    )


@app.command()
def diff(
    url: Url,
    nodes: Annotated[Path, typer.Argument(help=f"FILE{NODES_SUFFIX} of an earlier browse")],
    root: Root = "",
    max_nodes: MaxNodes = MAX_NODES,
    policy: Policy = "None",
    mode: Mode = "sign_and_encrypt",
    user_name_env: NameEnv = "",
    password_env: PasswordEnv = "",
) -> None:
    """Say what changed at a server since a browse; exit status 1 if anything did."""
    security = _security(policy, mode, user_name_env, password_env)
    old_header, old = read_address_space(nodes)
    with tempfile.TemporaryDirectory() as folder:
        now = Path(folder) / "now.jsonl"
        asyncio.run(_walk(url, security, root, max_nodes, now))
        new_header, new = read_address_space(now)
        changes = 0
        for change in compare(old_header, old, new_header, new):
            changes += 1
            sys.stdout.write(f"{change}\n")
    _ERR.print(f"{changes} changes since {nodes}", markup=False)
    raise typer.Exit(1 if changes else 0)


def _security(policy: str, mode: str, name_env: str, password_env: str) -> SourceSecurity:
    if policy not in get_args(SecurityPolicy) or mode not in get_args(SecurityMode):
        raise SecurityError(
            f"security {policy} {mode}: the policy must be one of {', '.join(get_args(SecurityPolicy))}, the "
            f"mode one of {', '.join(get_args(SecurityMode))}"
        )
    # checked above; Literal cannot be narrowed to by a lookup
    return SourceSecurity(
        policy=policy,  # type: ignore[arg-type]
        mode=mode,  # type: ignore[arg-type]
        user_name_env=name_env,
        password_env=password_env,
    )


@asynccontextmanager
async def open_session(url: str, security: SourceSecurity) -> AsyncIterator[Session]:
    """Open a session as the connectors of this machine would, and close it at the end."""
    settings = load(ConnectorSettings)
    kit = SecurityKit(
        settings.data_dir / PKI_FOLDER, system_clock, os.environ, frozenset(settings.opcua_old_policies)
    )
    config = SourceConfig(source="browse", protocol="opcua", endpoint=url, security=security)
    session = Session(url, name="ParkTwin browse", door=Door(config, kit))
    await session.open()
    try:
        yield session
    finally:
        await session.close()


async def _walk(
    url: str, security: SourceSecurity, root: str, max_nodes: int, out: Path | None
) -> WalkCounts:
    """Walk a server into a file, or onto standard output; progress goes to standard error."""
    counts = WalkCounts()
    begun = told = time.monotonic()
    async with open_session(url, security) as session:
        walk = Walk(session, counts, max_nodes=max_nodes)
        await walk.begin()
        start = resolve(parse_node_address(root), walk.namespaces) if root else OBJECTS
        file = sys.stdout if out is None else out.open("w", encoding="utf-8")
        try:
            writer = AddressSpaceWriter(file, url, walk.namespaces)
            if out is not None:
                writer.begin()
            async for found in walk.nodes(start):
                if out is not None:
                    writer.write(found)
                elif found.kind == "variable":
                    file.write(_line(found) + "\n")
                if time.monotonic() - told >= PROGRESS_S:
                    told = time.monotonic()
                    _ERR.print(_progress(counts, told - begun), markup=False)
        finally:
            if out is not None:
                file.close()
    _ERR.print(_progress(counts, time.monotonic() - begun), markup=False)
    for node, status in counts.failed.items():
        _ERR.print(f"refused: {node}: status {status:#010x}", markup=False)
    if walk.cut:
        _ERR.print(f"stopped at {max_nodes} nodes, there are more; raise --max-nodes or name a --root")
    return counts


def _progress(counts: WalkCounts, seconds: float) -> str:
    return (
        f"{counts.seen} nodes, {counts.variables} variables, {counts.waiting} objects waiting, "
        f"{len(counts.failed)} refused, {seconds:.1f} s"
    )


def _line(found: Found) -> str:
    span = "" if found.low is None else f" [{found.low:g}, {found.high:g}]"
    kind = found.data_type + ("[]" if found.array else "")
    path = "/".join(part.partition(":")[2] for part in found.path)
    return f"{path}\t{found.node}\t{kind}\t{found.unit or found.unit_shown}{span}"
