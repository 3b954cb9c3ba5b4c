"""The page of a case, and one of each of its parties."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tcert.community.notices import queries as notices
from tcert.foundation.kernel.access import page, principal_of, require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission
from tcert.response.cases import acts, conversations, hints, protocol, queries, standing
from tcert.response.cases.domain import participants, statements
from tcert.response.cases.domain.machines import facts_of
from tcert.response.cases.enums import (
    CaseEvent,
    FixState,
    Management,
    ManagementAct,
    Position,
    Presence,
    Role,
)
from tcert.response.cases.forms import ACT_LABELS, OwnRowForm, RemoveForm, StatementForm
from tcert.response.cases.models import Participant, Statement
from tcert.response.cases.models.participant import PRESENCES, ROLES
from tcert.response.cases.views.common import (
    find_case,
    form_answer,
    invitation_instead,
    own_row_or_404,
    revision,
)
from tcert.response.cases.views.conversation import choose_talk, composer

PARTIES_PER_PAGE = 20


@require_GET
@page(Permission.CASES_CASE_READ, kind=PageKind.VAULT)
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Where a case stands: parties, embargo, what comes next, conversations, timeline."""
    principal = principal_of(request)
    try:
        found = find_case(request, case_id)
    except Http404:
        instead = invitation_instead(request, case_id)
        if instead is None:
            raise
        return instead
    coordinates = found.is_coordinated_by(principal)
    own = queries.own_row(found, principal)
    parties = Paginator(
        queries.participants_of(found, principal, request.GET), PARTIES_PER_PAGE
    ).get_page(request.GET.get("page"))
    talks = conversations.talks(found, principal)
    chosen = choose_talk(request, talks)
    state = found.participants.get(team_id=found.coordinating_team_id).management
    return render(
        request,
        "cases/case.html",
        {
            "case": found,
            "mark": standing.of_case(state),
            "coordinates": coordinates,
            "may_invite": coordinates and state == Management.ACCEPTED,
            "own": own,
            "parties": parties,
            "lines": queries.lines(parties, principal),
            "roles": [(r, ROLES[r]) for r in (Role.VENDOR, Role.DEPLOYER, Role.AUTHORITY)],
            "presences": PRESENCES.items(),
            "filtered": any(request.GET.get(k) for k in ("role", "party", "presence")),
            "hints": hints.hints(found, principal, own),
            "facts": facts_of(found),
            "products": found.products.all(),
            "networks": found.networks.all(),
            "timeline": queries.timeline(found, principal),
            "acts": acts.acts_on(found, principal),
            "kept": acts.lines_of(found, principal),
            "keeping": acts.pages(),
            "talks": talks,
            "chosen": chosen,
            **composer(request, found, chosen),
        },
    )


@require_GET
@page(Permission.CASES_CASE_READ, kind=PageKind.VAULT)
def participant(request: HttpRequest, case_id: UUID, participant_id: UUID) -> HttpResponse:
    """One party: its states, statements, invitations, and what can be done about it."""
    principal = principal_of(request)
    found = find_case(request, case_id)
    row = _row(request, case_id, participant_id)
    [line, *_rest] = queries.lines([row], principal)
    coordinates = found.is_coordinated_by(principal)
    return render(
        request,
        "cases/participant.html",
        {
            "case": found,
            "row": row,
            "line": line,
            "standing": standing.of_participant(
                presence=row.presence,
                management=row.management,
                will_not_answer=row.will_not_answer,
                seen=any(i.seen_at for i in row.invitations.all()),
                positions=[s.position for s in row.statements.all()],
            ),
            "management": standing.of_case(row.management),
            "statements": [
                (s, standing.of_position(s.position, s.fix_state)) for s in row.statements.all()
            ],
            "invitations": row.invitations.all() if coordinates or line.own else (),
            "coordinates": coordinates,
            "told": notices.last_told(found.id, row.team_id)
            if coordinates and row.team_id and not row.is_coordinator
            else None,
            "removable": coordinates
            and not row.is_coordinator
            and row.presence in {Presence.TAKING_PART, Presence.INVITED},
        },
    )


def _row(request: HttpRequest, case_id: UUID, participant_id: UUID) -> Participant:
    return get_object_or_404(
        Participant.objects.visible_to(principal_of(request))
        .filter(case=case_id, team__isnull=False)
        .select_related("case__coordinating_team", "case__embargo", "team__organisation")
        .prefetch_related("roles", "statements__product", "invitations"),
        id=participant_id,
    )


@require_http_methods(["GET", "POST"])
@page(Permission.CASES_CASE_COORDINATE, kind=PageKind.VAULT)
def remove(request: HttpRequest, case_id: UUID, participant_id: UUID) -> HttpResponse:
    """Remove a party, after its name was typed."""
    principal = principal_of(request)
    found = find_case(request, case_id)
    require(principal, Permission.CASES_CASE_COORDINATE, found)
    row = _row(request, case_id, participant_id)
    form = RemoveForm(request.POST or None)
    error = None
    if request.method == "POST" and form.is_valid():
        try:
            participants.remove(
                principal=principal,
                participant=row,
                typed_name=form.cleaned_data["typed_name"],
                revision=revision(request),
            )
        except DomainError as refusal:
            error = refusal
        else:
            messages.success(
                request,
                _("%(team)s gets nothing new from now on.") % {"team": row.name},
            )
            return redirect("cases:case", case_id)
    context = {"case": found, "row": row, "form": form, "readings": row.readings.count()}
    return form_answer(request, "cases/remove.html", context, form, error)


