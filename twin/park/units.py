"""The units a signal may have: one row each, with quantity, UCUM code, and how far the quantity can go.

Symbols follow the SI brochure (9th edition, 2019) and what stands on the instruments of a plant; UCUM codes
are of the Unified Code for Units of Measure 2.1, so that other systems can read them. Texts are compared
after Unicode normalisation, so the two micro signs and the two ohm signs are one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit.

    Args:
        symbol: as a park file and the page write it.
        quantity: what it measures.
        ucum: UCUM code.
        lowest, highest: no value can lie beyond, in this unit; None = no physical bound.
        also: spellings people use for it, for the suggestion only.
    """

    symbol: str
    quantity: str
    ucum: str
    lowest: float | None = None
    highest: float | None = None
    also: tuple[str, ...] = ()


_TABLE = (
    Unit("%", "ratio", "%", also=("percent", "pct", "phần trăm")),
    Unit("ppm", "ratio", "[ppm]", 0.0, 1e6),
    Unit("ppb", "ratio", "[ppb]", 0.0, 1e9),
    Unit("%RH", "relative humidity", "%{RH}", 0.0, 100.0, ("rh", "% rh", "r.h.")),
    Unit("pH", "acidity", "[pH]", -2.0, 16.0, ("ph",)),
    # temperature; the lowest value is absolute zero
    Unit("°C", "temperature", "Cel", -273.15, None, ("c", "degc", "deg c", "celsius", "oc", "℃", "độ c")),
    Unit("K", "temperature", "K", 0.0, None, ("kelvin", "°k")),
    Unit("°F", "temperature", "[degF]", -459.67, None, ("f", "degf", "deg f", "fahrenheit", "℉")),
    Unit("°R", "temperature", "[degR]", 0.0, None, ("degr", "rankine", "r")),
    # pressure
    Unit("Pa", "pressure", "Pa", also=("pascal",)),
    Unit("hPa", "pressure", "hPa"),
    Unit("kPa", "pressure", "kPa", also=("kilopascal",)),
    Unit("MPa", "pressure", "MPa"),
    Unit("mbar", "pressure", "mbar"),
    Unit("bar", "pressure", "bar", also=("barg", "bar(g)", "bara")),
    Unit("psi", "pressure", "[psi]", also=("psia", "psig", "lbf/in2")),
    Unit("mmHg", "pressure", "mm[Hg]"),
    Unit("mmH₂O", "pressure", "mm[H2O]", also=("mmh2o", "mmwc")),
    # electricity
    Unit("mV", "voltage", "mV"),
    Unit("V", "voltage", "V", also=("volt", "volts", "vac", "vdc")),
    Unit("kV", "voltage", "kV"),
    Unit("µA", "current", "uA", also=("ua",)),
    Unit("mA", "current", "mA"),
    Unit("A", "current", "A", also=("amp", "amps", "ampere")),
    Unit("kA", "current", "kA"),
    Unit("W", "power", "W", also=("watt", "watts")),
    Unit("kW", "power", "kW"),
    Unit("MW", "power", "MW"),
    Unit("VA", "apparent power", "V.A"),
    Unit("kVA", "apparent power", "kV.A"),
    Unit("MVA", "apparent power", "MV.A"),
    Unit("var", "reactive power", "{var}"),
    Unit("kvar", "reactive power", "k{var}"),
    Unit("Mvar", "reactive power", "M{var}"),
    Unit("Wh", "energy", "W.h"),
    Unit("kWh", "energy", "kW.h"),
    Unit("MWh", "energy", "MW.h"),
    Unit("GWh", "energy", "GW.h"),
    Unit("kWh/m³", "energy per volume", "kW.h/m3", also=("kwh/m3", "kwh/m^3")),
    Unit("kvarh", "reactive energy", "k{var}.h"),
    Unit("Mvarh", "reactive energy", "M{var}.h"),
    Unit("J", "energy", "J"),
    Unit("kJ", "energy", "kJ"),
    Unit("MJ", "energy", "MJ"),
    Unit("GJ", "energy", "GJ"),
    Unit("Hz", "frequency", "Hz", 0.0, None, ("hertz", "1/s")),
    Unit("kHz", "frequency", "kHz", 0.0),
    Unit("Ω", "resistance", "Ohm", also=("ohm", "ohms")),
    Unit("kΩ", "resistance", "kOhm", also=("kohm",)),
    Unit("MΩ", "resistance", "MOhm", also=("mohm", "megaohm")),
    Unit("mS/cm", "conductivity", "mS/cm", 0.0),
    Unit("µS/cm", "conductivity", "uS/cm", 0.0, None, ("us/cm",)),
    # flow, volume, mass
    Unit("m³/h", "volume flow", "m3/h", also=("m3/h", "m3/hr", "cbm/h", "m^3/h")),
    Unit("m³/min", "volume flow", "m3/min", also=("m3/min", "m^3/min")),
    Unit("m³/s", "volume flow", "m3/s", also=("m3/s", "m^3/s")),
    Unit("Nm³/h", "volume flow at normal conditions", "m3{normal}/h", also=("nm3/h", "nm^3/h")),
    Unit("L/h", "volume flow", "L/h", also=("lph",)),
    Unit("L/min", "volume flow", "L/min", also=("lpm",)),
    Unit("L/s", "volume flow", "L/s", also=("lps",)),
    Unit("kg/h", "mass flow", "kg/h"),
    Unit("kg/s", "mass flow", "kg/s"),
    Unit("t/h", "mass flow", "t/h"),
    Unit("lb/s", "mass flow", "[lb_av]/s", also=("lbm/s", "pps")),
    Unit("µL", "volume", "uL", 0.0, None, ("ul",)),
    Unit("mL", "volume", "mL", 0.0),
    Unit("L", "volume", "L", 0.0, None, ("liter", "litre", "lít")),
    Unit("mm³", "volume", "mm3", 0.0, None, ("mm3", "mm^3")),
    Unit("m³", "volume", "m3", 0.0, None, ("m3", "cbm", "m^3")),
    Unit("mg", "mass", "mg"),
    Unit("g", "mass", "g", also=("gram",)),
    Unit("kg", "mass", "kg", also=("kilogram",)),
    Unit("t", "mass", "t", also=("ton", "tonne", "tấn")),
    # length, area, speed, vibration, force
    Unit("µm", "length", "um", also=("um", "micron", "micrometer")),
    Unit("mm", "length", "mm"),
    Unit("cm", "length", "cm"),
    Unit("m", "length", "m", also=("meter", "metre", "mét")),
    Unit("km", "length", "km"),
    Unit("mm²", "area", "mm2", 0.0, None, ("mm2", "mm^2")),
    Unit("m²", "area", "m2", 0.0, None, ("m2", "sqm", "m^2")),
    Unit("ha", "area", "har", 0.0, None, ("hectare",)),
    Unit("m/s", "speed", "m/s"),
    Unit("m/min", "speed", "m/min"),
    Unit("km/h", "speed", "km/h", also=("kmh", "kph")),
    Unit("mm/s", "vibration velocity", "mm/s", also=("mm/sec",)),
    Unit("m/s²", "acceleration", "m/s2", also=("m/s2", "m/s^2")),
    Unit("gₙ", "acceleration", "[g]", also=("g-force", "gn", "grms")),
    Unit("rpm", "rotational speed", "{rev}/min", also=("r/min", "rev/min", "v/ph", "vòng/phút")),
    Unit("N", "force", "N", also=("newton",)),
    Unit("kN", "force", "kN"),
    Unit("N·m", "torque", "N.m", also=("nm", "n.m", "n*m")),
    Unit("°", "angle", "deg", also=("deg", "degree", "degrees", "độ")),
    Unit("°/s", "angular speed", "deg/s", also=("deg/s",)),
    # time
    Unit("µs", "time", "us", also=("us",)),
    Unit("ms", "time", "ms"),
    Unit("s", "time", "s", also=("sec", "second", "seconds", "giây")),
    Unit("min", "time", "min", also=("minute", "minutes", "phút")),
    Unit("h", "time", "h", also=("hr", "hour", "hours", "giờ")),
    Unit("d", "time", "d", also=("day", "days", "ngày")),
    # counting
    Unit("pcs", "count", "{piece}", also=("pc", "piece", "pieces", "cái")),
    Unit("pcs/min", "rate", "{piece}/min", also=("pcs/m", "ppmin")),
    Unit("pcs/h", "rate", "{piece}/h", also=("cph", "pph", "uph", "pcs/hr")),
    # environment
    Unit("mg/m³", "concentration", "mg/m3", 0.0, None, ("mg/m3", "mg/m^3", "mg/nm3")),
    Unit("µg/m³", "concentration", "ug/m3", 0.0, None, ("ug/m3", "ug/m^3")),
    Unit("mg/L", "concentration", "mg/L", 0.0),
    Unit("NTU", "turbidity", "[NTU]", 0.0),
    Unit("mg/s", "emission rate", "mg/s", 0.0),
    Unit("lx", "illuminance", "lx", 0.0, None, ("lux",)),
    Unit("W/m²", "irradiance", "W/m2", also=("w/m2", "w/m^2")),
    Unit("dB", "level", "dB"),
    Unit("dB(A)", "sound pressure level", "dB{A}", also=("dba",)),
    Unit("kgCO₂e", "greenhouse gas", "kg{CO2e}", also=("kgco2e", "kgco2")),
    # computing
    Unit("bit/s", "data rate", "bit/s", 0.0, None, ("bps",)),
    Unit("Mbit/s", "data rate", "Mbit/s", 0.0, None, ("mbps",)),
)


