"""Reference data as it stands: editions of public lists, their rows, and ties to organisations.

Nothing here is a claim. A claim is what an organisation says of itself, and always comes first; no
row is ever written into another, and no claim is touched by a refresh.
"""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Organisation
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.response.reference import networks
from tcert.response.reference.enums import Source, Use

SOURCES = {
    Source.NETWORKS: _("network codes (mcc-mnc-list)"),
    Source.ADDRESSES: _("addresses and autonomous systems (ip-location-db)"),
}
USES = {
    Use.NATIONAL: _("national"),
    Use.INTERNATIONAL: _("of no country"),
    Use.TEST: _("for tests"),
}


class MembersQuerySet(models.QuerySet):
    """What members read."""

    def visible_to(self, principal: Principal) -> "MembersQuerySet":
        """All for members, none for others."""
        return self.all() if principal.is_member else self.none()


class ForMembers(UuidModel):
    """A row that every member reads."""

    objects = MembersQuerySet.as_manager()

    class Meta:
        abstract = True

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `MembersQuerySet.visible_to`."""
        return principal.is_member


class EditionQuerySet(MembersQuerySet):
    """Editions by source."""

    def current(self, source: Source) -> "Edition | None":
        """Return the edition of a source that stands here now."""
        found: Any = self.filter(source=source).order_by("-number").first()
        return found


class Edition(ForMembers):
    """One version of a public list that was taken; the latest of a source is the one in use."""

    what_we_see = Seen(
        "A version of a public list that was taken",
        readable={
            "id": "a random number",
            "source": "which list",
            "number": "the how many-eth of this list it is here",
            "version": "its version, as its makers count",
            "licence": "under which licence it is",
            "digest": "the hash of the file",
            "taken_at": "when it was taken",
            "taken_by": "by which coordinator; nobody, at set-up or by a command",
            "rows": "how many rows it has",
            "aside": "the rows that name no single code, with their place",
            "changes": "what it changed, row by row",
            "counts": "how many rows came, went and were altered",
        },
    )

    source = models.CharField(max_length=20, choices=SOURCES.items())
    number = models.PositiveIntegerField()
    version = models.CharField(max_length=40)
    licence = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    taken_at = models.DateTimeField(default=clock.now)
    taken_by = models.UUIDField(null=True)
    rows = models.PositiveIntegerField()
    aside = models.JSONField(default=list)
    changes = models.JSONField(default=list)
    counts = models.JSONField(default=dict)

    objects: ClassVar[models.Manager["Edition"]] = EditionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-taken_at", "source", "-number"]
        constraints: ClassVar = [
            # of two who take at the same time the second is refused, and nothing of it stays
            models.UniqueConstraint(fields=["source", "number"], name="reference_edition_once")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.version}"


class Network(ForMembers):
    """A network code with an operator in one country, as the public list has it."""

    what_we_see = Seen(
        "A network code in a public list",
        readable={
            "id": "a random number",
            "edition": "by which version of the list it came, or was last altered",
            "plmn": "the code",
            "country_code": "the country, as a code",
            "country": "the country, by name",
            "operator": "the operator, as the list writes it",
            "brand": "its brand",
            "status": "whether the code is in use, as the list says",
            "use": "whether it is national, of no country, or for tests",
            "note": "what the list notes",
        },
    )

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="networks")
    plmn = models.CharField(max_length=7, db_index=True)
    country_code = models.CharField(max_length=networks.LONGEST["country_code"], blank=True)
    country = models.CharField(max_length=networks.LONGEST["country"], blank=True)
    operator = models.CharField(max_length=networks.LONGEST["operator"], blank=True)
    brand = models.CharField(max_length=networks.LONGEST["brand"], blank=True)
    status = models.CharField(max_length=networks.LONGEST["status"], blank=True)
    use = models.CharField(max_length=13, choices=USES.items())
    note = models.CharField(max_length=networks.LONGEST["note"], blank=True)

    objects: ClassVar[models.Manager["Network"]] = MembersQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["plmn", "country", "operator", "brand", "id"]

    def __str__(self) -> str:
        return f"{self.plmn} {self.operator}"

    @property
    def row(self) -> networks.Row:
        """Return what the list says, as plain data."""
        return networks.Row(**{name: getattr(self, name) for name in networks.COLUMNS})

    @property
    def is_operational(self) -> bool:
        """Is traffic to be expected under the code?"""
        return self.status in networks.IN_USE


class Tie(ForMembers):
    """A coordinator's word that an operator of the list is an organisation of the directory."""

    what_we_see = Seen(
        "An operator of a public list that is an organisation here",
        readable={
            "id": "a random number",
            "operator": "the operator, as the list writes it",
            "country_code": "in which country",
            "organisation": "which organisation",
            "tied_at": "when a coordinator said so",
            "tied_by": "which one",
            "ended_at": "when a coordinator took it back",
            "ended_by": "which one",
        },
    )

    operator = models.CharField(max_length=networks.LONGEST["operator"])
    country_code = models.CharField(max_length=networks.LONGEST["country_code"], blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    tied_at = models.DateTimeField(default=clock.now)
    tied_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)

    objects: ClassVar[models.Manager["Tie"]] = MembersQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["operator", "country_code", "-tied_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["operator", "country_code"],
                condition=Q(ended_at=None),
                name="reference_tie_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.operator} ({self.country_code}): {self.organisation}"
