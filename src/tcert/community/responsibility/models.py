"""Who is accountable for which domain of an operator's security, and who answers at night."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Organisation
from tcert.community.responsibility import domains, matrix
from tcert.community.responsibility.enums import EntryState, Refusal
from tcert.community.responsibility.inside import inside, is_inside
from tcert.community.responsibility.matrix import Held
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedJSONField, GuardedTextField
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.foundation.kernel.tlp import Tlp

LONGEST_NAME = 60
LONGEST_PHONE = 30
LONGEST_HOURS = 60
LONGEST_ADVICE = 300
LONGEST_REMARK = 300
REFUSALS = {
    Refusal.NOT_ME: _("it is not me"),
    Refusal.MOVED: _("it was me, and I do something else now"),
    Refusal.NOT_TOLD: _("nobody has told me, and I have not agreed"),
    Refusal.WRONG: _("it is me, and what stands there is wrong"),
}
TLPS = {
    Tlp.AMBER.value: _("TLP:AMBER, our own people and coordinators"),
    Tlp.GREEN.value: _("TLP:GREEN, members"),
}


class MatrixQuerySet(models.QuerySet["Matrix"]):
    """Matrices by who may know more than that the organisation takes part."""

    def visible_to(self, principal: Principal) -> "MatrixQuerySet":
        """Members, of the organisations that they see."""
        if not principal.is_member:
            return self.none()
        return self.filter(organisation__in=Organisation.objects.visible_to(principal))


class Matrix(UuidModel):
    """An organisation takes part: everybody may know that, and nothing else of it."""

    what_we_see = Seen(
        "A responsibility matrix",
        readable={
            "id": "a random number",
            "organisation": "whose it is",
            "opened_at": "since when the organisation takes part",
            "opened_by": "which person began it",
            "chain_changed_at": "when the phone chain was last changed",
        },
        guarded={"nobody": "what to do when nobody in the phone chain answers"},
    )

    organisation = models.OneToOneField(
        Organisation, on_delete=models.CASCADE, related_name="responsibility"
    )
    opened_at = models.DateTimeField(default=clock.now)
    opened_by = models.UUIDField(null=True)
    chain_changed_at = models.DateTimeField(null=True)
    nobody = GuardedTextField(blank=True, default="", max_length=LONGEST_ADVICE)

    objects: ClassVar[models.Manager["Matrix"]] = MatrixQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["organisation__name"]

    def __str__(self) -> str:
        return f"{self.organisation}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `MatrixQuerySet.visible_to`."""
        return principal.is_member and self.organisation.is_visible_to(principal)