def normalise(text: str) -> str:
    """Bring a unit text into the one form we keep (micro sign U+00B5, Greek omega).

    >>> normalise("\\u03bcm") == normalise("\\u00b5m") == "µm"
    True
    """
    return unicodedata.normalize("NFC", text).replace("\u03bc", "\u00b5")


UNITS: Mapping[str, Unit] = {unit.symbol: unit for unit in _TABLE}
"""Every unit by symbol."""


def suggest_unit(text: str) -> str | None:
    """Return the symbol that ``text`` most likely means, None if nothing is near.

    >>> suggest_unit("C"), suggest_unit("m3/h"), suggest_unit("KW"), suggest_unit("furlong")
    ('°C', 'm³/h', 'kW', None)
    """
    folded = normalise(text).casefold().strip()
    if folded in _SPELLINGS:
        return _SPELLINGS[folded]
    close = get_close_matches(folded, _SPELLINGS, n=1, cutoff=0.75)
    return _SPELLINGS[close[0]] if close else None


def _spellings() -> dict[str, str]:
    by_spelling: dict[str, str] = {}
    for unit in _TABLE:
        for spelling in unit.also:
            by_spelling[normalise(spelling).casefold()] = unit.symbol
    for unit in _TABLE:  # a symbol wins over a spelling; of MW and mW-like twins the first in the table wins
        by_spelling.setdefault(unit.symbol.casefold(), unit.symbol)
    return by_spelling


_SPELLINGS = _spellings()
