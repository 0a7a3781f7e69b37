"""The reference of a service's REST interface as one plain page, made from its own OpenAPI description.

FastAPI's own pages load their scripts from another host; a plant has no internet, and ours never asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

Json = Mapping[str, Any]


def reference_page(description: Json) -> str:
    """Write an OpenAPI description as HTML without scripts or styles.

    >>> page = reference_page({"info": {"title": "Probe", "version": "1"}, "paths": {}})
    >>> "<h1>Probe 1</h1>" in page
    True
    """
    info = description["info"]
    title = escape(f"{info['title']} {info['version']}")
    parts = [
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head><body>',
        f"<h1>{title}</h1>",
        *_paragraphs(info.get("description", "")),
        '<p>For programs: <a href="/openapi.json">/openapi.json</a></p>',
    ]
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            parts += _operation(path, method, operation)
    return "\n".join([*parts, "</body></html>"])


def _operation(path: str, method: str, operation: Json) -> Iterator[str]:
    yield f"<h2><code>{escape(method.upper())} {escape(path)}</code></h2>"
    yield from _paragraphs(operation.get("description", ""))
    if permission := operation.get("x-permission"):
        yield f"<p>Needs <code>{escape(permission)}</code>.</p>"
    if parameters := operation.get("parameters"):
        yield "<dl>"
        for parameter in parameters:
            default = parameter.get("schema", {}).get("default")
            notes = [parameter["in"], "required" if parameter.get("required") else f"default {default!r}"]
            yield f"<dt><code>{escape(parameter['name'])}</code> ({escape(', '.join(notes))})</dt>"
            yield f"<dd>{escape(parameter.get('description', ''))}</dd>"
        yield "</dl>"
    yield "<ul>"
    for status, answer in operation.get("responses", {}).items():
        yield f"<li><code>{escape(status)}</code> {escape(answer.get('description', ''))}</li>"
    yield "</ul>"


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        if paragraph.strip():
            yield f"<p>{escape(paragraph.strip())}</p>"
