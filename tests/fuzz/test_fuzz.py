"""The fuzzed decoders in every test run: what was kept, and some fresh bytes; ``make fuzz`` goes on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.publish_response import FindingError, any_response, counts, publish_response
from tests.fuzz.responses import RESPONSES, damaged
from tests.fuzz.targets import CORPUS, TARGETS
from twin.contract.frame import Frame, encode_frame


@pytest.mark.parametrize("name", TARGETS)
def test_what_was_kept_is_no_finding(name: str) -> None:
    seeds = sorted((CORPUS / name).iterdir())
    assert len(seeds) >= 5
    for seed in seeds:
        try:
            TARGETS[name](seed.read_bytes())
        except Exception as error:
            pytest.fail(f"{seed}: {error!r}")


@given(RESPONSES)
@settings(max_examples=150, deadline=None)
def test_a_whole_response_reads_as_asyncua_reads_it(data: bytes) -> None:
    counts.clear()
    publish_response(data)
    assert set(counts) == {"both read"}


@given(damaged(RESPONSES))
@settings(max_examples=300, deadline=None)
def test_a_damaged_response_is_refused_or_reads_as_asyncua_reads_it(data: bytes) -> None:
    any_response(data)


def _frame(rows: list[tuple[int, int, float, str | None]], compress: bool) -> bytes:
    texts = tuple(row[3] for row in rows)
    return encode_frame(
        Frame(
            "s",
            1,
            "00" * 16,
            np.array([row[0] for row in rows], np.uint32),
            np.array([row[1] for row in rows], np.int64),
            np.zeros(len(rows), np.uint32),
            np.array([row[2] for row in rows], np.float64),
            texts if any(text is not None for text in texts) else None,
        ),
        compress=compress,
    )


_ROWS = st.lists(
    st.tuples(
        st.integers(0, 2**32 - 1),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(),
        st.none() | st.text(max_size=5),
    ),
    max_size=6,
)


@given(damaged(st.builds(_frame, _ROWS, st.booleans())))
@settings(max_examples=200, deadline=None)
def test_a_damaged_frame_is_refused_or_reads_what_lies_in_it(data: bytes) -> None:
    TARGETS["frame"](data)


@given(st.binary(min_size=8, max_size=8))
@settings(deadline=None)
def test_registers_read_as_numpy_reads_them(data: bytes) -> None:
    TARGETS["modbus_register"](data)


def test_a_wrong_number_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    (seed, *_) = sorted((CORPUS / "publish_response").glob("doubles*"))
    monkeypatch.setattr("connectors.opcua.values.SCALAR_DTYPES", {11: ">f8"})
    from connectors.opcua import decode

    decode._shape.cache_clear()  # noqa: SLF001
    try:
        with pytest.raises(FindingError):
            publish_response(seed.read_bytes())
    finally:
        decode._shape.cache_clear()  # noqa: SLF001
