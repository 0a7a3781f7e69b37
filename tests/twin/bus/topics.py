"""A clean slate on a broker that all tests of a session share."""

from __future__ import annotations

import time

from kafka import KafkaAdminClient

from twin.contract.topics import TOPICS


def delete_all_topics(bootstrap: str) -> None:
    """Delete the project's topics, and wait until the broker has done it."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        ours = sorted(set(admin.list_topics()) & TOPICS.keys())
        if ours:
            admin.delete_topics(ours)
        deadline = time.monotonic() + 20
        while set(admin.list_topics()) & TOPICS.keys():
            assert time.monotonic() < deadline, "the broker does not delete its topics"
            time.sleep(0.05)
    finally:
        admin.close()
