"""Signals as usual instruments give them: one function an instrument, with its noise and its last digit.

Of the size of common accuracy classes: Pt100 class B (IEC 60751), pressure transmitters 0.25 %,
electromagnetic flow meters 0.3 %, power meters class 0.5 (IEC 61557-12).
"""

from __future__ import annotations

from sim.kind import Sensor, Signal


def thermometer(name: str, text: str, low: float = -20.0, high: float = 200.0) -> Signal:
    """A Pt100 or thermocouple with its transmitter [°C]."""
    return Signal(name, text, "°C", low, high, sensor=Sensor(noise=0.0004 * (high - low), resolution=0.1))


def pressure_gauge(name: str, text: str, unit: str, low: float, high: float) -> Signal:
    """A pressure or draught transmitter."""
    span = high - low
    return Signal(name, text, unit, low, high, sensor=Sensor(noise=0.0008 * span, resolution=span / 5000.0))


def vibration_sensor(name: str, text: str, high: float = 50.0) -> Signal:
    """RMS velocity, 10 to 1000 Hz (ISO 20816) [mm/s]."""
    return Signal(name, text, "mm/s", 0.0, high, sensor=Sensor(noise=0.03, resolution=0.01))


def ammeter(name: str, text: str, high: float) -> Signal:
    """RMS current of a drive [A]."""
    return Signal(name, text, "A", 0.0, high, sensor=Sensor(noise=0.001 * high, resolution=0.1))


def flow_meter(name: str, text: str, unit: str, high: float) -> Signal:
    """A flow meter of liquid, gas or steam."""
    return Signal(name, text, unit, 0.0, high, sensor=Sensor(noise=0.001 * high, resolution=high / 5000.0))


def tachometer(name: str, text: str, high: float) -> Signal:
    """An encoder on a shaft [rpm]."""
    return Signal(name, text, "rpm", 0.0, high, sensor=Sensor(noise=0.0002 * high, resolution=high / 10000.0))


def gauge(name: str, text: str, unit: str, low: float, high: float, noise: float = 0.0005) -> Signal:
    """Any other analogue transmitter; ``noise`` as a share of the span."""
    span = high - low
    return Signal(name, text, unit, low, high, sensor=Sensor(noise=noise * span, resolution=span / 10000.0))


def percent(name: str, text: str, high: float = 100.0) -> Signal:
    """A valve position, a level or a share [%]."""
    return Signal(name, text, "%", 0.0, high, sensor=Sensor(noise=0.0005 * high, resolution=0.1))


def set_value(name: str, text: str, unit: str, low: float, high: float) -> Signal:
    """A set point or a calculated value: shown as it is."""
    return Signal(name, text, unit, low, high)


def counter(name: str, text: str, unit: str = "pcs") -> Signal:
    """A counter that only rises."""
    return Signal(name, text, unit, 0.0, 4e9, "UInt32" if unit == "pcs" else "Double")


def flag(name: str, text: str) -> Signal:
    """Yes or no."""
    return Signal(name, text, data_type="Boolean")
