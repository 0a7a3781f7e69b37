"""Databases for the tests of this directory."""

from tests.support.postgres import database_url, postgres

__all__ = ["database_url", "postgres"]
