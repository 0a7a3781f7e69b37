"""Units as OPC UA servers name them (EUInformation, UNECE Recommendation 20) to symbols of a park file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

BY_CODE: Final[Mapping[str, str]] = {
    "P1": "%", "59": "ppm", "Q30": "pH",
    "CEL": "°C", "KEL": "K", "FAH": "°F",
    "PAL": "Pa", "A97": "hPa", "KPA": "kPa", "MPA": "MPa", "MBR": "mbar", "BAR": "bar", "PS": "psi",
    "2Z": "mV", "VLT": "V", "KVT": "kV", "B84": "µA", "4K": "mA", "AMP": "A", "B22": "kA",
    "WTT": "W", "KWT": "kW", "MAW": "MW", "D46": "VA", "KVA": "kVA", "MVA": "MVA",
    "D44": "var", "KVR": "kvar",
    "WHR": "Wh", "KWH": "kWh", "MWH": "MWh", "GWH": "GWh", "K3": "kvarh", "JOU": "J", "KJO": "kJ", "3B": "MJ",
    "HTZ": "Hz", "KHZ": "kHz", "OHM": "Ω", "B49": "kΩ", "B75": "MΩ", "H61": "mS/cm", "G42": "µS/cm",
    "MQH": "m³/h", "G53": "m³/min", "MQS": "m³/s", "E32": "L/h", "L2": "L/min", "G51": "L/s",
    "E93": "kg/h", "KGS": "kg/s", "E18": "t/h",
    "4G": "µL", "MLT": "mL", "LTR": "L", "MMQ": "mm³", "MTQ": "m³",
    "MGM": "mg", "GRM": "g", "KGM": "kg", "TNE": "t",
    "4H": "µm", "MMT": "mm", "CMT": "cm", "MTR": "m", "KMT": "km", "MMK": "mm²", "MTK": "m²", "HAR": "ha",
    "MTS": "m/s", "2X": "m/min", "KMH": "km/h", "C16": "mm/s", "MSK": "m/s²", "K40": "gₙ", "RPM": "rpm",
    "NEW": "N", "B47": "kN", "NU": "N·m", "DD": "°", "E96": "°/s",
    "B98": "µs", "C26": "ms", "SEC": "s", "MIN": "min", "HUR": "h", "DAY": "d",
    "H87": "pcs", "C62": "pcs", "GP": "mg/m³", "GQ": "µg/m³", "M1": "mg/L", "LUX": "lx", "D54": "W/m²",
    "2N": "dB",
}  # fmt: skip
"""Common code to symbol: what both sides know."""

_SYMBOLS: Final = frozenset(BY_CODE.values())
_SPELT: Final[Mapping[str, str]] = {
    "C": "°C", "degC": "°C", "℃": "°C", "Celsius": "°C", "m3/h": "m³/h", "l/min": "L/min", "l": "L",
    "m3": "m³",
    "1/min": "rpm", "min-1": "rpm", "r/min": "rpm", "Nm": "N·m", "m/s2": "m/s²", "uS/cm": "µS/cm", "deg": "°",
}  # fmt: skip


def unit_symbol(unit_id: int, shown: str) -> str:
    """Return the symbol of a park file; "" if the unit is none that it knows.

    Args:
        unit_id: the common code as OPC 10000-8 §5.6.3 packs it into a number; -1 or 0 where there is none.
        shown: the display name.

    >>> unit_symbol(4408652, "")
    '°C'
    >>> unit_symbol(-1, "m3/h"), unit_symbol(-1, "parsec")
    ('m³/h', '')
    """
    if 0 < unit_id < 1 << 31:
        code = unit_id.to_bytes(4, "big").lstrip(b"\0").decode("latin-1")
        if code in BY_CODE:
            return BY_CODE[code]
    text = shown.strip()
    return text if text in _SYMBOLS else _SPELT.get(text, "")
