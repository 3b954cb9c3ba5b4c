"""Serve another application as the hub is served: `-m bench.beside MODULE:NAME PORT`.

The same server behind the same gate with the same flags, so that what is measured beside the hub
goes through the same door.
"""

import os
import sys

import django


def main() -> None:
    """Become the web server of an application."""
    django.setup()
    from tcert.site import serving

    application, port = sys.argv[1:]
    serving.allow_connections()
    command = serving.command_of_web("127.0.0.1", int(port), serving.PROCESSES, application)
    os.execv(command[0], command)  # noqa: S606 - our own command, without a shell


if __name__ == "__main__":
    main()
