from __future__ import annotations

import time

from tests.twin.api.running_twin import RunningTwin
from tests.twin.state.parks import NOW, S, connected, lost, make_park, make_state
from twin.api.source_rows import SourceRows
from twin.api.sources_router import SourceRow


def test_a_source_is_told_with_its_failed_signals_by_name(twin: RunningTwin) -> None:
    twin.plant.beat(connected("lo", time=time.time_ns(), failed=["thu/nha-may/xuong/lo2:speed"]))
    body = twin.wait("/api/sources", lambda answer: bool(answer.json()[0]["state"])).json()
    for row in body:
        SourceRow.model_validate(row, strict=True)
    assert [row["id"] for row in body] == ["lo"]
    assert body[0]["config"]["items"] == 6
    assert not body[0]["silent"]
    assert body[0]["state"]["connection"] == "connected"


class Rows:
    def __init__(self) -> None:
        self.now = NOW
        self.park = make_park()
        self.state = make_state(self.park)
        self.refused: dict[str, str] = {}
        self.rows = SourceRows(
            self.park, self.state, lambda _: (len(self.refused), self.refused), lambda: self.now
        )


def test_news_is_what_a_person_should_see_and_nothing_else() -> None:
    rows = Rows()
    assert rows.rows.news() is not None
    assert rows.rows.news() is None
    rows.state.note_source(connected(), NOW)
    assert rows.rows.news() is not None
    rows.state.note_source(connected(), NOW + S)
    assert rows.rows.news() is None
    rows.now += 60 * S
    told = rows.rows.news()
    assert told is not None
    assert told[0]["silent"]
    rows.state.note_source(connected(failed=["park/site/oven0:speed"]), rows.now)
    told = rows.rows.news()
    assert told is not None
    assert told[0]["state"]["failed"][0]["tag"] == "park/site/oven0:speed"
    rows.refused["park/site/oven9:speed"] = "not in the park file"
    assert rows.rows.news() is not None
    rows.state.note_source(lost(connected()), rows.now)
    assert rows.rows.news() is not None


def test_a_source_never_heard_is_silent() -> None:
    row = Rows().rows.rows()[0]
    assert (row["silent"], row["state"], row["heard_ms"]) == (True, None, None)
