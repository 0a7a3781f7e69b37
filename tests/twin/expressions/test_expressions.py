"""Expressions: what they are worth, what goes with it, and what is refused."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.expressions.column import BAD_OUT_OF_RANGE, BAD_TYPE_MISMATCH, Column
from twin.expressions.dimension import ONE, Dimension, dimension_of
from twin.expressions.errors import ExpressionError
from twin.expressions.expression import (
    Expression,
    SignalType,
    compile_condition,
    compile_expression,
    compile_value,
)
from twin.expressions.parser import MAX_DEPTH
from twin.expressions.tokens import MAX_LETTERS
from twin.park.units import UNITS

SIGNALS = {
    "flow": SignalType("flow", "number", "m³/h"),
    "temperature": SignalType("temperature", "number", "°C"),
    "power": SignalType("power", "number", "kW"),
    "level": SignalType("level", "number", ""),
    "closed": SignalType("closed", "boolean"),
    "state": SignalType("state", "text"),
    "../pump2:flow": SignalType("pump2:flow", "number", "L/s"),
}
BAD = 0x80310000
UNCERTAIN = 0x40000000


def resolve(name: str) -> SignalType:
    if name not in SIGNALS:
        raise LookupError(f"the machine has no {name}")
    return SIGNALS[name]


def unit_of(symbol: str) -> Dimension:
    return dimension_of(UNITS[symbol].ucum, symbol)


def made(text: str) -> Expression:
    return compile_expression(text, resolve, unit_of)


INPUTS = {
    "flow": Column.of([36.0]),
    "temperature": Column.of([25.0]),
    "power": Column.of([2.0]),
    "level": Column.of([0.4]),
    "closed": Column.of([1.0]),
    "state": Column.of([math.nan], 0, ["Execute"]),
    "pump2:flow": Column.of([10.0]),
}


def worth(text: str, **inputs: Column) -> Column:
    return made(text).evaluate({**INPUTS, **inputs}, 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("2 - 3 - 4", -5.0),
        ("-2 ^ 2", -4.0),
        ("2 ^ 3 / 4", 2.0),
        ("abs(-3)", 3.0),
        ("min(3, 1, 2) + max(1, 5)", 6.0),
        ("flow + {../pump2:flow}", 72.0),
        ("{../pump2:flow} + flow", 20.0),
        ("power + 500 [W]", 2.5),
        ("(temperature + temperature) / 2", 25.0),
        ("if(closed, power, 0)", 2.0),
        ("power * 2 [h]", 4.0),
        ("flow > 35", 1.0),
        ("flow > 9 [L/s] and not (temperature > 298.16 [K])", 1.0),
        ("level == 40 [%]", 1.0),
        ("between(temperature, 20, 77 [°F])", 1.0),
        ("between(temperature, 20, 76.9 [°F])", 0.0),
        ('state == "Execute"', 1.0),
        ('state in ("Idle", "Stopped")', 0.0),
        ("flow in (36, 40)", 1.0),
        ("closed or false", 1.0),
        ("not closed or flow < 1", 0.0),
        ("true and closed != false", 1.0),
        ("good(flow)", 1.0),
    ],
)
def test_what_it_is_worth(text: str, value: float) -> None:
    found = worth(text)
    assert found.status.tolist() == [0]
    assert found.value.tolist() == pytest.approx([value])


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("1 / 0", BAD_OUT_OF_RANGE),
        ("flow / (level - 0.4)", BAD_OUT_OF_RANGE),
        ("flow / (level - 0.4) > 3", BAD_OUT_OF_RANGE),
        ("1e300 * 1e300", BAD_OUT_OF_RANGE),
    ],
)
def test_what_cannot_be_worked_out_is_bad(text: str, status: int) -> None:
    assert worth(text).status.tolist() == [status]


def test_quality_goes_with_the_value() -> None:
    assert worth("flow > 1", flow=Column.of([36.0], BAD)).status.tolist() == [BAD]
    assert worth("flow > 1", flow=Column.of([36.0], UNCERTAIN)).status.tolist() == [UNCERTAIN]
    assert worth("closed or flow > 1", flow=Column.of([36.0], BAD)).status.tolist() == [BAD]
    assert worth("good(flow) and closed", flow=Column.of([36.0], BAD)).value.tolist() == [0.0]
    assert worth("if(good(flow), flow, 0)", flow=Column.of([36.0], BAD)).status.tolist() == [0]
    assert worth("flow > 1", flow=Column.of([math.nan])).status.tolist() == [BAD_TYPE_MISMATCH]
    assert worth('state == "Execute"', state=Column.of([3.0])).status.tolist() == [BAD_TYPE_MISMATCH]


def test_one_operation_a_node_for_all_machines() -> None:
    n = 50_000
    rng = np.random.default_rng(5)
    flow = rng.uniform(0, 100, n)
    status = np.where(rng.random(n) < 0.1, BAD, 0).astype(np.uint32)
    inputs = {"flow": Column.of(flow, status), "temperature": Column.of(np.full(n, 20.0))}
    found = made("flow > 50 and temperature < 30").evaluate(inputs, n)
    assert np.array_equal(found.value != 0, flow > 50)
    assert np.array_equal(found.status, status)


def test_a_value_in_the_unit_that_is_wanted() -> None:
    kw = unit_of("kW")
    made_value = compile_value("power + 500 [W]", unit_of("W"), resolve, unit_of)
    assert made_value.evaluate(INPUTS, 1).value.tolist() == [2500.0]
    assert compile_value("1 + 1", kw, resolve, unit_of).evaluate(INPUTS, 1).value.tolist() == [2.0]
    energy = compile_value("power * 2 [h]", unit_of("MJ"), resolve, unit_of)
    assert energy.evaluate(INPUTS, 1).value.tolist() == pytest.approx([14.4])
    with pytest.raises(ExpressionError, match="which is no kW"):
        compile_value("flow", kw, resolve, unit_of)
    with pytest.raises(ExpressionError, match="a number is wanted"):
        compile_value("closed", kw, resolve, unit_of)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is empty"),
        ("flow >", "the end"),
        ("flow > 1 2", "does not follow"),
        ("(flow > 1", r"'\)' must stand here"),
        ("flow = 1", "write =="),
        ("flow & closed", "and, or, not"),
        ("'open", "close the quotes"),
        ("flow > 3 [furlong]", "unit 'furlong'"),
        ("flow > 3 [bar]", "do not go together"),
        ("flow > level", "do not go together"),
        ("speed > 1", "the machine has no speed"),
        ("flow and closed", "is a number; compare it"),
        ("flow > closed", "a number is compared with a boolean"),
        ("state < 'a'", "equal or not"),
        ("1 < 2 < 3", "one comparison at a time"),
        ("flow ^ 1.5", "whole number"),
        ("flow ^ 9", "whole number"),
        ("temperature * power", "begins not at zero"),
        ("temperature ^ 2", "begins not at zero"),
        ("exec('x')", "no function"),
        ("abs(1, 2)", "write abs"),
        ("if(closed, 1, 'a')", "both must be of one kind"),
        ("flow in ()", "is in nothing"),
        ("__import__", "the machine has no __import__"),
        ("x.y", "begins no word"),
        ("(" * (MAX_DEPTH + 1) + "1" + ")" * (MAX_DEPTH + 1), "deep"),
        ("not " * (MAX_DEPTH + 1) + "closed", "deep"),
        ("-" * (MAX_DEPTH + 1) + "1", "deep"),
        ("1" + "+1" * 200, "more than"),
        ("1" * (MAX_LETTERS + 1), "letters"),
    ],
)
def test_what_is_refused(text: str, what: str) -> None:
    with pytest.raises(ExpressionError, match=what) as caught:
        made(text)
    assert 0 <= caught.value.at <= MAX_LETTERS


def test_a_condition_is_true_or_false() -> None:
    assert compile_condition("flow > 1", resolve, unit_of).kind == "boolean"
    with pytest.raises(ExpressionError, match="true or false"):
        compile_condition("flow", resolve, unit_of)


@pytest.mark.parametrize("symbol", sorted(UNITS))
def test_every_unit_of_the_table_is_understood(symbol: str) -> None:
    assert dimension_of(UNITS[symbol].ucum, symbol).factor > 0


@pytest.mark.parametrize(
    ("value", "of", "to", "expected"),
    [
        (1.0, "bar", "kPa", 100.0),
        (1.0, "psi", "kPa", 6.894757293168361),  # NIST SP 811, B.8
        (760.0, "mmHg", "kPa", 101.325),
        (212.0, "°F", "°C", 100.0),
        (-40.0, "°C", "°F", -40.0),
        (491.67, "°R", "°C", 0.0),
        (1.0, "kWh", "MJ", 3.6),
        (3.6, "m³/h", "L/s", 1.0),
        (1.0, "ha", "m²", 10_000.0),
        (1.0, "lb/s", "kg/s", 0.45359237),
        (50.0, "%", "ppm", 500_000.0),
        (1.0, "gₙ", "m/s²", 9.80665),
        (60.0, "pcs/h", "pcs/min", 1.0),
    ],
)
def test_conversions_are_those_of_the_standards(value: float, of: str, to: str, expected: float) -> None:
    source, target = unit_of(of), unit_of(to)
    assert source.fits(target)
    base = value * source.factor + source.offset
    assert (base - target.offset) / target.factor == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("one", "other"), [("pcs/h", "Hz"), ("rpm", "Hz"), ("m³/h", "Nm³/h"), ("kW", "kvar")]
)
def test_what_only_looks_alike_does_not_fit(one: str, other: str) -> None:
    assert not unit_of(one).fits(unit_of(other))


def test_a_quotient_of_one_unit_is_a_pure_number() -> None:
    assert made("flow / flow > 2").kind == "boolean"
    ratio = made("flow / {../pump2:flow}")
    assert ratio.unit is not None
    assert ratio.unit.fits(ONE)
    assert worth("(flow / {../pump2:flow}) == 1").value.tolist() == [1.0]


@given(st.text(alphabet="flow temprau><=!(){}[]+-*/^ ,.0123456789\"'andortif", max_size=80))
def test_whatever_is_written_it_is_an_expression_or_is_refused(text: str) -> None:
    try:
        made(text).evaluate(INPUTS, 1)
    except ExpressionError:
        return


_NUMBER = st.integers(0, 9).map(str)


@st.composite
def arithmetic(draw: st.DrawFn, depth: int = 4) -> str:
    if depth == 0 or draw(st.booleans()):
        return draw(_NUMBER)
    sign = draw(st.sampled_from("+-*/"))
    left, right = draw(arithmetic(depth - 1)), draw(arithmetic(depth - 1))
    return f"({left} {sign} {right})" if draw(st.booleans()) else f"{left} {sign} {right}"


@given(arithmetic())
def test_arithmetic_agrees_with_exact_fractions(text: str) -> None:
    exact = "".join(f"Fraction({letter})" if letter.isdigit() else letter for letter in text)
    try:
        expected = float(eval(exact, {"Fraction": Fraction}))
    except ZeroDivisionError:
        assert worth(text).status.tolist() == [BAD_OUT_OF_RANGE]
        return
    assert worth(text).value.tolist() == pytest.approx([expected], rel=1e-9)
