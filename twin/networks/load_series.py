"""The loads of a park's electricity network through time, quarter by quarter, as they are forecast."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from twin.contract.frame import F64
from twin.contract.tag import make_tag
from twin.networks.load_forecast import LoadPast
from twin.networks.park_power import KVAR_SIGNAL, KW_SIGNAL, ParkPower
from twin.networks.readings import Readings
from twin.state.tag_table import TagTable


class LoadSeries:
    """Puts the columns together that are forecast: power and reactive power of each load point, and the power
    of each element with a meter.

    Args:
        power: the network.
        table: the park's tags.
    """

    def __init__(self, power: ParkPower, table: TagTable) -> None:
        self._power = power
        self._table = table
        self.elements: tuple[str, ...] = tuple(power.metered)
        self.points: tuple[str, ...] = tuple(one.id for one in power.points)
        self.tags: tuple[str, ...] = tuple(tag for tag in self._named() if tag in table.number)
        self._numbers = np.array([table.number[tag] for tag in self.tags], np.intp)

    @property
    def width(self) -> int:
        """How many columns there are."""
        return 2 * len(self.points) + len(self.elements)

    def split(self, columns: F64) -> tuple[F64, F64, F64]:
        """Return kW and kvar of the load points and kW of the elements, along the last axis."""
        n = len(self.points)
        return columns[..., :n], columns[..., n : 2 * n], columns[..., 2 * n :]

    def of_elements(self, past: LoadPast) -> LoadPast:
        """Return the past of the elements alone."""
        return replace(past, value=self.split(past.value)[2])

    def rows(self, means: F64) -> F64:
        """Return the columns of some quarters, ``float64[q, width]``, NaN where nothing was measured.

        Args:
            means: ``float64[q, tags]`` in the order of :attr:`tags`, in the units of the tags.
        """
        nothing = np.full(self.width, np.nan)
        rows = [nothing if np.isnan(one).all() else self._row(one) for one in means]
        return np.array(rows, np.float64).reshape(len(means), self.width)

    def _row(self, means: F64) -> F64:
        value = np.full(len(self._table), np.nan)
        value[self._numbers] = means
        readings = Readings(self._table, value, np.ones(len(value), np.bool_))
        live = self._power.live(readings)
        missing = set(live.missing)
        silent = [one.equipment in missing for one in self._power.points]
        kw = np.where(silent, np.nan, [1000.0 * one.mw for one in live.loads])
        kvar = np.where(silent, np.nan, [1000.0 * one.mvar for one in live.loads])
        metered = self._power.metered
        shown = [readings.kilo(name, metered[name].power) for name in self.elements]
        own = np.array([np.nan if one is None else one for one in shown], np.float64)
        return np.concatenate((kw, kvar, own))

    def _named(self) -> list[str]:
        power = self._power
        signals: set[tuple[str, str]] = set()
        for name, row in power.metered.items():
            signals |= {(name, row.power), (name, row.reactive)}
        signals |= {(name, row.unmetered) for name, row in power.cables.items()}
        signals |= {(name, row.unmetered) for name, row in power.boards.items()}
        for point in power.points:
            if point.kind == "machine":
                generator = power.generators.get(point.equipment)
                signals |= {(point.equipment, KVAR_SIGNAL)}
                signals.add((point.equipment, generator.power if generator else KW_SIGNAL))
            elif point.kind == "capacitor":
                signals.add((point.equipment, power.compensators[point.equipment].reactive))
        return sorted(make_tag(equipment, signal) for equipment, signal in signals if signal)
