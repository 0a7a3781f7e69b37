"""What people decide about work orders: kept, planned around, refused where no plan can hold it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from maintenance.live.ledger import Ledger, Outcome
from maintenance.plan.decisions import Decisions
from maintenance.plan.desk import PlanDesk
from maintenance.plan.router import create_plan_router
from tests.maintenance.plan.sites import NOW_NS, site, told
from twin.contract.clock import to_iso
from twin.service.database import open_database

HOUR_NS = 3600 * 10**9
WHERE = "work-orders"
MACHINE = "park/a/l1/m"


class Park:
    """A planning service over a ledger in memory, whose clock the test moves."""

    def __init__(self, ledger: Ledger, decisions: Decisions) -> None:
        self.now_ns = NOW_NS
        self.ledger = ledger
        self.median_h = 150.0
        desk = PlanDesk(
            site(), lambda: [told(f"park/a/l{n}/m", self.median_h, time_ns=self.now_ns) for n in range(3)],
            decisions, lambda: self.now_ns,
        )  # fmt: skip
        app = FastAPI()
        app.include_router(create_plan_router(desk, ledger, lambda: self.now_ns))
        self._app = app

    def ask(self, method: str, path: str, **more: dict[str, str]) -> httpx.Response:
        """Ask the service."""

        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://park") as client:
                return await client.request(method, f"/api/maintenance/{path}", params=more.get("params"),
                                            json=more.get("json"))  # fmt: skip

        return asyncio.run(once())

    def order(self) -> dict[str, object] | None:
        """The work order of the machine."""
        found = self.ask("GET", WHERE, params={"machine": MACHINE}).json()
        return found[0] if found else None

    def decide(self, **more: str) -> tuple[int, dict[str, object] | None]:
        """Decide about the machine."""
        body = {"machine": MACHINE, "decided_by": "Lan", **more}
        answer = self.ask("POST", f"{WHERE}/decisions", json=body)
        return answer.status_code, answer.json()


@pytest.fixture
def park() -> Iterator[Park]:
    engine = open_database("sqlite://")
    ledger = Ledger(engine)
    yield Park(ledger, Decisions(engine, ledger))
    engine.dispose()


def test_what_is_accepted_stays_though_forecasts_change_until_an_outcome(park: Park) -> None:
    before = park.order()
    assert before is not None
    status, row = park.decide(what="accept")
    assert status == 201
    assert row is not None
    assert (row["begin"], row["state"]) == (before["begin"], "accepted")
    park.median_h, park.now_ns = 600.0, NOW_NS + HOUR_NS
    kept = park.order()
    assert kept is not None
    assert kept["begin"] == before["begin"]
    park.ledger.report(Outcome(MACHINE, park.now_ns, "serviced", "wear", True, "Lan", park.now_ns))
    park.now_ns += HOUR_NS
    freed = park.order()
    assert freed is not None
    assert freed["state"] == "proposed"


def test_a_move_to_a_shift_is_kept_and_one_to_no_shift_is_refused(park: Park) -> None:
    saturday = to_iso(NOW_NS + (5 * 24 - 3) * HOUR_NS)  # 07:00 in Hanoi
    status, row = park.decide(what="move", begin=saturday)
    assert status == 201
    assert row is not None
    assert str(row["begin"]).startswith("2026-12-0")
    status, refusal = park.decide(what="move", begin=to_iso(NOW_NS + 10 * HOUR_NS))  # 20:00, nobody works
    assert status == 422
    assert "cannot be held" in str(refusal)
    order = park.order()
    assert order is not None
    assert order["begin"] == row["begin"]


def test_a_rejection_holds_for_its_time_and_can_be_withdrawn(park: Park) -> None:
    assert park.decide(what="reject", reason="line is full") == (201, None)
    left = {one["machine"]: one for one in park.ask("GET", "plan").json()["left"]}
    assert left[MACHINE]["why"] == "rejected"
    assert park.decide(what="withdraw")[1] is not None
    park.decide(what="reject", until=to_iso(park.now_ns + HOUR_NS))
    park.now_ns += 2 * HOUR_NS
    assert park.order() is not None
    told_of = park.ask("GET", f"{WHERE}/decisions", params={"machine": MACHINE}).json()
    assert [one["what"] for one in told_of] == ["reject", "withdraw", "reject"]
    assert told_of[0]["reason"] == "line is full"


@pytest.mark.parametrize(
    "change",
    [{"what": "accept", "machine": "park/a/none"}, {"what": "reject", "until": "2020-01-01T00:00:00Z"},
     {"what": "move", "begin": "tomorrow"}, {"what": "x"}],
)  # fmt: skip
def test_what_cannot_be_is_refused(park: Park, change: dict[str, str]) -> None:
    assert park.decide(**change)[0] == 422


def test_spares_are_listed(park: Park) -> None:
    assert park.ask("GET", "spares").json() == []
