"""The networks of a park behind one lock; models are built when the first question comes."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from threading import RLock

from twin.networks.changes import Change
from twin.networks.consequences import Consequences
from twin.networks.contingency import Contingency, contingencies
from twin.networks.electricity import Solved
from twin.networks.errors import NO_SUPPLIES, NotConvergedError, UnknownElementError
from twin.networks.leak import Leak, leaks
from twin.networks.meters import MeterReport, check_meters
from twin.networks.park_water import HEADER, LiveWater, ParkWater
from twin.networks.readings import Readings
from twin.networks.wastewater import History, Rise, Wastewater
from twin.networks.water_flow import WaterModel, WaterResult
from twin.networks.what_if import WhatIf
from twin.park.model import Park


@dataclass(frozen=True, slots=True, eq=False)
class ElectricityNow:
    """The electricity network at one moment.

    Args:
        solved: by power flow, or with its trouble.
        loadings: percent of its rating, by element.
        dark: equipment without electricity, by connectivity.
    """

    solved: Solved
    loadings: dict[str, float]
    dark: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class WaterNow:
    """The water network at one moment.

    Args:
        live: measurements.
        unaccounted: what each main takes and its users do not [m³/h].
        pressures_m: as solved [m of water], by equipment; empty where there is no answer.
        leaks: what is missing, and where it may be.
        ahead: the hours ahead; None where it cannot be told.
        trouble: why something is missing, "" if nothing is.
    """

    live: LiveWater
    unaccounted: dict[str, float]
    pressures_m: dict[str, float]
    leaks: tuple[Leak, ...]
    ahead: WaterResult | None
    trouble: str


class NetworkDesk:
    """Answers about the networks of one park. Thread-safe: one question at a time.

    Args:
        park: the checked park.
    """

    def __init__(self, park: Park) -> None:
        self._park = park
        self._lock = RLock()
        self._what_if: WhatIf | None = None
        self._water: ParkWater | None = None

    def ask(self, readings: Readings, changes: Sequence[Change], lasts_h: float) -> Consequences:
        """Try changes; see :meth:`WhatIf.ask`."""
        with self._lock:
            return self._asked().ask(readings, changes, lasts_h)

    def elements(self, readings: Readings, only: Container[str] | None = None) -> tuple[Contingency, ...]:
        """Lose each element, or some only; see :func:`contingencies`."""
        with self._lock:
            return contingencies(self._asked(), self._park, readings, only=only)

    def electricity(self, readings: Readings) -> ElectricityNow:
        """Solve the electricity network.

        Raises:
            UnknownElementError: the park file has no rows of it.
        """
        with self._lock:
            now = self._asked().moment(readings)
            if now.solved is None:
                raise UnknownElementError(NO_SUPPLIES)
            return ElectricityNow(now.solved, dict(now.loadings), now.spread.without["electricity"])

    def meters(self, readings: Readings, moments: int = 1) -> MeterReport:
        """Hold every meter of power against all others; ``moments`` are how many the powers are the mean of.

        Raises:
            UnknownElementError: the park file has no rows of the electricity network.
        """
        with self._lock:
            solved = self.electricity(readings).solved
            return check_meters(self._asked().power, readings, solved, moments)

    def water(self, readings: Readings, hours: float) -> WaterNow:
        """Solve the water network, for now and for some hours.

        Raises:
            UnknownElementError: the park file has no rows of it, or no pressure of the mains is measured.
        """
        with self._lock:
            if self._water is None:
                self._water = ParkWater(self._park)
            water = self._water
            live = water.live(readings)
            if not water.pipes or live is None:
                raise UnknownElementError(
                    "water: no 'pipes' in the park file, or no pressure of the mains is measured"
                )
            lost = water.unaccounted(live)
            try:
                model = WaterModel(water.network)
                model.set_heads({HEADER: live.header_m})
                model.set_demands(live.demands)
                found = model.solve()
                solved = {
                    name: pressure
                    for name, pressure in zip(found.nodes, found.pressure_m[0].tolist(), strict=True)
                    if name != HEADER
                }
                rows = water.ahead(readings)
                ahead = None if rows is None else WaterModel(rows).solve(hours=hours)
                return WaterNow(live, lost, solved, leaks(water, live), ahead, "")
            except NotConvergedError as error:
                return WaterNow(live, lost, {}, (), None, str(error))

    def wastewater(self) -> Wastewater:
        """The wastewater network.

        Raises:
            UnknownElementError: the park file has no rows of it.
        """
        if not self._park.networks.sewers or not self._park.networks.outfalls:
            raise UnknownElementError(
                "wastewater: the park file has no 'sewers' or no 'outfalls'; add rows of it"
            )
        return Wastewater(self._park)

    def rise(self, history: History) -> Rise | None:
        """Who made the outfall rise; see :meth:`Wastewater.rise`."""
        return self.wastewater().rise(history)

    def _asked(self) -> WhatIf:
        if self._what_if is None:
            self._what_if = WhatIf(self._park)
        return self._what_if
