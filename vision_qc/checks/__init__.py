"""Checks: what a recipe asks of a picture by rule and not by example: dimensions, codes.

Conventions of the family:

* A check is its plan, which a person writes; it learns nothing. It has its own decision (``accept``,
  ``review``, ``reject``) and the reasons for it; the worst of all decisions is the verdict.
* Positions are pixels of the camera's picture, the middle of the upper left pixel being (0, 0); where the
  recipe lays parts straight, those of the part as it was taught.
* What cannot be measured or read asks for a person: it is never accepted.
"""
