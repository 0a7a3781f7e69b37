"""The shapes of equipment, one file per family.

A shape is a function that returns parts in metres at the shape's natural size: foot at z = 0, x along the
line or the shaft, the operator's side at -y. The table of rows is :mod:`twin.scene.shapes.registry`.
"""
