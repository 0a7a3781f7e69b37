"""Every service of ours, running as in a park with identities: Schemathesis asks every operation that each
describes, with what the description allows and with what it forbids, and we ask what only an attacker would.

``make trial`` asks for longer.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from tests.security.estate import MODULES, Estate, running_estate
from tests.security.fuzz import faults
from tests.support.services import wait_for
from tests.twin.api.running_twin import OVEN

TAG = f"{OVEN}:temperature"
SQL = (
    "' OR '1'='1", "'; DROP TABLE alarm_journal; --", "\\' UNION SELECT * FROM identity_users --",
    "%' AND sleep(9) --", "x\x00y", "{tag:String}", "$1", ":tag", "lo1') OR 1=1 --",
)  # fmt: skip
LONG_TO_MATCH = (
    "a" * 50_000 + "!",
    "((((a+)+)+)+)$" * 200,
    "%" * 2000 + "_" * 2000,
    "/" * 20_000,
    "*" * 5000,
)
BEYOND = ("1e400", "NaN", "-1", "0", str(2**31), str(2**63), str(2**64), "9" * 400, "0x10", "١٢٣", "1_000")


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with running_estate(tmp_path_factory.mktemp("estate")) as running:
        yield running


@pytest.fixture(scope="module")
def twin(estate: Estate) -> Iterator[httpx.Client]:
    """A program that may do everything, once the history has something to tell."""
    with estate.client("twin", **estate.bearer) as client:

        def is_told() -> bool:
            answer = client.get("/api/history", params={"tag": TAG})
            return answer.is_success and len(answer.json()["buckets"]["count"]) > 0

        wait_for(is_told, "the history has readings", 120)
        yield client


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("service", sorted(MODULES))
def test_no_made_up_question_is_too_much_nor_answered_to_nobody(estate: Estate, service: str) -> None:
    assert [str(fault) for fault in faults(estate, service, examples=2)] == []


@pytest.mark.trial
@pytest.mark.timeout(14_400)
@pytest.mark.parametrize("service", sorted(MODULES))
def test_the_same_for_long(estate: Estate, service: str) -> None:
    assert [str(fault) for fault in faults(estate, service, examples=100)] == []


@pytest.mark.parametrize("word", SQL)
def test_words_of_sql_are_words(twin: httpx.Client, word: str) -> None:
    for path, query in (
        ("/api/history", {"tag": word}),
        ("/api/history", {"tag": f"{OVEN}:{word}"}),
        ("/api/state", {"equipment": word}),
        ("/api/alarms", {"equipment": word}),
        ("/api/alarms/journal", {"equipment": word, "alarm": word}),
        ("/api/kpi", {"line": word}),
        ("/api/commands", {"equipment": word}),
        (f"/api/commands/{quote(word, safe='')}", {}),
        ("/api/commands/audit", {"command": word}),
        ("/api/qc/inspections", {"station": word, "serial": word, "verdict": word}),
        ("/api/maintenance/outcomes", {"machine": word}),
        ("/api/maintenance/work-orders", {"machine": word, "state": word}),
    ):
        answer = twin.get(path, params=query)
        assert answer.status_code < 500, (path, answer.text[:300])
        assert "identity_users" not in answer.text.replace(word, "")
        assert not answer.is_success or "argon2" not in answer.text
    body = {"alarms": [f"{TAG}:{word}"], "by": word, "reason": word}
    assert twin.post("/api/alarms/comment", json=body).status_code in {400, 404, 422}
    assert twin.get("/api/alarms").status_code == 200, "the table is still there"


@pytest.mark.parametrize("text", LONG_TO_MATCH, ids=range(len(LONG_TO_MATCH)))
def test_no_filter_takes_long(twin: httpx.Client, text: str) -> None:
    for path, name in (
        ("/api/history", "tag"), ("/api/history", "from"), ("/api/state", "equipment"), ("/api/state", "tag"),
        ("/api/alarms", "equipment"), ("/api/kpi/interval", "from"), ("/api/qc/inspections", "serial"),
    ):  # fmt: skip
        begun = time.monotonic()
        answer = twin.get(path, params={name: text})
        assert answer.status_code in {400, 404, 414, 422, 431} or answer.is_success, (
            path,
            answer.status_code,
        )
        assert time.monotonic() - begun < 20, (path, "what takes for ever would still run")


@pytest.mark.parametrize("number", BEYOND)
def test_numbers_beyond_every_column_are_refused(twin: httpx.Client, number: str) -> None:
    for path, query in (
        ("/api/history", {"tag": TAG, "points": number}),
        ("/api/history", {"tag": TAG, "from": number, "to": "now"}),
        ("/api/history", {"tag": TAG, "from": "now-1h", "to": number}),
        ("/api/history", {"tag": TAG, "from": f"now-{number}d"}),
        ("/api/alarms", {"limit": number, "offset": number}),
        ("/api/alarms/journal", {"limit": number, "after": number}),
        ("/api/state", {"equipment": OVEN, "at": number}),
        ("/api/commands/audit", {"limit": number, "after": number}),
        (f"/api/commands/{number}", {}),
        ("/api/park/revisions", {"limit": number}),
        ("/api/qc/inspections", {"limit": number, "before": number}),
        ("/api/identities/audit", {"limit": number, "after": number}),
    ):
        answer = twin.get(path, params=query)
        assert answer.status_code < 500, (path, query, answer.text[:300])


def test_a_key_that_would_change_every_object_is_a_key(twin: httpx.Client) -> None:
    """``__proto__`` in JSON: no answer of ours has one that a page would merge."""
    for key in ("__proto__", "constructor", "prototype"):
        comment = {"alarms": [f"{TAG}:high"], "by": "x", "reason": "x", key: {"polluted": True}}
        question = {"changes": [], "lasts_h": 1, key: {"polluted": True}}
        for path, body in (("/api/alarms/comment", comment), ("/api/what-if", question)):
            answer = twin.post(path, json=body)
            assert answer.status_code < 500
            keys: set[str] = set()
            json.loads(answer.text, object_pairs_hook=lambda pairs: keys.update(name for name, _ in pairs))  # noqa: B023
            assert keys
            assert key not in keys
            assert "polluted" not in keys
