"""Fixtures that several directories of tests share."""

from hypothesis import settings

from tests.support.kafka import kafka_broker

__all__ = ["kafka_broker"]

# a deadline an example would measure the machine and who else is on it
settings.register_profile("parktwin", deadline=None)
settings.load_profile("parktwin")
