"""Recipes by station and product: numbered releases that never change, one of them active.

A release is a folder ``v000001`` with the recipe's two files, ``release.json`` and, where it was given,
``baseline.json``. Which one is active is the last line of ``activations.json``; the lines before it say what
was active when, by whom and why. Both are written whole or not at all.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import threading
import zipfile
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote, unquote

import msgspec

from twin.contract.clock import Clock
from twin.contract.tag import check_equipment_id
from vision_qc.baseline import FILE as BASELINE
from vision_qc.baseline import Baseline, read_baseline
from vision_qc.errors import RecipeError, RequestError, UnknownStationError
from vision_qc.recipe import Recipe, load

PRODUCT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
MOST_LOADED: Final = 10
"""Recipes in memory, 22 MB each and 17 MB a further shape; the one asked for longest ago goes first."""
MOST_ARRAY_BYTES: Final = 512 << 20
_LOG = logging.getLogger(__name__)
_RECIPE, _ARRAYS, _RELEASE, _ACTIVATIONS = "recipe.json", "arrays.npz", "release.json", "activations.json"


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a recipe as it was installed.

    Args:
        station, product: whose.
        version: from 1 on.
        sha256: of its content.
        by: who installed it.
        reason: in words.
        time: when, ns.
        mm_per_px: scale of the station's camera; null = not known.
    """

    station: str
    product: str
    version: int
    sha256: str
    by: str
    reason: str
    time: int
    mm_per_px: float | None = None


class Activation(msgspec.Struct, frozen=True, kw_only=True):
    """A version became the one to judge with.

    Args:
        version: which.
        by, reason: who wanted it, and why.
        time: when, ns.
    """

    version: int
    by: str
    reason: str
    time: int


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A release ready to judge with."""

    release: Release
    recipe: Recipe
    baseline: Baseline | None


@dataclass(frozen=True, slots=True)
class RecipeFiles:
    """A recipe as it is sent.

    Args:
        recipe, arrays: the two files that teaching wrote.
        baseline: the third, or None.
    """

    recipe: bytes
    arrays: bytes
    baseline: bytes | None = None

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read what teaching wrote to ``folder``."""
        baseline = folder / BASELINE
        return cls(
            (folder / _RECIPE).read_bytes(),
            (folder / _ARRAYS).read_bytes(),
            baseline.read_bytes() if baseline.exists() else None,
        )


