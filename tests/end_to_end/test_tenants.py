"""No byte of another tenant's leaves: made-up users ask made-up questions of a twin that runs, over REST and
WebSocket, and everything that comes back is searched for what is not theirs.

Every plant has names, ids, texts and values of its own, so that whatever leaks is known for whose it is.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.sync.client import connect

from tests.support.services import wait_for
from tests.twin.state.parks import Row, connected, make_frame, tag_set
from twin.api.service import create_app
from twin.api.settings import TwinSettings
from twin.bus.base import Bus, Message
from twin.bus.connect import open_bus
from twin.contract.clock import system_clock
from twin.contract.codec import encode_message, frame_headers
from twin.contract.frame import encode_frame
from twin.contract.topics import READINGS, SOURCE_STATES, TAG_SETS
from twin.identity.guard import declared
from twin.identity.identities import Identities
from twin.identity.permissions import ROLES
from twin.park.model import Park
from twin.park.park_file import load_park
from twin.service.settings import load

TENANTS = ("alpha", "beta", "gamma")
VALUE = {"alpha": 111111.25, "beta": 222222.25, "gamma": 333333.25}
POWER = {"alpha": 811.5, "beta": 922.5, "gamma": 733.5}
MACHINES = 2


def _meter(name: str, words: str, source: str) -> str:
    return (
        f"  - {{id: {name}, kind: meter, name: {{vi: {words}, en: {words}}}, position: [30, 20, 0], "
        f"source: {source}}}"
    )


_NETWORKS = "\n".join(
    [
        "supplies:",
        "  - {equipment: thu/grid/supply, voltage_kv: 22}",
        "cables:",
        *(
            f"  - {{equipment: thu/grid/f-{name}, voltage_kv: 22, length_m: 500, r_ohm_km: 0.125, "
            "x_ohm_km: 0.105, rated_a: 400}"
            for name in TENANTS
        ),
        "transformers:",
        *(
            f"  - {{equipment: thu/{name}/f1/tx, rated_kva: 1600, hv_kv: 22, lv_kv: 0.4, uk_percent: 6.04, "
            "load_loss_kw: 15.34, no_load_kw: 1.17, no_load_percent: 0.8, tap_step_percent: 2.5}"
            for name in TENANTS
        ),
        "boards:",
        *(f"  - {{equipment: thu/{name}/f1/board, voltage_kv: 0.4, rated_a: 1600}}" for name in TENANTS),
        "contacts:",
        *(
            f"  - {{of: thu/{name}, name: {{vi: Trực {name}Word, en: Shift {name}Word}}, "
            f'phone: "09 {VALUE[name]:.0f}"}}'
            for name in TENANTS
        ),
        '  - {of: thu/grid, name: {vi: Trực trạm, en: Substation shift}, phone: "0222 000"}',
    ]
)
_COMMANDS = """commands:
  - id: set_heat
    name: {vi: Đặt nhiệt, en: Set the heat}
    kind: oven
    risk: low
    write: heat
    argument: {range: [0, 300]}
    data_type: Double
    read_back: {signal: heat, tolerance: 5, hold_s: 1, within_s: 5}
    interlocks:
      - {id: own, name: {vi: Lò đo được, en: The oven is measured}, when: "heat > 0 [°C]"}
      - {id: gamma, name: {vi: Lò chung đo được, en: The common oven is measured},
          when: "{thu/gamma/f1/oven0:heat} > 7 [°C]"}
  - id: empty
    name: {vi: Xả lò, en: Empty it}
    kind: oven
    risk: low
    write: heat
    value: 0
    data_type: Double
    interlocks:
      - {id: cold, name: {vi: Lò đã nguội, en: It is cold}, when: "heat < 47 [°C]"}
  - id: stop
    name: {vi: Dừng, en: Stop}
    kind: oven
    risk: high
    write: heat
    value: 0
    data_type: Double
  - id: open
    name: {vi: Cắt, en: Open}
    kind: meter
    risk: high
    node: nsu=urn:x;s={equipment}.open
    value: true
    data_type: Boolean
