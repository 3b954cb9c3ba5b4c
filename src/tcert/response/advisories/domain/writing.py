"""Beginning an advisory and changing its text."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Organisation, Team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories.content import Content
from tcert.response.advisories.enums import AdvisoryState, PublisherCategory
from tcert.response.advisories.errors import AlreadyBegun, StaleText, WrongState
from tcert.response.advisories.models import Advisory, TextChange
from tcert.response.cases.models import Case

MAX_TEXT = 2_000_000


def locked(advisory_id: UUID, text_version: int | None = None) -> Advisory:
    """Load an advisory for a change, inside a transaction. Raises StaleText."""
    advisory = Advisory.objects.select_for_update().get(pk=advisory_id)
    if text_version is not None and advisory.text_version != text_version:
        raise StaleText
    return advisory


@transaction.atomic
def start(
    *,
    principal: Principal,
    team: Team,
    publisher: Organisation,
    content: Content,
    tlp: Tlp = Tlp.CLEAR,
    publisher_category: PublisherCategory = PublisherCategory.COORDINATOR,
    case_id: UUID | None = None,
    known: int | None = None,
) -> Advisory:
    """Begin an advisory; the person who begins it is its first writer.

    `known` is how many advisories of the case the person's page showed. Raises AlreadyBegun when
    a colleague has begun one since.
    """
    if case_id is not None and known is not None:
        Case.objects.select_for_update().get(pk=case_id)
        if Advisory.objects.filter(case_id=case_id).count() != known:
            raise AlreadyBegun
    advisory = Advisory(
        team=team,
        publisher=publisher,
        publisher_category=publisher_category,
        tlp=tlp,
        case_id=case_id,
        content=content.to_json(),
        author_id=principal.person_id,
    )
    require(principal, Permission.ADVISORIES_WRITE, advisory)
    _check_publisher(advisory)
    advisory.save()
    _note_writer(advisory, principal)
    record(principal, "advisories:start", "advisory", advisory.id)
    return advisory


@transaction.atomic
def save_text(
    *,
    principal: Principal,
    advisory_id: UUID,
    text_version: int,
    content: Content,
    tlp: Tlp | None = None,
    publisher: Organisation | None = None,
    publisher_category: PublisherCategory | None = None,
    change_summary: str | None = None,
) -> Advisory:
    """Save the working text; the state falls back to draft and approvals count no more.

    Raises StaleText when somebody else saved since `text_version`, and WrongState when the text
    is published or about to be.
    """
    advisory = locked(advisory_id, text_version)
    require(principal, Permission.ADVISORIES_WRITE, advisory)
    if not advisory.is_editable:
        raise WrongState
    held = content.to_json()
    if len(str(held)) > MAX_TEXT:
        raise DomainError(_("The text is longer than two million characters: shorten it."))
    advisory.content = held
    advisory.tlp = tlp or advisory.tlp
    advisory.publisher = publisher or advisory.publisher
    _check_publisher(advisory)
    advisory.publisher_category = publisher_category or advisory.publisher_category
    if change_summary is not None:
        advisory.change_summary = change_summary
    advisory.state = AdvisoryState.DRAFT
    advisory.text_version += 1
    advisory.updated_at = clock.now()
    advisory.save()
    _note_writer(advisory, principal)
    record(
        principal, "advisories:write", "advisory", advisory.id, text_version=advisory.text_version
    )
    return advisory


def _check_publisher(advisory: Advisory) -> None:
    """Refuse to speak in another organisation's name: the hub's signature would vouch for it."""
    if advisory.publisher_id != advisory.team.organisation_id:
        raise DomainError(
            _("An advisory appears in the name of the organisation whose team writes it."),
            code="publisher",
        )


def _note_writer(advisory: Advisory, principal: Principal) -> None:
    if principal.person_id is None:
        return
    TextChange.objects.get_or_create(
        advisory=advisory,
        person_id=principal.person_id,
        release_number=advisory.releases.count() + 1,
    )