class RecipeLibrary:
    """Keeps recipes in a folder. Thread-safe.

    Args:
        folder: made when the first recipe comes.
        clock: ns since the epoch.
    """

    def __init__(self, folder: Path, *, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = threading.RLock()
        self._loaded: OrderedDict[tuple[str, str, int], Loaded] = OrderedDict()
        self._active: dict[tuple[str, str], int] = {}
        self.unusable: dict[tuple[str, str], str] = {}
        """Station and product -> why the recipe that was active cannot be judged with; teach it again."""
        for station in self._folders(folder):
            for product in self._folders(station):
                history = _activations(product)
                if history:
                    self._take_up(unquote(station.name), unquote(product.name), history[-1].version)

    def stations(self) -> dict[str, dict[str, int]]:
        """Return the active version by station and product."""
        told: dict[str, dict[str, int]] = {}
        for (station, product), version in sorted(self._active.items()):
            told.setdefault(station, {})[product] = version
        return told

    def choose(self, station: str, product: str | None) -> tuple[str, int]:
        """Return product and active version; the only one of the station where none is named. Does not wait.

        Raises:
            UnknownStationError: there is none; says which there are.
            RequestError: several products, and none is named.
        """
        products = self.stations().get(station)
        if products is None:
            raise UnknownStationError(
                f"station {station!r}: has no active recipe; known are {_listed(self.stations())}"
            )
        if product is None:
            if len(products) > 1:
                raise RequestError(f"station {station}: say which product, of {_listed(products)}")
            product = next(iter(products))
        if product not in products:
            raise UnknownStationError(
                f"product {product!r}: station {station} has no active recipe for it; known are "
                f"{_listed(products)}"
            )
        return product, products[product]

    def load(self, station: str, product: str, version: int) -> Loaded:
        """Return a release, active or not.

        Raises:
            UnknownStationError: there is none.
            RecipeError: it is damaged.
        """
        key = (station, product, version)
        with self._lock:
            if key in self._loaded:
                self._loaded.move_to_end(key)
                return self._loaded[key]
            folder = self._place(station, product) / _version(version)
            if not folder.is_dir():
                raise UnknownStationError(f"recipe {product} of {station}: has no version {version}")
            recipe = load(folder)
            release = _release(folder)
            if recipe.sha256 != release.sha256:
                raise RecipeError(f"{folder}: is not what was installed; restore it")
            loaded = Loaded(release, recipe, read_baseline(folder))
            self._loaded[key] = loaded
            while len(self._loaded) > MOST_LOADED:
                self._loaded.popitem(last=False)
            return loaded

    def baseline(self, station: str, product: str, version: int) -> tuple[Release, Baseline | None]:
        """Return a release and what its pictures were like, without loading what it learnt.

        Raises:
            UnknownStationError: there is none.
            RecipeError: it is damaged.
        """
        folder = self._place(station, product) / _version(version)
        if not folder.is_dir():
            raise UnknownStationError(f"recipe {product} of {station}: has no version {version}")
        return _release(folder), read_baseline(folder)

    def releases(self, station: str, product: str) -> list[Release]:
        """Return the releases of a product, the oldest first.

        Raises:
            UnknownStationError: there is none.
        """
        place = self._place(station, product)
        with self._lock:
            found = [_release(folder) for folder in self._folders(place)]
        if not found:
            raise UnknownStationError(f"recipe {product!r} of {station!r}: there is none; install one")
        return found

    def activations(self, station: str, product: str) -> list[Activation]:
        """Return what was active when, the oldest first."""
        with self._lock:
            return _activations(self._place(station, product))

    def install(
        self, station: str, product: str, files: RecipeFiles, *, by: str, reason: str, mm_per_px: float | None
    ) -> Release:
        """Add a release; the active one stays active.

        Raises:
            RecipeError: the files are no recipe.
            RequestError, TagError: station or product cannot be named so.
        """
        check_equipment_id(station)
        if not PRODUCT.fullmatch(product):
            raise RequestError(f"product {product!r}: letters, digits, '.', '_', '-', at most 64; rename it")
        place = self._place(station, product)
        with self._lock:
            place.mkdir(parents=True, exist_ok=True)
            part = place / ".part"
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            try:
                _write(part / _RECIPE, files.recipe)
                _write(part / _ARRAYS, files.arrays)
                if files.baseline is not None:
                    _write(part / BASELINE, files.baseline)
                _refuse_bomb(part / _ARRAYS)
                recipe = load(part)
                read_baseline(part)
                known = [int(folder.name[1:]) for folder in self._folders(place)]
                release = Release(
                    station=station,
                    product=product,
                    version=max(known, default=0) + 1,
                    sha256=recipe.sha256,
                    by=by,
                    reason=reason,
                    time=self._clock(),
                    mm_per_px=mm_per_px,
                )
                _write(part / _RELEASE, msgspec.json.encode(release))
                part.rename(place / _version(release.version))
            finally:
                shutil.rmtree(part, ignore_errors=True)
            return release

    def activate(self, station: str, product: str, version: int, *, by: str, reason: str) -> Activation:
        """Judge with a version from the next picture on.

        Raises:
            UnknownStationError: there is no such version.
            RecipeError: it is damaged; the active one stays.
        """
        with self._lock:
            self.load(station, product, version)
            place = self._place(station, product)
            entry = Activation(version=version, by=by, reason=reason, time=self._clock())
            part = place / f".{_ACTIVATIONS}"
            _write(part, msgspec.json.encode([*_activations(place), entry]))
            part.replace(place / _ACTIVATIONS)
            self._active = {**self._active, (station, product): version}  # readers hold no lock
            self.unusable.pop((station, product), None)
            return entry

    def roll_back(self, station: str, product: str, *, by: str, reason: str) -> Activation:
        """Judge again with the version that was active before this one.

        Raises:
            UnknownStationError: nothing was active before.
        """
        with self._lock:
            history = _activations(self._place(station, product))
            before = [entry.version for entry in history if entry.version != history[-1].version]
            if not before:
                raise UnknownStationError(
                    f"recipe {product} of {station}: no other version was ever active; activate one by number"
                )
            return self.activate(station, product, before[-1], by=by, reason=reason)

    def _take_up(self, station: str, product: str, version: int) -> None:
        """Go on with what was active; what another release of ours taught may not be what this one knows."""
        try:
            self.load(station, product, version)
        except (RecipeError, UnknownStationError) as error:
            _LOG.error("recipe %s of %s: no longer active: %s", product, station, error)
            self.unusable[station, product] = str(error)
        else:
            self._active[station, product] = version

    def _place(self, station: str, product: str) -> Path:
        # quote leaves dots alone, and a folder must not be the one above
        if station.startswith(".") or product.startswith("."):
            raise UnknownStationError(f"recipe {product!r} of {station!r}: there is none")
        return self._folder / quote(station, safe="") / quote(product, safe="")

    @staticmethod
    def _folders(place: Path) -> list[Path]:
        if not place.is_dir():
            return []
        return sorted(path for path in place.iterdir() if path.is_dir() and not path.name.startswith("."))


def _version(number: int) -> str:
    return f"v{number:06d}"


def _release(folder: Path) -> Release:
    try:
        return msgspec.json.decode((folder / _RELEASE).read_bytes(), type=Release)
    except (OSError, msgspec.MsgspecError) as error:
        raise RecipeError(f"{folder}: {_RELEASE} is damaged ({error}); restore it") from error


def _activations(place: Path) -> list[Activation]:
    try:
        return msgspec.json.decode((place / _ACTIVATIONS).read_bytes(), type=list[Activation])
    except FileNotFoundError:
        return []


def _listed(names: dict[str, object] | dict[str, int] | dict[str, dict[str, int]]) -> str:
    return ", ".join(names) or "none; install a recipe"


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _refuse_bomb(path: Path) -> None:
    """Refuse arrays that are packed: teaching packs none, and little may unpack to much.

    Raises:
        RecipeError
    """
    try:
        with zipfile.ZipFile(path) as packed:
            rows = packed.infolist()
    except zipfile.BadZipFile as error:
        raise RecipeError(f"{_ARRAYS}: no array file ({error}); send what teaching wrote") from error
    if any(row.compress_type != zipfile.ZIP_STORED for row in rows):
        raise RecipeError(f"{_ARRAYS}: its arrays are compressed; send what teaching wrote")
    if sum(row.file_size for row in rows) > MOST_ARRAY_BYTES:
        raise RecipeError(f"{_ARRAYS}: more than {MOST_ARRAY_BYTES} bytes of arrays; teach it again")
