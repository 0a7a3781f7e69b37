"""From bytes to a verdict that is kept: judge, keep the picture, write the ledger, answer; once each."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

import msgspec

from twin.bus.base import Message
from twin.contract.clock import Clock
from twin.contract.codec import decode_message, encode_message
from twin.contract.inspection import Inspection, InspectionReview, Truth, Verdict
from twin.contract.topics import INSPECTION_REVIEWS, INSPECTIONS
from twin.service.database import DatabaseError
from vision_qc.errors import UnknownInspectionError
from vision_qc.features import NETWORK, SHA256, FeatureNetwork
from vision_qc.service.challenge import BLOCKED, Block, Challenges, refuse
from vision_qc.service.index import InspectionIndex
from vision_qc.service.judge import Judged, judge
from vision_qc.service.ledger import Ledger
from vision_qc.service.pictures import PictureStore
from vision_qc.service.recipe_library import Loaded, RecipeLibrary

MESSAGE_SOURCE: Final = "vision_qc"
SOFTWARE: Final = version("parktwin")
INDEX_S: Final = 0.25
"""So long a station waits to hear whether a picture was judged before."""
KEEPERS: Final = 2
ASKERS: Final = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """What a station asks.

    Args:
        station, product, serial: whose picture.
        captured: when it was taken by the station's clock, ns; None = not said.
        simulated: made by a simulator.
    """

    station: str
    product: str | None
    serial: str
    captured: int | None = None
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What is told.

    Args:
        inspection: the verdict.
        durable: whether it is on the disk.
        repeated: whether it had been given before.
    """

    inspection: Inspection
    durable: bool
    repeated: bool


