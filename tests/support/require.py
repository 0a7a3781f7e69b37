"""Skip where a real part is missing, or fail where ``PARKTWIN_REQUIRE=all`` says that nothing may be
missing."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(what: str, remedy: str) -> NoReturn:
    """Stop this test because ``what`` is not here: a skip for a stranger, a failure in CI."""
    text = f"{what} is missing; {remedy}"
    if os.environ.get("PARKTWIN_REQUIRE") == "all":
        pytest.fail(text + " (PARKTWIN_REQUIRE=all: nothing may be skipped)", pytrace=False)
    pytest.skip(text)
