"""What the coordinating team does with a report before others come in."""

from collections.abc import Collection
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Organisation, Team
from tcert.community.inventory.models import Product
from tcert.foundation.identifiers import plmn as plmns
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.numbers import next_number
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.second import Confirmation, require_second
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.cases import protocol
from tcert.response.cases.domain.machines import move_management, note
from tcert.response.cases.enums import (
    InvitationState,
    ManagementAct,
    Presence,
)
from tcert.response.cases.models import (
    Case,
    CaseNetwork,
    CaseProduct,
    Exclusion,
    Invitation,
    Participant,
)
from tcert.response.cases.refusals import in_words

NUMBER_SERIES = "case"
LIFT = "cases:exclusion:lift"


def coordinator_row(case: Case) -> Participant:
    """Return the coordinating team's own row; its report management is the case's."""
    return case.participants.get(team_id=case.coordinating_team_id)


@transaction.atomic
def judge(
    *,
    principal: Principal,
    case: Case,
    revision: int | None,
    act: ManagementAct,
    duplicate_of: Case | None = None,
) -> Case:
    """Validate, invalidate, accept, defer or close as the coordinating team.

    The first finding of validity gives the case its number. A duplicate names the other case and
    is deferred, never invalid; a deferred one that is accepted after all is none any more. Raises
    `MoveRefused`, `Conflict`.
    """
    require(principal, Permission.CASES_CASE_COORDINATE, case)
    if duplicate_of is not None:
        if duplicate_of.pk == case.pk:
            raise DomainError(_("A case cannot be a duplicate of itself."))
        with in_words():
            protocol.check_names_other(act)
    case.claim(revision)
    row = coordinator_row(case)
    move_management(
        principal=principal, participant=row, act=act, duplicate=duplicate_of is not None
    )
    if act is ManagementAct.ACCEPT and case.duplicate_of_id is not None:
        note(principal, "no-duplicate", case, of=str(case.duplicate_of_id))
        case.duplicate_of = None
        case.save(update_fields=["duplicate_of"])
    if act is ManagementAct.VALIDATE and case.number is None:
        _give_number(principal, case)
    if duplicate_of is not None:
        require(principal, Permission.CASES_CASE_COORDINATE, duplicate_of)
        case.duplicate_of = duplicate_of
        case.save(update_fields=["duplicate_of"])
        _check_can_be_followed(case)
        note(principal, "duplicate", case, of=str(duplicate_of.pk))
    if act is ManagementAct.CLOSE:
        case.closed_at = clock.now()
        case.save(update_fields=["closed_at"])
        note(principal, "closed", case)
        emit("cases:case_closed", case.id, number=case.number)
    return case


def _give_number(principal: Principal, case: Case) -> None:
    year = clock.today().year
    case.number = f"TCERT-{year}-{next_number(NUMBER_SERIES, year):04d}"
    case.numbered_at = clock.now()
    case.save(update_fields=["number", "numbered_at"])
    note(principal, "numbered", case, number=case.number)


@transaction.atomic
def set_tlp(*, principal: Principal, case: Case, revision: int | None, tlp: Tlp) -> Case:
    """Set the case's TLP marking; a looser one is a decision of the coordinating team alone."""
    require(principal, Permission.CASES_CASE_COORDINATE, case)
    case.claim(revision)
    before, case.tlp = case.tlp, tlp
    case.save(update_fields=["tlp"])
    # Who is still asked reads the new marking before it accepts: an older page is refused.
    Invitation.objects.filter(participant__case=case, state=InvitationState.WAITING).update(
        tlp=tlp, revision=F("revision") + 1
    )
    note(principal, "tlp", case, before=before, after=tlp)
    return case


@transaction.atomic
def exclude(
    *,
    principal: Principal,
    case: Case,
    organisation: Organisation | None = None,
    team: Team | None = None,
    name: str = "",
    asked_by_reporter: bool = True,
) -> Exclusion:
    """Enter who must not be told: one organisation, one team, or a name that is not listed.

    A typed name that the directory does list stands for that organisation, so that its group and
    its people at the desk are kept out too. The case's row is held, so that a colleague who
    invites the same party at this moment is refused, or this is. Raises Conflict when the party
    is on the list already.
    """
    require(principal, Permission.CASES_CASE_COORDINATE, case)
    case.claim(None)
    name = " ".join(name.split())
    if sum((organisation is not None, team is not None, bool(name))) != 1:
        raise DomainError(_("Name one organisation, one team, or one party that is not listed."))
    if name and (listed := _listed(name)) is not None:
        organisation, name = listed, ""
    exclusion = Exclusion(
        case=case,
        organisation=organisation,
        team=team,
        name=name,
        asked_by_reporter=asked_by_reporter,
    )
    if case.exclusions.filter(organisation=organisation, team=team, name=name).exists():
        raise Conflict(_("This is on the list already: nothing was changed."), code="conflict")
    told = [p for p in _parties(case) if p.team is not None and exclusion.covers(p.team)]
    if told:
        raise DomainError(
            _("%(party)s has been told already: remove it first.") % {"party": told[0].name}
        )
    exclusion.save()
    note(principal, "exclusion", case)
    return exclusion


