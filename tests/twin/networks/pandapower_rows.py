"""A published pandapower network, read into our rows; what they cannot say is refused."""

from __future__ import annotations

from typing import Any

from twin.networks.power_network import (
    Breaker,
    Bus,
    Generating,
    Grid,
    Line,
    Load,
    PowerNetwork,
    Shunt,
    TwoWinding,
)


def rows_of(net: Any) -> PowerNetwork:
    """Read a net; every element must be in service or a switch, every kind one of those below."""
    for table in ("trafo3w", "impedance", "ward", "xward", "dcline"):
        assert not len(net[table]), table
    names = {index: f"bus{index}" for index in net.bus.index}
    lines = tuple(
        Line(
            f"line{index}", names[row.from_bus], names[row.to_bus], row.length_km,
            row.r_ohm_per_km / row.parallel, row.x_ohm_per_km / row.parallel,
            row.max_i_ka * row.df * row.parallel, row.c_nf_per_km * row.parallel,
        )
        for index, row in net.line[net.line.in_service].iterrows()
    )  # fmt: skip
    trafos = tuple(
        TwoWinding(
            f"trafo{index}", names[row.hv_bus], names[row.lv_bus], row.sn_mva, row.vn_hv_kv, row.vn_lv_kv,
            row.vk_percent, row.vkr_percent, row.pfe_kw, row.i0_percent, row.shift_degree,
            row.tap_side if isinstance(row.tap_side, str) else "lv",
            0.0 if row.tap_pos != row.tap_pos else row.tap_pos,
            0.0 if row.tap_step_percent != row.tap_step_percent else row.tap_step_percent,
            0.0 if row.tap_neutral != row.tap_neutral else row.tap_neutral,
        )
        for index, row in net.trafo[net.trafo.in_service].iterrows()
    )  # fmt: skip
    kinds = {"b": ("bus", "bus"), "l": ("line", "line"), "t": ("transformer", "trafo")}
    known = {one.id for one in lines} | {one.id for one in trafos} | set(names.values())
    breakers = tuple(
        Breaker(
            f"switch{index}", names[row.bus], f"{kinds[row.et][1]}{row.element}", kinds[row.et][0],
            bool(row.closed),
        )
        for index, row in net.switch.iterrows()
        if f"{kinds[row.et][1]}{row.element}" in known
    )  # fmt: skip
    loads = [
        Load(f"load{index}", names[row.bus], row.p_mw * row.scaling, row.q_mvar * row.scaling)
        for index, row in net.load[net.load.in_service].iterrows()
    ]
    loads += [
        Load(f"sgen{index}", names[row.bus], -row.p_mw * row.scaling, -row.q_mvar * row.scaling)
        for index, row in net.sgen[net.sgen.in_service].iterrows()
    ]
    return PowerNetwork(
        buses=tuple(Bus(names[index], row.vn_kv) for index, row in net.bus.iterrows()),
        grids=tuple(Grid(names[row.bus], row.vm_pu, row.va_degree) for _, row in net.ext_grid.iterrows()),
        lines=lines,
        transformers=trafos,
        breakers=breakers,
        loads=tuple(loads),
        generating=tuple(
            Generating(f"gen{index}", names[row.bus], row.p_mw * row.scaling, row.vm_pu)
            for index, row in net.gen[net.gen.in_service].iterrows()
        ),
        shunts=tuple(
            Shunt(f"shunt{index}", names[row.bus], row.q_mvar * row.step, row.p_mw * row.step)
            for index, row in net.shunt[net.shunt.in_service].iterrows()
        ),
        hz=net.f_hz,
    )
