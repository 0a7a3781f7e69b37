"""Replay of NASA C-MAPSS turbofan engines, run to failure, standing in for the compressors of a compressor
house."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec
import numpy as np

from sim.errors import ReplayDataError
from sim.kind import ELECTRIC, EXECUTE, F64, PACKML_STATES, STOPPED, MachineKind, Signal, Site, Tick
from sim.physics.columns import column

DATA = Path(__file__).parent.parent / "data" / "cmapss" / "train_FD001_units_1-24.txt.gz"

_COLUMNS = 26

MEASURED: tuple[Signal, ...] = (
    Signal("altitude", "Operating setting 1, altitude [kft]", "", -0.1, 45),
    Signal("mach", "Operating setting 2, Mach number", "", -0.01, 1),
    Signal("tra", "Operating setting 3, throttle resolver angle", "°", 0, 100),
    Signal("t2", "Total temperature at fan inlet", "°R", 400, 600),
    Signal("t24", "Total temperature at LPC outlet", "°R", 500, 700),
    Signal("t30", "Total temperature at HPC outlet", "°R", 1200, 1700),
    Signal("t50", "Total temperature at LPT outlet", "°R", 1000, 1600),
    Signal("p2", "Pressure at fan inlet", "psi", 0, 20),
    Signal("p15", "Total pressure in bypass duct", "psi", 0, 30),
    Signal("p30", "Total pressure at HPC outlet", "psi", 0, 700),
    Signal("nf", "Physical fan speed", "rpm", 0, 2600),
    Signal("nc", "Physical core speed", "rpm", 0, 10000),
    Signal("epr", "Engine pressure ratio P50/P2", "", 0, 2),
    Signal("ps30", "Static pressure at HPC outlet", "psi", 0, 60),
    Signal("phi", "Ratio of fuel flow to Ps30 [pps/psi]", "", 0, 700),
    Signal("nrf", "Corrected fan speed", "rpm", 0, 2600),
    Signal("nrc", "Corrected core speed", "rpm", 0, 10000),
    Signal("bpr", "Bypass ratio", "", 0, 15),
    Signal("farb", "Burner fuel-air ratio", "", 0, 0.1),
    Signal("htbleed", "Bleed enthalpy", "", 0, 500),
    Signal("nf_dmd", "Demanded fan speed", "rpm", 0, 2600),
    Signal("pcnfr_dmd", "Demanded corrected fan speed", "rpm", 0, 120),
    Signal("w31", "HPT coolant bleed", "lb/s", 0, 60),
    Signal("w32", "LPT coolant bleed", "lb/s", 0, 40),
)
"""Three settings and 21 sensors in file order; names, meanings and units of Saxena et al. 2008, table 2
(psi are absolute)."""


class CmapssParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the engines are replayed.

    Args:
        first_unit: the engine that starts; after its last cycle comes the next, and after the last the first.
        cycle_s: how long one flight cycle is shown [s].
        start_at: fraction of its life at which the first engine starts, 0 to 1.
        overhaul_s: how long the machine stands between two engines [s].
        drive_kw: what the compressor takes that the engine stands in for [kW]; the data know of no
            electricity.
    """

    first_unit: int = 1
    cycle_s: float = 2.0
    start_at: float = 0.0
    overhaul_s: float = 20.0
    drive_kw: float = 75.0

    def __post_init__(self) -> None:
        if not (self.cycle_s > 0 and self.overhaul_s >= 0 and 0 <= self.start_at < 1):
            raise ValueError("cycle_s must be above 0, overhaul_s at least 0, start_at in [0, 1)")
        if not 1 <= self.first_unit <= 24:
            raise ValueError(f"first_unit {self.first_unit}: the project holds engines 1 to 24")


