"""A team's judgement of its own maturity: begun, filled in, published, read, taken as a file."""

import csv
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.community.directory.models import Team
from tcert.community.directory.views.base import attempt, status_of, team_for
from tcert.community.maturity import queries, sim3, wheel
from tcert.community.maturity.catalogue import (
    LEVELS,
    PILLARS,
    PROFILES,
    SOURCE,
    Parameter,
    parameters,
    quadrants,
    targets,
)
from tcert.community.maturity.domain import assessing
from tcert.community.maturity.enums import Profile
from tcert.community.maturity.forms import AnswerForm, ConfirmTeamForm, TargetForm
from tcert.community.maturity.models import Answer, Assessment, levels_of
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send, require
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import attachment, harmless, press


def _assessment(
    request: HttpRequest, assessment_id: UUID, permission: Permission | None = None
) -> Assessment:
    """Return one that the person sees (404) and may act on (403)."""
    principal = principal_of(request)
    seen = Assessment.objects.visible_to(principal).select_related("team__organisation")
    found: Assessment = get_object_or_404(seen, pk=assessment_id)
    if permission is not None:
        require(principal, permission, found.team)
    return found


def _draft(request: HttpRequest, assessment_id: UUID) -> Assessment:
    """Return a draft that the person may change; a published one has no such pages."""
    found = _assessment(request, assessment_id, Permission.MATURITY_ASSESS)
    if not found.is_draft:
        raise Http404
    return found


@read_or_send
@page(Permission.MATURITY_READ)
def overview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a team's record: its draft, its assessments, and what to do next."""
    team, principal = team_for(request, pk, Permission.MATURITY_READ), principal_of(request)
    may_assess = allowed(principal, Permission.MATURITY_ASSESS, team)
    if request.method == "POST":
        require(principal, Permission.MATURITY_ASSESS, team)
    form = TargetForm(request.POST or None, initial={"target": _last_target(team)})
    made = attempt(
        form, lambda: assessing.begin(principal=principal, team=team, **form.cleaned_data)
    )
    if made:
        return redirect("maturity:assessment", made.id)
    seen = Assessment.objects.visible_to(principal).filter(team=team)
    context = {
        "team": team,
        "form": form,
        "draft": seen.filter(published_at=None).first(),
        "published": _history(list(seen.published().order_by("-published_at"))),
        "may_assess": may_assess,
        "source": SOURCE,
        "count": len(parameters()),
    }
    return render(request, "maturity/assessments.html", context, status=status_of(form))


def _last_target(team: Team) -> str:
    last = queries.last_published(team)
    return last.target if last else Profile.BASIC


def _history(published: list[Assessment]) -> list[tuple[Assessment, str, float]]:
    """Return each with the profile that it reached and its mean; answers come in one question."""
    by_assessment: dict[UUID, dict[str, Answer]] = {one.id: {} for one in published}
    for answer in Answer.objects.filter(assessment__in=published):
        by_assessment[answer.assessment_id][answer.parameter] = answer
    return [
        (
            one,
            _profile(one.reached),
            sim3.mean(levels_of(by_assessment[one.id]), parameters()),
        )
        for one in published
    ]


def _profile(name: str) -> str:
    return str(PROFILES[Profile(name)]) if name else ""


