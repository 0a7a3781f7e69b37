"""The README's tables of sources, security policies and limits, from the constants themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connectors import frames, outbox, sender, supervisor
from connectors.modbus import changes, device, plan
from connectors.modbus import units as modbus_units
from connectors.opcua import (
    backfill,
    history_span,
    intake,
    item_requests,
    limits,
    publish_response,
    publishing,
    session,
    source,
    subscribe,
    subscription,
    upkeep,
    values,
    wire,
)
from connectors.opcua.policies import POLICIES, SETTING
from connectors.pki import checks
from connectors.settings import ConnectorSettings
from twin.contract import frame
from twin.contract.clock import NS_PER_S
from twin.park.reference import markdown_table


@dataclass(frozen=True, slots=True)
class Limit:
    """One row.

    Args:
        of: what it belongs to.
        name: what is bounded.
        bound: how much, with its unit.
        meaning: what happens there, in one line.
    """

    of: str
    name: str
    bound: str
    meaning: str


def sources() -> str:
    """Return the protocols that can be read and written."""
    rows = (
        (
            "`opcua`",
            "OPC UA binary over TCP",
            "subscriptions; history for what was missed; commands",
        ),
        ("`modbus`", "Modbus TCP", "registers and bits, polled in grouped requests"),
    )
    return markdown_table(("protocol", "speaks", "how"), rows)


def policies() -> str:
    """Return the security policies of OPC UA."""
    rows = (
        (
            f"`{policy.name}`",
            f"refused unless `{SETTING}` names it" if policy.obsolete else "offered",
        )
        for policy in POLICIES.values()
    )
    return markdown_table(("OPC UA security policy", "by default"), rows)


def limit_table() -> str:
    """Return everything that is bounded on the way of a reading from a source to the bus."""
    rows = ((one.of, one.name, one.bound, one.meaning) for one in _limits())
    return markdown_table(("of", "bounded", "by", "meaning"), rows)


def _limits() -> Iterator[Limit]:
    yield from _session()
    yield from _subscription()
    yield from _history()
    yield from _modbus()
    yield from _outbox()


def _session() -> Iterator[Limit]:
    of = "OPC UA session"
    yield Limit(of, "connecting", _seconds(session.CONNECT_TIMEOUT_S), "each step; then the source is lost")
    yield Limit(of, "an answer", _seconds(session.REQUEST_TIMEOUT_S), "then the source is lost")
    yield Limit(
        of,
        "a session kept",
        _seconds(session.SESSION_TIMEOUT_MS / 1000),
        "to be taken up again without a gap",
    )
    largest = _bytes(session.MAX_RESPONSE_BYTES)
    yield Limit(of, "a response", largest, "a larger one ends the connection")
    yield Limit(of, "trust", _seconds(session.TRUST_S), "looked at so often while connected")
    yield Limit(of, "a key", f"{checks.MIN_KEY_BITS} bits", "at least, or the certificate is refused")
    yield Limit(of, "expiry", f"{checks.EXPIRY_WARNING.days} d", "so long ahead a certificate is an alarm")
    waits = f"{supervisor.FIRST_WAIT_S:g} to {supervisor.LAST_WAIT_S:g} s"
    yield Limit("any source", "wait before connecting again", waits, "doubling, with full jitter")


def _subscription() -> Iterator[Limit]:
    of = "OPC UA subscription"
    yield Limit(
        of, "items a call", f"{limits.BATCH:,}", "or what the server says; halved as often as it refuses"
    )
    yield Limit(of, "items", f"{limits.ITEMS_A_SUBSCRIPTION:,}", "more go into further subscriptions")
    queue = f"{item_requests.MIN_QUEUE:,} to {item_requests.MAX_QUEUE:,} values"
    reserve = _seconds(item_requests.QUEUE_RESERVE_MS / 1000)
    yield Limit(of, "queue of an item", queue, f"a publishing interval and {reserve} more")
    yield Limit(of, "keep-alive", _seconds(subscribe.KEEP_ALIVE_MS / 1000), "of a server with nothing to say")
    yield Limit(
        of,
        "silence",
        f"the keep-alive and {subscription.LATE_INTERVALS} intervals, "
        f"at least {subscription.LEAST_LATE_S:g} s",
        "then this subscription alone is cured",
    )
    yield Limit(of, "lifetime", _seconds(subscribe.LIFETIME_MS / 1000), "so long a server keeps it for us")
    yield Limit(of, "values a notification", f"{subscribe.MAX_NOTIFICATIONS:,}", "asked of the server")
    yield Limit(of, "publish requests waiting", f"{publishing.SPARE}", "beyond one for each subscription")
    yield Limit(of, "responses not yet durable", f"{source.MAX_UNACCEPTED}", "then the server has to wait")
    yield Limit(
        of, "messages asked for again", f"{subscription.MAX_REPUBLISH:,}", "at once; the rest is a gap"
    )
    retries = f"{upkeep.FIRST_RETRY_S:g} to {upkeep.LAST_RETRY_S:g} s"
    yield Limit(of, "retry of failed items", retries, "each named with its reason meanwhile")
    yield Limit(of, "gaps by tag", f"{intake.MAX_TAG_GAPS}", "a response; more share one gap")
    yield Limit(
        "OPC UA value", "text", _bytes(values.MAX_TEXT_BYTES), "longer reads BadEncodingLimitsExceeded"
    )
    yield Limit("OPC UA value", "nesting", f"{wire.MAX_DEPTH}", "deeper is refused")
    yield Limit(
        "OPC UA value", "notifications", f"{publish_response.MAX_NOTIFICATIONS:,}", "a message, else refused"
    )


def _history() -> Iterator[Limit]:
    of = "OPC UA history"
    yield Limit(of, "how far back", f"{backfill.MAX_BACK_NS / NS_PER_S / 3600:g} h", "of a gap is asked for")
    yield Limit(of, "tries", f"{backfill.TRIES}", "then the gap stays told")
    yield Limit(of, "nodes a call", f"{history_span.MAX_NODES}", "asked for at once")
    yield Limit(of, "rate", f"{history_span.VALUES_S:,} values/s", "at most: live values come first")


def _modbus() -> Iterator[Limit]:
    of = "Modbus TCP"
    most = f"{plan.MOST_REGISTERS} registers, {plan.MOST_BITS:,} bits"
    yield Limit(of, "a request", most, "the protocol's own limits")
    yield Limit(of, "unused registers read along", f"{plan.MAX_GAP}", "rather than asking twice")
    yield Limit(of, "an answer", _seconds(device.ANSWER_S), "then that unit alone turns Bad")
    waits = f"{modbus_units.FIRST_WAIT_S:g} to {modbus_units.LAST_WAIT_S:g} s"
    yield Limit(of, "wait for a silent unit", waits, "doubling")
    yield Limit(of, "an unchanged value", _seconds(changes.REFRESH_S), "is told again this often")


def _outbox() -> Iterator[Limit]:
    of = "outbox"
    held = ConnectorSettings.model_fields["outbox_max_bytes"].default
    yield Limit(
        of,
        "bytes on disk",
        _bytes(held),
        "`PARKTWIN_OUTBOX_MAX_BYTES`; beyond, a marked gap",
    )
    free = f"{100 * (1 - outbox.RESUME_FRACTION):.0f} % free"
    yield Limit(of, "taking again", free, "so that it does not flutter at its bound")
    yield Limit(of, "a commit", f"{1000 * outbox.LINGER_S:g} ms", "waits so long for others to join it")
    yield Limit(
        of, "a frame", f"{frames.MAX_FRAME_ROWS:,} readings", f"or {_bytes(frames.MAX_FRAME_TEXT)} of text"
    )
    sends = f"{sender.MAX_MESSAGES} messages, {_bytes(sender.MAX_BYTES)}"
    yield Limit(of, "a publish to the bus", sends, "one in flight, in order")
    waits = f"{sender.FIRST_RETRY_S:g} to {sender.LAST_RETRY_S:g} s"
    yield Limit(of, "retry of the bus", waits, "for ever; what is accepted stays on disk")
    yield Limit("bus", "a frame that is read", f"{frame.MAX_ROWS:,} readings", "more is refused")


def _seconds(seconds: float) -> str:
    return f"{seconds:g} s"


def _bytes(count: int) -> str:
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= size:
            return f"{count / size:g} {unit}"
    return f"{count} B"
