"""Lessons: a product is taught from pictures that a person sends, tried, and only then installed.

A lesson is a folder: ``lesson.json``, the pictures under ``good`` and ``bad`` (there in a folder a type of
defect), those that are held out under ``held``, and what was learnt under ``recipe``. It survives a restart;
what was being taught then is to be taught again.
"""

from __future__ import annotations

import hashlib
import logging
import re
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
from vision_qc.detectors.supervised_head import LEAST_DEFECTS
from vision_qc.errors import NotEnoughImagesError, RequestError, UnknownStationError
from vision_qc.features import FeatureNetwork
from vision_qc.image_file import check
from vision_qc.recipe import Recipe, load
from vision_qc.service.judge import Judged, judge
from vision_qc.service.recipe_library import PRODUCT, RecipeFiles
from vision_qc.teach import LEAST_GOOD
from vision_qc.teach_process import TeachProcess

MOST_LESSONS: Final = 6
"""At a time; the oldest goes when another begins."""
MOST_PICTURES: Final = 400
MOST_HELD: Final = 200
"""Pictures held out."""
DEFECT: Final = re.compile(r"[^\W_][\w .-]{0,62}\w|[^\W_]", re.UNICODE)
"""A type of defect is the name of a folder as well."""
MOST_BYTES: Final = 2 << 30
"""Of the pictures of a lesson."""
_ABOUT: Final = "lesson.json"

_LOG = logging.getLogger(__name__)

Kind = Literal["good", "bad"]
Shelf = Literal["good", "bad", "held/good", "held/bad"]
"""Where pictures lie; nothing is learnt from those that are held."""


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

    def paths(self, shelf: Shelf) -> list[Path]:
        """The pictures of a kind."""
        return [path for path in (self.folder / shelf).rglob("*") if path.is_file()]

    def pictures(self, shelf: Shelf) -> int:
        """How many pictures of a kind there are."""
        return len(self.paths(shelf))

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

    def add(self, key: str, shelf: Shelf, data: bytes, *, defect: str = "") -> Lesson:
        """Add a picture; the same one twice is one.

        Args:
            key: of the lesson.
            shelf: where to.
            data: the file.
            defect: type of the defect, "" = not said.

        Raises:
            ImageError: a station may not send it.
            RequestError: it is being taught, has enough pictures, or the type cannot be named so.
        """
        header = check(data)
        if defect and not DEFECT.fullmatch(defect):
            raise RequestError(
                f"defect {defect[:40]!r}: letters, digits, spaces, '.', '_', '-', at most 64; rename it"
            )
        with self._lock:
            lesson = self._open(key)
            held = shelf.startswith("held/")
            kinds: tuple[Shelf, ...] = ("held/good", "held/bad") if held else ("good", "bad")
            most = MOST_HELD if held else MOST_PICTURES
            name = f"{hashlib.sha256(data).hexdigest()[:24]}.{header.format.lower()}"
            known = next((path for path in lesson.paths(shelf) if path.name == name), None)
            if known is None and sum(lesson.pictures(each) for each in kinds) >= most:
                raise RequestError(f"lesson of {lesson.about.product}: has {most} pictures; teach it")
            if lesson.bytes + len(data) > MOST_BYTES:
                raise RequestError(f"lesson of {lesson.about.product}: {MOST_BYTES} bytes at most; teach it")
            path = lesson.folder / shelf / defect / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if known is None:
                path.write_bytes(data)
                lesson.bytes += len(data)
            elif known != path:
                known.rename(path)  # the last word on its type counts
            if not held and lesson.state is not LessonState.COLLECTING:
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
        return judge(data, self.recipe(key), self._network)

    def files(self, key: str) -> RecipeFiles:
        """What was learnt, to be installed.

        Raises:
            RequestError: nothing was learnt yet.
        """
        return RecipeFiles.read(self._taught(key).recipe)

    def recipe(self, key: str) -> Recipe:
        """What was learnt, to be judged with.

        Raises:
            RequestError: nothing was learnt yet.
        """
        return load(self._taught(key).recipe)

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
        # fewer say nothing yet; they wait for more
        bad = lesson.folder / "bad" if lesson.pictures("bad") >= LEAST_DEFECTS else None
        try:
            self._process.teach(lesson.recipe, lesson.folder / "good", bad, lesson.about.product)
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
        size = sum(
            path.stat().st_size
            for shelf in ("good", "bad", "held")
            for path in (place / shelf).rglob("*")
            if path.is_file()
        )
        state = LessonState.TAUGHT if taught else LessonState.COLLECTING
        self._lessons[place.name] = Lesson(place.name, about, place, state, bytes=size)
