"""Advisories in the making, who stood by them, and the releases that the world may read."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Organisation, Team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.guarded import GuardedJSONField, GuardedTextField
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories import csaf, provider
from tcert.response.advisories.content import Content
from tcert.response.advisories.enums import AdvisoryState, Pending, PublisherCategory, Severity
from tcert.response.cases.enums import Presence
from tcert.response.cases.models import Case, Participant
from tcert.response.cases.models.case import acting_team_ids

STATES = {
    AdvisoryState.DRAFT: _("draft"),
    AdvisoryState.REVIEW: _("in review"),
    AdvisoryState.APPROVED: _("approved"),
    AdvisoryState.PUBLISHED: _("published"),
    AdvisoryState.REVISED: _("revised"),
    AdvisoryState.WITHDRAWN: _("withdrawn"),
}
PUBLISHER_CATEGORIES = {
    PublisherCategory.COORDINATOR: _("coordinator"),
    PublisherCategory.VENDOR: _("vendor"),
    PublisherCategory.DISCOVERER: _("discoverer"),
    PublisherCategory.USER: _("user"),
    PublisherCategory.OTHER: _("other"),
}
SEVERITIES = {
    Severity.NONE: _("none"),
    Severity.LOW: _("low"),
    Severity.MEDIUM: _("medium"),
    Severity.HIGH: _("high"),
    Severity.CRITICAL: _("critical"),
}


class AdvisoryQuerySet(models.QuerySet["Advisory"]):
    """Working texts by who may see them."""

    def visible_to(self, principal: Principal) -> "AdvisoryQuerySet":
        """Only the coordinating team; never somebody whose own house the case concerns."""
        coordinated = Case.objects.coordinated_by(principal).values("id")
        return self.filter(team_id__in=acting_team_ids(principal)).filter(
            models.Q(case_id=None)
            | models.Q(case_id__in=coordinated)
            | ~models.Exists(Case.objects.filter(id=models.OuterRef("case_id")))
        )


class Advisory(UuidModel):
    """An advisory and its working text. What is public stands in its releases, never here.

    The case is an opaque id: an advisory outlives the case, which retention deletes.
    """

    what_we_see = Seen(
        "An advisory in the making",
        readable={
            "id": "a random number",
            "number": "its public number",
            "case_id": "the case that it comes from",
            "team": "the team that coordinates it",
            "publisher": "the organisation in whose name it appears",
            "publisher_category": "what that organisation is in this matter",
            "tlp": "who may read it",
            "state": "how far it has got",
            "text_version": "how often the text was changed",
            "author": "who began it",
            "scheduled_for": "when it is to appear",
            "scheduled_zone": "in which zone that time was given",
            "pending": "what the hub is about to do with it",
            "held": "why a planned release was held back",
            "final_text_version": "which text the parties were shown",
            "final_text_at": "when they were shown it",
            "short_notice_version": "which text appeared sooner than 48 hours after that",
            "short_notice_late_only": "whether only who joined late had less than that",
            "created_at": "when it was begun",
            "updated_at": "when it last changed",
        },
        guarded={
            "content": "the working text",
            "change_summary": "what the next release changes, in words",
            "review_remark": "what a reviewer asked to change",
            "short_notice_reason": "why the parties had less than 48 hours with the final text",
            "withdrawal_reason": "why it is being withdrawn",
        },
    )

    number = models.CharField(max_length=24, unique=True, null=True, editable=False)
    case_id = models.UUIDField(null=True, db_index=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    publisher = models.ForeignKey(
        Organisation, verbose_name=_("publisher"), on_delete=models.PROTECT, related_name="+"
    )
    publisher_category = models.CharField(
        _("the publisher is"),
        max_length=12,
        choices=PUBLISHER_CATEGORIES.items(),
        default=PublisherCategory.COORDINATOR,
    )
    tlp = models.CharField(
        _("who may read it"), max_length=12, choices=Tlp.choices(), default=Tlp.CLEAR
    )
    state = models.CharField(max_length=10, choices=STATES.items(), default=AdvisoryState.DRAFT)
    content = GuardedJSONField()
    change_summary = GuardedTextField(default="", max_length=1000)
    review_remark = GuardedTextField(default="", max_length=4000)
    text_version = models.PositiveIntegerField(default=1)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    scheduled_for = models.DateTimeField(null=True)
    scheduled_zone = models.CharField(max_length=60, default="", blank=True)
    pending = models.CharField(max_length=10, default="", blank=True)
    held = models.CharField(max_length=20, default="", blank=True)
    short_notice_version = models.PositiveIntegerField(null=True)
    short_notice_late_only = models.BooleanField(default=False)
    short_notice_reason = GuardedTextField(default="", max_length=2000)
    withdrawal_reason = GuardedTextField(default="", max_length=4000)
    final_text_version = models.PositiveIntegerField(null=True)
    final_text_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now)

    objects = AdvisoryQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(pending="") | models.Q(scheduled_for__isnull=False),
                name="advisory_pending_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.number or str(self.id)

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `AdvisoryQuerySet.visible_to`."""
        if self.team_id not in acting_team_ids(principal):
            return False
        case = Case.objects.filter(pk=self.case_id).first() if self.case_id else None
        return case is None or case.is_coordinated_by(principal)

    @property
    def text(self) -> Content:
        """Return the working text as data."""
        return Content.from_json(self.content)

    @property
    def is_editable(self) -> bool:
        """Tell whether the text may be changed now."""
        return AdvisoryState(self.state) in AdvisoryState.editable() and not self.pending

    @property
    def is_scheduled(self) -> bool:
        """Tell whether the hub is to release it at a time."""
        return self.pending == Pending.RELEASE

    def short_notice_of(self, text_version: int) -> str:
        """Return why a text is, or was, published less than 48 hours after its parties got it."""
        return self.short_notice_reason if self.short_notice_version == text_version else ""

    @property
    def final_text_is_current(self) -> bool:
        """Tell whether the parties were shown the text as it stands."""
        return self.final_text_version == self.text_version


