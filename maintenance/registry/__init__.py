"""Models as artefacts: trained, evaluated, registered, approved by a person, put into service, rolled back.

A model is registered with its card once; versions never change. What is in service is the newest promotion
of a kind, and every promotion has a person and a reason. Files are numbers and texts, and are held to their
checksums whenever they are read.

    ArtefactError
    └── RegistryError   a model cannot be registered, promoted or rolled back
"""
