"""From a text to its release: overview, preview, review, plan, publish, revise, withdraw."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of, require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import attachment
from tcert.response.advisories import (
    assembly,
    csaf,
    differences,
    parties,
    publication,
    queries,
    standing,
    steps,
)
from tcert.response.advisories.content import Content
from tcert.response.advisories.domain import final_text, release, review
from tcert.response.advisories.enums import AdvisoryState, Pending
from tcert.response.advisories.forms.acts import (
    ConfirmForm,
    KeepPlanForm,
    RemarkForm,
    ScheduleForm,
    WithdrawForm,
)
from tcert.response.advisories.forms.fields import Versioned
from tcert.response.advisories.models import Advisory, FinalCopy
from tcert.response.advisories.publication import NOTICE
from tcert.response.advisories.rules import has_written
from tcert.response.advisories.views.public import text_context
from tcert.response.advisories.views.work import workable

HELD = {
    "clock": gettext_lazy("the clock of the machine went back"),
    "late": gettext_lazy("its time had passed by more than six hours"),
    "embargo": gettext_lazy("the embargo still held"),
    "late-party": gettext_lazy(
        "a party that joined late had the final text for less than 48 hours, without a reason given"
    ),
    "notice": gettext_lazy("the parties had the final text for less than 48 hours"),
    "reason": gettext_lazy("the 48 hours were cut short and nobody had said why"),
    "final-text": gettext_lazy("the parties had not got the text"),
    "invalid": gettext_lazy("the document failed mandatory tests"),
    "not-approved": gettext_lazy("the text was not approved"),
    "tlp": gettext_lazy("its marking does not allow publication"),
}


@page(Permission.ADVISORIES_WRITE)
@require_safe
def text(request: HttpRequest, advisory_id: UUID) -> HttpResponse:
    """Where a text stands and what can be done with it."""
    return _overview(request, workable(request, advisory_id))


def _overview(
    request: HttpRequest,
    advisory: Advisory,
    *,
    status: int = 200,
    problem: str = "",
    bound: dict[str, Any] | None = None,
) -> HttpResponse:
    """Render the page of a text; what was typed for an act that it no longer offers stands apart.

    `bound` is the refused form, by its name.
    """
    now = clock.now()
    principal = principal_of(request)
    verdict = assembly.verdict(advisory, now)
    case = parties.facts(advisory.case_id)
    version = {"text_version": advisory.text_version}
    facts = standing.of(advisory, now)
    wrote = has_written(advisory, principal.person_id)
    releases = list(advisory.releases.defer("document", "content").order_by("version"))
    may_cut_short = facts.is_known and publication.cuts_notice_short(facts, now)
    late_until = _late_until(facts, now)
    offered = _offers(
        advisory,
        has_releases=bool(releases),
        takes_reason=may_cut_short or late_until is not None,
    )
    shown = {
        "schedule": ScheduleForm(initial={**version, "at": advisory.scheduled_for}),
        "confirm": ConfirmForm(initial=version),
        "withdraw": WithdrawForm(initial=version),
        "remark": RemarkForm(initial=version),
        "keep": KeepPlanForm(initial=version),
        **(bound or {}),
    }
    context = {
        "advisory": advisory,
        "title": advisory.text.title,
        "steps": [(s, s.name in steps.done(advisory.text)) for s in steps.STEPS],
        "errors": [(steps.of_finding(f), f) for f in verdict.errors],
        "advice": [(steps.of_finding(f), f) for f in verdict.advice],
        "verdict": verdict,
        "releases": releases,
        "approval": advisory.approvals.filter(text_version=advisory.text_version)
        .select_related("person")
        .first(),
        "objections": [
            o
            for o in publication.objections(facts, now)
            if o.code not in {"invalid", "not-approved", "reason", "late-party"}
        ],
        "short_notice": advisory.short_notice_of(advisory.text_version),
        "may_cut_short": may_cut_short,
        "parties": case.teams,
        "lines": queries.party_lines(advisory, case.teams),
        "open_invitations": case.open_invitations,
        "late_until": late_until,
        "wants_reason": standing.wants_reason(advisory),
        "notice_ends": advisory.final_text_at + NOTICE
        if advisory.final_text_at and advisory.final_text_is_current
        else None,
        "is_draft": advisory.state == AdvisoryState.DRAFT,
        "is_review": advisory.state == AdvisoryState.REVIEW,
        "is_approved": advisory.state == AdvisoryState.APPROVED,
        "is_out": AdvisoryState(advisory.state) in AdvisoryState.out(),
        "is_withdrawing": advisory.pending == Pending.WITHDRAWAL,
        "held": HELD.get(advisory.held, advisory.held),
        "may_approve": not wrote and allowed(principal, Permission.ADVISORIES_APPROVE, advisory),
        "wrote": wrote,
        "problem": problem or _hidden_error(bound),
        "forms": shown,
        "typed": _typed(bound, offered),
    }
    return render(request, "advisories/text.html", context, status=status)


def _late_until(facts: publication.Standing, now: datetime) -> datetime | None:
    """Return until when a party that joined late has had its copy for less than 48 hours."""
    if facts.final_text_at is None or facts.last_copy_at is None or facts.is_revision:
        return None
    until = facts.last_copy_at + NOTICE
    return until if facts.last_copy_at > facts.final_text_at and until > now else None


def _offers(advisory: Advisory, *, has_releases: bool, takes_reason: bool) -> set[tuple[str, str]]:
    """Return the fields to type into that the page of a text has in its state: form and field."""
    if advisory.pending:
        return {("keep", "reason")} if standing.wants_reason(advisory) else set()
    offered: set[tuple[str, str]] = set()
    if advisory.state == AdvisoryState.APPROVED:
        offered |= {("schedule", "at"), ("schedule", "zone"), ("confirm", "typed_number")}
        offered.add(("remark", "remark"))
        if takes_reason:
            offered |= {(form, "short_notice_reason") for form in ("schedule", "confirm")}
    if has_releases and advisory.state != AdvisoryState.WITHDRAWN:
        offered |= {("withdraw", "reason"), ("withdraw", "typed_number")}
    return offered


def _hidden_error(bound: dict[str, Any] | None) -> str:
    """Return what is wrong with fields that no page shows, which would be refused in silence."""
    for form in (bound or {}).values():
        for field in form.hidden_fields():
            if field.errors:
                return str(field.errors[0])
    return ""


def _typed(bound: dict[str, Any] | None, offered: set[tuple[str, str]]) -> list[BoundField]:
    """Return what was typed into fields that the page does not offer in the present state."""
    return [
        field
        for name, form in (bound or {}).items()
        for field in form.visible_fields()
        if (name, field.name) not in offered and field.value()
    ]


@page(Permission.ADVISORIES_WRITE)
@require_safe
def preview(request: HttpRequest, advisory_id: UUID) -> HttpResponse:
    """The page as readers will see it."""
    advisory = workable(request, advisory_id)
    held = advisory.text
    found = csaf_severity(held)
    return render(
        request,
        "advisories/preview.html",
        {**text_context(held), "advisory": advisory, "severity": found},
    )


def csaf_severity(held: Content) -> str:
    """Return the word for the worst flaw of a text, or nothing."""
    worst = csaf.aggregate_severity(
        csaf.Vulnerability("", (), {}, cvss3=line.cvss3, cvss4=line.cvss4)
        for line in held.vulnerabilities
    )
    return worst.value if worst else ""


@page(Permission.ADVISORIES_WRITE)
@require_safe
def preview_json(request: HttpRequest, advisory_id: UUID) -> HttpResponse:
    """The document as it would be published now, unsigned."""
    advisory = workable(request, advisory_id)
    try:
        data = csaf.canonical_json(assembly.assemble(advisory, clock.now()))
    except ValueError:
        messages.error(request, _("The text cannot be written as CSAF yet: see the findings."))
        return redirect("advisories:text", advisory.id)
    return attachment(data, "draft.json", "application/json")


@page(Permission.ADVISORIES_WRITE)
@require_safe
def review_page(request: HttpRequest, advisory_id: UUID) -> HttpResponse:
    """The second pair of eyes: what changed, the whole text, and the decision."""
    return _review(request, workable(request, advisory_id))


def _review(
    request: HttpRequest,
    advisory: Advisory,
    *,
    status: int = 200,
    problem: str = "",
    remark: RemarkForm | None = None,
) -> HttpResponse:
    principal = principal_of(request)
    last = advisory.releases.filter(is_withdrawal=False).order_by("-version").first()
    held = advisory.text
    version = {"text_version": advisory.text_version}
    return render(
        request,
        "advisories/review.html",
        {
            **text_context(held),
            "advisory": advisory,
            "severity": csaf_severity(held),
            "previous": last,
            "changes": differences.changes(last.text, held) if last else [],
            "verdict": assembly.verdict(advisory, clock.now()),
            "wrote": has_written(advisory, principal.person_id),
            "is_review": advisory.state == AdvisoryState.REVIEW,
            "problem": problem or _hidden_error({"remark": remark} if remark else None),
            "remark": remark or RemarkForm(initial=version),
        },
        status=status,
    )


def _act(
    request: HttpRequest,
    advisory_id: UUID,
    name: str,
    kind: type[Versioned],
    act: Callable[..., Advisory],
    done: str,
) -> HttpResponse:
    """Do one thing with a text; a refusal shows its words above what was typed.

    The form's fields are the act's own arguments; `done` may name the advisory's number.
    """
    advisory = workable(request, advisory_id)
    form = kind(request.POST)
    if not form.is_valid():
        return _refused(request, advisory, name, form, status=422)
    try:
        after = act(principal=principal_of(request), advisory_id=advisory.id, **form.cleaned_data)
    except DomainError as error:
        advisory.refresh_from_db()
        fresh = kind({**request.POST.dict(), "text_version": str(advisory.text_version)})
        status, problem = error.status, str(error.message)
        return _refused(request, advisory, name, fresh, status=status, problem=problem)
    messages.success(request, done % {"number": after.number})
    return redirect("advisories:text", advisory_id)


def _refused(
    request: HttpRequest,
    advisory: Advisory,
    name: str,
    form: Any,
    *,
    status: int,
    problem: str = "",
) -> HttpResponse:
    """Show the page that has the form: a remark on a text in review belongs to its review."""
    if name == "remark" and advisory.state == AdvisoryState.REVIEW:
        return _review(request, advisory, status=status, problem=problem, remark=form)
    return _overview(request, advisory, status=status, problem=problem, bound={name: form})


@page(Permission.ADVISORIES_WRITE)
@require_POST
def submit(request: HttpRequest, advisory_id: UUID) -> HttpResponse:
    """Hand the text to review."""
    done = _("It waits for its second pair of eyes now.")
    return _act(request, advisory_id, "submit", Versioned, review.submit, done)


@page(Permission.ADVISORIES_WRITE)
@require_POST
def approve(request: HttpRequest, advisory_id: UUID) -> HttpResponse:
    """Stand by the text."""
    done = _("Approved as %(number)s.")
    return _act(request, advisory_id, "approve", Versioned, review.approve, done)


@page(Permission.ADVISORIES_WRITE)
@require_POST
def send_back(request: HttpRequest, advisory_id: UUID) -> HttpResponse:
    """Return the text to its writers."""
    done = _("Sent back to its writers.")
    return _act(request, advisory_id, "remark", RemarkForm, review.send_back, done)


@page(Permission.ADVISORIES_PUBLISH)
@require_POST
def send_final_text(request: HttpRequest, advisory_id: UUID) -> HttpResponse:
    """Show the approved text to the parties."""
    done = _("The parties can read it, each in its own marked copy. The 48 hours run.")
    return _act(request, advisory_id, "final", Versioned, final_text.send, done)


@page(Permission.ADVISORIES_PUBLISH)
@require_POST
def schedule(request: HttpRequest, advisory_id: UUID) -> HttpResponse:
    """Plan the release."""
    done = _("Planned. It appears by itself; whatever is missing then holds it back.")
    return _act(request, advisory_id, "schedule", ScheduleForm, release.schedule, done)


@page(Permission.ADVISORIES_PUBLISH)
@require_POST
def keep_plan(request: HttpRequest, advisory_id: UUID) -> HttpResponse:
    """Keep the planned moment although a party joined late."""
    done = _("It appears as planned. Parties that joined late read the reason.")
    return _act(request, advisory_id, "keep", KeepPlanForm, release.keep_plan, done)


@page(Permission.ADVISORIES_PUBLISH)
@require_POST
def unschedule(request: HttpRequest, advisory_id: UUID) -> HttpResponse:
    """Take the release off the plan."""
    done = _("Off the plan.")
    return _act(request, advisory_id, "unschedule", Versioned, release.unschedule, done)


@page(Permission.ADVISORIES_PUBLISH)
@require_POST
def publish(request: HttpRequest, advisory_id: UUID) -> HttpResponse:
    """Publish by hand."""
    done = _("The worker signs and publishes it now: look again in a moment.")
    return _act(request, advisory_id, "confirm", ConfirmForm, release.publish_now, done)


@page(Permission.ADVISORIES_WRITE)
@require_POST
def revise(request: HttpRequest, advisory_id: UUID) -> HttpResponse:
    """Open the text for its next release."""
    done = _("Open for changes. What is public stays until the next release.")
    return _act(request, advisory_id, "revise", Versioned, release.start_revision, done)


@page(Permission.ADVISORIES_PUBLISH)
@require_POST
def withdraw(request: HttpRequest, advisory_id: UUID) -> HttpResponse:
    """Take the advisory back."""
    done = _("The worker signs and publishes the withdrawal now.")
    return _act(request, advisory_id, "withdraw", WithdrawForm, release.withdraw, done)


@page(Permission.ADVISORIES_FINAL_READ)
@require_safe
def final(request: HttpRequest, copy_id: UUID) -> HttpResponse:
    """A party's own marked copy of a text that is not public yet."""
    principal = principal_of(request)
    copy = get_object_or_404(
        FinalCopy.objects.visible_to(principal).select_related("advisory__publisher", "team"),
        pk=copy_id,
    )
    require(principal, Permission.ADVISORIES_FINAL_READ, copy)
    final_text.note_seen(principal=principal, copy_id=copy.id)
    held = Content.from_json(copy.document)
    return render(
        request,
        "advisories/final.html",
        {
            **text_context(held),
            "copy": copy,
            "advisory": copy.advisory,
            "severity": csaf_severity(held),
            "short_notice": copy.short_notice,
            "is_out": AdvisoryState(copy.advisory.state) in AdvisoryState.out(),
            "outdated": copy.advisory.text_version != copy.text_version,
        },
    )