"""


def park_text() -> str:
    """A park of three factories, each with a source, two ovens, a board, and words that nobody else has; the
    park feeds each over a feeder of its own, and every oven has an interlock that looks at gamma's."""
    lines = ["park: {id: thu, name: {vi: Khu thử, en: Test park}, timezone: Asia/Ho_Chi_Minh}", "places:"]
    for name in TENANTS:
        lines.append(f"  - {{id: thu/{name}, name: {{vi: Nhà {name}Word, en: Plant {name}Word}}}}")
        lines.append(f"  - {{id: thu/{name}/f1, name: {{vi: Xưởng {name}Word, en: Shop {name}Word}}}}")
    lines += [
        "  - {id: thu/grid, name: {vi: Trạm, en: Substation}}",
        "kinds:",
        "  - id: oven",
        "    name: {vi: Lò, en: Oven}",
        "    shape: reflow_oven",
        "    size: [4, 1.5, 1.6]",
        "    signals:",
        "      - {id: heat, name: {vi: Nhiệt, en: Heat}, unit: °C, limits: {high: 250}}",
        "      - {id: state, name: {vi: Trạng thái, en: State}, data_type: String, role: state}",
        "  - id: meter",
        "    name: {vi: Đồng hồ, en: Meter}",
        "    shape: feeder",
        "    size: [1, 1, 2]",
        "    signals:",
        "      - {id: active_power, name: {vi: Công suất, en: Power}, unit: kW}",
        "equipment:",
    ]
    for name in TENANTS:
        lines.append(_meter(f"thu/grid/f-{name}", f"Feeder {name}Word", "src-grid"))
    lines.append(_meter("thu/grid/supply", "Supply", "src-grid"))
    for row, name in enumerate(TENANTS):
        for number in range(MACHINES):
            words = f"{{vi: Lò {name}Word, en: Oven {name}Word}}"
            lines.append(
                f"  - {{id: thu/{name}/f1/oven{number}, kind: oven, name: {words}, "
                f"position: [{10 * number}, {10 * row}, 0], source: src-{name}}}"
            )
        for one in ("board", "tx"):
            lines.append(_meter(f"thu/{name}/f1/{one}", f"Board {name}Word", f"src-{name}"))
    lines.append("links:")
    for name in TENANTS:
        chain = ["thu/grid/supply", f"thu/grid/f-{name}", f"thu/{name}/f1/tx", f"thu/{name}/f1/board"]
        ovens = [f"thu/{name}/f1/oven{number}" for number in range(MACHINES)]
        for upstream, downstream in [*pairwise(chain), *((chain[-1], oven) for oven in ovens)]:
            lines.append(f"  - {{network: electricity, upstream: {upstream}, downstream: {downstream}}}")
    lines += [_NETWORKS, "sources:"]
    for name in (*TENANTS, "grid"):
        lines += [
            f"  - id: src-{name}",
            f"    name: {{vi: Máy chủ {name}Word, en: Server {name}Word}}",
            "    protocol: opcua",
            f"    endpoint: opc.tcp://{name}.example:4840/",
            "    node: nsu=urn:x;s={tag}",
            "    commands: true",
        ]
    lines.append(_COMMANDS)
    return "\n".join(
        [*lines, "site:", "  - {id: nen, kind: plot, points: [[0, 0], [40, 0], [40, 30], [0, 30]]}"]
    )


@dataclass
class Estate:
    """A running twin with three tenants in it."""

    url: str
    park: Park
    client: httpx.Client
    sessions: dict[tuple[str, str], str]
    paths: list[tuple[str, str]]
    identity: str
    bus: Bus

    def foreign(self, tenant: str, asked: str) -> list[bytes]:
        """What may not be in an answer: everything of the others but what was in the question."""
        words: list[str] = []
        for other in TENANTS:
            if other != tenant:
                words += [f"{other}Word", str(VALUE[other]), f"src-{other}", f"{other}.example"]
                words += [machine.id for machine in self.park.equipment if f"/{other}/" in machine.id]
                words += [f"Text of {other}", f"thu/grid/f-{other}", f"09 {VALUE[other]:.0f}"]
        return [word.encode() for word in words if word not in asked]


def rows_of(tenant: str, now: int) -> list[Row]:
    """What a source shows: heats and states of its ovens and the power of its board, or the park's meters."""
    if tenant == "grid":
        powers = [*(POWER[name] for name in TENANTS), sum(POWER.values())]
        return [(number, now, power) for number, power in enumerate(powers)]
    rows: list[Row] = []
    for number in range(MACHINES):
        rows.append((2 * number, now, VALUE[tenant]))
        rows.append((2 * number + 1, now, float("nan"), 0, f"Text of {tenant}"))
    return [*rows, (2 * MACHINES, now, POWER[tenant]), (2 * MACHINES + 1, now, POWER[tenant])]


