"""An entry as one viewer sees it. Pages, files and matches are made from this and nothing else.

Of an unnamed need it holds no team, no organisation and no day, so that what is made from it is
the same whoever's need it is.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tcert.community.directory.documents.languages import NAMES
from tcert.community.directory.enums import OrganisationKind
from tcert.community.directory.models import ORGANISATION_KINDS, Team
from tcert.community.market import codes, vocabulary
from tcert.community.market.enums import Kind, Terms
from tcert.community.market.models import Entry, MeasureClaim
from tcert.foundation.kernel.principal import Principal


@dataclass(frozen=True, slots=True)
class Shown:
    """What a viewer may know of an entry; `team` and `until` only where its team is shown."""

    id: UUID
    kind: Kind
    subject: str
    title: str
    text: str
    terms: str
    domains: tuple[str, ...]
    languages: tuple[str, ...]
    regions: tuple[str, ...]
    audience: tuple[str, ...]
    team: Team | None
    until: date | None
    claims: tuple[MeasureClaim, ...]
    is_own: bool = False

    @property
    def kind_label(self) -> str:
        """Return the kind in words."""
        return str(vocabulary.KINDS[self.kind])


def shown(entry: Entry, principal: Principal | None, *, whole: bool = False) -> Shown:
    """Return an entry as a person sees it; with nobody, as any other member does.

    Lists do without its text and its claims, which are opened and fetched for the `whole` alone.
    Its team and organisation were fetched with it.
    """
    own = principal is not None and entry.team_id in principal.team_ids
    named = not entry.is_unnamed  # to its own team as well: lists and files are passed around
    return Shown(
        id=entry.id,
        kind=Kind(entry.kind),
        subject=vocabulary.subjects().label(entry.subject),
        title=entry.title,
        text=entry.text if whole else "",
        terms=str(vocabulary.TERMS[Terms(entry.terms)]),
        domains=tuple(vocabulary.domains().label(c) for c in codes.unpacked(entry.domains)),
        languages=tuple(NAMES.get(c, c) for c in codes.unpacked(entry.languages)),
        regions=codes.unpacked(entry.regions),
        audience=tuple(
            str(ORGANISATION_KINDS.get(OrganisationKind(c), c))
            for c in codes.unpacked(entry.audience)
        ),
        team=entry.team if named else None,
        until=entry.valid_until if named else None,
        claims=tuple(entry.claims.all()) if whole and named else (),
        is_own=own,
    )
