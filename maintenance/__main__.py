"""``python -m maintenance``: watch the park's machines; with arguments, the command line that
``parktwin rul`` comes to."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    if len(sys.argv) > 1:
        from maintenance.cli import main

        sys.exit(main())
    from maintenance.service import serve

    serve()
