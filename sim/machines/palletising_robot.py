"""A palletising robot with four axes: torques, temperatures and lost motion of its joints, a vacuum
gripper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.gamma_wear import GammaWear
from sim.degradation.paris_crack import ParisCrack
from sim.degradation.weibull_sudden import WeibullSudden
from sim.instruments import counter, gauge, percent, thermometer
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Setpoint, Site, Tick
from sim.physics.lag import Lag
from sim.physics.robot_joint import Joint, motor_rise_k, rms_torque_n_m
from sim.rated_machine import ENERGY, POWER, Electrics, Quantity, QuantityBank

AXES = 4
ARM = Joint(*np.array([
    [320.0, 260.0, 120.0, 14.0],
    [90.0, 120.0, 70.0, 12.0],
    [0.0, 340.0, 260.0, 0.0],
    [1.7, 0.8, 0.9, 1.6],
    [300.0, 620.0, 470.0, 20.0],
])[:, :, None])  # fmt: skip
"""Base, shoulder, elbow, wrist of an arm for 160 kg at 3.1 m, with its gripper and two cases."""

_FULL_LAYERS_PER_H = 42.0
_MOVE_S, _REST_S = 2.6, 2.4  # a move of a cycle, and the dwell to pick or place; there are two of both
_CABINET_C = 32.0


class PalletisingRobotParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one robot.

    Args:
        speed_override: share of its full speed [%].
        idle_kw: cabinet and brakes released [kW].
        payload_kg: cases in the gripper.
    """

    speed_override: float = 85.0
    idle_kw: float = 0.9
    payload_kg: float = 48.0


_QUANTITIES = (
    Quantity(
        gauge("gripper_vacuum", "Vacuum of the gripper", "kPa", -100, 0),
        0, -64, 1, 1.0, 0.01, {"gripper_leak": 26},
    ),
    Quantity(
        thermometer("cabinet_temperature", "Controller cabinet temperature"),
        31, 41, 1500, 0.4, 0.02, {"cabinet_fan": 19}, "powered",
    ),
    Quantity(
        gauge("lost_cases", "Cases dropped", "ppm", 0, 50000),
        25, 25, 300, 4, 0.05, {"gripper_leak": 2600},
    ),
)  # fmt: skip

_MODES = (
    FailureMode(
        "shoulder_gear_wear", "PDE", "2.4 Wear", GammaWear(9000.0, 0.25),
        "Mòn hộp giảm tốc trục 2", "Gear wear of axis 2",
        ("axis2_lost_motion", "axis2_torque", "axis2_temperature", "cycle_time"), stops=True, repair_h=16.0,
    ),
    FailureMode(
        "base_bearing_crack", "VIB", "2.6 Fatigue", ParisCrack(14000.0, 0.35),
        "Nứt ổ đỡ trục 1", "Crack in the bearing of axis 1",
        ("axis1_torque", "axis1_lost_motion", "axis1_temperature"), stops=True, repair_h=24.0,
    ),
    FailureMode(
        "gripper_leak", "ELU", "2.4 Wear", GammaWear(1800.0, 0.3),
        "Mòn giác hút tay gắp", "Suction cups of the gripper wear",
        ("gripper_vacuum", "lost_cases"), stops=False, repair_h=1.0,
    ),
    FailureMode(
        "cabinet_fan", "OHE", "2.7 Overheating", WeibullSudden(11000.0, 1.8, 60.0),
        "Hỏng quạt tủ điều khiển", "Cabinet fan fails",
        ("cabinet_temperature",), stops=True, repair_h=2.0,
    ),
)  # fmt: skip

_NAMES = tuple(mode.name for mode in _MODES)


