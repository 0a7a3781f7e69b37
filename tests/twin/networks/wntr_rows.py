"""A published EPANET network, read by WNTR into our rows; what they cannot say is refused."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from twin.networks.water_network import Junction, Pipe, Pump, Reservoir, Switching, Tank, WaterNetwork


def published(name: str) -> Any:
    """One of the networks that come with WNTR, e.g. ``Net1``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import wntr

        folder = Path(wntr.__file__).parent / "library" / "networks"
        return wntr.network.WaterNetworkModel(str(folder / f"{name}.inp"))


def rows_of(model: Any) -> WaterNetwork:
    """Read a model."""
    assert model.options.hydraulic.headloss == "H-W"
    assert not list(model.valves())
    default = model.options.hydraulic.pattern
    patterns = {name: tuple(float(x) for x in one.multipliers) for name, one in model.patterns()}
    junctions = []
    for name, node in model.junctions():
        demands = list(node.demand_timeseries_list)
        assert len(demands) <= 1, name
        base = demands[0].base_value * 3600.0 if demands else 0.0
        pattern = (demands[0].pattern_name if demands else None) or default or ""
        junctions.append(Junction(name, node.elevation, base, pattern if pattern in patterns else ""))
    pumps = []
    for name, pump in model.pumps():
        curve = tuple((q * 3600.0, h) for q, h in pump.get_pump_curve().points)
        pumps.append(
            Pump(name, pump.start_node_name, pump.end_node_name, curve, open=pump.initial_status != 0)
        )
    return WaterNetwork(
        junctions=tuple(junctions),
        reservoirs=tuple(Reservoir(name, node.base_head) for name, node in model.reservoirs()),
        tanks=tuple(
            Tank(name, node.elevation, node.init_level, node.min_level, node.max_level, node.diameter)
            for name, node in model.tanks()
        ),
        pipes=tuple(
            Pipe(
                name, pipe.start_node_name, pipe.end_node_name, pipe.length, pipe.diameter * 1000.0,
                pipe.roughness, pipe.minor_loss, int(pipe.initial_status) != 0, pipe.check_valve,
            )
            for name, pipe in model.pipes()
        ),
        pumps=tuple(pumps),
        switchings=tuple(_switching(one) for _, one in model.controls()),
        patterns=patterns,
        pattern_step_s=int(model.options.time.pattern_timestep),
        multiplier=model.options.hydraulic.demand_multiplier,
    )  # fmt: skip


def _switching(control: Any) -> Switching:
    (action,) = control.actions()
    target, attribute = action.target()
    assert attribute == "status"
    opens = int(action._value) != 0  # noqa: SLF001  there is no public name for it
    condition = control.condition
    if type(condition).__name__ == "SimTimeCondition":
        return Switching(target.name, opens, at_s=int(condition._threshold))  # noqa: SLF001
    above = condition._relation.text in {">", ">=", "ABOVE", "Above"}  # noqa: SLF001
    tank, level = condition._source_obj, condition._threshold  # noqa: SLF001
    return Switching(target.name, opens, tank=tank.name, above=above, level_m=level)
