"""What the kernel can say about the installation."""

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock, guarded, jobs, machine, schema, worker
from tcert.foundation.kernel.installation import (
    Finding,
    demanded,
    fine,
    inspection,
    problem,
    warning,
)

SHORTEST_SECRET = 40
LATE_SECONDS = 300
CLOCK_SECONDS = 5
LITTLE_ROOM = 0.1
BUILT = datetime(2026, 11, 1, tzinfo=UTC)


@inspection("mode", _("Production mode"))
def inspect_mode() -> Iterator[Finding]:
    """A hub that keeps real reports runs in production mode, and never shows debug pages."""
    if settings.PRODUCTION:
        yield fine(_("Production mode is on."))
    else:
        yield warning(
            _("This hub is a trial: production mode is off."),
            _("Before real reports arrive, set TCERT_PRODUCTION=1 and cure what this list says."),
        )
    if settings.DEBUG:
        yield problem(_("Debug pages are on and show secrets."), _("Unset TCERT_DEBUG."))
    if len(settings.SECRET_KEY) < SHORTEST_SECRET:
        yield problem(
            _("The secret key is too short."),
            _("Unset TCERT_SECRET_KEY: the hub then makes and keeps a good one."),
        )
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        yield demanded(
            _("The hub runs as root."), _("Run it as a system user that owns nothing else.")
        )


@inspection("onion", _("Onion service"))
def inspect_onion() -> Iterator[Finding]:
    """Strangers with Tor Browser reach the hub without leaving Tor."""
    if settings.ONION_HOST or (urlsplit(settings.BASE_URL).hostname or "").endswith(".onion"):
        yield fine(
            _("The hub knows its onion name; there it asks for no TLS and offers no passkeys.")
        )
    else:
        yield warning(
            _("The hub has no onion service: who reports over Tor leaves Tor on the way."),
            _("Set one up, and tell the hub its name in TCERT_ONION_HOST."),
        )


@inspection("tls", _("Encrypted connections"))
def inspect_tls() -> Iterator[Finding]:
    """Browsers reach the hub over TLS, or over an onion address."""
    address = urlsplit(settings.BASE_URL)
    host = address.hostname or ""
    if address.scheme == "https" or host.endswith(".onion"):
        yield fine(_("Connections are encrypted."))
        if not settings.SESSION_COOKIE_SECURE and not host.endswith(".onion"):
            yield problem(_("Session cookies travel unencrypted."), _("Set TCERT_BASE_URL anew."))
        if address.scheme == "https" and settings.SECURE_PROXY_SSL_HEADER is None:
            yield warning(
                _("The hub does not hear from its proxy whether a connection was encrypted."),
                _("Have the proxy set X-Forwarded-Proto, and set TCERT_BEHIND_PROXY=1."),
            )
    else:
        yield demanded(
            _("Connections are not encrypted."),
            _("Put a proxy with a certificate in front; set TCERT_BASE_URL to its https form."),
        )


def _secret_files() -> dict[str, Path]:
    return {
        "secret-key": settings.KEYS_DIR / "secret-key",
        "field-keys": settings.FIELD_KEYS_FILE,
        "receipt-salt": settings.RECEIPT_SALT_FILE,
        "hub-key": settings.HUB_KEY_FILE,
        "mail-key": settings.MAIL_KEY_FILE,
    }


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@inspection("keys", _("Key files"))
def inspect_key_files() -> Iterator[Finding]:
    """Key files are their owner's alone; the hub key has an owner of its own; nothing is lost."""
    files = {name: path for name, path in _secret_files().items() if path.exists()}
    for path in (settings.KEYS_DIR, settings.DATA_DIR, *files.values()):
        if path.exists() and _mode(path) & 0o077:
            rights = "700" if path.is_dir() else "600"
            yield problem(
                _("Other users of this machine can read %(path)s.") % {"path": path},
                f"chmod {rights} {path}",
            )
    ring = {key.id for key in guarded.keyring().keys}
    used = guarded.key_ids_in_use()
    if used - ring:
        yield problem(
            _("The database holds guarded values whose keys are missing."),
            _("Bring back the key file from its own backup: %(path)s")
            % {"path": settings.FIELD_KEYS_FILE},
        )
    else:
        yield fine(_("All guarded values open under the field keys."))
    if len(ring) > 1:
        yield warning(
            _("Older field keys are still kept."),
            _("Run `tcert keys rotate` to its end, then `tcert keys retire`."),
        )
    if settings.KEYS_DIR.is_relative_to(settings.DATA_DIR):
        yield demanded(
            _("The keys lie inside the data directory: a plain copy of it takes both."),
            _("Move them, set TCERT_KEYS to the new place, and back them up separately."),
        )
    yield from _hub_key(files)


