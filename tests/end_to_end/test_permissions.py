"""Every route of every service says what it needs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.routing import Mount, Route

from tests.end_to_end.apps_under_test import all_apps
from twin.identity.guard import OPEN, SIGNED_IN, declared
from twin.identity.permissions import PERMISSIONS

OPEN_TO_ALL = {"/api/health", "/sign-in", "/favicon.svg"}
"""What may be asked without being signed in."""
OF_NOBODY = {"/openapi.json", "/src", "/style", "/vendor", "/locales"}
"""What says nothing of the plant: the description of the API, and the files of the page. The gate still wants
somebody to be signed in."""


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, FastAPI]]:
    folder = tmp_path_factory.mktemp("apps")
    with all_apps(folder, identity=f"sqlite:///{folder / 'identity.sqlite3'}") as made:
        yield made


def test_every_route_names_a_permission_of_the_table(apps: dict[str, FastAPI]) -> None:
    for name, app in apps.items():
        routes = list(declared(app))
        assert routes, name
        for method, path, named in routes:
            assert named, f"{name}: {method} {path} names no permission; add dependencies=[needs(...)]"
            if OPEN in named:
                assert path in OPEN_TO_ALL, f"{name}: {method} {path} is open to everybody"
        api = {path for _, path, _ in routes}
        plain = {route.path for route in app.routes if isinstance(route, Route | Mount)} - api
        assert plain <= OF_NOBODY, name


def test_every_permission_is_of_some_route_and_of_some_role(apps: dict[str, FastAPI]) -> None:
    used = {one for app in apps.values() for _, _, named in declared(app) for one in named}
    used -= {OPEN, SIGNED_IN}
    used.add("consent.change")  # of a route that tenants' apps alone have: test_consents.py
    assert {name for name in PERMISSIONS if name not in used} == set()
    assert [row.name for row in PERMISSIONS.values() if not row.roles] == []


def test_the_description_of_the_api_says_what_is_needed(apps: dict[str, FastAPI]) -> None:
    paths = apps["twin"].openapi()["paths"]
    assert paths["/api/alarms/shelve"]["post"]["x-permission"] == "alarm.act"
    assert all("x-permission" in operation for methods in paths.values() for operation in methods.values())
