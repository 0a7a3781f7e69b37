"""An automated guided vehicle: missions along a path, a battery counted by the ampere hour, a charger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.instruments import counter, gauge, percent, set_value, thermometer
from sim.kind import ELECTRIC, F64, FailureMode, MachineKind, Setpoint, Signal, Site, Tick
from sim.physics.battery import LFP, charge_after, current_a
from sim.physics.lag import Lag
from sim.rated_machine import POWER, Electrics, Quantity, QuantityBank

MISSIONS = ("Loading", "To drop-off", "Unloading", "Returning", "Charging", "Standing")
_LOADING, _OUT, _UNLOADING, _BACK, _CHARGING, _STANDING = range(6)

_CELLS = 16
_OHM = 0.012  # of the pack when new
_HANDLING_S = 28.0
_ACCELERATION_M_S2 = 0.4
_CHARGER_EFFICIENCY = 0.92
_POINTS = 256


class AgvParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one vehicle.

    Args:
        path: corners of its way from pick-up to drop-off, [x, y] in the park [m].
        travel_speed: on its way [m/s].
        capacity_ah: of its battery, 48 V lithium iron phosphate.
        charge_a: current of its charger [A].
        load_kg, own_kg: a pallet, the vehicle.
        start: where in its round it begins, 0 to 1.
    """

    path: tuple[tuple[float, float], ...] = ((0.0, 0.0), (60.0, 0.0))
    travel_speed: float = 1.3
    capacity_ah: float = 180.0
    charge_a: float = 90.0
    load_kg: float = 900.0
    own_kg: float = 850.0
    start: float = 0.0

    def __post_init__(self) -> None:
        if len(self.path) < 2:
            raise ValueError(f"path {list(self.path)}: must have two corners or more")


_QUANTITIES = (
    Quantity(
        gauge("localisation_error", "Error of its own position", "mm", 0, 500),
        3, 6, 5, 0.6, 0.05, {"scanner_contamination": 46, "wheel_wear": 12},
    ),
    Quantity(
        thermometer("drive_temperature", "Drive motor temperature"),
        30, 58, 900, 0.8, 0.03, {"wheel_wear": 30},
    ),
    Quantity(
        percent("scanner_signal", "Signal of the safety scanner"),
        96, 96, 5, 0.8, 0.01, {"scanner_contamination": -52}, "always",
    ),
    Quantity(percent("wifi_signal", "Radio signal"), 78, 74, 20, 5.0, 0.03, {}, "always"),
)  # fmt: skip

_MODES = (
    FailureMode(
        "battery_ageing", "LOO", "2.0 Material failure", GammaWear(9000.0, 0.2),
        "Chai pin", "Battery ages",
        ("battery_health", "battery_voltage", "battery_charge"), stops=False, repair_h=3.0,
    ),
    FailureMode(
        "wheel_wear", "PDE", "2.4 Wear", GammaWear(4500.0, 0.25),
        "Mòn bánh dẫn động", "Drive wheel wear",
        ("battery_current", "drive_temperature", "localisation_error"), repair_h=4.0,
    ),
    FailureMode(
        "scanner_contamination", "PDE", "5.2 Contamination", Fouling(700.0, 0.4, 1.25),
        "Bẩn máy quét laser", "Safety scanner contamination",
        ("scanner_signal", "localisation_error", "speed"), stops=False, repair_h=0.3,
    ),
)  # fmt: skip

_NAMES = tuple(mode.name for mode in _MODES)


