from __future__ import annotations

import math

import numpy as np
import pytest

from tests.twin.state.parks import NOW, identity, make_frame, make_park, make_state
from twin.contract.status import BAD_NO_COMMUNICATION, UNCERTAIN_LAST_USABLE_VALUE
from twin.state.condition import Condition, equipment_conditions, tag_conditions
from twin.state.tag_table import build_tag_table
from twin.state.twin_state import TwinState

GOOD, UNCERTAIN, BAD = 0, UNCERTAIN_LAST_USABLE_VALUE, BAD_NO_COMMUNICATION
TEMPERATURE, STATE, SPEED = 0, 1, 2


def oven(rows: dict[int, tuple[float, int, str | None]], stale: set[int] | None = None) -> Condition:
    """Condition of an oven whose tags have these (value, status, text)."""
    state = make_state(make_park(1))
    state.apply(make_frame([(tag, NOW, *row) for tag, row in rows.items()]), identity(state), NOW)
    flags = np.array([tag in (stale or ()) for tag in range(3)])
    return Condition(equipment_conditions(state.values, state.table, flags)[0])


def temperature(value: float, status: int = GOOD) -> dict[int, tuple[float, int, str | None]]:
    return {TEMPERATURE: (value, status, None)}


def in_state(text: str) -> dict[int, tuple[float, int, str | None]]:
    return {STATE: (math.nan, GOOD, text)}


@pytest.mark.parametrize(
    ("value", "condition"),
    [
        (220.0, Condition.RUNNING),
        (200.0, Condition.RUNNING),
        (250.0, Condition.RUNNING),
        (199.9, Condition.WARNING),
        (250.1, Condition.WARNING),
        (99.9, Condition.CRITICAL),
        (300.1, Condition.CRITICAL),
        (math.inf, Condition.CRITICAL),
        (math.nan, Condition.RUNNING),
    ],
)
def test_limits(value: float, condition: Condition) -> None:
    assert oven(temperature(value)) is condition


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("Execute", Condition.RUNNING),
        ("EXECUTE", Condition.RUNNING),
        ("Held", Condition.STOPPED),
        ("", Condition.STOPPED),
    ],
)
def test_packml_state_as_text(text: str, condition: Condition) -> None:
    assert oven(in_state(text)) is condition


@pytest.mark.parametrize(("number", "condition"), [(6.0, Condition.RUNNING), (2.0, Condition.STOPPED)])
def test_packml_state_as_number(number: float, condition: Condition) -> None:
    assert oven({STATE: (number, GOOD, None)}) is condition


def test_no_data_only_without_any_value_ever() -> None:
    assert oven({}) is Condition.NO_DATA
    assert oven({SPEED: (1.0, GOOD, None)}) is Condition.RUNNING


def test_the_order_of_gravity() -> None:
    stopped = in_state("Held")
    assert oven(stopped | temperature(260.0)) is Condition.WARNING
    assert oven(stopped | temperature(260.0, UNCERTAIN)) is Condition.UNCERTAIN
    assert oven(stopped | temperature(260.0, BAD)) is Condition.BAD
    assert oven(stopped | temperature(260.0), stale={STATE}) is Condition.STALE
    assert oven(stopped | temperature(310.0)) is Condition.CRITICAL


def test_one_dead_sensor_does_not_hide_a_critical_one() -> None:
    assert oven(temperature(310.0) | {SPEED: (1.0, BAD, None)}) is Condition.CRITICAL
    assert oven(temperature(310.0) | {SPEED: (1.0, GOOD, None)}, stale={SPEED}) is Condition.CRITICAL


def test_a_value_that_cannot_be_trusted_is_not_critical() -> None:
    assert oven(temperature(310.0, BAD)) is Condition.BAD
    assert oven(temperature(310.0), stale={TEMPERATURE}) is Condition.STALE
    assert oven(temperature(310.0, UNCERTAIN)) is Condition.CRITICAL


def test_conditions_of_tags() -> None:
    state = make_state(make_park(1))
    state.apply(make_frame([(0, NOW, 260.0), (1, NOW, math.nan, GOOD, "Held")]), identity(state), NOW)
    conditions = tag_conditions(state.values, state.table, np.zeros(3, np.bool_))
    assert conditions.tolist() == [Condition.WARNING, Condition.STOPPED, Condition.NO_DATA]


def test_an_equipment_without_tags_has_no_data_and_harms_no_other() -> None:
    park = make_park(3)
    without = [tag for tag in park.tags if tag.equipment != 1]
    object.__setattr__(park, "tags", tuple(without))
    state = TwinState(build_tag_table(park))
    state.apply(make_frame([(0, NOW, 260.0), (3, NOW, 310.0)]), identity(state), NOW)
    conditions = equipment_conditions(state.values, state.table, np.zeros(6, np.bool_))
    assert conditions.tolist() == [Condition.WARNING, Condition.NO_DATA, Condition.CRITICAL]