@cache
def load_engines(path: Path = DATA) -> tuple[F64, ...]:
    """Read the trajectories: one ``float64[cycles, 24]`` an engine, in the order of :data:`MEASURED`.

    Raises:
        ReplayDataError: the file is missing or is not of 26 columns with cycles counting up from 1.

    >>> engines = load_engines()
    >>> len(engines), engines[0].shape, float(engines[0][0, 4])
    (24, (192, 24), 641.82)
    """
    try:
        with gzip.open(path, "rt", encoding="ascii") as lines:
            table = np.loadtxt(lines)
    except (OSError, ValueError) as error:
        raise ReplayDataError(f"{path}: cannot be read as C-MAPSS ({error}); restore the file") from error
    if table.ndim != 2 or table.shape[1] != _COLUMNS:
        raise ReplayDataError(f"{path}: shape {table.shape}; C-MAPSS has {_COLUMNS} columns")
    engines = []
    for unit in range(1, int(table[-1, 0]) + 1):
        rows = table[table[:, 0] == unit]
        if not np.array_equal(rows[:, 1], np.arange(1, len(rows) + 1)):
            raise ReplayDataError(f"{path}: cycles of unit {unit} do not count up from 1")
        engines.append(rows[:, 2:])
    return tuple(engines)


_TAN_PHI = 0.48
"""Of a motor at its rating: power factor 0.9."""


class CmapssCompressorFleet:
    """Each unit shows one recorded cycle after the other, stands for an overhaul at the end, and goes on
    with the next engine. Nothing is random: the noise is the data's own. A unit without electricity stands
    and does not age.
    """

    def __init__(self, parameters: Sequence[CmapssParameters], site: Site) -> None:
        engines = load_engines()
        self._cycles = np.array([len(engine) for engine in engines])
        self._first = np.concatenate(([0], np.cumsum(self._cycles)[:-1]))
        self._table = np.concatenate(engines).T.copy()
        self._engine = np.array([unit.first_unit - 1 for unit in parameters])
        self._cycle_s, self._overhaul_s, self._drive_kw = (
            column(parameters, name) for name in ("cycle_s", "overhaul_s", "drive_kw")
        )
        start = np.floor(column(parameters, "start_at") * self._cycles[self._engine])
        self._age_s = start * self._cycle_s

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        self._age_s = self._age_s + tick.dt_s * tick.powered
        life_s = self._cycles[self._engine] * self._cycle_s
        while (over := self._age_s >= life_s + self._overhaul_s).any():
            self._age_s = np.where(over, self._age_s - life_s - self._overhaul_s, self._age_s)
            self._engine = np.where(over, (self._engine + 1) % len(self._cycles), self._engine)
            life_s = self._cycles[self._engine] * self._cycle_s
        running = (self._age_s < life_s) & tick.powered
        cycle = np.minimum((self._age_s / self._cycle_s).astype(np.int64), self._cycles[self._engine] - 1)
        shown = self._table[:, self._first[self._engine] + cycle]
        active = self._drive_kw * running
        return {
            "state": np.where(running, float(EXECUTE), float(STOPPED)),
            "cycle": cycle + 1.0,
            "engine": self._engine + 1.0,
            **dict(zip(_NAMES, shown, strict=True)),
            "active_kw": active,
            "reactive_kvar": active * _TAN_PHI,
            "rul_h": np.maximum(life_s - self._age_s, 0.0) / 3600.0,
        }


_NAMES = tuple(signal.name for signal in MEASURED)

KIND = MachineKind(
    "compressor",
    CmapssParameters,
    signals=(
        Signal("state", "PackML state", data_type="String", texts=PACKML_STATES),
        Signal("cycle", "Cycles since overhaul", "", 0, 1000, "UInt32"),
        Signal("engine", "Number of the replayed engine in the data set", "", 1, 100, "UInt32"),
        *MEASURED,
    ),
    create=CmapssCompressorFleet,
    flows=(*ELECTRIC, "rul_h"),
    operated=False,
)
"""It has a state of its own, the recording's; ``rul_h``, what is left of the recording [h], is for the
truth log."""
