"""Lessons: a product is taught from pictures that a person sends, tried, and only then installed.

A lesson is a folder: ``lesson.json``, the pictures under ``good`` and ``bad``, and what was learnt under
``recipe``. It survives a restart; what was being taught then is to be taught again.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import shutil
import threading
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal

import msgspec

from twin.contract.clock import Clock
from twin.contract.tag import check_equipment_id
from vision_qc.baseline import FILE as BASELINE
from vision_qc.errors import NotEnoughImagesError, RequestError, UnknownStationError
from vision_qc.features import FeatureNetwork
from vision_qc.image_file import check
from vision_qc.recipe import load
from vision_qc.service.judge import Judged, judge
from vision_qc.service.recipe_library import PRODUCT, RecipeFiles
from vision_qc.teach import LEAST_GOOD
from vision_qc.teach_process import TeachProcess

MOST_LESSONS: Final = 6
"""At a time; the oldest goes when another begins."""
MOST_PICTURES: Final = 400
MOST_BYTES: Final = 2 << 30
"""Of the pictures of a lesson."""
_ABOUT: Final = "lesson.json"

_LOG = logging.getLogger(__name__)

Kind = Literal["good", "bad"]


class LessonState(StrEnum):
    """How far a lesson has come."""

    COLLECTING = "collecting"
    TEACHING = "teaching"
    TAUGHT = "taught"
    FAILED = "failed"


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a lesson is about.

    Args:
        station, product: whose recipe it will be.
        by: who began it.
        begun: when, ns.
    """

    station: str
    product: str
    by: str
    begun: int


@dataclass(slots=True)
class Lesson:
    """A lesson as it is now.

    Args:
        id: 16 hex digits.
        about: what it is about.
        folder: of its own.
        state, why: how far it has come; why it failed.
    """

    id: str
    about: About
    folder: Path
    state: LessonState = LessonState.COLLECTING
    why: str = ""
    bytes: int = field(default=0)

    def pictures(self, kind: Kind) -> int:
        """How many pictures of a kind there are."""
        place = self.folder / kind
        return sum(1 for _ in place.iterdir()) if place.is_dir() else 0

    @property
    def recipe(self) -> Path:
        """Where what was learnt lies."""
        return self.folder / "recipe"