@require_safe
@page(Permission.MATURITY_READ)
def assessment(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """Show one: the wheel against a target, the gaps, the changes, and every parameter."""
    found = _assessment(request, assessment_id)
    principal = principal_of(request)
    given = found.given()
    levels = levels_of(given)
    target = _target(request, found)
    goal = targets()[target]
    earlier = queries.before(found)
    gaps = sim3.gaps(levels, goal)
    context = {
        "assessment": found,
        "team": found.team,
        "target": target,
        "target_name": PROFILES[target],
        "profiles": PROFILES.items(),
        "reached": _profile(found.reached),
        "wheel": wheel.draw([[p.id for p in some] for some in quadrants().values()], levels, goal),
        "means": _means(levels, goal),
        "gaps": [(parameters()[gap.parameter], gap) for gap in gaps],
        "earlier": earlier,
        "changes": _changes(earlier, levels) if earlier else [],
        "pillars": _rows(given, levels, goal),
        "left": sim3.missing(levels, list(parameters())),
        "all": len(parameters()),
        "may_assess": allowed(principal, Permission.MATURITY_ASSESS, found.team),
        "may_ask": allowed(principal, Permission.MATURITY_MENTOR_ASK, found.team),
        "target_form": TargetForm(initial={"target": found.target}),
        "level_names": [(n, name, meaning) for n, (name, meaning) in LEVELS.items()],
        "source": SOURCE,
    }
    return render(request, "maturity/assessment.html", context)


def _target(request: HttpRequest, found: Assessment) -> Profile:
    """Return the target that the address names, or the assessment's own."""
    wanted = request.GET.get("target", "")
    return Profile(wanted) if wanted in set(Profile) else Profile(found.target)


def _means(levels: sim3.Levels, goal: sim3.Levels) -> list[tuple[str, float, float]]:
    return [
        (
            str(PILLARS[pillar]),
            sim3.mean(levels, [one.id for one in some]),
            sim3.mean(goal, [one.id for one in some]),
        )
        for pillar, some in quadrants().items()
    ]


def _changes(earlier: Assessment, levels: sim3.Levels) -> list[tuple[Parameter, sim3.Change]]:
    found = sim3.changes(earlier.levels(), levels)
    return [(parameters()[one.parameter], one) for one in found if one.parameter in levels]


def _rows(
    given: Any, levels: sim3.Levels, goal: sim3.Levels
) -> list[tuple[str, list[dict[str, Any]]]]:
    return [
        (str(PILLARS[pillar]), [_row(one, given.get(one.id), levels, goal) for one in some])
        for pillar, some in quadrants().items()
    ]


def _row(
    one: Parameter, answer: Answer | None, levels: sim3.Levels, goal: sim3.Levels
) -> dict[str, Any]:
    level = levels.get(one.id)
    return {
        "parameter": one,
        "level": level,
        "name": LEVELS[level][0] if level is not None else "",
        "wanted": goal[one.id],
        "is_short": level is not None and level < goal[one.id],
        "evidence": answer.evidence if answer else "",
        "links": answer.links.splitlines() if answer else [],
    }


@read_or_send
@page(Permission.MATURITY_ASSESS)
def parameter(request: HttpRequest, assessment_id: UUID, parameter: str) -> HttpResponse:
    """Say what level one parameter has, and go on to the next."""
    found = _draft(request, assessment_id)
    if parameter not in parameters():
        raise Http404
    one, present = parameters()[parameter], assessing.held(found, parameter)
    form = AnswerForm(request.POST or None, present=present)
    done = attempt(
        form,
        lambda: assessing.answer(
            principal=principal_of(request),
            assessment=found,
            parameter=parameter,
            **form.cleaned_data,
        ),
    )
    if done:
        messages.success(request, _("Saved."))
        following = _following(parameter) if "go_on" in request.POST else None
        if following:
            return redirect("maturity:parameter", found.id, following)
        return redirect("maturity:assessment", found.id)
    order = list(parameters())
    earlier = queries.before(found)
    context = {
        "assessment": found,
        "form": form,
        "parameter": one,
        "pillar": PILLARS[one.pillar],
        "wanted": found.goal[parameter],
        "number": order.index(parameter) + 1,
        "all": len(order),
        "before": earlier.given().get(parameter) if earlier else None,
        "earlier": earlier,
    }
    return render(request, "maturity/parameter.html", context, status=status_of(form))


def _following(parameter: str) -> str | None:
    order = list(parameters())
    at = order.index(parameter) + 1
    return order[at] if at < len(order) else None


@require_POST
@page(Permission.MATURITY_ASSESS)
def aim(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """Choose another target for a draft."""
    found, form = _draft(request, assessment_id), TargetForm(request.POST)
    if form.is_valid():
        target = form.cleaned_data["target"]
        press(
            request,
            lambda: assessing.aim(principal=principal_of(request), assessment=found, target=target),
            _("The target is changed."),
        )
    return redirect("maturity:assessment", found.id)


@read_or_send
@page(Permission.MATURITY_ASSESS)
def publish(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """Put a draft into the record, after the team's name was typed."""
    found = _draft(request, assessment_id)
    form = ConfirmTeamForm(request.POST or None)
    done = attempt(
        form,
        lambda: assessing.publish(
            principal=principal_of(request),
            assessment=found,
            confirmed_name=form.cleaned_data["confirm_name"],
        ),
    )
    if done:
        messages.success(request, _("It is in your team's record now."))
        return redirect("maturity:assessment", found.id)
    left = sim3.missing(found.levels(), list(parameters()))
    context = {"assessment": found, "form": form, "left": left}
    return render(request, "maturity/publish.html", context, status=status_of(form))


@read_or_send
@page(Permission.MATURITY_ASSESS)
def discard(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """Throw a draft away, after the team's name was typed."""
    found = _draft(request, assessment_id)
    form = ConfirmTeamForm(request.POST or None)
    done = attempt(
        form,
        lambda: _discarded(request, found, form.cleaned_data["confirm_name"]),
    )
    if done:
        messages.success(request, _("Thrown away."))
        return redirect("maturity:assessments", found.team_id)
    context = {"assessment": found, "form": form}
    return render(request, "maturity/discard.html", context, status=status_of(form))


def _discarded(request: HttpRequest, found: Assessment, name: str) -> bool:
    assessing.discard(principal=principal_of(request), assessment=found, confirmed_name=name)
    return True


@require_POST
@page(Permission.MATURITY_ASSESS)
def show(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """Tell members the profile that was reached, or stop."""
    found = _assessment(request, assessment_id, Permission.MATURITY_ASSESS)
    is_shown = request.POST.get("shown") == "yes"
    press(
        request,
        lambda: assessing.show(
            principal=principal_of(request), assessment=found, is_shown=is_shown
        ),
        _("Members read the profile and its day.")
        if is_shown
        else _("Members read nothing of it."),
    )
    return redirect("maturity:assessment", found.id)


@require_safe
@page(Permission.MATURITY_READ)
def export(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """Write the levels with their evidence as CSV."""
    found = _assessment(request, assessment_id)
    given, goal = found.given(), found.goal
    response = attachment("", "sim3-levels.csv", "text/csv; charset=utf-8")
    sheet = csv.writer(response)
    sheet.writerow(["parameter", "name", "level", "target", "evidence", "links"])
    for one in parameters().values():
        answer = given.get(one.id)
        said = [answer.level, answer.evidence, answer.links] if answer else ["", "", ""]
        level, evidence, links = (harmless(cell) for cell in said)
        sheet.writerow([one.id, one.name, level, goal[one.id], evidence, links])
    return response
