"""How much is taken in at a time: what waits for a worker waits in memory."""

from __future__ import annotations


class Room:
    """Counts pictures and their bytes. Belongs to one event loop.

    Args:
        most_pictures, most_bytes: at a time; one picture is always taken, whatever its size.

    Example:
        >>> room = Room(2, 100)
        >>> room.take(80), room.take(30), room.take(10), room.take(1)
        (True, False, True, False)
    """

    def __init__(self, most_pictures: int, most_bytes: int) -> None:
        self.pictures = 0
        self._bytes = 0
        self._most_pictures = most_pictures
        self._most_bytes = most_bytes

    def take(self, size: int) -> bool:
        """Take a picture of ``size`` [bytes] in, if there is room."""
        if self.pictures >= self._most_pictures or (self.pictures and self._bytes + size > self._most_bytes):
            return False
        self.pictures += 1
        self._bytes += size
        return True

    def give_back(self, size: int) -> None:
        """The picture is judged."""
        self.pictures -= 1
        self._bytes -= size
