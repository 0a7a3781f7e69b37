"""The bus: how packages meet. At least once, ordered per key, consumer groups with committed offsets.

``open_bus(url)`` in :mod:`twin.bus.connect` is the only way in; the semantics every backend keeps are
written in :mod:`twin.bus.base` and tested by one shared list.
"""
