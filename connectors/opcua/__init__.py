"""The OPC UA connector: asyncua for sessions and services, our own columns for what a subscription
publishes."""
