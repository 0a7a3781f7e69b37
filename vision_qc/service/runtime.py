"""What the service holds while it runs: opened when it may serve, closed in the order of the hand-overs."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from twin.bus.base import Bus
from twin.bus.embedded_log import DurableLog
from twin.bus.partition_log import Stored
from twin.contract.clock import Clock
from twin.contract.messages import Condition
from twin.service.database import DatabaseError
from vision_qc.features import FeatureNetwork
from vision_qc.service.challenge import Challenges
from vision_qc.service.challenge_journal import ChallengeJournal
from vision_qc.service.drift_watch import DriftWatch
from vision_qc.service.follower import Follower
from vision_qc.service.index import InspectionIndex
from vision_qc.service.inspector import Inspector
from vision_qc.service.ledger import Ledger
from vision_qc.service.lessons import Lessons
from vision_qc.service.pictures import PictureStore
from vision_qc.service.recipe_library import RecipeLibrary
from vision_qc.service.settings import QcSettings

FOLDER: Final = "qc"
LEDGER_FILE: Final = "ledger.sqlite3"
INDEX_FILE: Final = "index.sqlite3"
INDEX_LINGER_S: Final = 0.2
"""People look into the index; whether a picture was judged before, the ledger knows meanwhile."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Runtime:
    """The parts of a running service.

    Args:
        log: below the ledger.
        ledger, pictures, index, library, inspector: see their modules.
        watch: of drift.
        lessons: what is being taught.
        challenges: which stations are blocked.
        followers: who the ledger feeds, by name.
    """

    log: DurableLog
    ledger: Ledger
    pictures: PictureStore
    index: InspectionIndex
    library: RecipeLibrary
    inspector: Inspector
    watch: DriftWatch
    lessons: Lessons
    challenges: Challenges
    followers: Mapping[str, Follower] = field(default_factory=dict)

    def conditions(self) -> list[Condition]:
        """What is wrong now."""
        parts = [self.ledger.condition, self.pictures.condition]
        parts += [follower.condition for follower in self.followers.values()]
        return [condition for condition in parts if condition is not None]

    def close(self) -> None:
        """End what is being judged, write it down, hand on what can be at once; the rest stays."""
        self.lessons.close()
        self.watch.close()
        self.inspector.close()
        self.ledger.close()
        for follower in self.followers.values():
            follower.close()
        self.index.close()
        self.log.close()


GetRuntime = Callable[[], Runtime]
"""Returns the parts; raises ServiceClosedError before the service runs and after."""


def open_runtime(
    settings: QcSettings,
    bus: Bus,
    *,
    clock: Clock,
    rng: random.Random,
    network: FeatureNetwork,
    monotonic: Callable[[], float] = time.monotonic,
) -> Runtime:
    """Open what the service keeps on disk, and begin to feed bus and index.

    Raises:
        BusError: the ledger cannot be opened; without it nothing can be promised.
    """
    folder = settings.data_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    durable = settings.qc_sync == "full"
    log = DurableLog(
        folder / LEDGER_FILE,
        max_bytes=settings.qc_ledger_max_bytes,
        synchronous=settings.qc_sync,
        clock=clock,
    )
    ledger = Ledger(log, clock=clock, monotonic=monotonic)
    pictures = PictureStore(
        folder / "pictures",
        pass_bytes=settings.qc_pass_pictures_bytes,
        other_bytes=settings.qc_other_pictures_bytes,
        clock=clock,
        durable=durable,
    )
    url = settings.qc_database.get_secret_value() or f"sqlite:///{folder / INDEX_FILE}"
    index = InspectionIndex(url, ledger.recorder, keep_rows=settings.qc_keep_rows)
    try:
        ledger.count_from(index.highest_sequence())
    except DatabaseError as error:
        _LOG.warning("index: cannot be asked at the start, inspecting all the same: %s", error)

    def publish(entries: Sequence[Stored]) -> None:
        bus.publish([entry.message for entry in entries])

    followers = {
        "bus": Follower("bus", ledger, publish, clock=clock, rng=rng),
        "index": Follower("index", ledger, index.deliver, clock=clock, rng=rng, linger_s=INDEX_LINGER_S),
    }
    library = RecipeLibrary(folder / "recipes", clock=clock)
    challenges = Challenges(ChallengeJournal(folder / "challenges"), clock=clock, monotonic=monotonic)
    inspector = Inspector(
        library,
        network,
        ledger,
        pictures,
        index,
        challenges,
        workers=settings.workers,
        clock=clock,
        index_away=lambda: followers["index"].condition is not None,
    )
    watch = DriftWatch(library, index, clock=clock)
    lessons = Lessons(folder / "lessons", network, clock=clock)
    return Runtime(log, ledger, pictures, index, library, inspector, watch, lessons, challenges, followers)
