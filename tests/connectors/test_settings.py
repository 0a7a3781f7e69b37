"""Which sources a process reads."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.settings import ConnectorSettings
from twin.contract.shares import share_of
from twin.service.settings import SettingsError, load

SOURCES = [f"line{n}" for n in range(500)]


def reader(share: str) -> Callable[[str], bool]:
    return load(ConnectorSettings, connectors_share=share).reads


def test_a_process_alone_reads_everything() -> None:
    assert all(map(load(ConnectorSettings).reads, SOURCES))


def test_every_source_is_read_by_exactly_one_of_the_shares() -> None:
    readers = [reader(f"{number}/3") for number in (1, 2, 3)]
    for source in SOURCES:
        assert sum(reads(source) for reads in readers) == 1
    assert all(sum(map(reads, SOURCES)) > 100 for reads in readers)


def test_one_share_more_moves_only_what_it_takes() -> None:
    moved = [name for name in SOURCES if share_of(name, 3) != share_of(name, 4)]
    assert {share_of(name, 4) for name in moved} == {3}
    assert 60 < len(moved) < 190


@pytest.mark.parametrize("share", ["0/2", "3/2", "1", "1/0", "a/b", "-1/2"])
def test_a_share_that_cannot_be_is_refused(share: str) -> None:
    with pytest.raises(SettingsError, match=f"{share}'"):
        load(ConnectorSettings, connectors_share=share)