class Named(UuidModel):
    """Somebody named: by an account of the organisation, or without one by name and address."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    role_title = models.CharField(_("role"), max_length=LONGEST_NAME, blank=True)
    name = GuardedTextField(_("name"), blank=True, default="", max_length=LONGEST_NAME)
    phone = GuardedTextField(_("phone"), blank=True, default="", max_length=LONGEST_PHONE)
    left_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def who(self) -> str:
        """Return the name; empty for nobody."""
        return str(self.person.name) if self.person is not None else self.name


class EntryQuerySet(models.QuerySet["Entry"]):
    """Entries by who may see their roles."""

    def visible_to(self, principal: Principal) -> "EntryQuerySet":
        """Members see the domains of organisations that they see, but lawful interception.

        That one is for the organisation's own people and coordinators nothing ties to it.
        """
        if not principal.is_member:
            return self.none()
        seen = self.filter(matrix__organisation__in=Organisation.objects.visible_to(principal))
        shown = ~models.Q(domain=domains.LAWFUL_INTERCEPTION)
        return seen.filter(shown | inside(principal, "matrix__organisation"))


class Entry(Named):
    """One domain of one organisation: one accountable person, and teams."""

    what_we_see = Seen(
        "A domain of a responsibility matrix",
        readable={
            "id": "a random number",
            "matrix": "of which organisation",
            "domain": "which domain",
            "person": "which account is accountable, where it is one",
            "role_title": "the role of who is accountable",
            "responsible": "which teams or units do the work",
            "consulted": "which are asked before",
            "informed": "which are told",
            "tlp": "whether members see names and numbers",
            "asked_at": "since when this person is named",
            "mailed_at": "when they were last asked by mail",
            "confirmed_at": "when they last confirmed it",
            "confirmed_by": "by which account",
            "refused_at": "when they said that it is not theirs",
            "left_at": "when they left the organisation",
            "changed_at": "when the entry last changed",
        },
        guarded={
            "name": "the name of who is accountable, without an account",
            "mail": "their address",
            "phone": "the number of who is accountable",
            "refusal": "why they say that it is not theirs, in a word",
            "remark": "why, in words",
        },
    )

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="entries")
    domain = models.CharField(max_length=24)
    mail = GuardedTextField(_("e-mail"), blank=True, default="", max_length=254)
    responsible = models.JSONField(default=list)
    consulted = models.JSONField(default=list)
    informed = models.JSONField(default=list)
    tlp = models.CharField(max_length=12, choices=TLPS.items(), default=Tlp.AMBER)
    asked_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.UUIDField(null=True)
    refused_at = models.DateTimeField(null=True)
    refusal = GuardedTextField(blank=True, default="", max_length=16)
    remark = GuardedTextField(blank=True, default="", max_length=LONGEST_REMARK)
    changed_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Entry"]] = EntryQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["matrix", "domain"], name="responsibility_domain_once")
        ]

    def __str__(self) -> str:
        return self.domain

    @property
    def label(self) -> str:
        """Return the domain's name."""
        return domains.label(self.domain)

    @property
    def address(self) -> str:
        """Return where the accountable person is asked; empty for nobody and for no address."""
        return (self.person.email if self.person is not None else self.mail).strip().lower()

    @property
    def key(self) -> str:
        """Return what tells this person from another one; empty for nobody."""
        return self.address or self.who.strip().casefold()

    @property
    def held(self) -> Held:
        """Return it as the pure rules take it."""
        return Held(
            organisation=str(self.matrix.organisation_id),
            domain=self.domain,
            person=self.key,
            asked_at=self.asked_at,
            confirmed_at=self.confirmed_at,
            refused=self.refused_at is not None,
            left=self.left_at is not None,
            has_teams=bool(self.responsible),
        )

    @property
    def state(self) -> EntryState:
        """Return how far the person stands by it now."""
        return matrix.state(self.held, clock.now())

    @property
    def confirm_by(self) -> datetime | None:
        """Return until when the last confirmation holds."""
        return self.confirmed_at + matrix.CONFIRM_WITHIN if self.confirmed_at else None

    @property
    def why_refused(self) -> str:
        """Return the reason of a refusal; empty without one."""
        return str(REFUSALS[Refusal(self.refusal)]) if self.refusal in set(Refusal) else ""

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `EntryQuerySet.visible_to`."""
        if not self.matrix.is_visible_to(principal):
            return False
        inner = is_inside(principal, self.matrix.organisation_id)
        return inner or self.domain != domains.LAWFUL_INTERCEPTION

    def names_people_to(self, principal: Principal) -> bool:
        """Tell whether somebody reads name and number: from inside, and members by its TLP.

        Of who has left, or says that it is not theirs, members read no name.
        """
        if not self.is_visible_to(principal):
            return False
        told = self.tlp == Tlp.GREEN and matrix.stands(self.held)
        return told or is_inside(principal, self.matrix.organisation_id)


class Step(Named):
    """One person of the phone chain, in the order in which they are called."""

    what_we_see = Seen(
        "A step of a phone chain",
        readable={
            "id": "a random number",
            "matrix": "of which organisation",
            "place": "who is called first, second and so on",
            "person": "which account it is, where it is one",
            "role_title": "the role",
            "hours": "when they are reached",
            "left_at": "when they left the organisation",
        },
        guarded={"name": "the name, without an account", "phone": "the number"},
    )

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="chain")
    place = models.PositiveSmallIntegerField()
    hours = models.CharField(_("hours"), max_length=LONGEST_HOURS, blank=True)

    class Meta:
        ordering: ClassVar = ["place"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["matrix", "place"], name="responsibility_step_once")
        ]

    def __str__(self) -> str:
        return f"{self.place}"


class Change(UuidModel):
    """What one act changed in a domain or in the chain; for the organisation's own people."""

    what_we_see = Seen(
        "A change of a responsibility matrix",
        readable={
            "id": "a random number",
            "matrix": "of which organisation",
            "batch": "which act it was part of",
            "part": "which domain, or the chain",
            "at": "when",
            "by": "by which person",
            "is_undo": "whether it took a change back",
        },
        guarded={"before": "what stood there before", "after": "what stood there then"},
    )

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="changes")
    batch = models.UUIDField()
    part = models.CharField(max_length=24)
    at = models.DateTimeField(default=clock.now)
    by = models.UUIDField(null=True)
    is_undo = models.BooleanField(default=False)
    before = GuardedJSONField()
    after = GuardedJSONField()

    class Meta:
        ordering: ClassVar = ["-at", "part"]

    def __str__(self) -> str:
        return f"{self.part} {self.at:%Y-%m-%d}"

    @property
    def label(self) -> str:
        """Return what was changed, in words."""
        return str(_("phone chain")) if self.part == "chain" else domains.label(self.part)

    @property
    def differences(self) -> list[tuple[str, Any, Any]]:
        """Return (field, before, after) of the fields that people read and that differ."""
        return [
            (str(FIELD_NAMES[name]), self.before.get(name), self.after[name])
            for name in matrix.changed(self.before, self.after)
            if name in FIELD_NAMES
        ]


FIELD_NAMES = {
    "who": _("accountable"),
    "role_title": _("role"),
    "mail": _("e-mail"),
    "phone": _("phone"),
    "responsible": _("responsible"),
    "consulted": _("consulted"),
    "informed": _("informed"),
    "tlp": _("TLP"),
    "steps": _("steps"),
    "nobody": _("when nobody answers"),
}


class ConfirmLink(UuidModel):
    """A link with which somebody without an account answers once; the secret is not stored."""

    what_we_see = Seen(
        "A link to confirm what somebody is accountable for",
        readable={
            "id": "a random number",
            "matrix": "of which organisation",
            "digest": "a digest of the secret in the link",
            "created_at": "when it was sent",
            "expires_at": "until when it works",
            "used_at": "when it was used",
        },
        guarded={"mail": "to which address it went"},
    )

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="links")
    mail = GuardedTextField(max_length=254)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d}"

    def is_open(self, at: datetime) -> bool:
        """Tell whether the link still works at a moment."""
        return self.used_at is None and at < self.expires_at
