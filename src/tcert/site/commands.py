"""Commands of the installation as a whole."""

import argparse

from django.core.management import call_command


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `serve`, `web`, `demo`, `migrate`, `manage`, and backup and restore."""
    from tcert.site.backup import commands as backup

    serve = commands.add_parser("serve", help="run web server and worker on this machine")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    serve.add_argument("--port", type=int, default=None, help="port to listen on (8000)")
    _add_have_backup(serve)
    serve.set_defaults(run=_serve)
    web = commands.add_parser("web", help="run a web server alone, to stand beside another one")
    web.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    web.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
    web.add_argument("--processes", type=int, default=1, help="how many at once (default 1)")
    web.set_defaults(run=_web)
    demo = commands.add_parser("demo", help="a hub with an invented community, to look around in")
    demo.add_argument("--serve", action="store_true", help="run it after building it")
    demo.add_argument("--port", type=int, default=None, help="port to listen on (8000)")
    demo.add_argument("--json", action="store_true", help="print sign-ins and secrets as JSON")
    demo.add_argument("--code", metavar="EMAIL", help="print a person's present authenticator code")
    demo.set_defaults(run=_demo)
    migrate = commands.add_parser("migrate", help="bring the database to this version's schema")
    _add_have_backup(migrate)
    migrate.set_defaults(run=_migrate)
    backup.register(commands)
    manage = commands.add_parser("manage", help="any command of Django, for developers")
    manage.add_argument("words", nargs=argparse.REMAINDER)
    manage.set_defaults(run=_manage)


def _add_have_backup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--i-have-a-backup",
        dest="have_backup",
        action="store_true",
        help="migrate a PostgreSQL database, which the hub does not copy by itself",
    )


def _serve(options: argparse.Namespace) -> int:
    import os
    from urllib.parse import urlparse

    from django.conf import settings

    from tcert.site.serving import serve

    port = options.port or urlparse(settings.BASE_URL).port or 8000
    if options.port and "TCERT_BASE_URL" not in os.environ:
        settings.BASE_URL = os.environ["TCERT_BASE_URL"] = f"http://localhost:{port}"
    return serve(options.host, port, have_backup=options.have_backup)


def _web(options: argparse.Namespace) -> int:
    from tcert.site.serving import web

    web(options.host, options.port, processes=options.processes)


def _demo(options: argparse.Namespace) -> int:
    import json
    import sys

    from tcert.foundation.kernel.errors import DomainError
    from tcert.site import serving
    from tcert.site.demo import build

    if options.code:
        found = build.code(options.code)
        print(found or f"Nobody in the demonstration signs in as {options.code}.")
        return 0 if found else 1
    try:
        serving.prepare()
        told = build.build()
    except DomainError as error:
        print(f"tcert: {error.message}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(told, indent=1))
    elif not options.serve:
        print(f"{len(told['people'])} people; see them with: tcert demo --json")
    if not options.serve:
        return 0
    build.introduce(told)
    options.host, options.have_backup = "127.0.0.1", False
    return _serve(options)


def _migrate(options: argparse.Namespace) -> int:
    from django.conf import settings

    from tcert.response.reference.domain import taking
    from tcert.site import upgrading

    settings.DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    upgrading.migrate(have_backup=options.have_backup, verbosity=1)
    taking.first_load()
    return 0


def _manage(options: argparse.Namespace) -> int:
    call_command(*options.words)
    return 0