class AgvFleet:
    """All vehicles. A round: load, go, unload, come back; the battery is charged between rounds when it is
    low."""

    def __init__(self, parameters: Sequence[AgvParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        self._speed, self._capacity, self._charge_a, self._load_kg, self._own_kg = (
            np.array([float(getattr(one, name)) for one in parameters])
            for name in ("travel_speed", "capacity_ah", "charge_a", "load_kg", "own_kg")
        )
        ways = [_sampled(np.array(one.path)) for one in parameters]
        self._length = np.array([length for length, _ in ways])
        self._way = np.array([points for _, points in ways])  # [n, points, 2]
        self._units = np.arange(n)
        self._clock = (
            np.array([one.start for one in parameters])
            % 1.0
            * (2 * (_HANDLING_S + self._travel_s(self._speed)))
        )
        self._charge = rng.uniform(0.35, 0.95, n)
        self._charging = np.zeros(n, np.bool_)
        self._rounds, self._driven_km = np.zeros(n), np.floor(rng.uniform(500.0, 9000.0, n))
        self._battery_c = Lag(3600.0)
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)
        self._electrics = Electrics(n, 0.95)

    def _travel_s(self, speed: F64) -> F64:
        """One way, with speeding up and slowing down [s]."""
        travel: F64 = self._length / speed + speed / _ACCELERATION_M_S2
        return travel

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        dt_s, severity = tick.dt_s, tick.severity
        # a scanner that sees badly slows the vehicle down
        speed = tick.setpoints["travel_speed"] * (
            1.0 - 0.45 * np.minimum(severity["scanner_contamination"], 1.0) ** 2
        )
        travel_s = self._travel_s(speed)
        round_s = 2.0 * (_HANDLING_S + travel_s)
        drives = tick.running & ~self._charging
        clock = self._clock + dt_s * drives
        done = np.floor(clock / round_s)
        self._rounds = self._rounds + done
        low = tick.setpoints["charge_below"] / 100.0
        self._charging = np.where(self._charging, self._charge < 0.93, (done > 0) & (self._charge < low))
        self._clock = np.where(self._charging, 0.0, clock - done * round_s)

        into = self._clock
        mission = (
            (into >= _HANDLING_S).astype(np.intp)
            + (into >= _HANDLING_S + travel_s)
            + (into >= 2.0 * _HANDLING_S + travel_s)
        )
        travels = drives & ((mission == _OUT) | (mission == _BACK))
        since = np.where(mission == _OUT, into - _HANDLING_S, into - 2.0 * _HANDLING_S - travel_s)
        at, now = _trapezoid(np.minimum(np.maximum(since, 0.0), travel_s), travel_s, speed, self._length)
        along = np.where(mission == _OUT, at, np.where(mission == _BACK, self._length - at, 0.0))
        along = np.where(mission == _UNLOADING, self._length, along)
        now = now * travels
        spot = np.minimum((along / self._length * (_POINTS - 1)).astype(np.intp), _POINTS - 2)
        part = along / self._length * (_POINTS - 1) - spot
        first, second = self._way[self._units, spot], self._way[self._units, spot + 1]
        place = first + (second - first) * part[:, None]
        ahead = (second - first) * np.where(mission == _BACK, -1.0, 1.0)[:, None]

        loaded = (mission == _OUT) | (mission == _UNLOADING)
        mass_kg = self._own_kg + self._load_kg * loaded
        rolling = 0.016 * (1.0 + 0.6 * severity["wheel_wear"])
        drive_w = mass_kg * 9.81 * rolling * now / 0.72
        lifts = drives & ((mission == _LOADING) | (mission == _UNLOADING))
        used_w = (drive_w + 850.0 * lifts + 140.0) * tick.powered
        ageing = severity["battery_ageing"]
        ohm = _OHM * (1.0 + 2.4 * ageing)
        capacity = self._capacity * (1.0 - 0.25 * np.minimum(ageing, 1.5))
        rest_v = _CELLS * LFP.at(self._charge)
        plugged = self._charging & tick.powered
        taper = np.minimum((1.0 - self._charge) / 0.06, 1.0)
        drawn = np.where(plugged, -self._charge_a * taper, current_a(used_w, rest_v, ohm))
        self._charge = charge_after(self._charge, drawn, dt_s, capacity)
        volts = rest_v - ohm * drawn
        charger_kw = np.where(plugged, -drawn * volts / 1000.0 / _CHARGER_EFFICIENCY, 0.0)
        self._driven_km = self._driven_km + now * (dt_s / 1000.0)
        warm = self._battery_c.step(29.0 + drawn * drawn * ohm / 14.0, dt_s)
        out = self._bank.step(tick, travels.astype(np.float64))
        out |= self._electrics.step(tick, charger_kw)
        shown = np.where(self._charging, _CHARGING, np.where(tick.running, mission, _STANDING))
        out |= {
            "travel_speed": tick.setpoints["travel_speed"],
            "charge_below": tick.setpoints["charge_below"],
            "mission": shown.astype(np.float64),
            "speed": now,
            "path_position": along,
            "x_position": place[:, 0],
            "y_position": place[:, 1],
            "heading": np.degrees(np.arctan2(ahead[:, 1], ahead[:, 0])) % 360.0,
            "load": self._load_kg * loaded,
            "battery_charge": 100.0 * self._charge,
            "battery_health": 100.0 * capacity / self._capacity,
            "battery_voltage": np.minimum(np.maximum(volts, 0.0), 70.0),
            "battery_current": drawn,
            "battery_temperature": np.minimum(warm, 100.0),
            "rounds": self._rounds,
            "distance": self._driven_km,
        }
        return out


def _sampled(path: F64) -> tuple[float, F64]:
    """Length of a path [m] and its points at equal distances, ``float64[points, 2]``."""
    legs = np.hypot(*np.diff(path, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(legs)])
    steps = np.linspace(0.0, along[-1], _POINTS)
    return float(along[-1]), np.column_stack([np.interp(steps, along, path[:, axis]) for axis in (0, 1)])


def _trapezoid(since_s: F64, travel_s: F64, speed: F64, length: F64) -> tuple[F64, F64]:
    """Distance gone [m] and speed [m/s] in a move that speeds up, runs and slows down."""
    left_s = travel_s - since_s
    ramp_s = speed / _ACCELERATION_M_S2
    short = np.minimum(np.minimum(since_s, left_s), ramp_s)
    gone = np.where(
        since_s < ramp_s,
        0.5 * _ACCELERATION_M_S2 * since_s**2,
        np.where(
            left_s < ramp_s, length - 0.5 * _ACCELERATION_M_S2 * left_s**2, speed * (since_s - 0.5 * ramp_s)
        ),
    )
    return np.minimum(np.maximum(gone, 0.0), length), _ACCELERATION_M_S2 * short


KIND = MachineKind(
    "agv",
    AgvParameters,
    signals=(
        set_value("travel_speed", "Speed allowed on the way", "m/s", 0, 3),
        set_value("charge_below", "Charge below which it goes to the charger", "%", 0, 100),
        Signal("mission", "What it is doing", data_type="String", texts=MISSIONS),
        gauge("speed", "Speed", "m/s", 0, 3),
        gauge("path_position", "Place on its way", "m", 0, 2000, 0.00001),
        gauge("x_position", "Place, east", "m", 0, 5000, 0.000004),
        gauge("y_position", "Place, north", "m", 0, 5000, 0.000004),
        gauge("heading", "Heading, from east to north", "°", 0, 360, 0.0002),
        gauge("load", "Load", "kg", 0, 2000, 0.001),
        percent("battery_charge", "Battery, state of charge"),
        percent("battery_health", "Battery, capacity against new"),
        gauge("battery_voltage", "Battery voltage", "V", 0, 70),
        gauge("battery_current", "Battery current, charging is negative", "A", -300, 300),
        thermometer("battery_temperature", "Battery temperature", -20, 100),
        counter("rounds", "Missions done"),
        counter("distance", "Way driven in total", "km"),
        POWER,
        *(row.signal for row in _QUANTITIES),
    ),
    create=AgvFleet,
    flows=ELECTRIC,
    modes=_MODES,
    every_s=2.0,
    setpoints=(
        Setpoint("travel_speed", "m/s", 0.2, 2.0, 1.3, "Speed allowed on the way"),
        Setpoint("charge_below", "%", 10, 80, 30, "State of charge below which it goes to the charger"),
    ),
)
