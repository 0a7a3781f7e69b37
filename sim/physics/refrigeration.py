"""One-stage ammonia cycle in steady state: saturation from a table, compression as a polytropic.

Saturation of R717: Tillner-Roth, Harms-Watzenberg, Baehr (1993), as CoolProp 8.0 evaluates it (Bell et al.,
Ind. Eng. Chem. Res. 53, 2014; reference state IIR). Isentropic work and temperature are those of a
polytropic with constant exponents fitted to that equation of state between -40 and 45 °C: within 1 % of
work and 3 K of temperature.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

_C = np.arange(-45.0, 61.0, 5.0)
_LOG_BAR = np.log([
    0.5443, 0.7163, 0.9304, 1.1938, 1.5142, 1.9003, 2.3611, 2.9064, 3.5466, 4.2925, 5.1556,
    6.1479, 7.2819, 8.5704, 10.0269, 11.6654, 13.4999, 15.5453, 17.8167, 20.3297, 23.1003, 26.1449,
])  # fmt: skip
_LIQUID = np.array([
    142.45, 164.62, 186.88, 209.25, 231.71, 254.28, 276.95, 299.74, 322.64, 345.67, 368.85,
    392.17, 415.65, 439.32, 463.17, 487.25, 511.56, 536.12, 560.97, 586.14, 611.65, 637.55,
])  # fmt: skip
_VAPOUR = np.array([
    1545.85, 1553.81, 1561.53, 1568.99, 1576.18, 1583.08, 1589.68, 1595.95, 1601.88, 1607.45, 1612.63,
    1617.41, 1621.74, 1625.62, 1628.99, 1631.83, 1634.11, 1635.77, 1636.78, 1637.09, 1636.63, 1635.34,
])  # fmt: skip
_LOG_DENSITY = np.log([
    0.4979, 0.6436, 0.8218, 1.0374, 1.2961, 1.6035, 1.9661, 2.3907, 2.8847, 3.456, 4.1133,
    4.8657, 5.7236, 6.698, 7.8009, 9.046, 10.448, 12.0238, 13.7922, 15.7746, 17.9958, 20.4843,
])  # fmt: skip

WORK_EXPONENT = 0.2248  # (n - 1) / n
TEMPERATURE_EXPONENT = 0.2275

KELVIN = 273.15


def saturation_bar(celsius: F64) -> F64:
    """Pressure of saturated ammonia, absolute [bar].

    >>> saturation_bar(np.array([-33.33, 35.0])).round(2).tolist()
    [1.01, 13.5]
    """
    found: F64 = np.exp(np.interp(celsius, _C, _LOG_BAR))
    return found


def saturation_c(bar: F64) -> F64:
    """Temperature of saturated ammonia at an absolute pressure [°C]."""
    found: F64 = np.interp(np.log(bar), _LOG_BAR, _C)
    return found


def liquid_kj_kg(celsius: F64) -> F64:
    """Enthalpy of saturated liquid [kJ/kg]."""
    found: F64 = np.interp(celsius, _C, _LIQUID)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Cycle:
    """State points of a cycle, ``float64[n]`` each.

    Args:
        suction_bar, discharge_bar: absolute [bar].
        suction_kj_kg, liquid_kj_kg: enthalpies of the vapour sucked in, and of the liquid fed back [kJ/kg].
        density: of the vapour sucked in [kg/m³].
        isentropic_kj_kg: work of an ideal compression [kJ/kg].
        isentropic_c: temperature after it [°C].
    """

    suction_bar: F64
    discharge_bar: F64
    suction_kj_kg: F64
    liquid_kj_kg: F64
    density: F64
    isentropic_kj_kg: F64
    isentropic_c: F64

    @property
    def cooling_kj_kg(self) -> F64:
        """Heat taken up a kilogram [kJ/kg]."""
        return self.suction_kj_kg - self.liquid_kj_kg

    @property
    def ideal_cop(self) -> F64:
        """Coefficient of performance with an ideal compressor."""
        return self.cooling_kj_kg / self.isentropic_kj_kg


def cycle(evaporating_c: F64, condensing_c: F64, superheat_k: F64 | float) -> Cycle:
    """The cycle between two saturation temperatures; liquid leaves the condenser saturated.

    The standard example of -10 °C / 35 °C with 5 K of superheat has a COP of 4.8:

    >>> cycle(np.array([-10.0]), np.array([35.0]), 5.0).ideal_cop.round(2).tolist()
    [4.81]
    """
    suction_bar, discharge_bar = saturation_bar(evaporating_c), saturation_bar(condensing_c)
    kelvin = evaporating_c + KELVIN
    # vapour near saturation: cp and expansion fitted to the same equation of state
    suction = np.interp(evaporating_c, _C, _VAPOUR) + (2.64 + 0.011 * evaporating_c) * superheat_k
    density = np.exp(np.interp(evaporating_c, _C, _LOG_DENSITY)) / (1.0 + 1.22 * superheat_k / kelvin)
    log_ratio = np.log(discharge_bar / suction_bar)
    work = 100.0 * suction_bar / density / WORK_EXPONENT * np.expm1(WORK_EXPONENT * log_ratio)
    end_c = (kelvin + superheat_k) * np.exp(TEMPERATURE_EXPONENT * log_ratio) - KELVIN
    return Cycle(suction_bar, discharge_bar, suction, liquid_kj_kg(condensing_c), density, work, end_c)
