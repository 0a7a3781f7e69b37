"""The cameras of the simulated park: what an inspection station sees of the piece before it.

Conventions of the family:

* A picture is ``uint8[height, width]`` or ``uint8[height, width, 3]`` in OpenCV's order blue, green, red; x
  goes right, y goes down, from the middle of the upper left pixel.
* A box is ``(x0, y0, x1, y1)`` in pixels, ``x1`` and ``y1`` excluded.
* A severity goes from 0 (as new) to 1 (functional failure).
* A picture is a function of park seed, station, serial number, product, defects and camera faults, and of
  nothing else: whoever asks twice gets the same bytes.
* What is wrong with a piece never leaves by the way of its picture; it goes to the truth log.
"""
