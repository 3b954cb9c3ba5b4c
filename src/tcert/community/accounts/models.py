"""People and what belongs to one person alone."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from tcert.community.accounts.enums import DateStyle, Verified
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedTextField
from tcert.foundation.kernel.seen import Seen

DATE_STYLES = {
    DateStyle.BRITISH: _("23 Nov 2026"),
    DateStyle.AMERICAN: _("Nov 23, 2026"),
}

VERIFIED = {
    Verified.MET: _("met in person"),
    Verified.CALLED: _("called at a number known before"),
    Verified.VOUCHED: _("two colleagues of their team vouched"),
}


class PersonManager(BaseUserManager["Person"]):
    """Refuses Django's `createsuperuser`, since no person stands above the rules."""

    def create_superuser(self, *_args: Any, **_kwargs: Any) -> "Person":
        """Refuse: the set-up link makes the first coordinator."""
        raise NotImplementedError("use the set-up link that `tcert serve` prints")


class Person(UuidModel, AbstractBaseUser):
    """A person who signs in; what they may do follows from their teams."""

    what_we_see = Seen(
        "A person with an account",
        readable={
            "id": "a random number",
            "email": "the address that the person signs in with",
            "name": "the name shown to colleagues",
            "password": "a salted slow hash of the passphrase",
            "last_login": "when the person last signed in",
            "is_active": "whether the account may sign in",
            "timezone": "the zone in which pages show times",
            "dates": "how pages write dates for the person",
            "created_at": "when the account was made",
        },
    )

    email = models.EmailField(_("e-mail"), max_length=254)
    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(default=True)
    timezone = models.CharField(_("time zone"), max_length=60, default="UTC")
    dates = models.CharField(
        _("dates"), max_length=8, choices=DATE_STYLES.items(), default=DateStyle.BRITISH
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="person_email_once")]

    def __str__(self) -> str:
        return self.name


class BrowserSession(UuidModel):
    """One signed-in browser (or one on its way there); no address and no browser name is kept."""

    what_we_see = Seen(
        "A browser session",
        readable={
            "id": "a random number",
            "digest": "a digest of the cookie, which itself is not stored",
            "person": "who signed in, none before sign-in",
            "created_on": "the day it began",
            "seen_at": "the hour it was last used",
            "expires_at": "when it ends at the latest",
        },
        guarded={"data": "the steps of sign-in under way, the acting team, messages to show"},
    )

    digest = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(
        Person, null=True, on_delete=models.CASCADE, related_name="browser_sessions"
    )
    created_on = models.DateField(default=clock.today)
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    data = GuardedTextField()

    class Meta:
        ordering = ["-seen_at"]

    def __str__(self) -> str:
        return f"{self.created_on}"


class OneTimeLink(UuidModel):
    """A link that works once: to set the hub up, to accept an invitation, to choose a passphrase.

    Only a digest of its secret is stored. The secret travels in the fragment of the address,
    which a browser sends to nobody: it stands in no log and in no Referer.
    """

    what_we_see = Seen(
        "A one-time link",
        readable={
            "id": "a random number",
            "kind": "set-up, invitation, party from outside, application, or new passphrase",
            "digest": "a digest of the secret in the link",
            "person": "whose passphrase it renews",
            "email": "whom it invites, or who asked for a new passphrase",
            "name": "the name that the inviter gave",
            "places": "the teams and roles that wait for the invited person",
            "invited_by": "which person invited",
            "created_at": "when it was made",
            "expires_at": "until when it works",
            "used_at": "when it was used",
        },
    )

    kind = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True, null=True)
    person = models.ForeignKey(
        Person, null=True, on_delete=models.CASCADE, related_name="one_time_links"
    )
    email = models.EmailField(max_length=254, blank=True)
    name = models.CharField(max_length=120, blank=True)
    places = models.JSONField(default=list)
    invited_by = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "expires_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.created_at:%Y-%m-%d}"

    def is_open(self, at: datetime) -> bool:
        """Tell whether the link still works at a moment."""
        return self.used_at is None and at < self.expires_at


class StaffSession(UuidModel):
    """A stretch of time in which a desk member acts with coordinator rights.

    The browser session in which it was opened names it; no other session of the person has it.
    """

    what_we_see = Seen(
        "A staff session",
        readable={
            "id": "a random number",
            "person": "who switched coordinator rights on",
            "opened_at": "when",
            "ends_at": "until when they hold at the latest",
            "closed_at": "when the person switched them off",
            "purpose": "what for, in a few words of the person",
        },
    )

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="staff_sessions")
    purpose = models.CharField(_("what for"), max_length=120)
    opened_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-opened_at"]
        indexes = [models.Index(fields=["person", "-opened_at"])]

    def __str__(self) -> str:
        return f"{self.person} {self.opened_at:%Y-%m-%d %H:%M}"

    @property
    def has_ended(self) -> bool:
        """Tell whether the time ran out."""
        return self.ends_at <= clock.now()

    @property
    def ended_at(self) -> datetime:
        """Return when the rights ended, or will at the latest."""
        return self.closed_at or self.ends_at


class Vault(UuidModel):
    """A person's own key, locked in their browser; the hub cannot open it."""

    what_we_see = Seen(
        "A person's vault",
        readable={
            "id": "a random number",
            "person": "whose it is",
            "fingerprint": "the fingerprint of the personal key",
            "certificate": "the public half of the personal key",
            "created_at": "when it was made",
            "backup_made_at": "when the person downloaded a backup kit",
        },
        sealed={"locked_secret": "the secret half, locked under a passphrase we never see"},
    )

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="vault")
    fingerprint = models.CharField(max_length=64)
    certificate = models.TextField()
    locked_secret = models.BinaryField()
    created_at = models.DateTimeField(default=clock.now)
    backup_made_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.fingerprint


class VaultPasskey(UuidModel):
    """A passkey that opens its owner's vault beside the passphrase; it goes with the passkey."""

    what_we_see = Seen(
        "A passkey that opens a vault",
        readable={
            "id": "a random number",
            "vault": "which vault",
            "authenticator": "which passkey of its owner",
            "prf_salt": "the random question to which the passkey answers",
            "created_at": "since when",
        },
        sealed={"wrapped_secret": "the secret half, locked under the passkey's answer"},
    )

    vault = models.ForeignKey(Vault, on_delete=models.CASCADE, related_name="passkeys")
    authenticator = models.OneToOneField(
        "mfa.Authenticator", on_delete=models.CASCADE, related_name="vault_passkey"
    )
    prf_salt = models.BinaryField()
    wrapped_secret = models.BinaryField()
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"{self.authenticator_id} for {self.vault_id}"
