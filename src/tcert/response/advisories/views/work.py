"""The coordinating team's side: the list of texts and the steps of the editor."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tcert.community.directory.enums import OrganisationKind
from tcert.community.directory.models import Organisation, Team
from tcert.community.directory.queries import desk_team
from tcert.community.inventory.models import Product
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of, require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories import assembly, edits, prefill, steps
from tcert.response.advisories.content import Content
from tcert.response.advisories.domain import writing
from tcert.response.advisories.enums import PublisherCategory
from tcert.response.advisories.forms import basics, lines, statuses
from tcert.response.advisories.forms.fields import Versioned
from tcert.response.advisories.models import Advisory
from tcert.response.advisories.weaknesses import WEAKNESSES
from tcert.response.cases.models import Case
from tcert.response.cases.views.common import note_attempt

MAX_CELLS = 400


def workable(request: HttpRequest, advisory_id: UUID) -> Advisory:
    """Load a text of the viewer's team; any other does not exist."""
    found = Advisory.objects.visible_to(principal_of(request))
    advisory = found.select_related("publisher", "author").filter(pk=advisory_id).first()
    if advisory is None:
        hidden = Advisory.objects.filter(pk=advisory_id).values_list("case_id", flat=True)
        note_attempt(principal_of(request), hidden.first())
        raise Http404
    require(principal_of(request), Permission.ADVISORIES_WRITE, advisory)
    return advisory


def publishers(team: Team) -> Any:
    """Return in whose name a team's advisory may appear: its own organisation's, nobody else's."""
    return Organisation.objects.filter(pk=team.organisation_id)


@page(Permission.ADVISORIES_WRITE)
@require_safe
def work(request: HttpRequest) -> HttpResponse:
    """All texts of the viewer's coordinating teams."""
    found = Advisory.objects.visible_to(principal_of(request)).select_related("author", "publisher")
    rows = [(advisory, advisory.text.title) for advisory in found[:200]]
    cases: Any = Case.objects
    waiting = (
        cases.coordinated_by(principal_of(request))
        .filter(closed_at=None, number__isnull=False)
        .exclude(Exists(Advisory.objects.filter(case_id=OuterRef("pk"))))
    )
    context = {
        "rows": rows,
        "cases": waiting.order_by("-numbered_at")[:50],
        "may_start": allowed(principal_of(request), Permission.ADVISORIES_START),
    }
    return render(request, "advisories/work.html", context)


@page(Permission.ADVISORIES_START)
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Begin an advisory that comes from no case."""
    desk = desk_team()
    if desk is None:
        raise Http404
    form = basics.StartForm(
        request.POST or None,
        publishers=publishers(desk),
        initial={"publisher": desk.organisation_id},
    )
    if form.is_valid():
        advisory = writing.start(
            principal=principal_of(request),
            team=desk,
            publisher=form.cleaned_data["publisher"],
            publisher_category=category_of(form.cleaned_data["publisher"]),
            tlp=Tlp(form.cleaned_data["tlp"]),
            content=Content(title=form.cleaned_data["title"]),
        )
        return redirect("advisories:step", advisory.id, "basics")
    return render(request, "advisories/start.html", {"form": form}, status=_status(form))


@page(Permission.ADVISORIES_WRITE)
@require_http_methods(["GET", "POST"])
def start_from_case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Begin the advisory of a case, filled with what the case's readable facts say."""
    cases: Any = Case.objects
    case = cases.coordinated_by(principal_of(request)).filter(pk=case_id).first()
    if case is None:
        note_attempt(principal_of(request), case_id)
        raise Http404
    begun = Advisory.objects.visible_to(principal_of(request)).filter(case_id=case.id)
    own = case.coordinating_team.organisation_id
    form = basics.StartFromCaseForm(
        request.POST or None,
        publishers=publishers(case.coordinating_team),
        initial={"publisher": own, "known": Advisory.objects.filter(case_id=case.id).count()},
    )
    status = _status(form)
    if form.is_valid():
        try:
            advisory = writing.start(
                principal=principal_of(request),
                team=case.coordinating_team,
                publisher=form.cleaned_data["publisher"],
                publisher_category=category_of(form.cleaned_data["publisher"]),
                tlp=Tlp(form.cleaned_data["tlp"]),
                content=prefill.from_case(case, title=form.cleaned_data["title"]),
                case_id=case.id,
                known=form.cleaned_data["known"],
            )
        except DomainError as error:
            status = error.status
            form.carry_known(Advisory.objects.filter(case_id=case.id).count())
            form.add_error(None, str(error.message))
        else:
            return redirect("advisories:step", advisory.id, "basics")
    context = {"form": form, "case": case, "begun": begun}
    return render(request, "advisories/start.html", context, status=status)


