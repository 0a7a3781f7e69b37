"""Settings of the inspection service, from ``PARKTWIN_*`` environment variables."""

from __future__ import annotations

import os
from typing import Literal

from pydantic import Field, SecretStr

from twin.service.settings import ServiceSettings

MOST_WORKERS = 8


class QcSettings(ServiceSettings):
    """What the inspection service needs to know beyond every service.

    Raises:
        SettingsError: (from :func:`twin.service.settings.load`) a value is missing, unknown or unsafe.
    """

    qc_database: SecretStr = Field(
        SecretStr(""), description="index of inspections: sqlite:///PATH or postgresql://...; empty = a file"
    )
    qc_workers: int = Field(
        0, ge=0, le=MOST_WORKERS, description="pictures judged at a time, each on one core; 0 = one a core"
    )
    qc_waiting: int = Field(
        32, ge=1, le=1024, description="pictures taken in at a time; more are told to come again"
    )
    qc_waiting_bytes: int = Field(
        128 << 20, ge=1 << 20, description="bytes of pictures taken in at a time; the first always is"
    )
    qc_max_body_bytes: int = Field(
        32 << 20, ge=1 << 10, le=64 << 20, description="largest picture file that is taken"
    )
    qc_pass_pictures_bytes: int = Field(
        4 << 30, ge=0, description="bytes of pictures of good products kept; the oldest go first"
    )
    qc_other_pictures_bytes: int = Field(
        16 << 30, ge=0, description="bytes of pictures of all other products kept"
    )
    qc_keep_rows: int = Field(
        2_000_000, ge=1000, description="inspections kept in the index, of passed and of other products each"
    )
    qc_ledger_max_bytes: int = Field(
        1 << 30, ge=1 << 20, description="bytes of verdicts that may wait for bus and index"
    )
    qc_sync: Literal["normal", "full"] = Field(
        "full", description="full survives a power cut, normal only the death of every process"
    )

    @property
    def workers(self) -> int:
        """How many pictures are judged at a time."""
        return self.qc_workers or min(MOST_WORKERS, os.cpu_count() or 1)
