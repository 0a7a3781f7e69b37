"""Detectors: each is taught from sights of good pictures and says how far another picture is from them.

Conventions of the family:

* A score is a distance, 0 or more; larger is worse. Scores of different detectors are not comparable until a
  station has put them on one scale (:mod:`vision_qc.fusion`).
* A heat map lies on the grid of the sight, ``float32[h, w]``, 0 or more, larger is worse.
* Teaching the same sights gives the same arrays, bit by bit; a detector is its arrays.
"""
