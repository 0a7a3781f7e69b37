"""Messages: one golden file per type and version, and a refusal for everything else."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.contract.codec import decode_message, encode_message
from twin.contract.command import Command, CommandOutcome, CommandState, CommandTarget, ReadBack
from twin.contract.errors import ContractError, MessageError
from twin.contract.health import (
    HealthReason,
    HealthState,
    HealthStep,
    MachineHealth,
    RankedMode,
    RemainingLife,
    SimilarLife,
)
from twin.contract.inspection import Finding, Inspection, InspectionReview, MeasuredValue, Truth, Verdict
from twin.contract.messages import (
    MESSAGE_TYPES,
    AlarmEntry,
    Condition,
    Connection,
    DeadLetter,
    FailedItem,
    Gap,
    GapReason,
    Payload,
    SourceConfig,
    SourceItem,
    SourceSecurity,
    SourceState,
    TagSet,
)
from twin.contract.topics import TOPICS

GOLDEN = Path(__file__).parent / "golden"
NOW = 1_700_000_000_123_456_789
TAG = "yenphong/anphat-electronics/f1/smt/line1/reflow1:zone3_temperature"

EXAMPLES: dict[str, Payload] = {
    example.TYPE: example
    for example in (
        TagSet(source="anphat", tags=(TAG,), units=("°C",), data_types=("Double",), simulated=True),
        SourceConfig(
            source="anphat",
            protocol="opcua",
            endpoint="opc.tcp://127.0.0.1:48401/",
            items=(SourceItem(tag=TAG, node=f"nsu=urn:parktwin:sim;s={TAG}", unit="°C", data_type="Double"),),
            simulated=True,
            park="yenphong",
            security=SourceSecurity(
                policy="Basic256Sha256", user_name_env="PLC_USER", password_env="PLC_PASSWORD"
            ),
        ),
        SourceState(
            source="anphat",
            connection=Connection.CONNECTED,
            since=NOW,
            time=NOW + 1,
            last_heard=NOW + 1,
            requested=2,
            monitored=1,
            failed=(FailedItem(tag=TAG, node="nsu=x;s=y", status=0x80340000, reason="no such node"),),
            readings=10,
            conditions=(Condition(code="outbox_full", since=NOW, detail="disk full"),),
        ),
        Gap(
            id="anphat:1",
            source="anphat",
            start=NOW - 5,
            end=NOW,
            reason=GapReason.CONNECTOR_DOWN,
            tags=(TAG,),
        ),
        DeadLetter(
            topic="readings",
            partition=0,
            offset=7,
            key="anphat",
            consumer="historian",
            code="contract.frame",
            reason="too short",
            time=NOW,
            value=b"\x00\xff",
            headers={"ce_id": "anphat:7"},
        ),
        AlarmEntry(
            park="yenphong",
            number=17,
            alarm=f"{TAG}:high",
            subject=TAG,
            equipment=TAG.partition(":")[0],
            event="alarm",
            from_state="normal",
            to_state="unacknowledged",
            active=True,
            time=NOW,
            recorded=NOW + 5,
            by="system",
            priority="medium",
            alarm_class="process",
            value=261.5,
            limit=260.0,
            name_vi="Cao",
            name_en="Too high",
        ),
        Command(
            id="0d5a7c1e9b",
            park="yenphong",
            source="anphat",
            equipment=TAG.partition(":")[0],
            name="set_zone3",
            target=CommandTarget(
                action="write",
                node="nsu=urn:parktwin:sim;s=zone3_setpoint",
                data_type="Double",
                low=150.0,
                high=280.0,
                unit="°C",
                read_back=ReadBack(node=f"nsu=urn:parktwin:sim;s={TAG}", tolerance=2.0, hold_ms=1000),
            ),
            value=245.0,
            risk="high",
            reason="Kem hàn mới",
            requested_by="lan",
            requested_at=NOW,
            approved_by="minh",
            approved_at=NOW + 1,
            issued=NOW + 2,
            expires=NOW + 30_000_000_000,
        ),
        CommandOutcome(
            command="0d5a7c1e9b",
            number=2,
            source="anphat",
            equipment=TAG.partition(":")[0],
            name="set_zone3",
            state=CommandState.HELD,
            code="held",
            params={"value": "244.9 °C"},
            detail="read back 244.9",
            time=NOW + 5,
            value=244.9,
            value_time=NOW + 4,
            before=240.0,
        ),
        MachineHealth(
            machine=TAG.partition(":")[0],
            time=NOW,
            kind="reflow_oven",
            state=HealthState.DEGRADING,
            health=0.62,
            remaining=RemainingLife(p05=210.0, p10=240.5, p50=400.0, p90=610.0, p95=690.0),
            modes=(
                RankedMode(
                    mode="fan_bearing",
                    iso14224="VIB",
                    mechanism="2.6 Fatigue",
                    probability=0.87,
                    name_vi="Hỏng ổ trục quạt",
                    name_en="Fan bearing fatigue",
                ),
            ),
            reasons=(
                HealthReason(
                    signal="fan_vibration",
                    contribution=0.7,
                    vi="fan_vibration cao hơn bình thường",
                    en="fan_vibration is above normal",
                ),
            ),
            trend_vi="Mức hư hại tăng từ 20 % lên 38 %",
            trend_en="Severity rose from 20 % to 38 %",
            steps=(
                HealthStep(
                    block="age",
                    remaining_h=900.0,
                    vi="Theo tuổi máy: còn khoảng 900 giờ chạy",
                    en="By its age: about 900 running hours",
                ),
                HealthStep(
                    block="signals",
                    remaining_h=400.0,
                    vi="Thêm tín hiệu: còn khoảng 400 giờ chạy",
                    en="With its signals: about 400 running hours",
                ),
            ),
            similar=(
                SimilarLife(
                    life="17",
                    distance=0.04,
                    remaining_h=380.0,
                    mode="fan_bearing",
                    vi="Máy 17 từng như vậy, chạy thêm 380 giờ",
                    en="Machine 17 once looked the same and lasted 380 hours more",
                ),
            ),
            model="reflow_oven",
            model_version="0123456789ab",
            inputs_hash="00112233445566778899aabbccddeeff",
            gap_share=0.02,
        ),
        Inspection(
            id="0f" * 16,
            recorder="1e" * 16,
            sequence=41,
            station=TAG.rpartition("/")[0] + "/aoi1",
            product="board-a",
            serial="SMT1-261126-00041",
            recipe="board-a",
            recipe_version=3,
            recipe_sha256="2d" * 32,
            network="efficientnet_lite0_features",
            network_sha256="3c" * 32,
            software="0.1.0",
            verdict=Verdict.REJECT,
            score=7.25,
            review_from=1.5,
            reject_from=2.5,
            received=NOW + 9,
            picture_sha256="4b" * 32,
            width=640,
            height=480,
            captured=NOW,
            scores={"gaussian_map": 2.5},
            findings=(Finding(type="short", box=(10, 20, 30, 40), score=1.75, type_confidence=0.92),),
            figures={"brightness": 128.5},
            mm_per_px=0.05,
            simulated=True,
            code="SN-0041",
            measurements=(
                MeasuredValue(
                    name="bore",
                    value_mm=24.5,
                    u_mm=0.25,
                    guard_mm=0.5,
                    lower_mm=20.0,
                    upper_mm=25.0,
                    verdict="review",
                ),
            ),
        ),
        InspectionReview(
            id="5a" * 16,
            inspection="0f" * 16,
            station=TAG.rpartition("/")[0] + "/aoi1",
            serial="SMT1-261126-00041",
            recorder="1e" * 16,
            sequence=42,
            truth=Truth.DEFECTIVE,
            by="Lan",
            time=NOW + 60,
            defect="short",
            reason="seen under the microscope",
            blind=True,
        ),
    )
}


@pytest.mark.parametrize("kind", MESSAGE_TYPES, ids=lambda kind: kind.TYPE)
def test_golden_message_is_read_and_written_alike(kind: type[Payload]) -> None:
    example = EXAMPLES[kind.TYPE]
    golden = (GOLDEN / f"{kind.TYPE}.json").read_bytes()
    value, headers = encode_message(example, message_id="1", source="test", time_ns=NOW)
    assert value == golden.rstrip(b"\n")
    assert decode_message(kind, golden, headers) == example


def test_an_inspection_of_before_its_types_had_a_confidence_is_read() -> None:
    older = (GOLDEN / "inspection@1.json").read_bytes().replace(b',"type_confidence":0.92', b"")
    _, headers = encode_message(EXAMPLES["inspection@1"], message_id="1", source="test", time_ns=NOW)
    inspection = decode_message(Inspection, older, headers)
    assert [finding.type_confidence for finding in inspection.findings] == [None]


@pytest.mark.parametrize("kind", MESSAGE_TYPES, ids=lambda kind: kind.TYPE)
def test_a_field_from_the_future_is_ignored(kind: type[Payload]) -> None:
    body = msgspec.json.decode((GOLDEN / f"{kind.TYPE}.json").read_bytes())
    future = msgspec.json.encode(body | {"added_in_ten_years": 1})
    assert decode_message(kind, future, {}) == EXAMPLES[kind.TYPE]


def test_a_configuration_from_before_there_was_security_is_open() -> None:
    body = msgspec.json.decode((GOLDEN / f"{SourceConfig.TYPE}.json").read_bytes())
    del body["security"]
    assert decode_message(SourceConfig, msgspec.json.encode(body), {}).security == SourceSecurity()


def test_every_topic_carries_frames_or_a_known_message() -> None:
    carried = {topic.payload for topic in TOPICS.values() if topic.payload is not None}
    assert carried == set(MESSAGE_TYPES)


@given(st.binary(max_size=200))
def test_noise_is_refused(noise: bytes) -> None:
    for headers in ({}, {"content-encoding": "zstd"}):
        with pytest.raises(MessageError):
            decode_message(Gap, noise, headers)


@pytest.mark.parametrize(
    ("kind", "field", "number"),
    [
        (Gap, "start", 2**63),
        (Gap, "end", -(2**63) - 1),
        (SourceState, "since", 10**400),
        (SourceState, "time", 2**63),
        (SourceState, "heartbeat_ms", 0),
        (SourceState, "heartbeat_ms", 10**9),
        (SourceState, "readings", -1),
    ],
)
def test_a_number_that_no_column_holds_is_refused_at_the_door(
    kind: type[Payload], field: str, number: int
) -> None:
    body = msgspec.json.decode((GOLDEN / f"{kind.TYPE}.json").read_bytes())
    # msgspec writes no integer beyond 64 bits, others do
    value = json.dumps(body | {field: number}).encode()
    with pytest.raises(MessageError, match=field):
        decode_message(kind, value, {})


@pytest.mark.parametrize("source", ["", "x" * 256, "máy"])
def test_a_source_that_no_frame_can_name_is_refused_at_the_door(source: str) -> None:
    body = msgspec.json.decode((GOLDEN / f"{SourceConfig.TYPE}.json").read_bytes())
    with pytest.raises(MessageError, match="source"):
        decode_message(SourceConfig, msgspec.json.encode(body | {"source": source}), {})


def test_wrong_type_and_encoding_are_refused_by_name() -> None:
    value, headers = encode_message(EXAMPLES["gap@1"], message_id="1", source="test", time_ns=NOW)
    with pytest.raises(MessageError, match=r"gap@1.*carries 'tag_set@1'"):
        decode_message(TagSet, value, headers)
    with pytest.raises(MessageError, match="brotli"):
        decode_message(Gap, value, headers | {"content-encoding": "brotli"})


def test_a_large_message_travels_compressed() -> None:
    large = TagSet(source="s", tags=(TAG,) * 5000, units=("",) * 5000, data_types=("Double",) * 5000)
    value, headers = encode_message(large, message_id="1", source="test", time_ns=NOW)
    assert headers["content-encoding"] == "zstd"
    assert len(value) < 10_000
    assert decode_message(TagSet, value, headers) == large


def test_tag_set_id_is_its_content() -> None:
    one = TagSet(source="s", tags=(TAG,), units=("°C",), data_types=("Double",))
    assert one.id == TagSet(source="s", tags=(TAG,), units=("°C",), data_types=("Double",)).id
    assert one.id != TagSet(source="s", tags=(TAG,), units=("K",), data_types=("Double",)).id
    with pytest.raises(ContractError, match="differ in length"):
        TagSet(source="s", tags=(TAG,), units=(), data_types=("Double",))
