"""Commands of the installation as a whole."""

import argparse

from django.core.management import call_command


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `migrate` and `manage`."""
    migrate = commands.add_parser("migrate", help="bring the database to this version's schema")
    migrate.set_defaults(run=_migrate)
    manage = commands.add_parser("manage", help="any command of Django, for developers")
    manage.add_argument("words", nargs=argparse.REMAINDER)
    manage.set_defaults(run=_manage)


def _migrate(_options: argparse.Namespace) -> int:
    from django.conf import settings

    settings.DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    call_command("migrate", interactive=False, verbosity=1)
    return 0


def _manage(options: argparse.Namespace) -> int:
    call_command(*options.words)
    return 0
