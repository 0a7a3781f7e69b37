"""The place itself: ground, roads, halls, yards, planting; everything of the park that is no equipment."""
