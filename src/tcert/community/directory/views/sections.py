"""What a team says of itself, as its leaders write it: one section at a time."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tcert.community.directory.documents import languages
from tcert.community.directory.documents.rfc2350 import TITLES
from tcert.community.directory.domain import sections
from tcert.community.directory.enums import Section
from tcert.community.directory.models import Team, TeamSection
from tcert.community.directory.section_forms import EXAMPLES, LanguageForm, SectionForm
from tcert.community.directory.views.base import attempt, status_of, team_for
from tcert.community.directory.views.documents import language_of
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send
from tcert.foundation.kernel.permissions import Permission


def _texts(team: Team) -> dict[Section, dict[str, str]]:
    found: dict[Section, dict[str, str]] = {section: {} for section in Section}
    for row in TeamSection.objects.filter(team=team):
        found[Section(row.section)][row.language] = row.text
    return found


@require_safe
@page(Permission.DIRECTORY_TEAM_MANAGE)
def overview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """List the sections with what is written and what is missing, in one language."""
    team = team_for(request, pk, Permission.DIRECTORY_TEAM_MANAGE)
    language = language_of(request)
    texts = _texts(team)
    rows = [
        {
            "section": section,
            "title": TITLES[section],
            "text": texts[section].get(language, ""),
            "others": [languages.NAMES[tag] for tag in texts[section] if tag != language],
        }
        for section in Section
    ]
    context = {
        "team": team,
        "rows": rows,
        "may_publish": allowed(principal_of(request), Permission.DIRECTORY_TEAM_PUBLISH, team),
        "missing": sum(not row["text"] for row in rows),
        "language": language,
        "language_name": languages.NAMES[language],
        "form": LanguageForm(initial={"language": language}),
    }
    return render(request, "directory/sections.html", context)


@read_or_send
@page(Permission.DIRECTORY_TEAM_MANAGE)
def edit(request: HttpRequest, pk: UUID, section: str, language: str) -> HttpResponse:
    """Write one section in one language, and go on to the next that is missing."""
    team = team_for(request, pk, Permission.DIRECTORY_TEAM_MANAGE)
    if section not in set(Section) or language not in languages.NAMES:
        raise Http404
    found = Section(section)
    form = SectionForm(request.POST or None, present=sections.held(team, found, language))
    done = attempt(
        form,
        lambda: sections.write_section(
            principal=principal_of(request),
            team=team,
            section=found,
            language=language,
            **form.cleaned_data,
        ),
        "text",
    )
    if done:
        messages.success(request, _("Saved."))
        following = _next_missing(team, found, language) if "go_on" in request.POST else None
        if following:
            return redirect("directory:section", pk, following, language)
        return redirect(_overview(team, language))
    context = {
        "team": team,
        "form": form,
        "section": found,
        "title": TITLES[found],
        "example": EXAMPLES[found],
        "language": language,
        "language_name": languages.NAMES[language],
        "english": ""
        if language == languages.ENGLISH
        else sections.held(team, found, languages.ENGLISH).text,
        "back": _overview(team, language),
    }
    return render(request, "directory/section_form.html", context, status=status_of(form))


def _overview(team: Team, language: str) -> str:
    return f"{reverse('directory:sections', args=[team.id])}?language={language}"


def _next_missing(team: Team, after: Section, language: str) -> Section | None:
    texts, order = _texts(team), list(Section)
    at = order.index(after) + 1
    return next((s for s in order[at:] + order[:at] if language not in texts[s]), None)
