"""Which index of a frame means which tag: the announcements on ``tag_sets``, read on demand."""

from __future__ import annotations

import logging
import threading
import time

from twin.bus.base import Bus, BusError, BusUnavailableError, Consumer
from twin.bus.dead_letters import tell_dead_letter
from twin.bus.partitioning import check_topics
from twin.contract.clock import system_clock
from twin.contract.codec import decode_message
from twin.contract.errors import ContractError, MessageError, UnknownTagSetError
from twin.contract.messages import TagSet
from twin.contract.topics import TAG_SETS

CONSUMER = "tag_set_directory"
"""Who signs the dead letters."""

_LOG = logging.getLogger(__name__)


class TagSetDirectory:
    """All announced tag sets, by id. Thread-safe. Reads the topic only when an id is asked for that it does
    not know.

    Args:
        bus: where tag sets are announced; nothing is read before the first :meth:`get`.
    """

    def __init__(self, bus: Bus) -> None:
        check_topics([TAG_SETS.name])
        self._bus = bus
        self._lock = threading.Lock()
        self._known: dict[str, TagSet] = {}
        self._consumer: Consumer | None = None

    def get(self, tag_set_id: str, *, wait_s: float = 5.0) -> TagSet:
        """Return a tag set.

        Args:
            tag_set_id: as a frame names it.
            wait_s: how long to wait for the announcement [s]; it is published before the first frame that
                uses it, so that on one broker there is nothing to wait for.

        Raises:
            UnknownTagSetError: nobody has announced it within that time.
            BusUnavailableError: the topic cannot be read now; the frame is no worse for it: ask again.
        """
        found = self._known.get(tag_set_id)
        if found is not None:
            return found
        deadline = time.monotonic() + wait_s
        with self._lock:
            while tag_set_id not in self._known:
                remaining = deadline - time.monotonic()
                if not self._read(max(0.0, remaining)) and remaining <= 0:
                    if not self._at_the_end():
                        raise BusUnavailableError(
                            f"tag set {tag_set_id!r}: topic {TAG_SETS.name!r} cannot be read to its end now; "
                            "ask again"
                        )
                    raise UnknownTagSetError(
                        f"tag set {tag_set_id!r}: nobody has announced it on topic {TAG_SETS.name!r} within "
                        f"{wait_s:g} s; publish the tag set before the frames that use it"
                    )
            return self._known[tag_set_id]

    def _at_the_end(self) -> bool:
        """Whether everything announced has been read: a broker that has just come back hands out nothing for
        a while, and whoever took that for the end would throw away frames that are whole."""
        return self._consumer is not None and self._consumer.lag() == 0

    def _read(self, timeout_s: float) -> bool:
        """Take in what was announced since; True if there was something."""
        if self._consumer is None:
            self._consumer = self._bus.consumer([TAG_SETS.name])
        received = self._consumer.poll(timeout_s)
        for each in received:
            message = each.message
            try:
                tag_set = decode_message(TagSet, message.value, message.headers)
                if tag_set.id != message.key:  # a frame that names this key would be read with the wrong tags
                    raise MessageError(
                        f"tag set announced as {message.key!r} has the content of {tag_set.id}"
                    )
            except ContractError as error:
                _LOG.warning("announcement at offset %d is left out: %s", each.offset, error)
                tell_dead_letter(self._bus, each, consumer=CONSUMER, error=error, clock=system_clock)
                continue
            self._known[message.key] = tag_set
        return bool(received)

    def close(self) -> None:
        """Stop reading."""
        with self._lock:
            consumer, self._consumer = self._consumer, None
            if consumer is not None:
                try:
                    consumer.close()
                except BusError as error:
                    _LOG.warning("tag set directory: %s", error)
