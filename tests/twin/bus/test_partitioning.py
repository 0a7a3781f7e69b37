"""Sharing partitions among the members of a group."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from twin.bus.base import TopicPartition
from twin.bus.partitioning import assign, partitions_of
from twin.contract.topics import TOPICS

TOPIC_LISTS = st.lists(st.sampled_from(sorted(TOPICS)), min_size=1, unique=True)
MEMBERS = st.dictionaries(st.sampled_from("abcdefgh"), TOPIC_LISTS, min_size=1, max_size=6)
OWNERS = st.dictionaries(
    st.sampled_from(partitions_of(sorted(TOPICS))), st.sampled_from("abcdefghxy"), max_size=12
)


@given(MEMBERS, OWNERS)
def test_every_partition_somebody_reads_goes_to_one_who_reads_it(
    members: dict[str, list[str]], owners: dict[TopicPartition, str]
) -> None:
    shared = assign(members, owners)
    read = {topic for topics in members.values() for topic in topics}
    assert set(shared) == set(partitions_of(sorted(read)))
    assert all(partition.topic in members[member] for partition, member in shared.items())
    assert assign(members, shared) == shared


@given(st.integers(1, 8), OWNERS)
def test_members_of_the_same_topics_share_evenly(count: int, owners: dict[TopicPartition, str]) -> None:
    members = {name: sorted(TOPICS) for name in "abcdefgh"[:count]}
    shares = [list(assign(members, owners).values()).count(member) for member in members]
    assert max(shares) - min(shares) <= 1


def test_who_joins_takes_only_its_share_and_who_leaves_moves_only_its_own() -> None:
    one = assign({"a": ["readings"]}, {})
    two = assign({"a": ["readings"], "b": ["readings"]}, one)
    assert sum(one[partition] != two[partition] for partition in one) == 3
    left = assign({"b": ["readings"]}, two)
    assert set(left.values()) == {"b"}
