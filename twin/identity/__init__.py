"""Who may see and do what: the table of permissions, accounts, sessions, tokens, and the gate before it all.

Every route of a service names its permission with :func:`twin.identity.guard.needs`; a route without one is
refused to everybody but the demo. A moment is int64 nanoseconds since the epoch, as everywhere.
"""
