"""Replay of FEMTO bearings, run to failure, as the spindles of a test bed; physics where the data are not
at hand.

The data (PRONOSTIA; Nectoux et al. 2012, IEEE PHM 2012 challenge) state no licence and are not part of
ParkTwin. A spindle whose ``data`` names a folder with them shows their features snapshot by snapshot; its
signal ``replay`` is then true. Without, it shows lives of the same columns that the bearing model makes,
and ``replay`` is false.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec
import numpy as np

from sim.errors import ReplayDataError
from sim.instruments import gauge, thermometer
from sim.kind import ELECTRIC, F64, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.bearing import FEMTO
from sim.physics.columns import column
from sim.physics.lag import Lag
from sim.rated_machine import Electrics

FILE = Path("rul/femto/learning.csv.gz")
"""Where the features lie in the data folder."""

BEARINGS = ("Bearing1_1", "Bearing1_2", "Bearing2_1", "Bearing2_2", "Bearing3_1", "Bearing3_2")
RPM = {"1": 1800.0, "2": 1650.0, "3": 1500.0}
LOAD_N = {"1": 4000.0, "2": 4200.0, "3": 5000.0}
"""Operating conditions by the first digit of a bearing's name (Nectoux et al. 2012, table 2)."""

SNAPSHOT_S = 10.0
"""One snapshot was taken every 10 s."""

_BANDS = tuple(f"band{band}_energy_{axis}" for band in range(6) for axis in "hv")
FEATURES = ("rms_h", "rms_v", "kurtosis_h", "kurtosis_v", "peak_h", "peak_v", *_BANDS)
"""In the order of the file's columns behind bearing, number and remaining life."""


class FemtoSpindleParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One spindle.

    Args:
        bearing: the recorded bearing that it starts with; after its end comes the next.
        snapshot_s: how long a snapshot is shown [s]; 10 is real time.
        start_at: share of its life at which the first bearing starts, 0 to 1.
        change_s: how long the spindle stands while a bearing is changed [s].
        data: folder with the published data sets; "" or one without the file shows the model.
        motor_kw: what the drive takes [kW].
    """

    bearing: str = "Bearing1_1"
    snapshot_s: float = SNAPSHOT_S
    start_at: float = 0.0
    change_s: float = 600.0
    data: str = ""
    motor_kw: float = 1.1

    def __post_init__(self) -> None:
        if self.bearing not in BEARINGS:
            raise ValueError(f"bearing {self.bearing!r} is not one of {list(BEARINGS)}")
        if not (self.snapshot_s > 0 and 0 <= self.start_at < 1 and self.change_s >= 0):
            raise ValueError("snapshot_s must be above 0, start_at in [0, 1), change_s at least 0")


@cache
def recorded(path: Path) -> tuple[F64, ...]:
    """Read the features, one ``float64[snapshots, 18]`` a bearing, in the order of :data:`BEARINGS`.

    Raises:
        ReplayDataError: the file cannot be read, or lacks one of the bearings or columns.
    """
    try:
        with gzip.open(path, "rt", encoding="ascii") as lines:
            rows = [line.rstrip("\n").split(",") for line in lines][1:]
        found = tuple(
            np.array([[float(text) for text in row[3:]] for row in rows if row[0] == name])
            for name in BEARINGS
        )
    except (OSError, ValueError, IndexError) as error:
        raise ReplayDataError(
            f"{path}: cannot be read as FEMTO features ({error}); restore the file"
        ) from error
    if any(table.ndim != 2 or table.shape[1] != len(FEATURES) for table in found):
        raise ReplayDataError(
            f"{path}: one of {list(BEARINGS)} has not {len(FEATURES)} features; restore the file"
        )
    return found


def modelled(rng: np.random.Generator) -> tuple[F64, ...]:
    """Lives as the bearing model makes them, in the form of :func:`recorded`.

    A spall grows exponentially in the last third of a life; RMS is noise and spall by energies, kurtosis
    rises when the first impacts stand out of the noise, energies of the bands are logarithms that follow
    the RMS.
    """
    lives = []
    for number in range(len(BEARINGS)):
        n = int(rng.uniform(600, 2400))
        share = np.arange(n) / n
        spall = np.expm1(9.0 * np.maximum(share - 0.55, 0.0) / 0.45) / np.expm1(9.0)
        columns = []
        for level in (0.42, 0.36):
            noise = level * np.exp(rng.normal(0.0, 0.03, n)) * (1.0 + 0.5 * np.exp(-share * 60.0))
            columns.append(np.sqrt(noise**2 + (2.2 + 0.4 * number) ** 2 * spall**2))
        kurtosis = [
            3.0 + 9.0 * np.sqrt(spall) * np.exp(rng.normal(0.0, 0.2, n)) + rng.normal(0.0, 0.08, n)
            for _ in "hv"
        ]
        peak = [rms * (3.4 + 0.25 * kurt) for rms, kurt in zip(columns, kurtosis, strict=True)]
        bands = [
            9.0 + 0.4 * band + 2.0 * np.log(rms / 0.4) * (0.6 + 0.1 * band) + rng.normal(0.0, 0.15, n)
            for band in range(6)
            for rms in columns
        ]
        lives.append(np.array([*columns, *kurtosis, *peak, *bands]).T)
    return tuple(lives)


class FemtoSpindleFleet:
    """Each unit shows one snapshot after the other while it runs, is changed at the end, and goes on with
    the next bearing."""

    def __init__(self, parameters: Sequence[FemtoSpindleParameters], site: Site) -> None:
        files = [Path(unit.data) / FILE if unit.data else None for unit in parameters]
        there = {file: file is not None and file.is_file() for file in files}
        self._replay = np.array([float(there[file]) for file in files])
        model = modelled(site.rng())
        tables = [recorded(file) if file is not None and there[file] else model for file in files]
        self._lives = np.array([[len(life) for life in table] for table in tables])
        distinct = {id(table): table for table in tables}
        first, offsets = 0, {}
        for key, table in distinct.items():
            offsets[key] = first + np.concatenate(([0], np.cumsum([len(life) for life in table])[:-1]))
            first += sum(len(life) for life in table)
        self._first = np.array([offsets[id(table)] for table in tables])
        self._table = np.concatenate([life for table in distinct.values() for life in table]).T.copy()
        self._unit = np.arange(len(parameters))
        self._bearing = np.array([BEARINGS.index(unit.bearing) for unit in parameters])
        self._snapshot_s, self._change_s, self._motor_kw = (
            column(parameters, name) for name in ("snapshot_s", "change_s", "motor_kw")
        )
        length = self._lives[self._unit, self._bearing]
        self._age_s = np.floor(column(parameters, "start_at") * length) * self._snapshot_s
        self._change_left_s = np.zeros(len(parameters))
        self._rpm = np.array([RPM[name[7]] for name in BEARINGS])
        self._load_n = np.array([LOAD_N[name[7]] for name in BEARINGS])
        self._warm = Lag(1200.0)
        self._electrics = Electrics(len(parameters), 0.8)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        changing = self._change_left_s > 0
        self._change_left_s = np.maximum(self._change_left_s - tick.dt_s, 0.0)
        renewed = changing & (self._change_left_s <= 0)
        self._bearing = np.where(renewed, (self._bearing + 1) % len(BEARINGS), self._bearing)
        self._age_s = np.where(renewed, 0.0, self._age_s + tick.dt_s * (tick.running & ~changing))
        snapshots = self._lives[self._unit, self._bearing]
        life_s = snapshots * self._snapshot_s
        # what runs on past its end within a step stands from the end on
        ended = (self._age_s >= life_s) & ~changing
        self._change_left_s = np.where(
            ended, np.maximum(self._change_s - (self._age_s - life_s), 1e-3), self._change_left_s
        )
        whole = self._change_left_s <= 0
        turning = (tick.running & whole).astype(np.float64)
        snapshot = np.minimum((self._age_s / self._snapshot_s).astype(np.int64), snapshots - 1)
        shown = self._table[:, self._first[self._unit, self._bearing] + snapshot]
        shown = shown * np.where(turning > 0, 1.0, 0.0)
        rpm = self._rpm[self._bearing]
        out = self._electrics.step(tick, 0.1 + turning * self._motor_kw * (1.0 + 0.05 * shown[0]))
        return out | {
            "replay": self._replay,
            "bearing": self._bearing + 1.0,
            "snapshot": snapshot + 1.0,
            "speed": rpm * turning,
            "radial_load": self._load_n[self._bearing] * turning,
            "bpfo_frequency": FEMTO.bpfo * rpm / 60.0 * turning,
            "bpfi_frequency": FEMTO.bpfi * rpm / 60.0 * turning,
            "bearing_temperature": self._warm.step(28.0 + turning * (22.0 + 6.0 * shown[0]), tick.dt_s),
            **dict(zip(FEATURES, shown, strict=True)),
            "ready": whole.astype(np.float64),
            "rul_h": np.maximum(life_s - self._age_s, 0.0) / 3600.0,
        }


KIND = MachineKind(
    "femto_spindle",
    FemtoSpindleParameters,
    signals=(
        Signal("active_power", "Active power", "kW", 0, 10, sensor=Sensor(0.002, 0.01)),
        Signal("replay", "Real data are replayed", data_type="Boolean"),
        Signal("bearing", "Number of the bearing in the data set", "", 1, 6, "UInt32"),
        Signal("snapshot", "Snapshots since the bearing was changed", "", 0, 10_000, "UInt32"),
        gauge("speed", "Spindle speed", "rpm", 0, 4000, 0.0001),
        gauge("radial_load", "Radial load", "N", 0, 10_000, 0.0005),
        gauge("bpfo_frequency", "Outer ring frequency", "Hz", 0, 1000, 0.0),
        gauge("bpfi_frequency", "Inner ring frequency", "Hz", 0, 1000, 0.0),
        thermometer("bearing_temperature", "Bearing temperature, modelled", 0, 150),
        Signal("rms_h", "Acceleration RMS, horizontal", "gₙ", 0, 50),
        Signal("rms_v", "Acceleration RMS, vertical", "gₙ", 0, 50),
        Signal("kurtosis_h", "Kurtosis, horizontal", "", 0, 1000),
        Signal("kurtosis_v", "Kurtosis, vertical", "", 0, 1000),
        Signal("peak_h", "Acceleration peak, horizontal", "gₙ", 0, 200),
        Signal("peak_v", "Acceleration peak, vertical", "gₙ", 0, 200),
        *(
            Signal(f"band{band}_energy_{axis}", f"Log energy, band {band + 1} of 6, {side}", "", -5, 30)
            for band in range(6)
            for axis, side in (("h", "horizontal"), ("v", "vertical"))
        ),
    ),
    create=FemtoSpindleFleet,
    flows=(*ELECTRIC, "ready", "rul_h"),
    every_s=5.0,
)
"""``rul_h``, what is left of the life that is shown [h], is for the truth log."""
