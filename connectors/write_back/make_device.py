"""Which device carries out the commands of a source."""

from __future__ import annotations

from connectors.opcua.security import SecurityKit
from connectors.write_back.device import Device
from connectors.write_back.modbus_device import ModbusDevice
from connectors.write_back.opcua_device import OpcUaDevice
from twin.contract.clock import Clock
from twin.contract.messages import SourceConfig


def make_device(config: SourceConfig, *, kit: SecurityKit, clock: Clock) -> Device:
    """Make the device that speaks the protocol of a source, without connecting."""
    if config.protocol == "modbus":
        return ModbusDevice(config, clock)
    return OpcUaDevice(config, kit)
