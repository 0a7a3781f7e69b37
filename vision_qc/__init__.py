"""Camera inspection service. Not built yet: the name is reserved by the architecture
(docs/architecture.md)."""
