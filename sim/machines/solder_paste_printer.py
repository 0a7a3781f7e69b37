"""A solder paste printer: squeegee, stencil that clogs and is wiped, paste that runs out and is filled up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.fouling import Fouling
from sim.degradation.shock_wear import ShockWear
from sim.instruments import counter, gauge, pressure_gauge, thermometer
from sim.kind import ELECTRIC, F64, FailureMode, MachineKind, Sensor, Setpoint, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.last_piece import LastPiece
from sim.rated_machine import Electrics, Quantity, QuantityBank

PASTE_JAR_G = 500.0


class SolderPastePrinterParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One printer.

    Args:
        squeegee_speed_mm_s: printing speed [mm/s].
        paste_per_board_g: paste that a board takes [g].
        wipe_every: prints between two wipes of the stencil.
    """

    squeegee_speed_mm_s: float = 50.0
    paste_per_board_g: float = 1.1
    wipe_every: int = 8

    def __post_init__(self) -> None:
        if not (self.wipe_every >= 1 and 0 < self.paste_per_board_g < PASTE_JAR_G):
            raise ValueError(
                f"wipe_every {self.wipe_every}, paste_per_board_g {self.paste_per_board_g}: "
                "at least 1 print, above 0 and below a jar of 500 g"
            )


_QUANTITIES = (
    Quantity(
        pressure_gauge("vacuum", "Table vacuum, gauge", "kPa", -100, 0),
        0,
        -62,
        2,
        0.8,
        0.02,
        {"stencil_clogging": 8},
        "powered",
    ),
    Quantity(
        thermometer("paste_temperature", "Solder paste temperature", 10, 45),
        25,
        25.3,
        900,
        0.25,
        0,
        follows="always",
    ),
    Quantity(
        gauge("humidity", "Humidity in the machine", "%RH", 0, 100), 48, 47, 1800, 1.5, 0.02, follows="always"
    ),
    Quantity(
        thermometer("drive_temperature", "Squeegee drive temperature", 0, 120),
        30,
        44,
        1200,
        0.6,
        0.03,
        {"squeegee_wear": 6},
    ),
    Quantity(
        gauge("drive_current", "Squeegee drive current", "A", 0, 20),
        0.3,
        2.6,
        1,
        0.06,
        0.03,
        {"squeegee_wear": 1.4},
    ),
)

_MODES = (
    FailureMode(
        "squeegee_wear",
        "PDE",
        "2.4 Wear",
        ShockWear(420.0, 0.25, 6.0),
        "Mòn dao gạt kem hàn",
        "Squeegee blade wear",
        ("squeegee_force", "drive_current", "offset_x", "reject_count"),
        stops=False,
        repair_h=0.5,
    ),
    FailureMode(
        "stencil_clogging",
        "PLU",
        "5.1 Blockage/plugged",
        Fouling(160.0, 0.4),
        "Tắc lỗ khuôn in (stencil)",
        "Clogged stencil apertures",
        ("vacuum", "paste_used_last_board", "reject_count"),
        stops=False,
        repair_h=0.5,
    ),
    FailureMode(
        "camera_misalignment",
        "ERO",
        "1.3 Clearance/alignment failure",
        ShockWear(2600.0, 0.7, 5.0),
        "Lệch camera căn chỉnh",
        "Alignment camera out of position",
        ("offset_x", "offset_y", "reject_count"),
        stops=False,
        repair_h=2.0,
    ),
)
_NAMES = tuple(mode.name for mode in _MODES)


class SolderPastePrinterFleet:
    """All printers. ``paste_share`` tells the inspection behind it how much paste is on a board."""

    def __init__(self, parameters: Sequence[SolderPastePrinterParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        self._speed = column(parameters, "squeegee_speed_mm_s")
        self._board_g = column(parameters, "paste_per_board_g")
        self._wipe_every = column(parameters, "wipe_every")
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)
        self._electrics = Electrics(n, 0.78)
        self._board = LastPiece((4.0, 4.0, 0.03, 1.2), n)
        self._zero = rng.normal(0.0, 2.0, (2, n))
        self._jar_g = rng.uniform(120.0, PASTE_JAR_G, n)
        self._made = np.zeros(n)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        worn, clogged = tick.severity["squeegee_wear"], tick.severity["stencil_clogging"]
        askew = tick.severity["camera_misalignment"]
        printed = np.maximum(tick.made - self._made, 0.0)
        self._made = tick.made.copy()
        share = 1.0 - 0.34 * clogged * clogged
        left = self._jar_g - printed * self._board_g * share
        self._jar_g = np.where(left < 40.0, PASTE_JAR_G, left)  # the operator fills up in good time
        force = tick.setpoints["squeegee_force"]
        mean = np.array(
            [
                self._zero[0] + 24.0 * worn + 38.0 * askew,
                self._zero[1] + 30.0 * askew,
                self._board_g * share,
                force + 22.0 * worn * worn,
            ]
        )
        x, y, used_g, force_n = self._board.step(tick.made, mean, tick.rng)
        out = self._bank.step(tick, tick.work)
        out |= self._electrics.step(tick, 0.6 + tick.work * (1.2 + 0.4 * worn))
        out |= {
            "squeegee_force": force_n * (tick.work > 0),
            "squeegee_speed": self._speed * (tick.work > 0),
            "offset_x": x,
            "offset_y": y,
            "paste_used_last_board": used_g,
            "paste_left": self._jar_g,
            "prints_since_wipe": np.mod(tick.made, self._wipe_every),
            "stencil_wipes": np.floor(tick.made / self._wipe_every),
            "paste_share": share,
            "reject_share": np.minimum(0.01 * worn + 0.02 * clogged * clogged, 0.5),
            "pace": 1.0 - 0.12 * clogged,
        }
        return out


KIND = MachineKind(
    "solder_paste_printer",
    SolderPastePrinterParameters,
    signals=(
        Signal("active_power", "Active power", "kW", 0, 10, sensor=Sensor(0.01, 0.01)),
        gauge("squeegee_force", "Squeegee force", "N", 0, 200),
        gauge("squeegee_speed", "Squeegee speed", "mm/s", 0, 150),
        gauge("offset_x", "Offset of the last print, x", "µm", -200, 200),
        gauge("offset_y", "Offset of the last print, y", "µm", -200, 200),
        gauge("paste_used_last_board", "Paste on the last board", "g", 0, 10),
        gauge("paste_left", "Paste left on the stencil", "g", 0, 600),
        counter("prints_since_wipe", "Prints since the stencil was wiped"),
        counter("stencil_wipes", "Stencil wipes"),
        *(row.signal for row in _QUANTITIES),
    ),
    create=SolderPastePrinterFleet,
    flows=(*ELECTRIC, "pace", "reject_share", "paste_share"),
    modes=_MODES,
    setpoints=(Setpoint("squeegee_force", "N", 20, 120, 60, "Squeegee force"),),
    station=True,
    companion="PackML",
)
"""See the module."""
