"""Remaining-life prediction and planning. Not built yet: the name is reserved by the architecture
(docs/architecture.md)."""
