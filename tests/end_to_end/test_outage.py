"""A Kafka broker killed under 10,000 values a second, and killed again while what it missed comes in.

The same as ``python -m benchmarks.bench_outage --minutes 10``, with seconds instead of minutes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.bench_outage import LIVE_MS, RATE_HZ, TAGS, measure
from tests.support.kafka import KafkaBroker, RunningBroker
from tests.support.require import missing

OUTAGE_S = 10.0


@pytest.mark.trial
@pytest.mark.kafka
@pytest.mark.timeout(400)
def test_nothing_is_lost_or_doubled_and_the_present_is_seen_before_the_backlog_is_through(
    kafka_broker: KafkaBroker | RunningBroker, tmp_path: Path
) -> None:
    if isinstance(kafka_broker, RunningBroker):
        missing("a broker that may be killed", "unset PARKTWIN_TEST_KAFKA")
    done = measure(tmp_path, kafka_broker, OUTAGE_S, warm_up_s=4.0, falls=2)
    print(done.summary)  # noqa: T201  (the figures a reader of the log wants)
    assert (done.lost, done.doubled) == (0, 0)
    assert done.stored == done.produced
    assert done.last_value - done.last_stored <= RATE_HZ * 2  # made as the server ended, and never sent by it
    assert done.stored >= TAGS * RATE_HZ * OUTAGE_S
    assert done.ahead > 0
    assert (done.ages_ms < LIVE_MS).mean() > 0.5