class TextChange(UuidModel):
    """Who changed a working text: none of them may approve it."""

    what_we_see = Seen(
        "Who worked on an advisory's text",
        readable={
            "id": "a random number",
            "advisory": "the advisory",
            "person": "who changed the text",
            "release_number": "for which release",
        },
    )

    advisory = models.ForeignKey(Advisory, on_delete=models.CASCADE, related_name="changes")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    release_number = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["advisory", "person", "release_number"], name="writer_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} wrote {self.advisory}"


class Approval(UuidModel):
    """A second person stands by exactly this text."""

    what_we_see = Seen(
        "An approval of an advisory's text",
        readable={
            "id": "a random number",
            "advisory": "the advisory",
            "text_version": "which text",
            "person": "who approved it",
            "approved_at": "when",
        },
    )

    advisory = models.ForeignKey(Advisory, on_delete=models.CASCADE, related_name="approvals")
    text_version = models.PositiveIntegerField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    approved_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["advisory", "text_version"], name="approved_once")
        ]

    def __str__(self) -> str:
        return f"{self.advisory} approved by {self.person}"


class FinalCopyQuerySet(models.QuerySet["FinalCopy"]):
    """Copies of final texts by who may see them."""

    def visible_to(self, principal: Principal) -> "FinalCopyQuerySet":
        """Only the team that the copy was made for, while it takes part in the case.

        Who was removed does not read it again by being asked back: it accepts first. An advisory
        outlives its case, and then the copy stays with its team.
        """
        if not principal.is_in_team:
            return self.none()
        outside = Participant.objects.filter(
            case_id=models.OuterRef("advisory__case_id"), team_id=models.OuterRef("team_id")
        ).exclude(presence=Presence.TAKING_PART)
        return self.filter(~models.Exists(outside), team_id__in=principal.team_ids)


