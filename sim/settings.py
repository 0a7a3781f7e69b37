"""Settings of the simulator, read once at the edge from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from sim.errors import SimSettingsError
from sim.plant import SHIPPED
from twin.contract.clock import from_iso
from twin.contract.errors import ContractError

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]

_PORT_PREFIX = "PARKTWIN_SIM_PORT_"


class SimSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the simulator needs to know.

    Args:
        park: the ``plant.yaml`` to simulate.
        host: address to listen on; whoever reaches it may read, as the values are made up.
        ports: id of an OPC UA or Modbus server -> port, where it is not the plant's own; 0 = any free one.
        speed: seconds simulated in a second; what is read is stamped with the time it is read at.
        seed: of all randomness.
        begin: simulated time at the start, RFC 3339 with an offset; "" = now.
        scenario: a scenario file to play from the start.
        data: folder with published data sets that may not be shipped (bearings, inspection pictures); without
            it what stands in for them says so.
        history_depth: changes of each variable that the servers keep for HistoryRead.
        secure: offer Basic256Sha256 beside security policy None; the certificates are made on the first run.
        users: who may start, stop and set, as ``name:password,name:password``; none = whoever can connect.
        token: who works the simulator over HTTP from another machine shows it; "" = only from this one.
        http_port: for control, cameras, ``/api/health`` and ``/metrics``; 0 = any free one.
        data_dir: where ``sim.url`` is written, the HTTP address, and the truth log and certificates are.
        log_level: from which level on to log.
        log_format: ``text`` for people, ``json`` for machines.
    """

    park: Path = SHIPPED
    host: Annotated[str, msgspec.Meta(min_length=1)] = "127.0.0.1"
    ports: dict[str, Port] = {}
    speed: Annotated[float, msgspec.Meta(gt=0, le=100_000)] = 1.0
    seed: Annotated[int, msgspec.Meta(ge=0)] = 20_26
    begin: str = ""
    scenario: Path | None = None
    data: Path | None = None
    history_depth: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 600
    secure: bool = True
    users: dict[str, str] = {}
    token: str = ""
    http_port: Port = 0
    data_dir: Path = Path("var")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"

    @property
    def begin_ns(self) -> int | None:
        """Simulated time at the start, ns since the epoch; None = now."""
        return from_iso(self.begin) if self.begin else None


_PATHS = frozenset({"park", "scenario", "data", "data_dir"})
_VARIABLES = {
    "PARKTWIN_SIM_PARK": "park",
    "PARKTWIN_SIM_HOST": "host",
    "PARKTWIN_SIM_SPEED": "speed",
    "PARKTWIN_SIM_SEED": "seed",
    "PARKTWIN_SIM_BEGIN": "begin",
    "PARKTWIN_SIM_SCENARIO": "scenario",
    "PARKTWIN_SIM_DATA": "data",
    "PARKTWIN_SIM_HISTORY_DEPTH": "history_depth",
    "PARKTWIN_SIM_SECURE": "secure",
    "PARKTWIN_SIM_USERS": "users",
    "PARKTWIN_SIM_TOKEN": "token",
    "PARKTWIN_SIM_HTTP_PORT": "http_port",
    "PARKTWIN_DATA_DIR": "data_dir",
    "PARKTWIN_LOG_LEVEL": "log_level",
    "PARKTWIN_LOG_FORMAT": "log_format",
}


def read_settings(environment: Mapping[str, str]) -> SimSettings:
    """Read the settings; an empty variable counts as not set.

    Raises:
        SimSettingsError: naming the variable, its value and the rule it breaks.

    >>> read_settings({"PARKTWIN_SIM_SPEED": "60", "PARKTWIN_SIM_PORT_ANPHAT": "4841"}).ports
    {'anphat': 4841}
    """
    given: dict[str, object] = {}
    for variable, name in _VARIABLES.items():
        if environment.get(variable):
            given[name] = _convert(variable, name, environment[variable])
    ports = {}
    for variable, text in environment.items():
        if variable.startswith(_PORT_PREFIX) and text:
            server = variable.removeprefix(_PORT_PREFIX).lower()
            ports[server] = _convert(variable, "http_port", text)
    return msgspec.convert({**given, "ports": ports}, SimSettings)


def _convert(variable: str, name: str, text: str) -> object:
    """Check one value against the type of its field."""
    if name in _PATHS:
        return Path(text)
    if name == "users":
        return _users(variable, text)
    if name == "begin":
        return _checked_time(variable, text)
    field_type = msgspec.structs.fields(SimSettings)[_index(name)].type
    try:
        value: object = msgspec.convert(text, field_type, strict=False)
    except msgspec.ValidationError as error:
        raise SimSettingsError(f"{variable}={text!r}: {error}; mend or unset it") from error
    return value


def _users(variable: str, text: str) -> dict[str, str]:
    users = {}
    for pair in text.split(","):
        name, colon, password = pair.partition(":")
        if not (name and colon and password):
            raise SimSettingsError(f"{variable}: must be name:password, joined by commas; mend or unset it")
        users[name.strip()] = password
    return users


def _checked_time(variable: str, text: str) -> str:
    try:
        from_iso(text)
    except ContractError as error:
        raise SimSettingsError(f"{variable}={text!r}: {error}") from error
    return text


def _index(name: str) -> int:
    return SimSettings.__struct_fields__.index(name)
