"""Who may do what on a broker that several services share: a user each, and access by topic.

One table; ``parktwin bus secure`` makes users and access lists from it, and the same table is tried against a
real broker. A service may create the topics that it uses, since whoever comes first makes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from twin.bus.base import BusRefusedError
from twin.bus.kafka_clients import make_client
from twin.bus.kafka_settings import KafkaSettings, translated
from twin.contract.topics import TOPICS

ITERATIONS: Final = 8192
"""Of SCRAM-SHA-512; RFC 7677 asks for 4,096 at least."""


@dataclass(frozen=True, slots=True)
class Access:
    """What one service may do.

    Args:
        user: its name on the broker.
        writes, reads: topics.
        groups: what the names of its consumer groups begin with.
    """

    user: str
    writes: frozenset[str]
    reads: frozenset[str]
    groups: tuple[str, ...] = ()


def _access(user: str, writes: str, reads: str, *groups: str) -> Access:
    return Access(user, frozenset(writes.split()), frozenset(reads.split()), groups)


SERVICES: Final = (
    _access(
        "twin",
        "source_configs commands alarms readings tag_sets source_states dead_letters",
        " ".join(TOPICS),
        "historian",
        "evaluate",
        "kpi",
        "command-desk",
    ),
    _access(
        "connectors",
        "readings readings_ahead tag_sets gaps source_states command_outcomes dead_letters",
        "source_configs commands",
        "write-back",
    ),
    _access("qc", "inspections inspection_reviews dead_letters", ""),
    _access("maintenance", "health dead_letters", "readings tag_sets"),
)


def secure_broker(settings: KafkaSettings, passwords: Mapping[str, str]) -> list[str]:
    """Make the users of the services and their access lists; return the names of the users.

    Args:
        settings: of a listener that lets an administrator in.
        passwords: by user; those who are not named are left as they are.

    Raises:
        BusRefusedError: the broker does not let us, or has no authorizer.
        BusUnavailableError: it is away.
    """
    known = [service for service in SERVICES if service.user in passwords]
    with translated(settings, "access lists"):
        admin: Any = make_client(KafkaAdminClient, **settings.client())
        try:
            answers = admin.alter_user_scram_credentials(
                [
                    UserScramCredentialUpsertion(
                        service.user,
                        ScramMechanism.SCRAM_SHA_512,
                        iterations=ITERATIONS,
                        password=passwords[service.user].encode(),
                    )
                    for service in known
                ]
            )
            _all_well(settings, answers)
            made = admin.create_acls([acl for service in known for acl in access_list(service)])
        finally:
            admin.close()
    if made["failed"]:
        acl, error = made["failed"][0]
        raise BusRefusedError(
            f"kafka {settings}: access list {acl}: {error}; give the broker an authorizer "
            "(authorizer.class.name) and make this user one of its super.users"
        )
    return [service.user for service in known]


def access_list(service: Access) -> Iterable[ACL]:
    """The rows of the broker's access list for a service."""
    for topic in sorted(service.writes | service.reads):
        yield _allow(service, ResourceType.TOPIC, topic, ACLOperation.DESCRIBE)
        yield _allow(service, ResourceType.TOPIC, topic, ACLOperation.CREATE)
    for topic in sorted(service.writes):
        yield _allow(service, ResourceType.TOPIC, topic, ACLOperation.WRITE)
    for topic in sorted(service.reads):
        yield _allow(service, ResourceType.TOPIC, topic, ACLOperation.READ)
    for group in service.groups:
        yield _allow(service, ResourceType.GROUP, group, ACLOperation.READ, ACLResourcePatternType.PREFIXED)


def _allow(
    service: Access,
    kind: ResourceType,
    name: str,
    operation: ACLOperation,
    pattern: ACLResourcePatternType = ACLResourcePatternType.LITERAL,
) -> ACL:
    return ACL(
        principal=f"User:{service.user}",
        host="*",
        operation=operation,
        permission_type=ACLPermissionType.ALLOW,
        resource_pattern=ResourcePattern(kind, name, pattern),
    )


def _all_well(settings: KafkaSettings, answers: Mapping[str, str | None]) -> None:
    for user, fault in answers.items():
        if fault is not None:
            raise BusRefusedError(f"kafka {settings}: user {user!r}: {fault}; check the broker's log")