@contextmanager
def beating(folder: Path) -> Iterator[None]:
    """Have every source say each second that it is connected: values that nobody vouches for are stale."""
    stop = threading.Event()

    def beat() -> None:
        with closing(open_bus(f"embedded:{folder}")) as bus:
            while not stop.is_set():
                now = time.time_ns()
                for source in (f"src-{name}" for name in (*TENANTS, "grid")):
                    word = connected(source, time=now)
                    value, headers = encode_message(word, message_id=uuid4().hex, source=source, time_ns=now)
                    bus.publish([Message(SOURCE_STATES.name, source, value, headers)])
                stop.wait(1.0)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join(10)


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    folder: Path = tmp_path_factory.mktemp("estate")
    file = folder / "park.yaml"
    file.write_text(park_text())
    park = load_park(file, environment={})
    url = f"sqlite:///{folder / 'identity.sqlite3'}"
    identities = Identities(
        url, clock=system_clock, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    )
    sessions: dict[tuple[str, str], str] = {}
    for tenant in TENANTS:
        for role in ROLES:
            name = f"{role}.{tenant}"
            identities.accounts.add(name, roles=[role], tenant=f"thu/{tenant}", by="test")
            sessions[tenant, role] = identities.sessions.open(name)
    for role in ROLES:
        identities.accounts.add(f"{role}.park", roles=[role], tenant="", by="test")
        sessions["", role] = identities.sessions.open(f"{role}.park")
    identities.accounts.add("all.park", roles=list(ROLES), tenant="", by="test")
    sessions["", "all"] = identities.sessions.open("all.park")
    bus = open_bus(f"embedded:{folder / 'bus'}")
    made = load(TwinSettings, park=file, data_dir=folder / "twin", bus="embedded:x", identity=url, tick_s=0.1)
    app = create_app(made, park, connect=lambda: open_bus(f"embedded:{folder / 'bus'}"))
    paths = [(method, path) for method, path, _ in declared(app) if method != "WS"]
    for tenant in (*TENANTS, "grid"):
        source = f"src-{tenant}"
        tags = tag_set(park, source)
        value, headers = encode_message(tags, message_id=tags.id, source=source, time_ns=time.time_ns())
        bus.publish([Message(TAG_SETS.name, tags.id, value, headers)])
        now = time.time_ns()
        rows = rows_of(tenant, now)
        frame = make_frame(rows, sequence=1, identifier=source, set_id=tags.id)
        bus.publish([Message(READINGS.name, source, encode_frame(frame), frame_headers(frame, now))])
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    with socket.create_server(("127.0.0.1", 0)) as listener, ExitStack() as stack:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        stack.enter_context(beating(folder / "bus"))
        wait_for(lambda: server.started or not thread.is_alive(), "the twin listens")
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        client = stack.enter_context(httpx.Client(base_url=base, timeout=60, trust_env=False))
        ready = Estate(base, park, client, sessions, paths, url, bus)
        for tenant in TENANTS:
            wait_for(lambda tenant=tenant: alarms_of(ready, tenant) == MACHINES, "alarms of every plant")  # type: ignore[misc]
            wait_for(lambda tenant=tenant: len(history_of(ready, tenant)) == 1, "the history")  # type: ignore[misc]
        yield ready
        server.should_exit = True
        thread.join(30)
    identities.close()
    bus.close()


def ask(estate: Estate, tenant: str, role: str, method: str, path: str, **more: object) -> httpx.Response:
    bearer = {"authorization": f"Bearer {estate.sessions[tenant, role]}"}
    return estate.client.request(method, path, headers=bearer, **more)  # type: ignore[arg-type]


def alarms_of(estate: Estate, tenant: str) -> int:
    answer = ask(estate, tenant, "operator", "GET", "/api/alarms")
    return int(answer.json()["total"]) if answer.is_success else -1


def history_of(estate: Estate, tenant: str) -> list[float]:
    tag = f"thu/{tenant}/f1/oven0:heat"
    answer = ask(estate, tenant, "viewer", "GET", "/api/history", params={"tag": tag, "from": "now-1h"})
    return [] if not answer.is_success or answer.json()["raw"] is None else answer.json()["raw"]["value"]


