"""What a team says of itself in the sections of RFC 2350, and the hub's signatures over that."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.documents import languages
from tcert.community.directory.documents.rfc2350 import TITLES
from tcert.community.directory.enums import Audience, Section
from tcert.community.directory.models.organisation import Team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen

LONGEST_SECTION = 4000
SECTIONS = {section: f"{section} {TITLES[section]}" for section in Section}


class TeamSectionQuerySet(models.QuerySet["TeamSection"]):
    """Texts of teams by who may see them."""

    def visible_to(self, principal: Principal) -> "TeamSectionQuerySet":
        """Members read those of the teams that they see, others their own team's only."""
        seen = self.filter(team__in=Team.objects.visible_to(principal))
        return seen if principal.is_member else seen.filter(team__in=principal.team_ids)


class TeamSection(UuidModel):
    """The text of one section of RFC 2350 in one language; a section without text has no row."""

    what_we_see = Seen(
        "A section of a team's description",
        readable={
            "id": "a random number",
            "team": "the team",
            "section": "which section of RFC 2350",
            "language": "in which language",
            "text": "what the team says there, to members",
        },
    )

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="sections")
    section = models.CharField(max_length=6, choices=SECTIONS.items())
    language = models.CharField(max_length=12, choices=languages.NAMES.items())
    text = models.TextField(_("text"), max_length=LONGEST_SECTION)

    objects = TeamSectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "section", "language"], name="team_section_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.section} of {self.team} ({self.language})"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `TeamSectionQuerySet.visible_to`."""
        own = self.team_id in principal.team_ids
        return (own or principal.is_member) and self.team.is_visible_to(principal)


AUDIENCES = {Audience.PUBLIC: _("everybody"), Audience.MEMBERS: _("members")}


class TeamSignatureQuerySet(models.QuerySet["TeamSignature"]):
    """Signatures by who may read the document that they are over."""

    def visible_to(self, principal: Principal) -> "TeamSignatureQuerySet":
        """As the texts, but everybody reads the public form of a team that they see."""
        seen = self.filter(team__in=Team.objects.visible_to(principal))
        own = models.Q(team__in=principal.team_ids)
        return (
            seen if principal.is_member else seen.filter(own | models.Q(audience=Audience.PUBLIC))
        )


class TeamSignature(UuidModel):
    """The hub's signature over a team's RFC 2350 document as it stood when the worker signed it.

    It says that the hub gave out this text; it does not say that the text is true.
    """

    what_we_see = Seen(
        "The hub's signature over a team's description",
        readable={
            "id": "a random number",
            "team": "the team",
            "audience": "over which form: everybody's or members'",
            "sha256": "the hash of the text that was signed",
            "signature": "the signature",
            "signer": "by which key of the hub",
            "home": "under which address of the hub the text names itself",
            "signed_at": "when",
        },
    )

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="signatures")
    audience = models.CharField(max_length=8, choices=AUDIENCES.items())
    sha256 = models.CharField(max_length=64)
    signature = models.TextField()
    signer = models.CharField(max_length=64)
    home = models.CharField(max_length=300)
    signed_at = models.DateTimeField(default=clock.now)

    objects = TeamSignatureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "audience"], name="one_signature_per_audience")
        ]

    def __str__(self) -> str:
        return f"{self.team} for {self.audience}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `TeamSignatureQuerySet.visible_to`."""
        known = principal.is_member or self.team_id in principal.team_ids
        return (known or self.audience == Audience.PUBLIC) and self.team.is_visible_to(principal)
