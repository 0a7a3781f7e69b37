"""What is wrong with an expression.

ParkTwinError
└── ExpressionError (ValueError)  it is no expression, or makes no sense of what it names
"""

from __future__ import annotations

from twin.contract.errors import ParkTwinError


class ExpressionError(ParkTwinError, ValueError):
    """The text is no expression, or not one over these signals.

    Args:
        text: the whole expression.
        at: where it is wrong, position of the letter.
        what: thing, value, rule, next step.
    """

    code = "expression"

    def __init__(self, text: str, at: int, what: str) -> None:
        self.at = at
        self.what = what
        super().__init__(f"expression {text!r}, at letter {at + 1}: {what}")
