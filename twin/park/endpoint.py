"""Endpoints: ``${NAME:-default}`` filled in from the environment, and the URL that comes out of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from twin.contract.messages import Protocol

EXAMPLES: Final[Mapping[Protocol, str]] = {
    "opcua": "opc.tcp://host:port/path",
    "modbus": "modbus.tcp://host:port",
}
"""How the endpoint of each protocol is written."""
_OWN_PORTS: Final[Mapping[Protocol, str]] = {"opcua": "OPC UA's own is 4840", "modbus": "Modbus's own is 502"}

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}$]*))?\}")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:.]+")


class VariableError(ValueError):
    """A variable is not set and has no default, or is written wrongly; the text says which."""


class EndpointError(ValueError):
    """The URL cannot be an endpoint of its protocol; the text says why."""


def substitute(text: str, environment: Mapping[str, str]) -> str:
    """Fill in ``${NAME}`` and ``${NAME:-default}``; the default also stands for an empty value, as in a
    shell.

    Raises:
        VariableError: a variable is not set and has no default, or ``$`` is not followed by ``{NAME}``.

    >>> substitute("opc.tcp://${HOST:-127.0.0.1}:${PORT}/", {"PORT": "4840"})
    'opc.tcp://127.0.0.1:4840/'
    """

    def value_of(match: re.Match[str]) -> str:
        name, default = match[1], match[2]
        value = environment.get(name, "")
        if value:
            return value
        if default is None:
            raise VariableError(f"environment variable {name} is not set and has no default")
        return str(default)

    if "$" in _VARIABLE.sub("", text):
        raise VariableError("'$' must begin ${NAME} or ${NAME:-default}")
    return _VARIABLE.sub(value_of, text)


def check_endpoint(url: str, protocol: Protocol = "opcua") -> str:
    """Return ``url`` if it is one of this protocol.

    Raises:
        EndpointError: it is not, or carries a user name or a password.

    >>> check_endpoint("opc.tcp://127.0.0.1:4840/")
    'opc.tcp://127.0.0.1:4840/'
    >>> check_endpoint("modbus.tcp://meter:502", "modbus")
    'modbus.tcp://meter:502'
    """
    if any(character.isspace() or not character.isprintable() for character in url):
        raise EndpointError("there is a space or a control character in the URL")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise EndpointError(f"not a URL: {error}") from error
    scheme = EXAMPLES[protocol].partition(":")[0]
    if parts.scheme != scheme:
        raise EndpointError(f"scheme {parts.scheme!r} must be {scheme!r}")
    if "@" in parts.netloc:
        raise EndpointError("a park file holds no user name and no password")
    if not host or not _HOST.fullmatch(host):
        raise EndpointError(f"host {host or ''!r} is no host name and no address")
    if port is None or port == 0:
        raise EndpointError(f"the port is missing; {_OWN_PORTS[protocol]}")
    return url


def hide_password(url: str) -> str:
    """Hide what stands before ``@``, for a message.

    >>> hide_password("opc.tcp://me:secret@plc:4840/")
    'opc.tcp://***@plc:4840/'
    """
    return re.sub(r"//[^/]*@", "//***@", url)
