"""The report as a page: one file with its style inside, to be printed or sent."""

from __future__ import annotations

from markdown_it import MarkdownIt

from maintenance.wording import Language

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 78rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; }}
h1, h2, h3 {{ line-height: 1.2; }}
h2 {{ margin-top: 2rem; border-bottom: 1px solid #c9d1d9; }}
table {{ border-collapse: collapse; width: 100%; font-size: 14px; }}
th, td {{ border: 1px solid #c9d1d9; padding: .35rem .5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }}
th {{ background: #eef1f4; }}
@media print {{ body {{ margin: 0; max-width: none; font-size: 11px; }} table {{ font-size: 10px; }} tr {{ break-inside: avoid; }} }}
</style>
</head>
<body>
{body}</body>
</html>
"""  # noqa: E501


def page(markdown: str, language: Language) -> str:
    """Make a page of a report; text in it that looks like HTML stays text.

    >>> "&lt;b&gt;" in page("# Title <b>", "en")
    True
    """
    title = markdown.partition("\n")[0].lstrip("# ").replace("<", "").replace("&", "")
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)
    return _PAGE.format(language=language, title=title, body=body)
