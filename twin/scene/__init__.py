"""The park as geometry: one binary glTF with the site and one unit model per shape.

Metres, z up, as in the park file; only :mod:`twin.scene.glb` turns that into glTF's y up. Meshes are
``pyvista.PolyData`` of triangles with outward winding and a point array ``Normals``. No window, GL or
display is
ever needed: PyVista is used for its mesh filters alone.
"""