class Inspector:
    """Gives verdicts. Belongs to one event loop.

    Args:
        library: of recipes.
        network: to look with.
        ledger, pictures, index: where verdicts and pictures are kept.
        challenges: says which stations are blocked.
        workers: pictures judged at a time.
        clock: ns since the epoch.
        index_away: whether the index is known not to answer; a station does not wait for it then.
    """

    def __init__(
        self,
        library: RecipeLibrary,
        network: FeatureNetwork,
        ledger: Ledger,
        pictures: PictureStore,
        index: InspectionIndex,
        challenges: Challenges,
        *,
        workers: int,
        clock: Clock,
        index_away: Callable[[], bool],
    ) -> None:
        self.library = library
        self.network = network
        self.ledger = ledger
        self.pictures = pictures
        self.index = index
        self.challenges = challenges
        self._clock = clock
        self._index_away = index_away
        self._judging = ThreadPoolExecutor(workers, thread_name_prefix="judge")
        # pools of their own: a database that hangs holds up whoever asks it, and nobody else
        self._keeping = ThreadPoolExecutor(KEEPERS, thread_name_prefix="keep")
        self._asking = ThreadPoolExecutor(ASKERS, thread_name_prefix="ask")
        self._under_way: dict[str, asyncio.Task[Answer]] = {}

    async def inspect(self, asked: Asked, data: bytes) -> Answer:
        """Judge a picture, unless it was judged already.

        Raises:
            UnknownStationError, RequestError: no recipe says how.
            ImageError: it is no picture that a station may send.
        """
        received = self._clock()
        product, version = self.library.choose(asked.station, asked.product)
        digest = hashlib.sha256(data)
        key = inspection_id(asked.station, product, asked.serial, digest.digest())
        if key in self._under_way:
            answer = await asyncio.shield(self._under_way[key])
            return Answer(answer.inspection, answer.durable, repeated=True)
        block = self.challenges.block(asked.station, product, version)
        work = asyncio.create_task(
            self._inspect(key, asked, (product, version), data, digest.hexdigest(), received, block)
        )
        self._under_way[key] = work
        work.add_done_callback(lambda _: self._under_way.pop(key, None))
        # what was begun is brought to its end: whoever hangs up finds the verdict when asking again
        return await asyncio.shield(work)

    async def get(self, key: str) -> Inspection:
        """Return an inspection by its id, whether the index has it yet or not.

        Raises:
            UnknownInspectionError: there is none.
            DatabaseError: the index cannot be asked, and it is not in the ledger.
        """
        found = await asyncio.to_thread(self._find, key)
        if found is None:
            raise UnknownInspectionError(f"inspection {key[:64]!r}: there is none of this id")
        return found

    async def picture(self, inspection: Inspection) -> tuple[bytes, str]:
        """Return the picture file of an inspection and its suffix.

        Raises:
            UnknownInspectionError: it is not kept (any more), or is not what was judged.
        """
        return await asyncio.to_thread(self._picture, inspection)

    async def judge_again(self, inspection: Inspection) -> Judged:
        """Judge the kept picture of an inspection with the very recipe it was judged with.

        Raises:
            UnknownInspectionError, UnknownStationError: picture or recipe are gone.
        """
        data, _ = await self.picture(inspection)
        judged = await self.judge_only(
            inspection.station, inspection.product, inspection.recipe_version, data
        )
        return refuse(judged, inspection.gate) if inspection.gate.startswith(BLOCKED) else judged

    async def judge_only(self, station: str, product: str, version: int, data: bytes) -> Judged:
        """Judge a picture with a release of a recipe; it is not kept and counts for nothing.

        Raises:
            UnknownStationError, RecipeError: the release is gone, or damaged.
            ImageError: it is no picture that a station may send.
        """
        loop = asyncio.get_running_loop()
        _, judged = await loop.run_in_executor(self._judging, self._judge, station, (product, version), data)
        return judged

    async def review(
        self, inspection: Inspection, truth: Truth, *, by: str, defect: str, reason: str, blind: bool
    ) -> tuple[InspectionReview, bool]:
        """Take down what a person says of a product; return it and whether it is on the disk."""
        sequence, now = self.ledger.next_sequence(), self._clock()
        review = InspectionReview(
            id=hashlib.blake2b(
                f"{self.ledger.recorder}:{sequence}:{inspection.id}:{now}".encode(), digest_size=16
            ).hexdigest(),
            inspection=inspection.id,
            station=inspection.station,
            serial=inspection.serial,
            recorder=self.ledger.recorder,
            sequence=sequence,
            truth=truth,
            by=by,
            time=now,
            defect=defect,
            reason=reason,
            blind=blind,
        )
        value, headers = encode_message(
            review, message_id=review.id, source=MESSAGE_SOURCE, time_ns=review.time
        )
        message = Message(INSPECTION_REVIEWS.name, review.station, value, headers)
        if truth is Truth.DEFECTIVE and inspection.verdict is Verdict.PASS:
            await asyncio.to_thread(self.pictures.promote, inspection.id, inspection.sequence)
        return review, await asyncio.wrap_future(self.ledger.keep(message))

    def close(self) -> None:
        """Let what is being judged end."""
        self._judging.shutdown(wait=True)
        self._keeping.shutdown(wait=True)
        self._asking.shutdown(wait=False, cancel_futures=True)

    async def _inspect(
        self,
        key: str,
        asked: Asked,
        chosen: tuple[str, int],
        data: bytes,
        sha256: str,
        received: int,
        block: Block | None,
    ) -> Answer:
        loop = asyncio.get_running_loop()
        judging = loop.run_in_executor(self._judging, self._judge, asked.station, chosen, data, sha256)
        # looked up meanwhile: few pictures come twice, and nobody should wait for the index
        known, (loaded, judged) = await asyncio.gather(self._seen_before(key), judging)
        if known is None and block is not None:
            # once the station is free again, this very picture may be judged
            key, judged = blocked_id(key), refuse(judged, block.gate)
            known = await self._seen_before(key)
            if block.begins:
                await loop.run_in_executor(self._keeping, self.challenges.note, asked.station, *chosen, block)
        if known is not None:
            return Answer(known, durable=not self.ledger.owes(key), repeated=True)
        sequence = self.ledger.next_sequence()
        kept = await loop.run_in_executor(
            self._keeping, self.pictures.keep, key, sequence, judged.verdict, judged.form, data
        )
        inspection = make_inspection(
            key, asked, judged, loaded, self.ledger.recorder, sequence, received, kept=kept
        )
        value, headers = encode_message(
            inspection, message_id=key, source=MESSAGE_SOURCE, time_ns=inspection.received
        )
        durable = await asyncio.wrap_future(
            self.ledger.keep(Message(INSPECTIONS.name, inspection.station, value, headers))
        )
        return Answer(inspection, durable, repeated=False)

    def _judge(
        self, station: str, chosen: tuple[str, int], data: bytes, sha256: str | None = None
    ) -> tuple[Loaded, Judged]:
        loaded = self.library.load(station, *chosen)
        return loaded, judge(data, loaded.recipe, self.network, sha256)

    async def _seen_before(self, key: str) -> Inspection | None:
        """As :meth:`_find`; while the index is away, what it alone has is judged again under the same id."""
        if self._index_away():
            return self._find_waiting(key)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(INDEX_S):
                return await loop.run_in_executor(self._asking, self._find, key)
        except (DatabaseError, TimeoutError):
            return None

    def _find(self, key: str) -> Inspection | None:
        return self._find_waiting(key) or self.index.get(key)

    def _find_waiting(self, key: str) -> Inspection | None:
        message = self.ledger.find(key)
        if message is None:
            return None
        if message.topic != INSPECTIONS.name:
            return None
        return decode_message(Inspection, message.value, message.headers)

    def _picture(self, inspection: Inspection) -> tuple[bytes, str]:
        path = self.pictures.find(inspection.id, inspection.sequence)
        if path is None:
            raise UnknownInspectionError(f"inspection {inspection.id}: its picture is not kept (any more)")
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != inspection.picture_sha256:
            raise UnknownInspectionError(
                f"inspection {inspection.id}: its picture on disk is not what was judged"
            )
        return data, path.suffix