tenants = st.sampled_from(TENANTS)
roles = st.sampled_from(ROLES)
machines = st.builds("thu/{}/f1/oven{}".format, tenants, st.integers(0, MACHINES))
boards = st.builds("thu/{}/f1/board".format, tenants) | st.builds("thu/grid/f-{}".format, tenants)
equipment = machines | boards | st.builds("thu/{}".format, tenants)
odd = ["", "thu", "thu/", "thu/alp", "%", "thu/%", "../thu/alpha", "thu/alpha/../beta"]
places = equipment | st.sampled_from(odd)
tags = st.builds("{}:{}".format, equipment, st.sampled_from(["heat", "state"]))
alarm_ids = st.builds("{}:high".format, tags)
asked_for: st.SearchStrategy[dict[str, str]] = st.one_of(
    st.fixed_dictionaries({"tag": tags, "from": st.just("now-1h")}),
    st.fixed_dictionaries({"equipment": places}),
    st.fixed_dictionaries({"alarm": alarm_ids, "equipment": places}),
    st.fixed_dictionaries({"place": places}),
    st.just({}),
)
questions = st.sampled_from(
    [
        "/api/park",
        "/api/state",
        "/api/history",
        "/api/alarms",
        "/api/alarms/groups",
        "/api/alarms/journal",
        "/api/sources",
        "/api/me",
        "/api/health",
        "/api/scene",
        "/openapi.json",
        "/",
        "/api/kpi",
        "/api/kpi/stops",
        "/api/kpi/energy",
        "/api/kpi/environment",
        "/api/kpi/inspections",
        "/api/kpi/timeline",
        "/api/consents",
        "/api/commands",
        "/api/networks/water",
        "/api/networks/electricity",
        "/api/networks/electricity/meters",
        "/api/networks/wastewater/rise",
        "/api/networks/electricity/overloads",
        "/api/what-if/elements",
        "/api/what-if/choices",
        "/api/commands/catalogue",
        "/api/commands/audit",
        "/api/park/revisions",
        "/api/alarms/kpi",
        "/metrics",
        "/api/identities",
    ]
)
actions = st.sampled_from(["acknowledge", "reset", "comment", "shelve", "out-of-service", "unshelve"])
MANY = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


@given(tenant=tenants, role=roles, path=questions, query=asked_for)
@MANY
def test_no_answer_has_a_byte_of_another_tenant(
    estate: Estate, tenant: str, role: str, path: str, query: dict[str, str]
) -> None:
    answer = ask(estate, tenant, role, "GET", path, params=query)
    assert answer.status_code < 500 or path in {"/api/scene", "/api/health"}, answer.text
    for word in estate.foreign(tenant, " ".join(query.values())):
        assert word not in answer.content, (path, query, word)


def test_a_tenant_sees_its_own_plants_whole(estate: Estate) -> None:
    park = ask(estate, "beta", "operator", "GET", "/api/park").json()
    machines = [machine["id"].removeprefix("thu/beta/f1/") for machine in park["equipment"]]
    assert machines == ["oven0", "oven1", "board", "tx"]
    assert [source["id"] for source in park["sources"]] == ["src-beta"]
    state = ask(estate, "beta", "operator", "GET", "/api/state?equipment=thu/beta/f1/oven1").json()
    assert [row["value"] for row in state["tags"]] == [VALUE["beta"], None]
    assert state["tags"][1]["text"] == "Text of beta"
    alarms = ask(estate, "beta", "operator", "GET", "/api/alarms").json()
    assert {row["equipment"] for row in alarms["alarms"]} == {"thu/beta/f1/oven0", "thu/beta/f1/oven1"}


@given(tenant=tenants, role=roles, action=actions, alarms=st.lists(alarm_ids, min_size=1, max_size=3))
@settings(MANY, max_examples=60)
def test_nobody_acts_on_the_alarms_of_another_tenant(
    estate: Estate, tenant: str, role: str, action: str, alarms: list[str]
) -> None:
    body = {"alarms": alarms, "by": "x", "reason": "x", "minutes": 0.1}
    answer = ask(estate, tenant, role, "POST", f"/api/alarms/{action}", json=body)
    if any(f"thu/{tenant}/" not in alarm for alarm in alarms):
        assert answer.status_code in {403, 404}, answer.text
    for word in estate.foreign(tenant, " ".join(alarms)):
        assert word not in answer.content


