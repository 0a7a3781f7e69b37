"""How each monitored item is asked for: sampling, queue and deadband of its signal, or of its source."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.status_codes import StatusCodes

from twin.contract.messages import SourceConfig, SourceItem

QUEUE_RESERVE_MS: Final = 5_000
"""A server's queue holds one publishing interval and this much more, for a connection that has to be
mended."""
MIN_QUEUE: Final = 100
"""Some servers (asyncua is one) report every write, whatever sampling interval was asked for."""
MAX_QUEUE: Final = 1_000

FILTER_REFUSED: Final = frozenset(
    {
        StatusCodes.BadFilterNotAllowed,
        StatusCodes.BadMonitoredItemFilterInvalid,
        StatusCodes.BadMonitoredItemFilterUnsupported,
        StatusCodes.BadDeadbandFilterInvalid,
    }
)
"""Answers of a server that would have the item without its filter (OPC 10000-4 §5.13.2.4 and §7.22.2)."""


def sampling_ms(config: SourceConfig, item: SourceItem) -> float:
    """Return how often the server is to look at an item [ms]."""
    return config.sampling_interval_ms if item.sampling_interval_ms is None else item.sampling_interval_ms


def queue_size(config: SourceConfig, item: SourceItem) -> int:
    """Return how many values of an item the server is to keep until it can publish them.

    >>> config = SourceConfig(source="s", protocol="opcua", endpoint="", publishing_interval_ms=500)
    >>> queue_size(config, SourceItem(tag="t", node="n", sampling_interval_ms=10.0))
    552
    >>> queue_size(config, SourceItem(tag="t", node="n", queue_size=5))
    5
    """
    if item.queue_size:
        return item.queue_size
    sampling = sampling_ms(config, item)
    if sampling <= 0:
        return MAX_QUEUE
    samples = math.ceil((config.publishing_interval_ms + QUEUE_RESERVE_MS) / sampling)
    return min(max(samples + 2, MIN_QUEUE), MAX_QUEUE)


def data_change_filter(item: SourceItem) -> ua.DataChangeFilter | None:
    """Return the filter that tells the server the item's deadband, None if it has none.

    >>> data_change_filter(SourceItem(tag="t", node="n", deadband=4.0, deadband_percent=2.0)).DeadbandValue
    2.0
    """
    if not item.deadband:
        return None
    percent = item.deadband_percent > 0
    return ua.DataChangeFilter(
        Trigger=ua.DataChangeTrigger.StatusValue,
        DeadbandType=ua.UInt32(ua.DeadbandType.Percent if percent else ua.DeadbandType.Absolute),
        DeadbandValue=ua.Double(item.deadband_percent if percent else item.deadband),
    )


def make_request(
    subscription_id: int, config: SourceConfig, batch: Sequence[tuple[int, SourceItem, ua.NodeId, bool]]
) -> ua.CreateMonitoredItemsParameters:
    """Make one call's parameters.

    Args:
        subscription_id: where they are to live.
        config: of the source.
        batch: client handle, item, node, and whether the server is told the deadband.
    """
    parameters = ua.CreateMonitoredItemsParameters()
    parameters.SubscriptionId = subscription_id
    parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
    for handle, item, node, filtered in batch:
        request = ua.MonitoredItemCreateRequest()
        request.ItemToMonitor.NodeId = node
        request.ItemToMonitor.AttributeId = AttributeIds.Value
        request.MonitoringMode = ua.MonitoringMode.Reporting
        request.RequestedParameters.ClientHandle = handle
        request.RequestedParameters.SamplingInterval = sampling_ms(config, item)
        request.RequestedParameters.QueueSize = queue_size(config, item)
        request.RequestedParameters.DiscardOldest = True
        if filtered:
            request.RequestedParameters.Filter = data_change_filter(item)
        parameters.ItemsToCreate.append(request)
    return parameters
