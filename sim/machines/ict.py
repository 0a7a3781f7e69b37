"""In-circuit test: a bed of needles that wears, and what it measures on every board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.shock_wear import ShockWear
from sim.degradation.weibull_sudden import WeibullSudden
from sim.instruments import counter, gauge, percent, pressure_gauge, thermometer
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.last_piece import LastPiece
from sim.rated_machine import Electrics, Quantity, QuantityBank


class IctParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One tester.

    Args:
        probes: needles of its fixture.
        rail_v: supply rail of the board under test [V].
        rail_a: current that a good board takes [A].
    """

    probes: int = 640
    rail_v: float = 12.0
    rail_a: float = 0.85


_QUANTITIES = (
    Quantity(thermometer("fixture_temperature", "Fixture temperature", 0, 90), 27, 34, 1200, 0.4, 0.02),
    Quantity(gauge("press_force", "Press force", "kN", 0, 10), 0, 2.3, 1, 0.03, 0.02, {"probe_wear": -0.3}),
    Quantity(
        thermometer("instrument_temperature", "Instrument rack temperature", 0, 90),
        30,
        41,
        1500,
        0.4,
        0.03,
        {"relay_sticking": 4},
        "powered",
    ),
)

_MODES = (
    FailureMode(
        "probe_wear",
        "ERO",
        "2.4 Wear",
        ShockWear(1900.0, 0.2, 6.0),
        "Mòn kim test",
        "Worn test probes",
        ("contact_resistance", "retest_share", "test_time", "reject_count"),
        stops=False,
        repair_h=2.0,
    ),
    FailureMode(
        "relay_sticking",
        "ERO",
        "1.6 Sticking",
        WeibullSudden(15_000.0, 1.3, 150.0),
        "Dính rơ-le ma trận đo",
        "Sticking relay of the matrix",
        ("leakage_current", "retest_share", "test_time"),
        stops=False,
        repair_h=3.0,
    ),
)
_NAMES = tuple(mode.name for mode in _MODES)


class IctFleet:
    """All testers."""

    def __init__(self, parameters: Sequence[IctParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        self._probes = column(parameters, "probes")
        self._rail_v = column(parameters, "rail_v")
        self._rail_a = column(parameters, "rail_a")
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)
        self._electrics = Electrics(n, 0.88)
        self._board = LastPiece((0.012, 0.008, 0.015, 0.35, 0.4), n)
        self._closings = np.floor(rng.uniform(2e3, 6e4, n))

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        worn, stuck = tick.severity["probe_wear"], tick.severity["relay_sticking"]
        retest = 0.02 + 0.16 * worn * worn + 0.1 * stuck
        mean = np.array(
            [
                0.18 + 0.75 * worn * worn,
                self._rail_v - 0.05,
                self._rail_a,
                1.6 + 14.0 * stuck,
                14.0 * (1.0 + retest),
            ]
        )
        ohm, rail_v, rail_a, leak, test_s = self._board.step(tick.made, mean, tick.rng)
        out = self._bank.step(tick, tick.work)
        out |= self._electrics.step(tick, 0.7 + 0.6 * tick.work)
        out |= {
            "contact_resistance": ohm,
            "rail_voltage": rail_v,
            "rail_current": rail_a,
            "leakage_current": np.maximum(leak, 0.0),
            "test_time": test_s,
            "retest_share": 100.0 * retest,
            "nets_tested": self._probes * tick.made,
            "fixture_closings": self._closings + tick.made,
            "air_pressure": tick.inputs["air_bar"],
            "air_nm3_h": 3.0 * tick.work,
            "pace": 1.0 / (1.0 + retest),
            "reject_share": np.minimum(0.02 * worn * worn + 0.015 * stuck, 0.5),
        }
        return out


KIND = MachineKind(
    "ict",
    IctParameters,
    signals=(
        Signal("active_power", "Active power", "kW", 0, 10, sensor=Sensor(0.01, 0.01)),
        gauge("contact_resistance", "Mean contact resistance, last board", "Ω", 0, 5, 0.0002),
        gauge("rail_voltage", "Supply rail of the last board", "V", 0, 60, 0.00005),
        gauge("rail_current", "Supply current of the last board", "A", 0, 10, 0.0001),
        gauge("leakage_current", "Leakage of the last board", "µA", 0, 100),
        gauge("test_time", "Test time of the last board", "s", 0, 200, 0.0),
        percent("retest_share", "Boards tested twice"),
        Signal("nets_tested", "Nets tested", "pcs", 0, 9e15, "Int64"),
        counter("fixture_closings", "Closings of the fixture"),
        pressure_gauge("air_pressure", "Compressed air pressure", "bar", 0, 12),
        *(row.signal for row in _QUANTITIES),
    ),
    create=IctFleet,
    flows=(*ELECTRIC, "air_nm3_h", "pace", "reject_share"),
    inputs=(Input("air_bar", "air", "upstream", "air_bar", "max", default=7.0, lagged=True),),
    modes=_MODES,
    station=True,
    companion="PackML",
)
"""See the module."""
