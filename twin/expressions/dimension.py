"""What a unit measures and how it is converted, read from its UCUM code (Unified Code for Units of Measure
2.1).

Annotations in braces (``{piece}``, ``{var}``) count as base units of their own, so that pieces are not added
to revolutions. Conversion factors are those of the SI brochure (9th edition, 2019), table 8, and NIST SP 811,
appendix B.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

Bases = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Dimension:
    """A unit: value in base units = value * factor + offset.

    Args:
        bases: base units and their exponents, by name.
        factor, offset: of the conversion; an offset only temperatures have.
        symbol: for people.
    """

    bases: Bases = ()
    factor: float = 1.0
    offset: float = 0.0
    symbol: str = ""

    def fits(self, other: Dimension) -> bool:
        """Whether the two can be added and compared."""
        return self.bases == other.bases

    def times(self, other: Dimension, power: int = 1) -> Dimension:
        """The unit of a product (or, with power -1, a quotient)."""
        exponents = dict(self.bases)
        for base, exponent in other.bases:
            exponents[base] = exponents.get(base, 0) + power * exponent
        sign = "·" if power > 0 else "/"
        symbol = f"{self.symbol}{sign}{other.symbol}" if self.symbol or other.symbol else ""
        return Dimension(_sorted(exponents), self.factor * other.factor**power, 0.0, symbol)

    def raised(self, power: int) -> Dimension:
        """The unit of a power."""
        exponents = {base: exponent * power for base, exponent in self.bases}
        return Dimension(_sorted(exponents), self.factor**power, 0.0, f"{self.symbol}^{power}")


ONE: Final = Dimension()
"""A pure number."""

_KG: Final = 1000.0
_PASCAL: Final[Bases] = (("g", 1), ("m", -1), ("s", -2))
_ATOMS: Final[Mapping[str, tuple[Bases, float, float]]] = {
    "m": ((("m", 1),), 1.0, 0.0),
    "g": ((("g", 1),), 1.0, 0.0),
    "s": ((("s", 1),), 1.0, 0.0),
    "A": ((("A", 1),), 1.0, 0.0),
    "K": ((("K", 1),), 1.0, 0.0),
    "Cel": ((("K", 1),), 1.0, 273.15),
    "[degF]": ((("K", 1),), 5 / 9, 459.67 * 5 / 9),
    "[degR]": ((("K", 1),), 5 / 9, 0.0),
    "min": ((("s", 1),), 60.0, 0.0),
    "h": ((("s", 1),), 3600.0, 0.0),
    "d": ((("s", 1),), 86_400.0, 0.0),
    "L": ((("m", 3),), 1e-3, 0.0),
    "ar": ((("m", 2),), 100.0, 0.0),
    "t": ((("g", 1),), 1e6, 0.0),
    "[lb_av]": ((("g", 1),), 453.59237, 0.0),
    "N": ((("g", 1), ("m", 1), ("s", -2)), _KG, 0.0),
    "Pa": (_PASCAL, _KG, 0.0),
    "bar": (_PASCAL, 1e5 * _KG, 0.0),
    "[psi]": (_PASCAL, 6894.757293168361 * _KG, 0.0),
    "m[Hg]": (_PASCAL, 133_322.387415 * _KG, 0.0),
    "m[H2O]": (_PASCAL, 9806.65 * _KG, 0.0),
    "J": ((("g", 1), ("m", 2), ("s", -2)), _KG, 0.0),
    "W": ((("g", 1), ("m", 2), ("s", -3)), _KG, 0.0),
    "V": ((("A", -1), ("g", 1), ("m", 2), ("s", -3)), _KG, 0.0),
    "Ohm": ((("A", -2), ("g", 1), ("m", 2), ("s", -3)), _KG, 0.0),
    "S": ((("A", 2), ("g", -1), ("m", -2), ("s", 3)), 1 / _KG, 0.0),
    "Hz": ((("s", -1),), 1.0, 0.0),
    "[g]": ((("m", 1), ("s", -2)), 9.80665, 0.0),
    "deg": ((("rad", 1),), math.pi / 180, 0.0),
    "lx": ((("lx", 1),), 1.0, 0.0),
    "bit": ((("bit", 1),), 1.0, 0.0),
    "dB": ((("dB", 1),), 1.0, 0.0),
    "[pH]": ((("pH", 1),), 1.0, 0.0),
    "[NTU]": ((("NTU", 1),), 1.0, 0.0),
    "%": ((), 0.01, 0.0),
    "[ppm]": ((), 1e-6, 0.0),
    "[ppb]": ((), 1e-9, 0.0),
    "": ((), 1.0, 0.0),
}
_PREFIXES: Final[Mapping[str, float]] = {
    "n": 1e-9, "u": 1e-6, "m": 1e-3, "c": 1e-2, "h": 1e2, "k": 1e3, "M": 1e6, "G": 1e9,
}  # fmt: skip
_COMPONENT: Final = re.compile(
    r"(?P<atom>(?:[A-Za-z%]|\[[^\]]*\])*)(?P<exponent>-?\d+)?(?P<note>(?:\{[^}]*\})?)(?P<raised>-?\d+)?"
)


@lru_cache(maxsize=512)
def dimension_of(ucum: str, symbol: str = "") -> Dimension:
    """Read a UCUM code.

    Raises:
        ValueError: a part of it is not known here.

    >>> dimension_of("m3/h").bases, round(dimension_of("m3/h").factor * 3600)
    ((('m', 3), ('s', -1)), 1)
    >>> dimension_of("kW").fits(dimension_of("J/s")), dimension_of("{rev}/min").fits(dimension_of("Hz"))
    (True, False)
    """
    exponents: dict[str, int] = {}
    factor, offset = 1.0, 0.0
    parts = re.split(r"([./])", ucum)
    for place, part in enumerate(parts[::2]):
        power = -1 if place and parts[2 * place - 1] == "/" else 1
        found = _COMPONENT.fullmatch(part)
        if found is None:
            raise ValueError(f"unit code {ucum!r}: {part!r} cannot be read")
        bases, scale, shift = _atom(found["atom"], ucum)
        power *= int(found["exponent"] or found["raised"] or 1)
        for base, exponent in bases:
            exponents[base] = exponents.get(base, 0) + exponent * power
        if found["note"]:
            exponents[found["note"]] = exponents.get(found["note"], 0) + power
        factor *= scale**power
        offset = shift if len(parts) == 1 else 0.0
    return Dimension(_sorted(exponents), factor, offset, symbol)


def _atom(text: str, ucum: str) -> tuple[Bases, float, float]:
    if text in _ATOMS:
        return _ATOMS[text]
    if text and text[0] in _PREFIXES and text[1:] in _ATOMS:
        bases, factor, _ = _ATOMS[text[1:]]
        return bases, factor * _PREFIXES[text[0]], 0.0
    raise ValueError(f"unit code {ucum!r}: {text!r} is not known")


def _sorted(exponents: Mapping[str, int]) -> Bases:
    return tuple(sorted((base, exponent) for base, exponent in exponents.items() if exponent))
