"""The sign-in page: a plain form without a script, so that the strictest policy will do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from twin.api.sign_in_words import WORDS


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form.

    Args:
        name: as it is sent.
        word: of its label.
        kind: of the input.
        complete: what a password keeper may fill in.
        value: that stands in it.
        needed: it must not be empty.
    """

    name: str
    word: str
    kind: str = "text"
    complete: str = "off"
    value: str = ""
    needed: bool = True


def sign_in_page(*, trouble: str = "", name: str = "", provider: bool = False) -> str:
    """The form of who has an account.

    Args:
        trouble: word of what went wrong, "" if nothing.
        name: that was typed.
        provider: whether there is another way in.

    >>> 'autocomplete="current-password"' in sign_in_page()
    True
    """
    fields = (
        Field("name", "name", complete="username", value=name),
        Field("password", "password", "password", "current-password"),
        Field("code", "code", complete="one-time-code", needed=False),
    )
    more = f'<p><a class="button" href="/sign-in/provider">{_both("provider")}</a></p>' if provider else ""
    return _page("title", fields, "enter", trouble, more)


def link_page(link: str, *, first: bool, trouble: str = "", name: str = "", display: str = "") -> str:
    """The form of who has a one-time link.

    Args:
        link: its secret.
        first: it makes the first account, whose name is asked for too.
        trouble: word of what went wrong, "" if nothing.
        name, display: that were typed.
    """
    who = (
        Field("name", "name", complete="username", value=name),
        Field("display", "display", complete="name", value=display),
    )
    fields = (*(who if first else ()), Field("new", "new", "password", "new-password"))
    hidden = f'<input type="hidden" name="link" value="{escape(link)}">'
    return _page("first" if first else "choose", fields, "keep", trouble, "", hidden)


def over_page() -> str:
    """What is said of a link that is over."""
    return _page("choose", (), "", "over", '<p><a class="button" href="/sign-in">ParkTwin</a></p>')


def _page(
    title: str, fields: Iterable[Field], verb: str, trouble: str, more: str = "", hidden: str = ""
) -> str:
    return "\n".join(
        (
            '<!doctype html>\n<html lang="vi" data-theme="dark"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(WORDS[title].vi)} · ParkTwin</title>",
            '<link rel="icon" href="/favicon.svg" type="image/svg+xml">',
            '<link rel="stylesheet" href="/style/tokens.css">',
            '<link rel="stylesheet" href="/style/sign_in.css">',
            '</head><body><main class="sign-in">',
            '<p class="brand"><img src="/favicon.svg" alt="" width="28" height="28"> ParkTwin</p>',
            f"<h1>{_both(title)}</h1>",
            f'<p class="trouble" role="alert">{_both(trouble)}</p>' if trouble else "",
            '<form method="post" action="/sign-in">',
            hidden,
            *(line for field in fields for line in _input(field)),
            f'<button class="button main" type="submit">{_both(verb)}</button>' if verb else "",
            "</form>",
            more,
            "</main></body></html>",
        )
    )


def _input(field: Field) -> Iterator[str]:
    needed = " required" if field.needed else ""
    value = f' value="{escape(field.value)}"' if field.value else ""
    yield (
        f'<label><span>{_both(field.word)}</span><input name="{field.name}" type="{field.kind}" '
        f'autocomplete="{field.complete}" maxlength="200"{value}{needed}></label>'
    )


def _both(word: str) -> str:
    text = WORDS[word]
    return f'<span lang="vi">{escape(text.vi)}</span> <span lang="en" class="en">{escape(text.en)}</span>'
