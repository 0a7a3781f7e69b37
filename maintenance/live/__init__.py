"""Health of a park's machines while they run: from the topic ``readings`` to the topic ``health``."""
