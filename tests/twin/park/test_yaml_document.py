"""YAML is read as written: places known, nothing swallowed, nothing invented."""

from __future__ import annotations

import math

import pytest

from twin.park.yaml_document import YamlError, read_yaml
from twin.park.yaml_tree import doubts, locate, plain, written


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1), ("-7", -7), ("+7", 7), ("0", 0), ("1.5", 1.5), (".5", 0.5), ("1e5", 1e5),
        ("-1.0E-3", -0.001), ("true", True), ("False", False), ("null", None), ("~", None), ("", None),
        ("''", ""), ("'1'", "1"), ('"no"', "no"), ("2026-01-31", "2026-01-31"), ("1.2.3", "1.2.3"),
        ("12a", "12a"), ("=", "="), ("!!str 12", "12"), ("none", "none"), ("10.0.0.7", "10.0.0.7"),
        ("99999999999999999999", 1e20),
    ],
)  # fmt: skip
def test_a_scalar_has_the_type_of_yaml_1_2(text: str, value: object) -> None:
    read = plain(read_yaml(f"key: {text}"))
    assert isinstance(read, dict)
    assert read == {"key": value}
    assert type(read["key"]) is type(value)


def test_numbers_that_are_none_are_read_as_such() -> None:
    read = plain(read_yaml("[.inf, -.INF, .nan]"))
    assert isinstance(read, tuple)
    assert read[0] == math.inf
    assert read[1] == -math.inf
    assert math.isnan(read[2])


@pytest.mark.parametrize(
    "text",
    ["no", "Yes", "ON", "off", "y", "N", "012", "0o17", "0x1F", "0b11", "1_000", "1:30", "08", "12:30:45.5"],
)
def test_a_trap_is_kept_as_text_and_doubted_unless_it_is_quoted(text: str) -> None:
    root = read_yaml(f"a: {text}\nb: '{text}'")
    assert plain(root) == {"a": text, "b": text}
    assert [(loc, doubt.code.partition(".")[0]) for loc, _, doubt in doubts(root)] == [(("a",), "yaml")]


def test_places_are_those_a_person_counts() -> None:
    root = read_yaml("máy:\n  - id: lò\n    cỡ: [1, 2]\n")
    assert locate(root, ("máy", 0, "cỡ", 1)) == (3, 13, "máy[lò].cỡ[1]")
    assert locate(root, ("máy", 0, "cỡ"), key=True) == (3, 5, "máy[lò].cỡ")
    assert locate(root, ("máy", 0, "thiếu")) == (2, 5, "máy[lò].thiếu")
    assert locate(root, ("máy", 0, "id", "vi")) == (2, 9, "máy[lò].id")
    assert written(root, ("máy", 0, "cỡ", 1)) == "2"
    assert written(root, ("máy", 7)) == ""


def test_an_alias_is_what_it_names_and_costs_what_it_unfolds_to() -> None:
    root = read_yaml("a: &x {high: 2}\nb: *x\nc: [*x, *x]")
    assert plain(root) == {"a": {"high": 2}, "b": {"high": 2}, "c": ({"high": 2}, {"high": 2})}
    assert root.count == 1 + (1 + 3) + (1 + 3) + (1 + 1 + 3 + 3)  # keys count as well


def test_an_anchor_given_twice_means_the_newer_from_there_on() -> None:
    assert plain(read_yaml("a: &x 1\nb: *x\nc: &x 2\nd: *x")) == {"a": 1, "b": 1, "c": 2, "d": 2}


def test_a_billion_laughs_is_refused_before_it_is_unfolded() -> None:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    with pytest.raises(YamlError) as caught:
        read_yaml("\n".join(lines))
    assert (caught.value.code, caught.value.line) == ("yaml.expansion", 7)