@require_POST
@page(Permission.CASES_CASE_COORDINATE)
def withdraw_invitation(request: HttpRequest, case_id: UUID, invitation_id: UUID) -> HttpResponse:
    """Take an unanswered invitation back."""
    found = find_case(request, case_id)
    require(principal_of(request), Permission.CASES_CASE_COORDINATE, found)
    row = get_object_or_404(found.participants, invitations__id=invitation_id)
    participants.withdraw(
        principal=principal_of(request), invitation=row.invitations.get(id=invitation_id)
    )
    messages.success(request, _("The invitation was withdrawn."))
    return redirect("cases:participant", case_id, row.id)


@require_http_methods(["GET", "POST"])
@page(Permission.CASES_CASE_READ, kind=PageKind.VAULT)
def own(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """One's own row: how far one is with the report, one's steps, one's choices."""
    principal = principal_of(request)
    found = find_case(request, case_id)
    row = own_row_or_404(request, found)
    require(principal, Permission.CASES_ROW_MANAGE, row)
    chosen = request.POST.get("act", "")
    form = OwnRowForm(
        request.POST if chosen == "save" else None,
        initial={
            "tracking_id": row.tracking_id,
            "shows_itself": row.shows_itself,
            "will_not_answer": row.will_not_answer,
        },
    )
    error = None
    if request.method == "POST":
        try:
            done = _act_on_own(request, row, form, chosen)
        except DomainError as refusal:
            error = refusal
            row = own_row_or_404(request, found)
        else:
            if done:
                messages.success(request, _("Saved."))
                return redirect("cases:own", case_id)
    path = protocol.path_state(path=row.path, facts=facts_of(found))
    steps = {
        event
        for event in protocol.next_events(path)
        if event in {CaseEvent.FIX_READY, CaseEvent.FIX_DEPLOYED}
    }
    context = {
        "case": found,
        "row": row,
        "form": form,
        "management": standing.of_case(row.management),
        "acts": []
        if row.is_coordinator
        else [(a, ACT_LABELS[a]) for a in protocol.management_acts(Management(row.management))],
        "steps": steps if {Role.VENDOR, Role.DEPLOYER} & set(row.role_names) else (),
        "statements": [
            (s, standing.of_position(s.position, s.fix_state))
            for s in row.statements.select_related("product")
        ],
    }
    return form_answer(request, "cases/own.html", context, form, error)


def _act_on_own(request: HttpRequest, row: Participant, form: OwnRowForm, chosen: str) -> bool:
    """Do what the page of one's own row was asked; False when its form has errors."""
    principal = principal_of(request)
    if chosen == "save":
        if not form.is_valid():
            return False
        participants.describe_own(
            principal=principal, participant=row, revision=revision(request), **form.cleaned_data
        )
    elif chosen in set(ManagementAct):
        participants.manage_own(
            principal=principal,
            participant=row,
            act=ManagementAct(chosen),
            revision=revision(request),
        )
    elif chosen in {CaseEvent.FIX_READY, CaseEvent.FIX_DEPLOYED}:
        participants.reach_step(
            principal=principal,
            participant=row,
            event=CaseEvent(chosen),
            revision=revision(request),
        )
    else:
        raise DomainError(_("Choose what to do."))
    return True


@require_http_methods(["GET", "POST"])
@page(Permission.CASES_CASE_READ, kind=PageKind.VAULT)
def state(request: HttpRequest, case_id: UUID, statement_id: UUID | None = None) -> HttpResponse:
    """State one's position on a product, or change it."""
    principal = principal_of(request)
    found = find_case(request, case_id)
    row = own_row_or_404(request, found)
    require(principal, Permission.CASES_ROW_MANAGE, row)
    statement = (
        get_object_or_404(row.statements, id=statement_id) if statement_id is not None else None
    )
    form = StatementForm(
        request.POST or None, instance=statement or Statement(participant=row), case=found
    )
    error = None
    if request.method == "POST":
        try:
            if request.POST.get("act") == "withdraw" and statement is not None:
                statements.withdraw(
                    principal=principal, statement=statement, revision=revision(request)
                )
                messages.success(request, _("The statement was taken back."))
                return redirect("cases:own", case_id)
            if form.is_valid():
                _state(request, row, form, statement_id)
                messages.success(request, _("Stated."))
                return redirect("cases:own", case_id)
        except DomainError as refusal:
            error = refusal
    context = {"case": found, "row": row, "form": form, "statement": statement}
    return form_answer(request, "cases/state.html", context, form, error)


def _state(
    request: HttpRequest, row: Participant, form: StatementForm, statement_id: UUID | None
) -> None:
    data = form.cleaned_data
    statements.state(
        principal=principal_of(request),
        participant=row,
        product=data["product"],
        version=data["version"],
        position=Position(data["position"]),
        fix_state=FixState(data["fix_state"]),
        fix_expected_on=data["fix_expected_on"],
        fixed_version=data["fixed_version"],
        text=data["text"],
        statement=row.statements.get(id=statement_id) if statement_id else None,
        revision=revision(request) if statement_id else None,
    )