def inspection_id(station: str, product: str, serial: str, digest: bytes) -> str:
    """Make the id of an inspection: the same for the same picture of the same product at the same station.

    Args:
        station, product, serial: whose picture.
        digest: SHA-256 of the file.
    """
    parts = (station.encode(), product.encode(), serial.encode(), digest)
    told = hashlib.blake2b(digest_size=16)
    for part in parts:
        told.update(len(part).to_bytes(8) + part)
    return told.hexdigest()


def blocked_id(key: str) -> str:
    """Make the id of an inspection that a block decided, of the id that it would have had."""
    return hashlib.blake2b(f"{BLOCKED}{key}".encode(), digest_size=16).hexdigest()


def make_inspection(
    key: str,
    asked: Asked,
    judged: Judged,
    loaded: Loaded,
    recorder: str,
    sequence: int,
    received: int,
    *,
    kept: bool,
) -> Inspection:
    """Put the message together."""
    release, threshold = loaded.release, loaded.recipe.station.threshold
    return Inspection(
        id=key,
        recorder=recorder,
        sequence=sequence,
        station=asked.station,
        product=release.product,
        serial=asked.serial,
        recipe=release.product,
        recipe_version=release.version,
        recipe_sha256=release.sha256,
        network=NETWORK,
        network_sha256=SHA256,
        software=SOFTWARE,
        verdict=judged.verdict,
        score=judged.score,
        review_from=threshold.review,
        reject_from=threshold.reject,
        received=received,
        picture_sha256=judged.sha256,
        width=judged.width,
        height=judged.height,
        picture_kept=kept,
        captured=asked.captured,
        gate=judged.gate,
        scores=judged.scores,
        chance_of_defect=judged.chance_of_defect,
        findings=judged.findings,
        figures=judged.figures,
        mm_per_px=release.mm_per_px,
        code=judged.code,
        measurements=judged.measurements,
        simulated=asked.simulated,
    )


def differences(inspection: Inspection, judged: Judged) -> Mapping[str, tuple[object, object]]:
    """Return where a picture that was judged again says something else: name -> (then, now); bit by bit."""
    now: dict[str, object] = {
        "verdict": judged.verdict,
        "score": judged.score,
        "scores": judged.scores,
        "chance_of_defect": judged.chance_of_defect,
        "findings": judged.findings,
        "gate": judged.gate,
        "figures": judged.figures,
        "code": judged.code,
        "measurements": judged.measurements,
        "picture_sha256": judged.sha256,
    }
    then = {name: getattr(inspection, name) for name in now}
    return {
        name: (then[name], value)
        for name, value in now.items()
        if msgspec.json.encode(then[name]) != msgspec.json.encode(value)
    }
