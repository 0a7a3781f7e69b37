"""From the text of an expression to its tree, by recursive descent, one method a level of precedence::

or  ->  and  ->  not  ->  comparison (one, or "in")  ->  + -  ->  * /  ->  -  ->  ^  ->  number, signal, (
)
"""

from __future__ import annotations

from typing import Final

from twin.expressions.errors import ExpressionError
from twin.expressions.tokens import WORDS, Token, tokens_of
from twin.expressions.tree import (
    Among,
    Binary,
    Call,
    Number,
    Power,
    Reference,
    Text,
    Tree,
    Truth,
    Unary,
)

MAX_DEPTH: Final = 40
MAX_NODES: Final = 250
MAX_EXPONENT: Final = 4
_COMPARISONS: Final = frozenset({"<", "<=", ">", ">=", "==", "!="})


def parse(text: str) -> Tree:
    """Parse an expression.

    Raises:
        ExpressionError: it is none, or too long or too deep.

    >>> parse("a + 1").left
    Reference(name='a', at=0)
    """
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens_of(text)
        self._place = 0
        self._depth = 0
        self._nodes = 0

    def whole(self) -> Tree:
        if self._next().kind == "end":
            raise self._wrong("is empty; write a condition or a value")
        tree = self._or()
        if self._next().kind != "end":
            raise self._wrong(
                f"{self._next().text!r} does not follow there; join the parts with and, or, + ..."
            )
        return tree

    def _next(self) -> Token:
        return self._tokens[self._place]

    def _take(self) -> Token:
        token = self._next()
        self._place += 1
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._wrong(f"more than {MAX_NODES} words; part it")
        return token

    def _is(self, *texts: str) -> bool:
        return self._next().kind in ("sign", "word") and self._next().text in texts

    def _expect(self, sign: str) -> Token:
        if not self._is(sign):
            found = repr(self._next().text) if self._next().text else "the end"
            raise self._wrong(f"{sign!r} must stand here, not {found}")
        return self._take()

    def _wrong(self, what: str) -> ExpressionError:
        return ExpressionError(self._text, self._next().at, what)

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._wrong(f"nested more than {MAX_DEPTH} deep; part it")

    def _or(self) -> Tree:
        self._deeper()
        tree = self._and()
        while self._is("or"):
            token = self._take()
            tree = Binary("or", tree, self._and(), token.at)
        self._depth -= 1
        return tree

    def _and(self) -> Tree:
        tree = self._not()
        while self._is("and"):
            token = self._take()
            tree = Binary("and", tree, self._not(), token.at)
        return tree

    def _not(self) -> Tree:
        if self._is("not"):
            token = self._take()
            self._deeper()
            tree = Unary("not", self._not(), token.at)
            self._depth -= 1
            return tree
        return self._comparison()

    def _comparison(self) -> Tree:
        tree = self._sum()
        if self._is("in"):
            token = self._take()
            self._expect("(")
            return Among(tree, self._arguments(), token.at)
        if self._is(*_COMPARISONS):
            token = self._take()
            tree = Binary(token.text, tree, self._sum(), token.at)
            if self._is(*_COMPARISONS):
                raise self._wrong("one comparison at a time; write a < b and b < c")
        return tree

    def _sum(self) -> Tree:
        tree = self._product()
        while self._is("+", "-"):
            token = self._take()
            tree = Binary(token.text, tree, self._product(), token.at)
        return tree

    def _product(self) -> Tree:
        tree = self._unary()
        while self._is("*", "/"):
            token = self._take()
            tree = Binary(token.text, tree, self._unary(), token.at)
        return tree

    def _unary(self) -> Tree:
        if self._is("-"):
            token = self._take()
            self._deeper()
            tree = Unary("-", self._unary(), token.at)
            self._depth -= 1
            return tree
        return self._power()

    def _power(self) -> Tree:
        tree = self._atom()
        if self._is("^"):
            at = self._take().at
            token = self._take()
            if token.kind != "number" or not token.text.isdigit() or int(token.text) > MAX_EXPONENT:
                raise ExpressionError(
                    self._text, token.at, f"an exponent is a whole number up to {MAX_EXPONENT}"
                )
            return Power(tree, int(token.text), at)
        return tree

    def _atom(self) -> Tree:
        token = self._take()
        if token.kind == "number":
            unit = self._take().text.strip() if self._next().kind == "unit" else None
            return Number(float(token.text), unit, token.at)
        if token.kind == "text":
            return Text(token.text, token.at)
        if token.kind == "reference":
            return Reference(token.text.strip(), token.at)
        if token.kind == "word" and token.text in ("true", "false"):
            return Truth(token.text == "true", token.at)
        if token.kind == "word" and token.text not in WORDS:
            if self._is("("):
                self._take()
                return Call(token.text, self._arguments(), token.at)
            return Reference(token.text, token.at)
        if token.kind == "sign" and token.text == "(":
            tree = self._or()
            self._expect(")")
            return tree
        self._place -= 1
        found = repr(token.text) if token.text else "the end"
        raise self._wrong(f"a number, a text, a signal or '(' must stand here, not {found}")

    def _arguments(self) -> tuple[Tree, ...]:
        """Read what stands between the parentheses, the first of which is taken already."""
        if self._is(")"):
            self._take()
            return ()
        found = [self._or()]
        while self._is(","):
            self._take()
            found.append(self._or())
        self._expect(")")
        return tuple(found)
