"""Whatever is done to a good file, the check gives faults or a park and never an exception."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twin.park.park_file import check_park

GOOD = Path(__file__).parent / "good"

SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        [
            *(
                "none",
                "p1",
                "p1/m1",
                "yenphong",
                "yenphong/park",
                "c{1..3}",
                "yenphong/x{1..3}",
                "{n}",
                "{",
                "}",
            ),
            *(
                "${X}",
                "${",
                "nsu=",
                "nsu=a;i=1",
                "ns=1;i=1",
                "opc.tcp://a:1",
                "opc.tcp://[::1]:4840/",
                "{tag}",
            ),
            *("°C", "UTC", "..", "*.yaml", "park.yaml", "reflow_oven", "String", "Int32", "hall", "road"),
            *(0, -1, 1e308, float("inf"), [], {}, [[]], [None], {"vi": 1}),
        ]
    ),
)


def paths_of(node: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner: list[tuple[Any, Any]] = []
    if isinstance(node, dict):
        inner = list(node.items())
    elif isinstance(node, list):
        inner = list(enumerate(node))
    return [at, *(path for key, child in inner for path in paths_of(child, (*at, key)))]


def merged_full() -> dict[str, Any]:
    """The full park in one file, so that a mutation can reach all of it."""
    whole: dict[str, Any] = {}
    for name in ("park.yaml", "kinds.yaml", "areas/smt.yaml", "areas/utilities.yaml"):
        for key, value in yaml.safe_load((GOOD / "full" / name).read_text()).items():
            whole[key] = whole.get(key, []) + value if isinstance(value, list) else value
    del whole["include"]
    return whole


FULL = merged_full()
PATHS = paths_of(FULL)[1:]


def mutate(document: Any, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(PATHS))
    parent = document
    for key in path[:-1]:
        try:
            parent = parent[key]
        except (KeyError, IndexError, TypeError):
            return
    action = data.draw(st.sampled_from(["drop", "replace", "duplicate", "add"]))
    try:
        if action == "drop":
            del parent[path[-1]]
        elif action == "replace":
            parent[path[-1]] = data.draw(SCALARS)
        elif action == "duplicate" and isinstance(parent, list):
            parent.append(copy.deepcopy(parent[path[-1]]))
        elif isinstance(parent, dict):
            parent[data.draw(st.text(max_size=5))] = data.draw(SCALARS)
    except (KeyError, IndexError, TypeError):
        return


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), times=st.integers(1, 4))
def test_any_change_of_a_good_park_gives_faults_or_a_park(
    tmp_path: Path, data: st.DataObject, times: int
) -> None:
    document = copy.deepcopy(FULL)
    for _ in range(times):
        mutate(document, data)
    path = tmp_path / "park.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), errors="replace")
    report = check_park(path, {"SMT_HOST": "plc"})
    assert (report.park is None) == (report.errors > 0)
    for fault in report.faults:
        assert str(fault).startswith(f"{path}:{fault.line}:{fault.column}  [")
        assert "\n" not in str(fault)


@pytest.mark.parametrize("seed", range(60))
def test_a_file_with_bytes_flipped_gives_faults_or_a_park(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    data = bytearray((GOOD / "full" / "areas" / "smt.yaml").read_bytes())
    for _ in range(rng.randint(1, 6)):
        data[rng.randrange(len(data))] = rng.choice(b"{}[]:,-#&*!|>'\"%@`\t\n \x00\xff0aZ")
    (tmp_path / "park.yaml").write_bytes(data)
    report = check_park(tmp_path / "park.yaml", {"SMT_HOST": "plc"})
    assert report.park is None
    assert report.errors


def test_the_unchanged_document_is_a_park(tmp_path: Path) -> None:
    (tmp_path / "park.yaml").write_text(yaml.safe_dump(FULL, allow_unicode=True))
    assert check_park(tmp_path / "park.yaml", {"SMT_HOST": "plc"}).faults == ()