class PalletisingRobotFleet:
    """All robots. The palletiser of its line gives a robot its work."""

    def __init__(self, parameters: Sequence[PalletisingRobotParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        self._idle_kw = np.array([one.idle_kw for one in parameters])
        self._payload = np.array([one.payload_kg for one in parameters])
        self._habit = 1.0 + 0.03 * np.clip(rng.standard_normal((AXES, n)), -2, 2)
        self._lost = np.array([0.9, 0.8, 0.9, 1.1])[:, None] * self._habit
        self._heat = Lag(1500.0)
        self._duty = Lag(20.0)
        self._cycles = np.zeros(n)
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)
        self._electrics = Electrics(n, 0.78)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        severity = tick.severity
        override = tick.setpoints["speed_override"]
        offered = np.minimum(tick.inputs["layers_per_h"] / _FULL_LAYERS_PER_H, 1.0)
        duty = self._duty.step(offered * tick.running, tick.dt_s)
        gear, crack = severity["shoulder_gear_wear"], severity["base_bearing_crack"]
        # a worn gear is driven slower by its own following-error guard
        move_s = _MOVE_S * 100.0 / np.maximum(override, 10.0) * (1.0 + 0.2 * gear**2)
        cycle_s = 2.0 * (move_s + _REST_S)
        friction = np.ones((AXES, len(duty)))
        friction[0] += 1.7 * crack
        friction[1] += 1.5 * gear
        torque = rms_torque_n_m(ARM, move_s, _REST_S, friction) * self._habit * np.sqrt(duty)
        hot = self._heat.step(_CABINET_C + motor_rise_k(torque, ARM.rated_n_m), tick.dt_s)
        lost = self._lost.copy()
        lost[0] += 4.2 * crack
        lost[1] += 6.5 * gear
        self._cycles = self._cycles + tick.running * duty * (tick.dt_s / cycle_s)
        # mechanical power of the moves at 60 % of drive and gear efficiency
        moved_kw = (torque * ARM.angle_rad).sum(axis=0) / (move_s + _REST_S) / (0.6 * 1000.0)
        out = self._bank.step(tick, duty)
        out |= self._electrics.step(tick, self._idle_kw + moved_kw * duty + 1.1 * (duty > 0.05), energy=True)
        out |= {
            "speed_override": override,
            "cycle_time": np.where(duty > 0.05, cycle_s, 0.0),
            "duty": 100.0 * duty,
            "cycles": np.floor(self._cycles),
            "payload": self._payload * (duty > 0.05),
        }
        for i in range(AXES):
            out[f"axis{i + 1}_torque"] = torque[i]
            out[f"axis{i + 1}_temperature"] = np.minimum(hot[i], 200.0)
            out[f"axis{i + 1}_lost_motion"] = lost[i]
        return out


KIND = MachineKind(
    "palletising_robot",
    PalletisingRobotParameters,
    signals=(
        percent("speed_override", "Speed override"),
        gauge("cycle_time", "Time of a cycle", "s", 0, 120, 0.0003),
        percent("duty", "Share of the time it works"),
        counter("cycles", "Cycles"),
        gauge("payload", "Load in the gripper", "kg", 0, 400, 0.001),
        *(gauge(f"axis{i}_torque", f"Axis {i} torque, RMS of a cycle", "N·m", 0, 4000) for i in (1, 2, 3, 4)),
        *(thermometer(f"axis{i}_temperature", f"Axis {i} motor temperature") for i in (1, 2, 3, 4)),
        *(
            gauge(f"axis{i}_lost_motion", f"Axis {i} lost motion, arc minutes", "", 0, 60, 0.001)
            for i in (1, 2, 3, 4)
        ),
        POWER,
        ENERGY,
        *(row.signal for row in _QUANTITIES),
    ),
    create=PalletisingRobotFleet,
    flows=ELECTRIC,
    inputs=(Input("layers_per_h", "material", "upstream", "layers_per_hour", default=_FULL_LAYERS_PER_H),),
    modes=_MODES,
    every_s=2.0,
    setpoints=(Setpoint("speed_override", "%", 10, 100, 85, "Share of full speed"),),
)
