"""What a team says of itself, section by section."""

from django.db import transaction

from tcert.community.directory.documents.facts import lines
from tcert.community.directory.domain.documents import ask_to_sign
from tcert.community.directory.domain.history import keep
from tcert.community.directory.enums import Section
from tcert.community.directory.models import Team, TeamSection
from tcert.community.directory.models.history import SECTION
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.shown import STALE, hold, mark, stale

SECTION_FIELDS = ("text",)


def held(team: Team, section: Section, language: str) -> TeamSection:
    """Return the text as it stands, or an empty one that is not stored."""
    asked = {"team": team, "section": section, "language": language}
    return TeamSection.objects.filter(**asked).first() or TeamSection(**asked, text="")


def write_section(
    *,
    principal: Principal,
    team: Team,
    section: Section,
    language: str,
    text: str,
    shown: str,
) -> TeamSection:
    """Write a section in one language; an empty text takes it away.

    Raises:
        Conflict: somebody changed it since the page `shown`.

    """
    require(principal, Permission.DIRECTORY_TEAM_MANAGE, team)
    text = "\n".join(lines(text)).strip()
    with transaction.atomic():
        team = hold(team, None, ())  # one writer at a time, whether the section has a row or not
        present = held(team, section, language)
        if mark(present, SECTION_FIELDS) != shown:
            raise Conflict(stale(), code=STALE)
        if text == present.text:
            return present
        name = f"{SECTION}:{section}:{language}"
        keep(principal, team.id, {name: (present.text or None, text or None)})
        present.text = text
        if text:
            present.save()
        else:
            present.delete()
        team.updated_at = clock.now()
        team.save(update_fields=["updated_at"])
        about = {"section": str(section), "language": language}
        record(principal, "directory:team:describe", "team", team.id, **about)
        ask_to_sign(team.id)
    return present