changes = st.lists(
    st.one_of(
        st.fixed_dictionaries({"change": st.sampled_from(["open", "off"]), "equipment": places}),
        st.fixed_dictionaries({"change": st.just("derate"), "equipment": places, "percent": st.just(1e-6)}),
        st.fixed_dictionaries({"change": st.just("output"), "line": places, "percent": st.just(20)}),
    ),
    min_size=1,
    max_size=3,
)


@given(tenant=tenants, role=roles, changes=changes)
@settings(MANY, max_examples=60)
def test_no_what_if_tells_of_another_tenant(
    estate: Estate, tenant: str, role: str, changes: list[dict[str, object]]
) -> None:
    answer = ask(estate, tenant, role, "POST", "/api/what-if", json={"changes": changes})
    assert answer.status_code < 500, answer.text
    asked = [str(row.get("equipment", row.get("line"))) for row in changes]
    foreign = [one for one in asked if not one.startswith(f"thu/{tenant}/") and one != f"thu/grid/f-{tenant}"]
    assert answer.is_error or not foreign, "what is not his cannot be changed, not even in thought"
    for word in estate.foreign(tenant, " ".join(asked)):
        assert word not in answer.content, (changes, word)


@given(
    tenant=tenants,
    role=roles,
    where=equipment,
    command=st.sampled_from(["set_heat", "empty", "stop", "open"]),
    route=st.sampled_from(["/api/commands", "/api/commands/rehearse"]),
)
@settings(MANY, max_examples=60)
def test_nobody_commands_or_rehearses_what_is_another_tenants(
    estate: Estate, tenant: str, role: str, where: str, command: str, route: str
) -> None:
    body: dict[str, object] = {"equipment": where, "command": command}
    if command == "set_heat":
        body["value"] = 100
    if route == "/api/commands":
        body |= {"by": "x", "reason": "x", "dry_run": True}
    answer = ask(estate, tenant, role, "POST", route, json=body)
    assert answer.status_code < 500, answer.text
    if not where.startswith(f"thu/{tenant}/"):
        assert answer.status_code in {403, 404}, answer.text
    for word in estate.foreign(tenant, where):
        assert word not in answer.content, (body, word)


def test_every_route_of_the_twin_is_its_tenants_or_nobodys(estate: Estate) -> None:
    asked = "thu/alpha/f1/oven0:heat"
    for method, path in estate.paths:
        answer = ask(estate, "beta", "engineer", method, path, params={"tag": asked})
        for word in estate.foreign("beta", asked):
            assert word not in answer.content, (method, path)


@pytest.mark.parametrize("tenant", TENANTS)
def test_a_tenant_is_played_its_own_past_and_no_others(estate: Estate, tenant: str) -> None:
    bearer = {"authorization": f"Bearer {estate.sessions[tenant, 'viewer']}"}
    at, seen = int(time.time() * 1000), b""
    url = f"{estate.url.replace('http', 'ws')}/api/stream?at={at}&speed=0"
    with connect(url, additional_headers=bearer) as viewer:
        for _ in range(3):  # what is played, which sources were lost, the state of then
            message = viewer.recv(30)
            seen += message if isinstance(message, bytes) else message.encode()
    assert struct.pack("<f", VALUE[tenant]) in seen
    for other in TENANTS:
        if other != tenant:
            assert struct.pack("<f", VALUE[other]) not in seen
    for word in estate.foreign(tenant, ""):
        assert word not in seen


@pytest.mark.parametrize("tenant", TENANTS)
def test_the_stream_carries_the_tenants_values_and_no_others(estate: Estate, tenant: str) -> None:
    bearer = {"authorization": f"Bearer {estate.sessions[tenant, 'viewer']}"}
    seen = b""
    with connect(estate.url.replace("http", "ws") + "/api/stream", additional_headers=bearer) as viewer:
        for _ in range(5):
            message = viewer.recv(20)
            seen += message if isinstance(message, bytes) else message.encode()
    assert struct.pack("<f", VALUE[tenant]) in seen
    assert f"Text of {tenant}".encode() in seen
    for other in TENANTS:
        if other != tenant:
            for form in ("<f", "<d"):
                assert struct.pack(form, VALUE[other]) not in seen
    for word in estate.foreign(tenant, ""):
        assert word not in seen
