"""Heat balance of a bath: a coil that steam heats, a cooler, losses to the hall, cold water that runs in.

``C dT/dt = k_coil (T_steam - T) - k_cool (T - T_cool) - k_loss (T - T_hall)`` with a controller that holds
what can be held: the bath goes where it is wanted unless the fully open valve would leave it short of that,
and then it follows the exponential of the fully open valve. Exact for any step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

WATER_KJ_L_K = 4.18
"""Heat capacity of a litre of liquor [kJ/(L K)]."""


@dataclass(frozen=True, slots=True, eq=False)
class Exchange:
    """What a bath exchanges heat with, ``float64[n]`` each.

    Args:
        coil_kw_k: conductance of the open heater [kW/K]; 0 = shut.
        steam_c: temperature of its steam [°C].
        cooler_kw_k: conductance of the open cooler [kW/K]; 0 = shut.
        cooling_c: temperature of its water [°C].
        loss_kw_k: conductance to the hall [kW/K], above 0.
        hall_c: temperature of the hall [°C].
    """

    coil_kw_k: F64
    steam_c: F64
    cooler_kw_k: F64
    cooling_c: F64 | float
    loss_kw_k: F64
    hall_c: F64 | float


def mixed_c(capacity_kj_k: F64, bath_c: F64, litres: F64, water_c: F64 | float) -> F64:
    """Temperature after ``litres`` of water ran into a bath of a heat capacity [kJ/K].

    >>> mixed_c(np.array([418.0]), np.array([80.0]), np.array([100.0]), 20.0).tolist()
    [50.0]
    """
    added = litres * WATER_KJ_L_K
    return (capacity_kj_k * bath_c + added * water_c) / (capacity_kj_k + added)


def step(
    bath_c: F64, wanted_c: F64, capacity_kj_k: F64, exchange: Exchange, dt_s: float
) -> tuple[F64, F64, F64]:
    """Go forward by ``dt_s`` [s].

    Args:
        bath_c: temperature now [°C].
        wanted_c: where the controller wants it at the end of the step [°C].
        capacity_kj_k: heat capacity of liquor, goods and steel [kJ/K].
        exchange: with what.
        dt_s: length of the step [s].

    Returns:
        temperature then [°C], mean heat from the coil [kW], mean heat to the cooler [kW].
    """
    one, loss = exchange, exchange.loss_kw_k
    hottest = _towards(bath_c, one.coil_kw_k, one.steam_c, loss, one.hall_c, capacity_kj_k, dt_s)
    coldest = _towards(bath_c, one.cooler_kw_k, one.cooling_c, loss, one.hall_c, capacity_kj_k, dt_s)
    after = np.minimum(np.maximum(wanted_c, coldest), hottest)
    lost_kw = loss * (0.5 * (bath_c + after) - one.hall_c)
    if dt_s <= 0.0:
        held_kw = loss * (bath_c - one.hall_c)
        return after, held_kw * (one.coil_kw_k > 0.0), np.zeros_like(bath_c)
    net_kw = capacity_kj_k * (after - bath_c) / dt_s + lost_kw
    heat_kw = np.where(one.coil_kw_k > 0.0, np.maximum(net_kw, 0.0), 0.0)
    cool_kw = np.where(one.cooler_kw_k > 0.0, np.maximum(-net_kw, 0.0), 0.0)
    return after, heat_kw, cool_kw


def _towards(
    bath_c: F64,
    by_kw_k: F64,
    by_c: F64 | float,
    loss_kw_k: F64,
    hall_c: F64 | float,
    capacity: F64,
    dt_s: float,
) -> F64:
    """Temperature after ``dt_s`` with one exchanger fully open."""
    both = by_kw_k + loss_kw_k
    end_c = (by_kw_k * by_c + loss_kw_k * hall_c) / both
    return end_c + (bath_c - end_c) * np.exp(-dt_s * both / capacity)
