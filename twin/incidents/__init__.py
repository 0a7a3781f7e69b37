"""Incidents as bundles: files with what was known of a stretch of time, which nobody can change unseen.

A bundle is a zip without compression of its own. ``manifest.json`` names every file with its SHA-256,
``manifest.sig`` is the detached signature (Ed25519, RFC 8032) of that manifest, and ``signer.pem`` the public
key it is checked with. :func:`twin.incidents.verify.verify_bundle` says which file is not what was signed.
"""
