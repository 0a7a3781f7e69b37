"""Units of measure as OPC UA names them: the common code of UNECE Recommendation 20, made a number
(OPC 10000-8 §5.6.3)."""

from __future__ import annotations

from asyncua import ua

UNECE: dict[str, str] = {
    "%": "P1",
    "%RH": "P1",  # relative humidity has no code of its own
    "A": "AMP",
    "dB": "2N",
    "dB(A)": "2N",
    "Hz": "HTZ",
    "kHz": "KHZ",
    "V": "VLT",
    "mV": "2Z",
    "kV": "KVT",
    "W": "WTT",
    "kW": "KWT",
    "MW": "MAW",
    "kVA": "KVA",
    "MVA": "MVA",
    "kvar": "KVR",
    "Mvar": "MAR",
    "kWh": "KWH",
    "MWh": "MWH",
    "kvarh": "K3",
    "Mvarh": "MAH",
    "µA": "B84",
    "mA": "4K",
    "Ω": "OHM",
    "MΩ": "B75",
    "m/min": "2X",
    "m/s": "MTS",
    "m/s²": "MSK",
    "gₙ": "K40",
    "km/h": "KMH",
    "mm/s": "C16",
    "pcs": "H87",
    "pcs/min": "",  # UNECE counts pieces, not their rate
    "pcs/h": "",
    "°": "DD",
    "°C": "CEL",
    "K": "KEL",
    "°R": "A48",
    "psi": "PS",
    "psia": "PS",
    "Pa": "PAL",
    "kPa": "KPA",
    "hPa": "A97",
    "mbar": "MBR",
    "bar": "BAR",
    "rpm": "RPM",
    "1/min": "C94",
    "ms": "C26",
    "s": "SEC",
    "min": "MIN",
    "h": "HUR",
    "d": "DAY",
    "µm": "4H",
    "mm": "MMT",
    "cm": "CMT",
    "m": "MTR",
    "km": "KMT",
    "m²": "MTK",
    "m³": "MTQ",
    "Nm³": "NM3",
    "L": "LTR",
    "mL": "MLT",
    "m³/h": "MQH",
    "m³/d": "G52",
    "m³/min": "G53",
    "m³/s": "MQS",
    "Nm³/h": "",  # only cubic metre an hour (MQH), which says nothing of standard conditions
    "L/s": "G51",
    "L/min": "L2",
    "L/h": "E32",
    "g": "GRM",
    "kg": "KGM",
    "t": "TNE",
    "kg/h": "E93",
    "t/h": "E18",
    "kg/s": "KGS",
    "lb/s": "K81",
    "mg/L": "M1",
    "g/L": "GL",
    "g/m³": "A93",
    "µg/m³": "GQ",
    "mg/m³": "GP",
    "ppm": "59",
    "ppb": "61",
    "mS/cm": "H61",
    "µS/cm": "G42",
    "N": "NEW",
    "kN": "B47",
    "MN": "B73",
    "Nm": "NU",
    "N·m": "NU",
    "J": "JOU",
    "MJ": "3B",
    "lx": "LUX",
    "lm": "LUM",
    "W/m²": "D54",
    "pH": "Q30",
    "NTU": "NTU",
    "FNU": "FNU",
    "tex": "D34",
}
"""Unit symbol -> UNECE common code, "" where Recommendation 20 has none that says the same."""

NAMESPACE = "http://www.opcfoundation.org/UA/units/un/cefact"


def unit_id(symbol: str) -> int:
    """The OPC UA unit id of a unit symbol, -1 if UNECE has none we know.

    >>> unit_id("°C")
    4408652
    >>> unit_id("Nm³/h")
    -1
    """
    code = UNECE.get(symbol)
    return int.from_bytes(code.encode(), "big") if code else -1


def engineering_unit(symbol: str) -> ua.EUInformation:
    """What the property EngineeringUnits of a variable in ``symbol`` holds."""
    text = ua.LocalizedText(symbol)
    return ua.EUInformation(NAMESPACE, unit_id(symbol), text, text)