class FinalCopy(UuidModel):
    """The final text as one party got it before publication, with that party's mark in it."""

    what_we_see = Seen(
        "A party's copy of a final text",
        readable={
            "id": "a random number",
            "advisory": "the advisory",
            "team": "which party",
            "text_version": "which text",
            "mark": "the mark that the copy carries",
            "sent_at": "when it was made available",
            "is_late": "whether the party joined after the others had the text",
            "seen_at": "when the party first opened it",
        },
        guarded={"document": "the text as the party got it"},
    )

    advisory = models.ForeignKey(Advisory, on_delete=models.CASCADE, related_name="copies")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    text_version = models.PositiveIntegerField()
    mark = models.CharField(max_length=16, unique=True)
    document = GuardedJSONField()
    sent_at = models.DateTimeField(default=clock.now)
    is_late = models.BooleanField(default=False)
    seen_at = models.DateTimeField(null=True)

    objects = FinalCopyQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["advisory", "team", "text_version"], name="one_copy_per_text"
            )
        ]

    def __str__(self) -> str:
        return self.mark

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `FinalCopyQuerySet.visible_to`."""
        if not principal.is_in_team or self.team_id not in principal.team_ids:
            return False
        case_id = self.advisory.case_id
        return (
            case_id is None
            or not Participant.objects.filter(case_id=case_id, team_id=self.team_id)
            .exclude(presence=Presence.TAKING_PART)
            .exists()
        )

    @property
    def short_notice(self) -> str:
        """Return why this party has, or had, less than 48 hours with its copy.

        A reason that concerns only who joined late is not for the others: they need not know that
        somebody did.
        """
        if self.advisory.short_notice_late_only and not self.is_late:
            return ""
        return self.advisory.short_notice_of(self.text_version)


class ReleaseQuerySet(models.QuerySet["Release"]):
    """Published documents by who may read them."""

    def visible_to(self, principal: Principal) -> "ReleaseQuerySet":
        """CLEAR for everybody, GREEN for members; closer markings are never released."""
        if principal.reads_as_member:
            return self.filter(tlp__in=[Tlp.CLEAR, Tlp.GREEN])
        return self.filter(tlp=Tlp.CLEAR)

    def current(self) -> "ReleaseQuerySet":
        """Keep the newest release of each advisory."""
        return self.filter(is_current=True)

    def open(self) -> "ReleaseQuerySet":
        """Keep what stands in the open tree: current and TLP:CLEAR."""
        return self.filter(is_current=True, tlp=Tlp.CLEAR)

    def for_members(self, principal: Principal) -> "ReleaseQuerySet":
        """Keep what stands in the folder for members: current and TLP:GREEN, nothing for others."""
        return self.visible_to(principal).filter(is_current=True, tlp=Tlp.GREEN)


class Release(UuidModel):
    """A published document: frozen bytes, their hashes and the hub's signature.

    `title`, `severity`, `search_text` and `content` repeat what the document says, for lists.
    """

    what_we_see = Seen(
        "A published advisory",
        readable={
            "id": "a random number",
            "advisory": "the advisory",
            "version": "the number of the release",
            "is_current": "whether it is the newest one",
            "is_withdrawal": "whether it takes the advisory back",
            "tlp": "who may read it",
            "title": "its title",
            "severity": "the severity of its worst flaw",
            "content": "what it says",
            "search_text": "what it says, in lower case, for the search",
            "year": "the year of the first release, which names its folder",
            "file_name": "its file name",
            "document": "the signed bytes",
            "sha256": "their SHA-256",
            "sha512": "their SHA-512",
            "signature": "the hub's signature over them",
            "signer": "the fingerprint of the key that signed",
            "signer_certificate": "the public half of that key",
            "summary": "what the release changed",
            "released_at": "the time that the document gives",
            "published_at": "when it appeared here",
            "approved_by": "who approved it",
        },
    )

    advisory = models.ForeignKey(Advisory, on_delete=models.PROTECT, related_name="releases")
    version = models.PositiveIntegerField()
    is_current = models.BooleanField(default=True)
    is_withdrawal = models.BooleanField(default=False)
    tlp = models.CharField(max_length=12, choices=Tlp.choices())
    title = models.CharField(max_length=400)
    severity = models.CharField(max_length=10, choices=SEVERITIES.items(), blank=True, default="")
    content = models.JSONField()
    search_text = models.TextField(blank=True, default="")
    year = models.PositiveIntegerField()
    file_name = models.CharField(max_length=80)
    document = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    sha512 = models.CharField(max_length=128)
    signature = models.TextField()
    signer = models.CharField(max_length=64)
    signer_certificate = models.TextField()
    summary = models.CharField(max_length=1000)
    released_at = models.DateTimeField()
    published_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["-released_at"]
        constraints = [
            models.UniqueConstraint(fields=["advisory", "version"], name="release_once"),
            models.UniqueConstraint(
                fields=["advisory"],
                condition=models.Q(is_current=True),
                name="one_current_release",
            ),
        ]
        indexes = [models.Index(fields=["is_current", "tlp", "-released_at"])]

    def __str__(self) -> str:
        return f"{self.title} ({self.version})"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `ReleaseQuerySet.visible_to`."""
        return self.tlp == Tlp.CLEAR or (self.tlp == Tlp.GREEN and principal.reads_as_member)

    @property
    def number(self) -> str:
        """Return the advisory's number."""
        return str(self.advisory.number)

    @property
    def entry(self) -> provider.Entry:
        """Return the document's place in the tree."""
        return provider.Entry(self.year, self.file_name, self.released_at)

    @property
    def folder(self) -> str:
        """Return the folder in which the document stands."""
        return provider.FOLDERS[Tlp(self.tlp)]

    @property
    def text(self) -> Content:
        """Return what it says as data."""
        return Content.from_json(self.content)

    @property
    def revision(self) -> csaf.Revision:
        """Return its entry in the revision history."""
        released: datetime = self.released_at
        return csaf.Revision(self.version, released, self.summary)


class AdvisedProduct(UuidModel):
    """A product that a release speaks of, so that lists can be filtered."""

    what_we_see = Seen(
        "A product named in a published advisory",
        readable={
            "id": "a random number",
            "release": "the published document",
            "vendor": "the vendor's name",
            "name": "the product's name",
        },
    )

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="products")
    vendor = models.CharField(max_length=200)
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ["vendor", "name"]
        constraints = [
            models.UniqueConstraint(fields=["release", "vendor", "name"], name="advised_once")
        ]

    def __str__(self) -> str:
        named = self.name.casefold().startswith(self.vendor.casefold())
        return self.name if named else f"{self.vendor} {self.name}"
