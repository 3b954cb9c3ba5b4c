"""The command `tcert`: each room registers its own subcommands."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

Register = Callable[["argparse._SubParsersAction[argparse.ArgumentParser]"], None]

DONE, PROBLEM, WRONG_USE = 0, 1, 2


def build_parser() -> argparse.ArgumentParser:
    """Gather the subcommands: a room brings a `commands.py` with `register(subparsers)`."""
    from importlib import import_module
    from importlib.util import find_spec

    from django.apps import apps

    parser = argparse.ArgumentParser(prog="tcert", description="The TCERT hub.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for config in apps.get_app_configs():
        if config.name.startswith("tcert.") and find_spec(f"{config.name}.commands"):
            import_module(f"{config.name}.commands").register(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; exit codes: 0 done, 1 found a problem, 2 wrong use."""
    os.umask(0o077)  # whatever the hub writes is its own user's alone
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words[:1] == ["demo"]:
        # The demonstration lives in a data directory of its own, never in the hub's.
        os.environ.setdefault("TCERT_DEMO", "1")
        os.environ.setdefault("TCERT_DATA", str(Path(__file__).parents[2] / "var" / "demo"))
    if words[:1] == ["check"]:
        done = _settings_to_check(words[1:])
        if done is not None:
            return done
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tcert.site.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as error:
        print(f"tcert: this hub is not set up safely: {error}", file=sys.stderr)
        return WRONG_USE
    except OSError as error:
        print(f"tcert: {_cause(error) or error.strerror}", file=sys.stderr)
        return PROBLEM
    return _run(build_parser().parse_args(words))


def _settings_to_check(words: Sequence[str]) -> int | None:
    """Show the file of settings, or take the settings from one before they are read."""
    from tcert.foundation.kernel import environment

    parser = argparse.ArgumentParser(prog="tcert check", add_help=False, allow_abbrev=False)
    environment.add_to(parser)
    asked, _rest = parser.parse_known_args(words)
    if asked.example:
        print(environment.EXAMPLE.read_text(), end="")
        return DONE
    if asked.environment is None:
        return None
    try:
        found = environment.read(asked.environment)
        is_private = not asked.environment.stat().st_mode & 0o077
    except OSError as error:
        print(f"tcert: {error.strerror}: {asked.environment}", file=sys.stderr)
        return WRONG_USE
    except environment.Unreadable as error:
        print(f"tcert: {error}", file=sys.stderr)
        return PROBLEM
    if not is_private:
        print(
            f"tcert: others can read {asked.environment}, and passwords stand in it: "
            f"chmod 600 {asked.environment}",
            file=sys.stderr,
        )
        return PROBLEM
    for name in [name for name in os.environ if name.startswith("TCERT_")]:
        del os.environ[name]
    os.environ.update({n: v for n, v in found.items() if n.startswith("TCERT_")})
    return None


def _run(options: argparse.Namespace) -> int:
    """Run a command; what an operator can mend is said in a sentence, not in a stack trace."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import Error

    from tcert.foundation.kernel import schema
    from tcert.foundation.kernel.errors import DomainError
    from tcert.foundation.kernel.guarded import KeyringError

    try:
        if not getattr(options, "any_schema", False):
            # A command that needs no database runs without one.
            with suppress(Error):
                schema.refuse_newer()
        run: Callable[[argparse.Namespace], int] = options.run
        code = run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Who reads what is printed has read enough, as `head` does; nothing is told to nobody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except DomainError as error:
        print(f"tcert: {error.message}", file=sys.stderr)
    except (KeyringError, ImproperlyConfigured) as error:
        print(f"tcert: {error}", file=sys.stderr)
    except (Error, OSError) as error:
        said = _cause(error)
        if not said:
            raise
        print(f"tcert: {said}", file=sys.stderr)
    else:
        return code
    return PROBLEM


def _cause(error: Exception) -> str:
    """Say what broke under the hub, if that is what happened."""
    from tcert.foundation.kernel import faults

    fault = faults.fault_of(error)
    if fault is not None:
        return str(faults.cure(fault))
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.strerror}: {error.filename}"
    return ""
