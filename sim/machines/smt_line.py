"""One SMT line: printer, paste inspection, two placers, reflow oven, optical inspection, two conveyors.

Boards flow as discrete events (:mod:`sim.flow_line`); the oven's zones are first-order lags that boards
cool; what sensors read follows from both.
"""

from __future__ import annotations

import msgspec
import numpy as np

from sim.flow_line import FlowLine, Station, StationParameters
from sim.machine import F64, Columns, MachineModel, Output, Signal
from sim.thermal_lag import relax

AMBIENT_C = 26.0
"""Air in the hall [°C]."""

ZONES = 8


class SmtLineParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An SMT line.

    Args:
        tact_s: cycle of the slowest machine, the second placer [s].
        zone_c: set points of the oven's zones [°C], in order of flow; by default a SAC305 profile (ramp,
            soak, reflow above 217 °C, J-STD-020: peak at most 260 °C).
        zone_tau_s: time constant of a zone [s].
        board_dip_c: how far a board pulls down the zone it enters [K].
        oven_s: how long a board is in the oven [s].
        reject_aoi, reject_spi: share of boards taken out.
        stop: probability of a stop per board and machine.
        repair_s: mean length of a stop [s].
        warm_up_s: how long the line has run when it is first read [s].
    """

    tact_s: float = 22.0
    zone_c: tuple[float, ...] = (120.0, 140.0, 155.0, 165.0, 180.0, 205.0, 235.0, 250.0)
    zone_tau_s: float = 45.0
    board_dip_c: float = 0.6
    oven_s: float = 300.0
    reject_spi: float = 0.006
    reject_aoi: float = 0.012
    stop: float = 0.004
    repair_s: float = 90.0
    warm_up_s: float = 1800.0

    def __post_init__(self) -> None:
        if len(self.zone_c) != ZONES:
            raise ValueError(f"zone_c has {len(self.zone_c)} set points; the oven has {ZONES} zones")


_STATION = (
    Signal("state", "PackML state", data_type="String"),
    Signal("starved", "Waits for a board", data_type="Boolean"),
    Signal("blocked", "Waits for room behind it", data_type="Boolean"),
    Signal("cycle_time", "Time the last board took", "s", 0, 1000),
    Signal("active_power", "Electrical power drawn", "kW", 0, 80),
)
_COUNTS = (
    Signal("good_count", "Boards passed on", "pcs", 0, 4e9, "UInt32"),
    Signal("reject_count", "Boards taken out", "pcs", 0, 4e9, "UInt32"),
)
_BELT = (
    Signal("state", "PackML state", data_type="String"),
    Signal("board_count", "Boards on the belt", "pcs", 0, 10, "UInt32"),
    Signal("belt_speed", "Belt speed", "m/min", 0, 20),
    Signal("active_power", "Electrical power drawn", "kW", 0, 5),
)
_OVEN = (
    *(Signal(f"zone{n}_temperature", f"Zone {n} air temperature", "°C", 0, 350) for n in range(1, ZONES + 1)),
    *(Signal(f"zone{n}_setpoint", f"Zone {n} set point", "°C", 0, 350) for n in range(1, ZONES + 1)),
    Signal("conveyor_speed", "Chain speed", "m/min", 0, 2),
    Signal("oxygen", "Residual oxygen in the tunnel", "ppm", 0, 5000),
    Signal("board_count", "Boards in the oven", "pcs", 0, 50, "UInt32"),
)
_SPECIFIC: dict[str, tuple[Signal, ...]] = {
    "printer": (
        Signal("squeegee_force", "Squeegee force", "N", 0, 200),
        Signal("squeegee_speed", "Squeegee speed", "mm/s", 0, 150),
        Signal("paste_temperature", "Solder paste temperature", "°C", 10, 45),
    ),
    "spi": (
        Signal("paste_volume", "Mean paste volume of the last board", "%", 0, 200),
        Signal("paste_height", "Mean paste height of the last board", "µm", 0, 300),
        Signal("paste_offset", "Mean paste offset of the last board", "µm", 0, 200),
    ),
    "placer1": (
        Signal("components_placed", "Components placed", "pcs", 0, 9e15, "Int64"),
        Signal("pick_error_rate", "Failed picks", "ppm", 0, 20000),
        Signal("nozzle_vacuum", "Vacuum at the nozzles, gauge", "kPa", -100, 0),
    ),
    "reflow": _OVEN,
    "aoi": (
        Signal("defects_last_board", "Defects on the last board", "pcs", 0, 1000, "UInt32"),
        Signal("first_pass_yield", "Good share of all boards inspected", "%", 0, 100),
    ),
}
_SPECIFIC["placer2"] = _SPECIFIC["placer1"]

SLOTS = ("printer", "spi", "conveyor1", "placer1", "placer2", "conveyor2", "reflow", "aoi")
"""In order of flow."""

_BELTS = ("conveyor1", "conveyor2")
_POWER_KW = {  # nameplate idle and working power of mid-range machines
    "printer": (0.6, 1.8),
    "spi": (0.5, 0.9),
    "conveyor1": (0.05, 0.2),
    "placer1": (1.1, 2.6),
    "placer2": (1.1, 2.6),
    "conveyor2": (0.05, 0.2),
    "aoi": (0.5, 1.0),
}
_OVEN_LOSS_KW_PER_K = 0.009
_OVEN_BOARD_KW = 0.35
_TUNNEL_M = 4.5
_COMPONENTS = {"placer1": 186, "placer2": 142}


def _signals_of(slot: str) -> tuple[Signal, ...]:
    return _BELT if slot in _BELTS else (*_STATION, *_COUNTS, *_SPECIFIC[slot])


class SmtLine:
    """See the module."""

    outputs: tuple[Output, ...] = tuple(
        Output(slot, signal) for slot in SLOTS for signal in _signals_of(slot)
    )
    inputs: tuple[str, ...] = ()

    def __init__(self, parameters: SmtLineParameters) -> None:
        self.parameters = parameters
        tact_s, stop, repair_s = parameters.tact_s, parameters.stop, parameters.repair_s

        def machine(name: str, share: float, reject: float = 0.0) -> StationParameters:
            return StationParameters(name, share * tact_s, 0.04, 1, 0.0, reject, stop, repair_s)

        oven_room = 2 * int(parameters.oven_s / tact_s)
        self.line = FlowLine(
            (
                machine("printer", 0.82),
                machine("spi", 0.6, parameters.reject_spi),
                StationParameters("conveyor1", 6.0, room=4),
                machine("placer1", 0.96),
                machine("placer2", 1.0),
                StationParameters("conveyor2", 5.0, room=3),
                StationParameters("reflow", parameters.oven_s, room=oven_room, spacing_s=0.5 * tact_s),
                machine("aoi", 0.7, parameters.reject_aoi),
            )
        )
        self.zone_c = np.array(parameters.zone_c)
        self._rejected = 0
        self._cold = True
        self._seen: dict[str, int] = {}
        self._last_board: dict[str, list[float]] = {"spi": [100.0, 120.0, 15.0], "aoi": [0.0]}

    def step(self, now_ns: int, dt_s: float, rng: np.random.Generator, inputs: F64) -> Columns:
        """See :class:`sim.machine.Machine`."""
        if self._cold:
            self._cold = False
            self.line.advance(self.parameters.warm_up_s, rng)
        self.line.advance(dt_s, rng)
        self._heat(dt_s)
        value: list[float] = []
        text: dict[int, str] = {}
        for station in self.line.stations:
            text[len(value)] = station.state(self.line.now_s)
            value += [np.nan, *self._read(station, rng)]
        return Columns(np.array(value), np.zeros(len(value), np.uint32), text)

    def _heat(self, dt_s: float) -> None:
        """Let every zone relax to its set point; a board that came into a zone has cooled it."""
        oven = self.line.stations[SLOTS.index("reflow")]
        now_s = self.line.now_s
        dwell_s = self.parameters.oven_s / ZONES
        setpoint = self.parameters.zone_c
        for zone in range(ZONES):
            self.zone_c[zone] = relax(self.zone_c[zone], setpoint[zone], dt_s, self.parameters.zone_tau_s)
        for board in oven.boards:
            inside_s = now_s - (board.ready_s - board.cycle_s)
            zone_now, zone_before = int(inside_s / dwell_s), int(max(inside_s - dt_s, -1e-9) // dwell_s)
            for zone in range(max(zone_before + 1, 0), min(zone_now + 1, ZONES)):
                since_s = inside_s - zone * dwell_s
                self.zone_c[zone] -= relax(
                    self.parameters.board_dip_c, 0.0, since_s, self.parameters.zone_tau_s
                )

    def _read(self, station: Station, rng: np.random.Generator) -> list[float]:
        slot = station.parameters.name
        now_s = self.line.now_s
        power_kw = self._power_kw(station, rng)
        boards = float(len(station.boards))
        if slot in _BELTS:
            moving = station.state(now_s) == "Execute"
            return [boards, round(rng.normal(9.0, 0.02), 2) if moving else 0.0, power_kw]
        common = [
            float(station.starved(now_s)),
            float(station.blocked(now_s)),
            round(station.cycle_s, 2),
            power_kw,
            float(station.good),
            float(station.reject),
        ]
        return common + self._specific(station, rng)

    def _power_kw(self, station: Station, rng: np.random.Generator) -> float:
        slot = station.parameters.name
        if slot == "reflow":
            heat_kw = _OVEN_LOSS_KW_PER_K * float(np.sum(self.zone_c - AMBIENT_C))
            power_kw = 2.5 + heat_kw + _OVEN_BOARD_KW * len(station.boards)
        else:
            idle_kw, work_kw = _POWER_KW[slot]
            power_kw = work_kw if station.state(self.line.now_s) == "Execute" else idle_kw
        return round(max(power_kw * rng.normal(1.0, 0.01), 0.0), 3)

    def _specific(self, station: Station, rng: np.random.Generator) -> list[float]:
        slot = station.parameters.name
        running = station.state(self.line.now_s) == "Execute"
        made = station.good + station.reject
        new_board = made != self._seen.get(slot)
        self._seen[slot] = made
        if slot == "printer":
            force_n, speed_mm_s = (rng.normal(60, 0.6), rng.normal(50, 0.2)) if running else (0.0, 0.0)
            return [round(force_n, 1), round(speed_mm_s, 1), round(rng.normal(25.2, 0.05), 2)]
        if slot == "spi":
            if new_board:
                volume = float(np.clip(rng.normal(101, 4), 0, 200))
                self._last_board[slot] = [
                    round(volume, 1),
                    round(1.2 * volume, 1),
                    round(abs(rng.normal(14, 4)), 1),
                ]
            return self._last_board[slot]
        if slot in _COMPONENTS:
            vacuum_kpa = round(float(np.clip(rng.normal(-86, 0.5), -100, 0)), 1)
            return [float(_COMPONENTS[slot] * made), round(abs(rng.normal(420, 60)), 0), vacuum_kpa]
        if slot == "aoi":
            if new_board:
                rejected = station.reject != self._rejected
                self._rejected = station.reject
                self._last_board[slot] = [float(rejected * (1 + rng.poisson(0.3)))]
            share = 100.0 * station.good / made if made else 100.0
            return [*self._last_board[slot], round(share, 2)]
        return self._oven(station, rng)

    def _oven(self, station: Station, rng: np.random.Generator) -> list[float]:
        measured = np.round(self.zone_c + rng.normal(0, 0.08, ZONES), 1)
        speed_m_min = 60.0 * _TUNNEL_M / self.parameters.oven_s + rng.normal(0, 0.0005)
        oxygen_ppm = abs(rng.normal(620, 12))
        return [
            *measured.tolist(),
            *self.parameters.zone_c,
            round(speed_m_min, 3),
            round(oxygen_ppm, 0),
            float(len(station.boards)),
        ]


MODEL = MachineModel("smt_line", SmtLineParameters, SLOTS, lambda parameters, _: SmtLine(parameters))
