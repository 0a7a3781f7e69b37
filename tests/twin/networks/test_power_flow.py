"""Power flow against published networks, and what it says where there is no answer."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from tests.twin.networks.pandapower_rows import rows_of
from twin.networks.errors import NotConvergedError
from twin.networks.power_flow import PowerModel
from twin.networks.power_network import Breaker, Bus, Grid, Line, Load, PowerNetwork

NAMES = ("example_simple", "case33bw", "create_cigre_network_mv", "case9", "case14", "case300")


def published(name: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandapower
        import pandapower.networks

        net = getattr(pandapower.networks, name)()
        pandapower.runpp(net, numba=False)
    return net


@pytest.mark.parametrize("name", NAMES)
def test_a_published_network_has_its_published_answer(name: str) -> None:
    net = published(name)
    found = PowerModel(rows_of(net)).solve()
    volts = np.array([found.volts[f"bus{index}"] for index in net.bus.index])
    np.testing.assert_allclose(volts, net.res_bus.vm_pu.to_numpy(), atol=1e-7)
    losses = 1000.0 * (net.res_line.pl_mw.sum() + net.res_trafo.pl_mw.sum())
    assert 1000.0 * sum(found.losses_mw.values()) == pytest.approx(losses, abs=1e-3)


def test_baran_and_wu_lose_203_kw_and_have_their_lowest_voltage_at_the_end() -> None:
    """Baran and Wu (1989), IEEE Trans. Power Deliv. 4(2), 1401-1407: 202.68 kW, 0.9131 at their bus 18."""
    found = PowerModel(rows_of(published("case33bw"))).solve()
    assert 1000.0 * sum(found.losses_mw.values()) == pytest.approx(202.68, abs=0.02)
    lowest = min(found.volts, key=lambda bus: found.volts[bus])
    assert lowest == "bus17"  # counted from 0
    assert found.volts[lowest] == pytest.approx(0.9131, abs=5e-5)


def feeder(mw: float) -> PowerNetwork:
    """A supply, two cables one behind the other, and one beside them."""
    return PowerNetwork(
        buses=tuple(Bus(name, 22.0) for name in ("grid", "a", "b", "c")),
        grids=(Grid("grid"),),
        lines=(
            Line("to-a", "grid", "a", 2.0, 0.125, 0.105, 0.4),
            Line("to-b", "a", "b", 6.0, 0.125, 0.105, 0.4),
            Line("to-c", "grid", "c", 1.0, 0.125, 0.105, 0.4),
        ),
        breakers=(Breaker("cb-a", "grid", "to-a", "line"),),
        loads=(Load("at-a", "a", 1.0, 0.3), Load("at-b", "b", mw, 0.3 * mw), Load("at-c", "c", 1.0, 0.3)),
    )


def test_what_is_switched_off_is_dark_and_the_rest_goes_on() -> None:
    model = PowerModel(feeder(2.0))
    whole = model.solve()
    assert whole.dark == frozenset()
    cut = model.solve(opened={"cb-a"})
    assert cut.dark == {"a", "b"}
    assert cut.volts["c"] == pytest.approx(whole.volts["c"])
    again = model.solve()
    assert again.volts == pytest.approx(whole.volts)


def test_solving_again_with_other_loads_is_as_solving_anew() -> None:
    model = PowerModel(feeder(2.0))
    model.solve()
    loads = feeder(5.0).loads
    again = model.solve(loads=loads, vm_pu=1.02)
    anew = PowerModel(feeder(5.0)).solve(vm_pu=1.02)
    assert again.volts == pytest.approx(anew.volts)
    assert again.loading == pytest.approx(anew.loading)


def test_where_there_is_no_answer_it_is_said_where_it_gives_way() -> None:
    with pytest.raises(NotConvergedError, match="b has the lowest voltage") as caught:
        PowerModel(feeder(400.0)).solve()
    assert caught.value.part == "b"
    with pytest.raises(NotConvergedError, match="no answer") as unexplained:
        PowerModel(feeder(400.0)).solve(explain=False)
    assert unexplained.value.part == ""


def test_after_no_answer_the_next_question_has_one() -> None:
    model = PowerModel(feeder(2.0))
    calm = model.solve()
    with pytest.raises(NotConvergedError):
        model.solve(loads=feeder(400.0).loads)
    assert model.solve().volts == pytest.approx(calm.volts)
