"""The table of units holds together, and near misses find what was meant."""

from __future__ import annotations

import unicodedata

import pytest

from twin.park.units import UNITS, normalise, suggest_unit


@pytest.mark.parametrize("symbol", UNITS)
def test_a_symbol_is_its_own_normal_form_and_its_own_suggestion(symbol: str) -> None:
    unit = UNITS[symbol]
    assert normalise(symbol) == symbol
    assert suggest_unit(symbol) == symbol
    assert unit.quantity
    assert unit.ucum.isascii()
    assert unit.lowest is None or unit.highest is None or unit.lowest < unit.highest


def test_no_spelling_means_two_units() -> None:
    meant: dict[str, str] = {}
    for unit in UNITS.values():
        for spelling in unit.also:
            assert meant.setdefault(normalise(spelling).casefold(), unit.symbol) == unit.symbol
            assert normalise(spelling) not in UNITS


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("C", "°C"), ("degC", "°C"), ("℃", "°C"), ("oC", "°C"), ("m3/h", "m³/h"), ("Nm3/h", "Nm³/h"),
        ("l/min", "L/min"), ("KW", "kW"), ("Kwh", "kWh"), ("KVAR", "kvar"), ("hz", "Hz"),
        ("RPM", "rpm"), ("vòng/phút", "rpm"), ("um", "µm"), ("ug/m3", "µg/m³"), ("ohm", "Ω"),
        ("percent", "%"), ("RH", "%RH"), ("dBA", "dB(A)"), ("us/cm", "µS/cm"), ("lbm/s", "lb/s"),
        ("psia", "psi"), ("barg", "bar"), ("m/s2", "m/s²"), ("Nm", "N·m"), ("lux", "lx"),
    ],
)  # fmt: skip
def test_a_near_miss_finds_what_was_meant(written: str, meant: str) -> None:
    assert suggest_unit(written) == meant


@pytest.mark.parametrize("written", ["furlong", "", "xyz", "tag"])
def test_what_is_near_nothing_gets_no_suggestion(written: str) -> None:
    assert suggest_unit(written) is None


def test_letters_that_look_the_same_are_the_same() -> None:
    assert normalise("\u03bcm") == normalise("\u00b5m")
    assert normalise("k\u2126") == normalise("k\u03a9")
    assert all(unicodedata.is_normalized("NFC", symbol) for symbol in UNITS)