def _listed(name: str) -> Organisation | None:
    """Return the one organisation of a name or a short name, if there is just one."""
    named = Q(name__iexact=name) | Q(short_name__iexact=name)
    found = list(Organisation.objects.filter(named)[:2])
    return found[0] if len(found) == 1 else None


@transaction.atomic
def lift_exclusion(
    *,
    principal: Principal,
    case: Case,
    exclusion: Exclusion,
    confirmation: Confirmation | None = None,
) -> None:
    """Take an exclusion back that was entered by mistake.

    What the reporter asked for is taken back by two coordinators: it may be what keeps a
    reporter from harm.
    Who settles the list from a page that still showed it is told. Raises Conflict when a
    colleague took it back before.
    """
    require(principal, Permission.CASES_CASE_COORDINATE, case)
    case.claim(None)
    standing = case.exclusions.filter(pk=exclusion.pk, asked_by_reporter=True).exists()
    if standing and case.coordinating_team.is_desk:
        require_second(confirmation, LIFT, exclusion.id)
    lifted, _rows = case.exclusions.filter(pk=exclusion.pk).delete()
    if not lifted:
        raise AlreadyDone
    note(principal, "exclusion-lifted", case)


@transaction.atomic
def settle_exclusions(*, principal: Principal, case: Case, revision: int | None) -> Case:
    """Say that everybody who must not be told is entered: nothing is proposed before."""
    require(principal, Permission.CASES_CASE_COORDINATE, case)
    case.claim(revision)
    if case.exclusions_settled_at is None:
        case.exclusions_settled_at = clock.now()
        case.save(update_fields=["exclusions_settled_at"])
        note(principal, "exclusions-settled", case, count=case.exclusions.count())
    return case


def check_may_be_told(case: Case, team: Team) -> None:
    """Refuse a team that must not be told, and any team before that question was settled.

    Both are asked of the cases that are followed together with this one as well: a duplicate must
    not be the way round a reporter's wish.
    """
    for one in case.followed_together().filter(exclusions_settled_at=None):
        if one.pk == case.pk:
            raise DomainError(_("First say who must not be told of this case, or that nobody is."))
        raise DomainError(
            _("First say who must not be told of %(case)s, which is followed with this one.")
            % {"case": one.code_name}
        )
    exclusion = case.kept_out_by(team)
    if exclusion is not None:
        raise DomainError(
            _("%(team)s must not be told of this case (%(exclusion)s).")
            % {"team": team, "exclusion": exclusion}
        )


def _parties(case: Case) -> list[Participant]:
    """Return who was told or asked, beside those who coordinate."""
    return [
        party
        for party in Participant.objects.filter(
            case__in=case.followed_together().values("id"),
            presence__in=[Presence.INVITED, Presence.TAKING_PART],
            team__isnull=False,
        ).select_related("team__organisation", "case")
        if party.team_id != party.case.coordinating_team_id
    ]


def _check_can_be_followed(case: Case) -> None:
    """Refuse a duplicate while a party of one case must not be told of the other."""
    for party in _parties(case):
        if party.team is not None and case.kept_out_by(party.team) is not None:
            raise DomainError(
                _(
                    "%(party)s takes part in one of the two cases and must not be told of the "
                    "other: they cannot be followed together."
                )
                % {"party": party.name}
            )


@transaction.atomic
def add_product(
    *, principal: Principal, case: Case, name: str, versions: str = "", product: Product | None
) -> CaseProduct:
    """Name a product that the case is about, listed in the inventory or not."""
    require(principal, Permission.CASES_CASE_COORDINATE, case)
    name = str(product) if product else " ".join(name.split())
    if not name:
        raise DomainError(_("Choose a product or type its name."))
    try:
        with transaction.atomic():
            entered = CaseProduct.objects.create(
                case=case, product=product, name=name[:160], versions=versions
            )
    except IntegrityError:
        raise DomainError(_("This product is in the case already.")) from None
    note(principal, "product", case, product=str(entered.pk))
    return entered


@transaction.atomic
def add_network(*, principal: Principal, case: Case, plmn: str) -> CaseNetwork:
    """Name a network (PLMN) that the case is about."""
    require(principal, Permission.CASES_CASE_COORDINATE, case)
    try:
        canonical = plmns.parse(plmn)
    except plmns.PlmnRefused as refusal:
        raise DomainError(str(refusal)) from None
    network, created = CaseNetwork.objects.get_or_create(case=case, plmn=canonical)
    if created:
        note(principal, "network", case)
    return network


@transaction.atomic
def remove_subject(
    *,
    principal: Principal,
    case: Case,
    products: Collection[UUID] = (),
    networks: Collection[UUID] = (),
) -> None:
    """Take products and networks out of the case; a product with statements stays.

    Raises Conflict when a colleague took them out before.
    """
    require(principal, Permission.CASES_CASE_COORDINATE, case)
    if case.products.filter(id__in=products, statements__isnull=False).exists():
        raise DomainError(_("Parties have made statements on this product: it stays."))
    removed, _rows = case.products.filter(id__in=products).delete()
    more, _rows = case.networks.filter(id__in=networks).delete()
    if not removed + more:
        raise AlreadyDone
    note(principal, "subject-removed", case)
