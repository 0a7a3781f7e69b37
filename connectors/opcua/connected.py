"""What lives as long as one session at the server."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.opcua.placement import Placement
from connectors.opcua.publishing import PublishLoop
from connectors.opcua.session import Session


@dataclass(frozen=True, slots=True)
class Connected:
    """One session.

    Args:
        session: the connection and its services.
        loop: its subscriptions as they publish.
        placement: which item lives in which of them.
    """

    session: Session
    loop: PublishLoop
    placement: Placement
