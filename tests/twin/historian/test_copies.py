"""A history in pieces is the history."""

from __future__ import annotations

import io

import pytest

from tests.twin.historian.frames import SECOND, START, frame, tag_set
from tests.twin.historian.test_store import NAN, everything
from twin.contract.messages import Gap, GapReason
from twin.historian.base import EngineError, Piece
from twin.historian.copies import COPIED, copy_out
from twin.historian.native import decode_blocks
from twin.historian.piece_stream import read_pieces, write_pieces
from twin.historian.schema import tag_number
from twin.historian.store import EngineHistory

WEEK = 7 * 86_400 * SECOND


def test_every_row_is_in_one_piece_and_putting_it_in_again_changes_nothing(
    history: EngineHistory, source: str
) -> None:
    of = tag_set(source)
    times = [START + i * SECOND for i in range(250)]
    history.append([frame(of, times, list(range(250)), index=0)])
    history.append([frame(of, times[:40], list(range(40)), index=1), frame(of, [START + 3 * WEEK], [7.0])])
    words = tuple(f"chữ {i}" if i % 3 else None for i in range(40))
    history.append([frame(of, times[:40], [NAN] * 40, index=2, text=words, status=0x480)])
    history.append([frame(of, times[:40], [NAN] * 40, index=2, text=words, status=0x480)])  # told twice
    history.append_gaps(
        [Gap(id=f"{source}:1", source=source, start=START, end=START + 5, reason=GapReason.OUTBOX_FULL)]
    )
    before = [everything(history, tag) for tag in of.tags]

    pieces = list(copy_out(history._engine, piece_rows=100))  # noqa: SLF001  # as many as a test can count

    assert all(piece.rows <= 100 for piece in pieces if piece.table == "readings")
    numbers = {tag_number(tag) for tag in of.tags}
    rows = [
        (int(tag), int(ts))
        for piece in pieces
        if piece.table == "readings"
        for columns in [decode_blocks(piece.block)]
        for tag, ts in zip(columns["tag"], columns["ts"], strict=True)
        if int(tag) in numbers
    ]
    assert len(rows) == len(set(rows)) == 250 + 40 + 1 + 40
    told = b"".join(write_pieces(pieces))
    stream = io.BytesIO(told)
    for piece in read_pieces(stream.readline, stream.read):
        history.copy_in(piece)
    history.optimize()
    after = [everything(history, tag) for tag in of.tags]
    for one, other in zip(before, after, strict=True):
        assert one.time.tolist() == other.time.tolist()
        assert one.value.tobytes() == other.value.tobytes()
        assert (one.status.tolist(), one.text) == (other.status.tolist(), other.text)
    assert [gap.end for gap in history.gaps(START, START + 10) if gap.source == source] == [START + 5]


def test_a_stream_that_broke_off_is_no_history(history: EngineHistory, source: str) -> None:
    history.append([frame(tag_set(source), [START], [1.0])])
    told = b"".join(write_pieces(history.copy_out()))
    for cut in (told[:-1], told[: len(told) // 2], told[: told.rindex(b'{"end"')], b""):
        stream = io.BytesIO(cut)
        if cut == told[:-1]:  # the last line is whole without its end
            assert list(read_pieces(stream.readline, stream.read))
            continue
        with pytest.raises(EngineError, match="make it again"):
            list(read_pieces(stream.readline, stream.read))


def test_a_piece_of_an_unknown_table_is_refused(history: EngineHistory) -> None:
    with pytest.raises(EngineError, match="none of tags, gaps, readings"):
        history.copy_in(Piece("moments", 0, b""))
    with pytest.raises(EngineError, match="has the columns"):
        history.copy_in(Piece("readings", 0, b"\x01\x01\x01a\x05UInt8\x07"))
    assert set(COPIED) == {"tags", "gaps", "readings"}
