"""Commands of backup and restore."""

import argparse
import getpass
import os
import subprocess
import sys
from pathlib import Path

DONE, PROBLEM, WRONG_USE = 0, 1, 2
_APART = "Keep data and keys in two different places: together they open what the hub guards."


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `backup`, `backup-keys`, `restore` and `restore-keys`."""
    backup = commands.add_parser(
        "backup",
        help="copy database and files, sealed to an offline key, while the hub runs",
        description="Exit codes: 0 done, 1 failed or a file is missing, 2 wrong use.",
    )
    _add_place(backup)
    backup.add_argument(
        "--keys-too",
        action="store_true",
        help="write the keys there as well, for you to move elsewhere",
    )
    backup.set_defaults(run=_backup)
    keys = commands.add_parser(
        "backup-keys", help="copy the hub's own keys, sealed; keep them apart from the data"
    )
    _add_place(keys)
    keys.set_defaults(run=_backup_keys)
    restore = commands.add_parser(
        "restore",
        help="bring a backup back into an empty data directory",
        description="Restore the keys first. With “-” the opened backup comes from standard "
        "input, so that the secret key never comes near the hub: gpg --decrypt FILE | tcert "
        "restore - --into FOLDER",
    )
    _add_source(restore)
    restore.add_argument("--into", type=Path, required=True, help="an empty folder")
    restore.set_defaults(run=_restore, any_schema=True)
    restore_keys = commands.add_parser(
        "restore-keys", help="bring the hub's own keys back to where the settings name them"
    )
    _add_source(restore_keys)
    restore_keys.set_defaults(run=_restore_keys, any_schema=True)


def _add_place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="where it goes")
    parser.add_argument(
        "--key",
        type=Path,
        required=True,
        action="append",
        metavar="CERTIFICATE.asc",
        help="the public key that it is sealed to; may be given several times",
    )


def _add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("backup", metavar="FILE", help="a backup, a folder with backups, or “-”")
    parser.add_argument(
        "--secret-key", type=Path, metavar="FILE", help="the offline key; asks for its passphrase"
    )


def _backup(options: argparse.Namespace) -> int:
    from tcert.site.backup import making

    certificates = [path.read_bytes() for path in options.key]
    made = making.back_up(folder=options.to, certificates=certificates)
    print(f"{made.path}: {made.rows} rows, {made.files} files, {made.size / 1e6:.1f} MB sealed.")
    for name in made.missing:
        print(f"missing on the disk, though a row names it: sealed/{name}", file=sys.stderr)
    if options.keys_too:
        _backup_keys(options)
    else:
        print("The hub's own keys are not in it: tcert backup-keys.")
    return PROBLEM if made.missing else DONE


def _backup_keys(options: argparse.Namespace) -> int:
    from tcert.site.backup import making

    certificates = [path.read_bytes() for path in options.key]
    made = making.back_up_keys(folder=options.to, certificates=certificates)
    print(f"{made.path}: {made.files} key files.\n{_APART}")
    return DONE


def _opened(options: argparse.Namespace, kind: str, rest: str) -> tuple[Path | None, bytes] | None:
    """Return where the backup is and the secret key; None after saying how to open it."""
    from tcert.site.backup.restoring import newest

    if options.backup == "-":
        return None, b""
    path = newest(Path(options.backup), kind)
    if options.secret_key is None:
        print("Open it where the secret key is, and hand over what comes out:", file=sys.stderr)
        print(f"  gpg --decrypt {path} | tcert {options.command} -{rest}", file=sys.stderr)
        print("or name the secret key here: --secret-key FILE", file=sys.stderr)
        return None
    return path, options.secret_key.read_bytes()


def _password(options: argparse.Namespace) -> str:
    if options.backup == "-" or not sys.stdin.isatty():
        return ""
    return getpass.getpass("Passphrase of the secret key (empty if it has none): ")


def _restore(options: argparse.Namespace) -> int:
    from tcert.site.backup import restoring

    restoring.require_empty(options.into)
    found = _opened(options, "data", f" --into {options.into}")
    if found is None:
        return WRONG_USE
    opened = restoring.source(found[0], secret_key=found[1], password=_password(options))
    told = restoring.restore(opened, options.into)
    print(f"Restored to {told.made_at}: {told.rows} rows, {told.files} files.")
    if told.absent:
        print(f"{told.absent} files were missing already when the backup was made.")
    into = options.into.resolve()
    environment = {**os.environ, "TCERT_DATA": str(into)}
    if told.database == "sqlite":
        environment["TCERT_DATABASE"] = f"sqlite:///{into / restoring.DATABASE_FILE}"
    sys.stdout.flush()
    subprocess.run(
        [sys.executable, "-m", "tcert", "check", "database", "keys", "report"],
        env=environment,
        check=False,
    )
    print(
        f"\nWhat remains to be done:\n"
        f"- Set TCERT_DATA={into}, then `tcert serve`.\n"
        f"- Everybody signs in anew; who was removed since {told.made_at} is to be removed again.\n"
        f"- Tell desk and parties that whatever came after {told.made_at} is lost: reports, "
        f"messages, consents. Reporters see it when they open their receipt.\n"
        f"- Cases that were due to be deleted since are deleted again by the worker, after a week "
        f"of warning where none had gone out. Reports that reporters deleted since are back.\n"
        f"- Compare what was published since with the advisories here, before the worker runs on.\n"
        f"- If somebody else may have had the old disk: tcert keys rotate, and new keys of the "
        f"desk."
    )
    return DONE


def _restore_keys(options: argparse.Namespace) -> int:
    from tcert.site.backup import restoring

    found = _opened(options, "keys", "")
    if found is None:
        return WRONG_USE
    opened = restoring.source(found[0], secret_key=found[1], password=_password(options))
    told = restoring.restore_keys(opened)
    print(f"{told.files} key files of {told.made_at} are back in their places.")
    return DONE