def category_of(publisher: Organisation) -> PublisherCategory:
    """Return what a publisher is: a vendor speaks as vendor, the hub as coordinator."""
    if publisher.kind == OrganisationKind.VENDOR:
        return PublisherCategory.VENDOR
    return PublisherCategory.COORDINATOR


def _status(*given: Any) -> int:
    return 422 if any(form.is_bound and not form.is_valid() for form in given) else 200


@page(Permission.ADVISORIES_WRITE)
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, advisory_id: UUID, name: str) -> HttpResponse:
    """One step of the editor: shows, saves, goes on; what was typed stays on every error."""
    advisory = workable(request, advisory_id)
    if name not in steps.NAMES:
        raise Http404
    editor = _EDITORS[name](request, advisory)
    conflict = ""
    status = 200
    if request.method == "POST":
        if editor.is_valid():
            try:
                editor.save()
            except DomainError as error:
                conflict, status = str(error.message), error.status
            else:
                messages.success(request, _("Saved."))
                return redirect(_where_next(request, advisory, name))
        else:
            status = 422
            conflict = " ".join(map(str, editor.guard.errors.get("text_version", [])))
        advisory.refresh_from_db()
    verdict = assembly.verdict(advisory, clock.now())
    found = [(steps.of_finding(finding), finding) for finding in verdict.findings]
    context = {
        "advisory": advisory,
        "step": name,
        "step_label": next(s.label for s in steps.STEPS if s.name == name),
        "steps": [(s, s.name in steps.done(advisory.text)) for s in steps.STEPS],
        "conflict": conflict,
        "text_version": advisory.text_version if conflict else editor.text_version,
        "findings": [finding for where, finding in found if where == name],
        "findings_elsewhere": sum(1 for where, f in found if where != name and f.weight == "error"),
        "verdict": verdict,
        **editor.context(),
    }
    return render(request, f"advisories/step_{name}.html", context, status=status)


def _where_next(request: HttpRequest, advisory: Advisory, name: str) -> str:
    wanted = request.POST.get("then")
    if wanted == "more":
        return reverse("advisories:step", args=[advisory.id, name]) + "?more=1"
    following = steps.after(name)
    if wanted == "next" and following:
        return reverse("advisories:step", args=[advisory.id, following])
    if wanted == "next":
        return reverse("advisories:text", args=[advisory.id])
    flaw = request.GET.get("flaw", "")
    return reverse("advisories:step", args=[advisory.id, name]) + (f"?flaw={flaw}" if flaw else "")


class _Editor:
    """What a step shows and saves."""

    def __init__(self, request: HttpRequest, advisory: Advisory) -> None:
        self.request = request
        self.advisory = advisory
        self.text = advisory.text
        self.data = request.POST if request.method == "POST" else None
        self.guard = Versioned(
            self.data, initial={"text_version": advisory.text_version}, prefix=None
        )
        more = request.GET.get("more")
        self.extra = 3 if more else 1
        self.build()

    @property
    def text_version(self) -> Any:
        """Return the version that the page shows, so that a repeated error keeps it."""
        given = self.data.get("text_version") if self.data else None
        return given or self.advisory.text_version

    def build(self) -> None:
        """Make the forms."""
        raise NotImplementedError

    def parts(self) -> Sequence[Any]:
        """Return all forms and formsets."""
        raise NotImplementedError

    def changed(self) -> dict[str, Any]:
        """Return what `save_text` is given."""
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """Return what the template needs."""
        raise NotImplementedError

    def is_valid(self) -> bool:
        """Ask every form, so that all errors show at once."""
        verdicts = [part.is_valid() for part in (self.guard, *self.parts())]
        return all(verdicts)

    def save(self) -> None:
        """Save this part of the text."""
        writing.save_text(
            principal=principal_of(self.request),
            advisory_id=self.advisory.id,
            text_version=self.guard.cleaned_data["text_version"],
            **self.changed(),
        )


class _Basics(_Editor):
    def build(self) -> None:
        held = self.text
        self.form = basics.BasicsForm(
            self.data,
            publishers=publishers(self.advisory.team),
            initial={
                "text_version": self.advisory.text_version,
                "title": held.title,
                "summary": held.summary,
                "details": held.details,
                "lang": held.lang,
                "status": held.status,
                "tlp": self.advisory.tlp,
                "publisher": self.advisory.publisher_id,
                "publisher_category": self.advisory.publisher_category,
                "change_summary": self.advisory.change_summary,
            },
        )

    def parts(self) -> Sequence[Any]:
        return [self.form]

    def changed(self) -> dict[str, Any]:
        given = self.form.cleaned_data
        return {
            "content": self.form.apply(self.text),
            "tlp": Tlp(given["tlp"]),
            "publisher": given["publisher"],
            "publisher_category": PublisherCategory(given["publisher_category"]),
            "change_summary": given["change_summary"],
        }

    def context(self) -> dict[str, Any]:
        return {"form": self.form}