def _hub_key(files: dict[str, Path]) -> Iterator[Finding]:
    if "hub-key" not in files:
        return
    if (
        "field-keys" in files
        and files["hub-key"].stat().st_uid == files["field-keys"].stat().st_uid
    ):
        yield demanded(
            _("Web and worker share one system user: the web processes could read the hub's key."),
            _("Run the worker as a user of its own and make the hub key readable by it alone."),
        )
    else:
        yield fine(_("The hub's key belongs to a system user of its own."))


@inspection("disk", _("Full-disk encryption"))
def inspect_disk() -> Iterator[Finding]:
    """A stolen disk shows who takes part, states and dates, unless the disk is encrypted."""
    states = [machine.is_encrypted(p) for p in (settings.DATA_DIR, settings.KEYS_DIR) if p.exists()]
    if states and all(states):
        yield fine(_("Data and keys lie on an encrypted disk."))
    elif settings.DISK_ENCRYPTED:
        yield fine(_("The operator states that the disk is encrypted; the hub cannot see it."))
    else:
        yield demanded(
            _("The hub sees no full-disk encryption. A stolen disk would show who takes part in "
              "which case, states and dates, but no content."),
            _("Encrypt the disk. If something that the hub cannot see encrypts it, "
              "set TCERT_DISK_ENCRYPTED=1."),
        )  # fmt: skip
    if machine.open_swap():
        yield demanded(
            _("Memory may be written to an unencrypted swap area. Reports sent without scripts "
              "pass through memory in clear."),
            _("Turn swap off (`swapoff -a`) or encrypt it."),
        )  # fmt: skip


@inspection("space", _("Room on the disk"))
def inspect_space() -> Iterator[Finding]:
    """The hub can write, and will be able to for a while."""
    if not settings.DATA_DIR.exists():
        return
    state = machine.state_of_disk(settings.DATA_DIR)
    if state == "read-only":
        yield problem(
            _("The data directory takes no writing: reports and answers are refused."),
            _("Look at its owner, its rights and how the disk is mounted."),
        )
    elif state == "full":
        yield problem(_("The disk is full: reports and answers are refused."), _("Make room now."))
    elif machine.free_share(settings.DATA_DIR) < LITTLE_ROOM:
        yield warning(
            _("Less than a tenth of the disk is free."),
            _("Make room before it is full: a full disk refuses reports."),
        )
    else:
        yield fine(_("The disk has room."))


@inspection("database", _("Database"))
def inspect_database() -> Iterator[Finding]:
    """The schema is this version's; SQLite keeps its promises about power cuts and deletion."""
    if schema.is_newer():
        if schema.may_go_on():
            yield warning(
                _("A later version has prepared the database; this one may go on beside it."),
                _("Finish the upgrade: restart the web processes one by one, then the worker."),
            )
            return
        yield problem(
            _("The database belongs to a later version of the hub."),
            _("Put the later version back, or restore the copy from before the upgrade."),
        )
        return
    if schema.is_pending():
        yield problem(_("The database does not have this version's schema."), "tcert migrate")
        return
    yield fine(_("The database has this version's schema."))
    if connection.vendor != "sqlite":
        yield from way_to_database()
        return
    wanted = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}
    with connection.cursor() as cursor:
        for pragma, value in wanted.items():
            cursor.execute(f"PRAGMA {pragma}")
            if cursor.fetchone()[0] != value:
                yield problem(
                    _("SQLite runs with another %(pragma)s than the hub needs.")
                    % {"pragma": pragma},
                    _("Use a local disk; remove your own database options."),
                )
    file = Path(str(connection.settings_dict["NAME"]))
    if file.exists() and _mode(file) & 0o077 and _mode(file.parent) & 0o077:
        yield problem(_("Other users of this machine can read the database."), f"chmod 600 {file}")


