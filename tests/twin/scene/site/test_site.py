"""The site: sound meshes, few draw calls, machines inside halls stay visible, planting keeps clear."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.twin.scene.mesh_checks import check_primitive
from tests.twin.scene.parks import SITE, element, machine, park, rectangle
from twin.park.model import SiteElement
from twin.scene.site import levels
from twin.scene.site.ground import yard
from twin.scene.site.outline import inside
from twin.scene.site.planting import trees
from twin.scene.site.roads import carriageways, road
from twin.scene.site.site import site_model


def test_sound_in_few_draw_calls() -> None:
    primitives = site_model(park(), seed=1)
    assert len(primitives) <= 10
    for primitive in primitives:
        check_primitive(primitive)


@pytest.mark.parametrize("alone", SITE, ids=lambda row: row.id)
def test_every_kind_of_element_by_itself(alone: SiteElement) -> None:
    for primitive in site_model(park([], (alone,)), seed=1):
        check_primitive(primitive)


def test_a_hall_with_machines_is_open_and_one_without_is_closed() -> None:
    hall = element("hall", "hall", rectangle(0, 0, 40, 30), height=8)
    inhabited = replace(park([], (hall,)), equipment=(machine("pump", 20, 15),))
    assert _roofed(inhabited.site, inhabited=True) is False
    assert _roofed((hall,), inhabited=False) is True


def _roofed(site: tuple[SiteElement, ...], inhabited: bool) -> bool:
    """Whether anything opaque hangs over the middle of the hall."""
    equipment = (machine("pump", 20, 15),) if inhabited else ()
    whole = replace(park([], site), equipment=equipment)
    for primitive in site_model(whole, seed=1):
        if primitive.material in ("paint", "matte"):
            a, b, c = (primitive.points[primitive.triangles[:, i]] for i in range(3))
            over = np.minimum(np.minimum(a[:, 2], b[:, 2]), c[:, 2]) > 2
            triangles = np.stack([a, b, c], axis=1)[over][:, :, :2]
            spot = np.array([(19.3, 14.7)])
            if any(inside(spot, triangle)[0] for triangle in triangles):
                return True
    return False


def test_machines_stand_on_the_floor() -> None:
    """Nothing flat of the site reaches above the foot of a machine by more than a line of paint."""
    heights = {name: value for name, value in vars(levels).items() if name.isupper()}
    assert heights.pop("STRIPE") <= 0.05
    assert max(heights.values()) == levels.FLOOR == 0.0
    gaps = np.diff(sorted(set(heights.values())))
    assert gaps.min() >= 0.02 - 1e-9


def test_markings_stop_at_a_junction() -> None:
    east = element("east", "road", ((0, 0), (100, 0)), width=8)
    north = element("north", "road", ((50, -50), (50, 50)), width=8)
    junction = carriageways(north, margin=-0.5)[0]
    for part in road(east, [north]):
        if part.colour in ("marking", "kerb"):
            assert not inside(np.asarray(part.solid.points)[:, :2], junction).any()


def test_trees_keep_clear_and_are_the_same_every_time() -> None:
    whole = park()
    first = trees(whole, np.random.default_rng(7))
    second = trees(whole, np.random.default_rng(7))
    trunks = np.array(
        [np.asarray(part.solid.points).mean(axis=0)[:2] for part in first if part.colour == "trunk"]
    )
    assert len(trunks) > 10
    for row in whole.site:
        if row.kind in ("hall", "yard", "water"):
            assert not inside(trunks, row.points).any(), row.id
        if row.kind == "road":
            assert not any(inside(trunks, quad).any() for quad in carriageways(row)), row.id
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.solid.points, other.solid.points)


def test_a_forest_is_thinned() -> None:
    lawn = element("lawn", "lawn", rectangle(0, 0, 2000, 2000))
    avenue = element("avenue", "road", ((0, -50), (2000, -50)), width=8)
    parts = trees(park([], (lawn, avenue)), np.random.default_rng(1))
    assert len([part for part in parts if part.colour == "trunk"]) == 120


@pytest.mark.parametrize(("width", "fenced"), [(2.6, False), (12.0, True)])
def test_a_yard_has_a_fence_and_a_verge_has_none(width: float, fenced: bool) -> None:
    strip = element("strip", "yard", rectangle(0, 0, 60, width))
    highest = max(part.solid.points[:, 2].max() for part in yard(strip))
    assert bool(highest > levels.YARD + 1.5) is fenced