class _Products(_Editor):
    def build(self) -> None:
        self.rows = lines.rows(
            lines.ProductForm,
            data=self.data,
            initial=[line.to_json() for line in self.text.products],
            prefix="products",
            extra=self.extra,
            limit=lines.MAX_PRODUCTS,
        )

    def parts(self) -> Sequence[Any]:
        return [self.rows]

    def changed(self) -> dict[str, Any]:
        return {"content": edits.with_products(self.text, lines.filled(self.rows))}

    def context(self) -> dict[str, Any]:
        listed = Product.objects.visible_to(principal_of(self.request)).current()
        return {
            "rows": self.rows,
            "listed": listed.select_related("vendor")[:500],
        }


class _Flaws(_Editor):
    def build(self) -> None:
        self.rows = lines.rows(
            lines.FlawForm,
            data=self.data,
            initial=[line.to_json() for line in self.text.vulnerabilities],
            prefix="flaws",
            extra=1 if self.extra > 1 or not self.text.vulnerabilities else 0,
            limit=lines.MAX_FLAWS,
        )

    def parts(self) -> Sequence[Any]:
        return [self.rows]

    def changed(self) -> dict[str, Any]:
        return {"content": edits.with_flaws(self.text, lines.filled(self.rows))}

    def context(self) -> dict[str, Any]:
        return {"rows": self.rows, "weaknesses": WEAKNESSES}


class _Statuses(_Editor):
    def build(self) -> None:
        flaws = self.text.vulnerabilities
        self.split = len(flaws) * len(self.text.products) > MAX_CELLS
        chosen = self.request.GET.get("flaw", "")
        if self.split:
            wanted = [f for f in flaws if f.id == chosen]
            flaws = tuple(wanted or flaws[:1])
        self.flaws = flaws
        self.form = statuses.StatusForm(
            self.data,
            content=self.text,
            flaws=flaws,
            initial={"text_version": self.advisory.text_version},
        )

    def parts(self) -> Sequence[Any]:
        return [self.form]

    def changed(self) -> dict[str, Any]:
        return {"content": self.form.apply(self.text)}

    def context(self) -> dict[str, Any]:
        return {
            "form": self.form,
            "flaws": self.flaws,
            "all_flaws": self.text.vulnerabilities if self.split else (),
        }


class _Remedies(_Editor):
    def build(self) -> None:
        self.remedies = lines.rows(
            lines.RemedyForm,
            data=self.data,
            initial=[line.to_json() for line in self.text.remediations],
            prefix="remedies",
            extra=1 if self.extra > 1 or not self.text.remediations else 0,
            content=self.text,
        )
        self.threats = lines.rows(
            lines.ThreatForm,
            data=self.data,
            initial=[line.to_json() for line in self.text.threats],
            prefix="threats",
            extra=1 if self.extra > 1 else 0,
            content=self.text,
        )

    def parts(self) -> Sequence[Any]:
        return [self.remedies, self.threats]

    def changed(self) -> dict[str, Any]:
        return {
            "content": edits.with_remedies(
                self.text, lines.filled(self.remedies), lines.filled(self.threats)
            )
        }

    def context(self) -> dict[str, Any]:
        return {"remedies": self.remedies, "threats": self.threats}


class _References(_Editor):
    def build(self) -> None:
        self.references = lines.rows(
            lines.ReferenceForm,
            data=self.data,
            initial=[line.to_json() for line in self.text.references],
            prefix="references",
            extra=self.extra,
        )
        self.credits = lines.rows(
            lines.CreditForm,
            data=self.data,
            initial=[line.to_json() for line in self.text.credits],
            prefix="credits",
            extra=self.extra,
        )

    def parts(self) -> Sequence[Any]:
        return [self.references, self.credits]

    def changed(self) -> dict[str, Any]:
        return {
            "content": edits.with_references(
                self.text, lines.filled(self.references), lines.filled(self.credits)
            )
        }

    def context(self) -> dict[str, Any]:
        return {"references": self.references, "credits": self.credits}


_EDITORS: dict[str, Callable[[HttpRequest, Advisory], _Editor]] = {
    "basics": _Basics,
    "products": _Products,
    "vulnerabilities": _Flaws,
    "statuses": _Statuses,
    "remedies": _Remedies,
    "references": _References,
}