class Lessons:
    """Keeps lessons in a folder. Thread-safe.

    Args:
        folder: made when the first lesson begins.
        network: to try what was learnt with.
        clock: ns since the epoch.
    """

    def __init__(self, folder: Path, network: FeatureNetwork, *, clock: Clock) -> None:
        self._folder = folder
        self._network = network
        self._clock = clock
        self._lock = threading.RLock()
        self._process = TeachProcess()
        self._lessons: dict[str, Lesson] = {}
        for place in sorted(folder.iterdir()) if folder.is_dir() else ():
            self._take_up(place)

    def all(self) -> list[Lesson]:
        """Every lesson, the newest first."""
        with self._lock:
            return sorted(self._lessons.values(), key=lambda one: -one.about.begun)

    def get(self, key: str) -> Lesson:
        """One lesson.

        Raises:
            UnknownStationError: there is none of this id.
        """
        found = self._lessons.get(key)
        if found is None:
            raise UnknownStationError(f"lesson {key[:40]!r}: there is none; begin one with POST /api/lessons")
        return found

    def begin(self, station: str, product: str, by: str) -> Lesson:
        """Begin a lesson; if there are too many, the oldest that is not being taught goes.

        Raises:
            RequestError, TagError: station or product cannot be named so.
        """
        check_equipment_id(station)
        if not PRODUCT.fullmatch(product):
            raise RequestError(f"product {product!r}: letters, digits, '.', '_', '-', at most 64; rename it")
        with self._lock:
            idle = [one for one in self.all() if one.state is not LessonState.TEACHING]
            while len(self._lessons) >= MOST_LESSONS and idle:
                self.discard(idle.pop().id)
            about = About(station=station, product=product, by=by, begun=self._clock())
            key = secrets.token_hex(8)
            lesson = Lesson(key, about, self._folder / key)
            lesson.folder.mkdir(parents=True)
            (lesson.folder / _ABOUT).write_bytes(msgspec.json.encode(about))
            self._lessons[key] = lesson
            return lesson

    def add(self, key: str, kind: Kind, data: bytes) -> Lesson:
        """Add a picture; the same one twice is one.

        Raises:
            ImageError: a station may not send it.
            RequestError: it is being taught, or has enough pictures.
        """
        header = check(data)
        with self._lock:
            lesson = self._open(key)
            if sum(lesson.pictures(each) for each in ("good", "bad")) >= MOST_PICTURES:
                raise RequestError(
                    f"lesson of {lesson.about.product}: has {MOST_PICTURES} pictures; teach it"
                )
            if lesson.bytes + len(data) > MOST_BYTES:
                raise RequestError(f"lesson of {lesson.about.product}: {MOST_BYTES} bytes at most; teach it")
            place = lesson.folder / kind
            place.mkdir(exist_ok=True)
            path = place / f"{hashlib.sha256(data).hexdigest()[:24]}.{header.format.lower()}"
            if not path.exists():
                path.write_bytes(data)
                lesson.bytes += len(data)
            if lesson.state is not LessonState.COLLECTING:
                lesson.state, lesson.why = LessonState.COLLECTING, ""
                shutil.rmtree(lesson.recipe, ignore_errors=True)
            return lesson

    def teach(self, key: str) -> Lesson:
        """Begin to teach, in a thread; look at the lesson for what came of it.

        Raises:
            NotEnoughImagesError: too few good pictures.
            RequestError: it is being taught.
        """
        with self._lock:
            lesson = self._open(key)
            if (there := lesson.pictures("good")) < LEAST_GOOD:
                raise NotEnoughImagesError(f"{there} good pictures: {LEAST_GOOD} at least; take more")
            lesson.state, lesson.why = LessonState.TEACHING, ""
            shutil.rmtree(lesson.recipe, ignore_errors=True)
        threading.Thread(target=self._teach, args=(lesson,), name=f"teach-{key}", daemon=True).start()
        return lesson

    def try_out(self, key: str, data: bytes) -> Judged:
        """Judge a picture with what was learnt; it is not kept and counts for nothing.

        Raises:
            RequestError: nothing was learnt yet.
            ImageError: a station may not send it.
        """
        return judge(data, load(self._taught(key).recipe), self._network)

    def files(self, key: str) -> RecipeFiles:
        """What was learnt, to be installed.

        Raises:
            RequestError: nothing was learnt yet.
        """
        place = self._taught(key).recipe
        return RecipeFiles(
            (place / "recipe.json").read_bytes(),
            (place / "arrays.npz").read_bytes(),
            (place / BASELINE).read_bytes(),
        )

    def discard(self, key: str) -> None:
        """Forget a lesson with its pictures; what was installed stays.

        Raises:
            RequestError: it is being taught.
        """
        with self._lock:
            lesson = self._open(key)
            del self._lessons[key]
            shutil.rmtree(lesson.folder, ignore_errors=True)

    def close(self) -> None:
        """End what is being taught."""
        self._process.close()

    def _open(self, key: str) -> Lesson:
        lesson = self.get(key)
        if lesson.state is LessonState.TEACHING:
            raise RequestError(f"lesson of {lesson.about.product}: is being taught; wait for the end of it")
        return lesson

    def _taught(self, key: str) -> Lesson:
        lesson = self.get(key)
        if lesson.state is not LessonState.TAUGHT:
            raise RequestError(f"lesson of {lesson.about.product}: nothing was learnt yet; teach it first")
        return lesson

    def _teach(self, lesson: Lesson) -> None:
        bad = lesson.folder / "bad"
        try:
            self._process.teach(
                lesson.recipe, lesson.folder / "good", bad if bad.is_dir() else None, lesson.about.product
            )
        except NotEnoughImagesError as error:
            _LOG.warning("lesson of %s: %s", lesson.about.product, error)
            state, why = LessonState.FAILED, str(error)
        else:
            state, why = LessonState.TAUGHT, ""
        with self._lock:
            lesson.state, lesson.why = state, why

    def _take_up(self, place: Path) -> None:
        try:
            about = msgspec.json.decode((place / _ABOUT).read_bytes(), type=About)
        except (OSError, msgspec.MsgspecError) as error:
            _LOG.warning("%s: no lesson (%s); left alone", place, error)
            return
        taught = (place / "recipe" / BASELINE).exists()  # the last file that teaching writes
        size = sum(path.stat().st_size for kind in ("good", "bad") for path in (place / kind).glob("*"))
        state = LessonState.TAUGHT if taught else LessonState.COLLECTING
        self._lessons[place.name] = Lesson(place.name, about, place, state, bytes=size)