def way_to_database() -> Iterator[Finding]:
    """Over a network the hub knows whom it speaks to: encryption alone does not say that."""
    host = str(connection.settings_dict["HOST"])
    mode = connection.settings_dict["OPTIONS"].get("sslmode") or os.environ.get("PGSSLMODE")
    if host in {"", "localhost", "127.0.0.1", "::1"} or host.startswith("/"):
        return
    if mode != "verify-full":
        yield demanded(
            _("The database is on another machine, whose certificate is not checked."),
            _("Add ?sslmode=verify-full&sslrootcert=FILE to TCERT_DATABASE."),
        )


@inspection("worker", _("Background jobs"))
def inspect_worker() -> Iterator[Finding]:
    """A worker lives, keeps up, and gave nothing up; its timings fit together."""
    if worker.alive():
        yield fine(_("A worker is alive."))
    else:
        yield demanded(_("No worker is running: no mail leaves."), "tcert worker")
    if jobs.oldest_ready_seconds() > LATE_SECONDS:
        yield problem(
            _("Background jobs have been waiting for more than five minutes."),
            _("See the log of the worker; start more processes if it is busy."),
        )
    dead = jobs.dead().count()
    if dead:
        yield problem(
            _("%(count)d background jobs were given up.") % {"count": dead},
            _("Retry or drop them on the page “Health of the hub”."),
        )
    busy = float(connection.settings_dict.get("OPTIONS", {}).get("timeout", 0))
    if busy + settings.JOB_BEAT_SECONDS >= settings.JOB_LEASE_SECONDS:
        yield problem(
            _("A job's lease is not longer than the database may keep its worker waiting."),
            _("Set TCERT_JOB_LEASE above TCERT_BUSY_TIMEOUT plus TCERT_JOB_BEAT."),
        )


@inspection("mail", _("Mail"))
def inspect_mail() -> Iterator[Finding]:
    """Mail leaves the machine, over an encrypted connection."""
    if not settings.EMAIL_BACKEND.startswith("tcert."):
        yield demanded(
            _("Mail is not sent anywhere."),
            _("Set TCERT_MAIL_BACKEND=smtp and TCERT_SMTP_HOST to your relay."),
        )
    elif (
        settings.EMAIL_HOST not in {"localhost", "127.0.0.1", "::1"} and not settings.EMAIL_USE_TLS
    ):
        yield demanded(
            _("Mail travels to its relay unencrypted, with its addresses."),
            _("Set TCERT_SMTP_STARTTLS=1."),
        )
    else:
        yield fine(_("Mail goes to its relay."))
    if settings.MAIL_DOMAIN in {"localhost", ""}:
        yield demanded(_("Mails carry no domain of yours."), _("Set TCERT_MAIL_DOMAIN."))


@inspection("clock", _("Clock"))
def inspect_clock() -> Iterator[Finding]:
    """Embargoes end by the clock."""
    now = clock.now()
    if now < BUILT:
        yield problem(_("The clock is years behind."), _("Set the clock; run a time service."))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            gap = abs((cursor.fetchone()[0] - now).total_seconds())
        if gap > CLOCK_SECONDS:
            yield problem(
                _("The clocks of hub and database differ by %(seconds)d seconds.")
                % {"seconds": gap},
                _("Run a time service on both machines."),
            )
    if machine.clock_is_kept() is False:
        yield demanded(
            _("Nothing keeps this machine's clock right."),
            _("Run a time service such as chrony or systemd-timesyncd."),
        )
    else:
        yield fine(_("The clock is plausible."))
