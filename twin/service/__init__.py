"""The kit every service is made of: settings, logging, problems, metrics, authentication, one way to serve.

A service is three files: ``settings.py``, ``service.py`` with ``create_app(settings, bus, ...)`` and a
ten-line ``__main__.py``. Nothing here knows what a service does.
"""
