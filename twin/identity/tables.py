"""The tables of identities.

Nothing stands in them that somebody could sign in with: passwords are argon2 hashes, sessions, tokens and
links SHA-256 of 32 random bytes. The seed of a second factor is sealed with a key that stands in a file
(:mod:`twin.identity.seed_box`).
"""

from __future__ import annotations

import hashlib
from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text

from twin.service.audit_chain import AuditChain, only_grows

TABLES = MetaData()
"""For :func:`twin.service.database.create_tables`."""

_BIG = BigInteger().with_variant(Integer, "sqlite")

USERS = Table(
    "identity_users",
    TABLES,
    Column("name", String(60), primary_key=True),
    Column("display", String(200), nullable=False),
    Column("roles", Text, nullable=False),  # with spaces
    Column("tenant", String(700), nullable=False),
    Column("password", Text, nullable=False),  # argon2; "" = none yet, or the provider's
    Column("totp", String(64), nullable=False),  # sealed; "" = no second factor
    Column("totp_used", BigInteger, nullable=False),  # newest time step that was used
    Column("disabled", Boolean, nullable=False),
    Column("wrong", Integer, nullable=False),  # tries since the last good one
    Column("locked_until", BigInteger, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("issuer", Text, nullable=False),  # of OpenID Connect; "" = a local account
    Column("subject", Text, nullable=False),
)
SESSIONS = Table(
    "identity_sessions",
    TABLES,
    Column("hash", String(64), primary_key=True),
    Column("user", String(60), nullable=False),
    Column("opened", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Index("identity_sessions_by_user", "user"),
)
TOKENS = Table(
    "identity_tokens",
    TABLES,
    Column("id", String(16), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("scope", Text, nullable=False),  # permissions, with spaces
    Column("tenant", String(700), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("previous_until", BigInteger, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("revoked", Boolean, nullable=False),
)
LINKS = Table(
    "identity_links",
    TABLES,
    Column("hash", String(64), primary_key=True),
    Column("user", String(60), nullable=False),  # "" = of the first account
    Column("expires", BigInteger, nullable=False),
)
AUDIT = Table(
    "identity_audit",
    TABLES,
    Column("number", _BIG, primary_key=True, autoincrement=False),
    Column("time", BigInteger, nullable=False),
    Column("subject", String(200), nullable=False),
    Column("event", String(30), nullable=False),
    Column("by", String(200), nullable=False),
    Column("body", Text, nullable=False),  # JSON
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
only_grows(AUDIT, "the audit of identities only grows")

CHAIN: Final = AuditChain(
    AUDIT,
    hashlib.sha256(b"parktwin.identity_audit@1").hexdigest(),
    lock_number=0x69646E74,  # "idnt"
    subject="subject",
)
