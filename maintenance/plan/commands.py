"""``parktwin maintenance plan`` and ``report``: on forecasts that are stored."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from maintenance.errors import DataSetError

_OUT = Console(highlight=False, soft_wrap=True)


class Tongue(StrEnum):
    """Language of a text."""

    vi = "vi"
    en = "en"


class Form(StrEnum):
    """Form of a report."""

    markdown = "markdown"
    html = "html"


Stored = Annotated[
    str, typer.Argument(help="the service's database: a file such as health.sqlite3, or a database URL")
]
SiteFile = Annotated[
    Path | None,
    typer.Option("--site", help="crews, calendars, jobs, parts; the sample by default"),
]
At = Annotated[str, typer.Option(help="as of then, RFC 3339; by default the time of the newest forecast")]
Out = Annotated[Path | None, typer.Option(help="file to write; by default it is printed")]


def register(app: typer.Typer) -> None:
    """Add the commands to ``parktwin maintenance``."""

    @app.command("plan")
    def plan(
        forecasts: Stored,
        site: SiteFile = None,
        at: At = "",
        language: Annotated[Tongue, typer.Option(help="of the texts")] = Tongue.vi,
        out: Out = None,
    ) -> None:
        """Plan the work on all machines from their newest forecasts: what, when, by whom, and why then."""
        from maintenance.plan.stored import stored_plan
        from maintenance.weekly.spares_section import spares_section
        from maintenance.weekly.work_section import work_section

        with stored_plan(forecasts, site, at) as found:
            today = found.today
            lines = [
                *work_section(found.site, found.plan, language.value),
                "",
                *spares_section(found.site, found.needs, today, language.value),
            ]
        _write("\n".join(lines) + "\n", out)

    @app.command("report")
    def report(
        forecasts: Stored,
        site: SiteFile = None,
        at: At = "",
        language: Annotated[Tongue, typer.Option(help="of the report")] = Tongue.vi,
        form: Annotated[Form, typer.Option("--format", help="of the report")] = Form.markdown,
        out: Out = None,
    ) -> None:
        """Write the weekly report of the park: how machines are, what to do, what to order, what came."""
        from maintenance.plan.stored import stored_plan
        from maintenance.weekly.document import weekly_document
        from maintenance.weekly.page import page

        with stored_plan(forecasts, site, at) as found:
            text = weekly_document(found.ledger, found.site, found.plan, found.needs, language.value)
        _write(page(text, language.value) if form is Form.html else text, out)


def _write(text: str, out: Path | None) -> None:
    if out is None:
        _OUT.print(text, markup=False, end="")
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DataSetError(f"{out} cannot be written: {error.strerror}; choose another --out") from error
