"""Who asks too much is told when to come again, and nobody else is held up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from tests.end_to_end.test_gate import OWN_PAGE, socket
from tests.security.probe import Probe, running_probe
from twin.contract.clock import NS_PER_S
from twin.identity.errors import TooOftenError
from twin.identity.principal import Principal
from twin.identity.rates import ASKERS, LIMITS, Rates, asker_of


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probe]:
    with running_probe(tmp_path_factory.mktemp("probe"), rate_factor=0.05) as running:
        yield running


def test_an_address_that_says_no_name_is_held_up_and_a_token_from_there_is_not(probe: Probe) -> None:
    with httpx.Client(base_url=probe.url, trust_env=False, timeout=30) as nobody:
        last = nobody.get("/api/word")
        assert last.status_code == 401
        for _ in range(400):  # the slower the machine, the more the bucket fills meanwhile
            if last.status_code == 429:
                break
            last = nobody.get("/api/word")
        assert (last.status_code, last.json()["code"]) == (429, "too_often")
        assert int(last.headers["retry-after"]) >= 1
        shown = {"authorization": f"Bearer {probe.token}"}
        assert nobody.get("/api/word", headers=shown).status_code == 200


async def test_a_socket_too_many_is_closed_with_a_code_of_its_own(probe: Probe) -> None:
    for _ in range(400):
        first = await socket(probe.app, "/api/word", OWN_PAGE)
        if first["code"] != 4401:
            break
    assert first["code"] == 4429


def test_what_takes_long_weighs_more(probe: Probe) -> None:
    shown = {"authorization": f"Bearer {probe.token}"}
    with httpx.Client(base_url=probe.url, trust_env=False, timeout=30, headers=shown) as program:
        assert program.get("/api/word").status_code == 200
        refused = program.get("/api/dear")
        assert (refused.status_code, refused.json()["code"]) == (413, "too_much"), "waiting does not help"
        assert "at most" in refused.json()["detail"]
        assert program.get("/api/word").status_code == 200, "nothing was taken for what was refused"


def test_so_many_at_a_time_and_sockets_apart() -> None:
    rates = Rates(lambda: 0, 0.0)
    limit = LIMITS["person"]
    with ExitStack() as stack:
        for _ in range(limit.at_a_time):
            stack.enter_context(rates.asking("person", "lan", "http"))
        with pytest.raises(TooOftenError, match="being answered"), rates.asking("person", "lan", "http"):
            pass
        with rates.asking("person", "minh", "http"):
            pass
        for _ in range(limit.sockets):
            stack.enter_context(rates.asking("person", "lan", "websocket"))
        with pytest.raises(TooOftenError, match="sockets"), rates.asking("person", "lan", "websocket"):
            pass
    with rates.asking("person", "lan", "http"):
        pass


def test_rest_fills_the_bucket_up_to_its_brim_and_no_further() -> None:
    now = 0
    rates = Rates(lambda: now, 1.0)
    burst = LIMITS["token"].burst
    for wait_s in (0, 10_000):
        now += wait_s * NS_PER_S
        rates.charge("token", "station", burst)
        with pytest.raises(TooOftenError) as refused:
            rates.charge("token", "station", 1)
        assert refused.value.retry_after_s == 1


def test_addresses_that_come_once_do_not_fill_the_memory() -> None:
    rates = Rates(lambda: 0, 1.0)
    with rates.asking("nobody", "kept", "http"):
        for number in range(ASKERS + 500):
            rates.charge("nobody", str(number), 1)
        assert len(rates) <= ASKERS + 1
        for _ in range(int(LIMITS["nobody"].burst) - 1):
            rates.charge("nobody", "kept", 1)
        with pytest.raises(TooOftenError):
            rates.charge("nobody", "kept", 1)


def test_a_person_is_one_asker_however_many_sessions_and_the_shared_token_is_another() -> None:
    person = Principal("lan", "Lan", "person", frozenset(), key="a")
    assert asker_of(person, "10.0.0.7") == ("person", "lan")
    assert asker_of(Principal("cam", "", "token", frozenset(), key="id"), "10.0.0.7") == ("token", "cam")
    assert asker_of(Principal("cam", "", "token", frozenset()), "10.0.0.7") == ("shared", "cam")
