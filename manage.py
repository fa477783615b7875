#!/usr/bin/env python
"""Django's command line. Without DATABASE_URL it uses the portal's own embedded servers, started here when they are not running."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cmncp_portal.settings.dev")
    from cmncp_portal import embedded

    with embedded.unless_given(sys.argv[1:2]):
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
