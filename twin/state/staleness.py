"""Which last values must not be taken for the present."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from twin.state.last_values import LastValues
from twin.state.tag_table import TagTable

Bools = npt.NDArray[np.bool_]


def stale_tags(values: LastValues, table: TagTable, source_stale: Bools, failed: Bools, now: int) -> Bools:
    """Tell which tags are stale, ``bool[n]``: their source is, or it says that it cannot read them, or their
    last reading is older than their kind allows, or they are worked out of one that is stale. A tag that
    never had a reading is not stale but without data.

    The age counts from the source's time or from when the bus took it, whichever is older, so that neither a
    backlog nor a source clock that runs ahead makes an old value look new.

    Args:
        values: last values of n tags.
        table: the tags' sources and allowed ages.
        source_stale: ``bool[s]`` by source number.
        failed: ``bool[n]``, tags that their source asked for in vain.
        now: ns since the epoch.
    """
    # The number -1 of a tag that no source feeds picks the last one, which is never stale.
    stale: Bools = np.append(source_stale, False)[table.source]
    stale |= failed
    stale |= np.minimum(values.source_time, values.received) < now - table.stale_after
    stale &= values.valued()
    if len(table.calculated):
        stale[table.calculated] |= np.logical_or.reduceat(stale[table.inputs], table.first_input)
        stale &= values.valued()
    return stale
