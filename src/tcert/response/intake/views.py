"""The stranger's pages: no session, no cookie but the one against forged posts, no log."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from tcert.foundation.kernel import onion
from tcert.foundation.kernel.access import page, read_or_send
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.uploads import skipped
from tcert.foundation.sealed.inner import Attachment
from tcert.response.intake import forms, metadata, queries, receipts, tokens, unscripted
from tcert.response.intake.domain import keeping, receiving
from tcert.response.intake.domain.mailbox import Mailbox
from tcert.response.intake.enums import Addressee, ReportKind
from tcert.response.intake.models import Report
from tcert.response.intake.queries import Recipient
from tcert.response.intake.salt import deployment_salt
from tcert.response.intake.writing import compose

UNSCRIPTED_TOGETHER = 25 * keeping.MEGABYTE
View = Callable[[HttpRequest], HttpResponseBase]


def stranger_page(permission: Permission) -> Callable[[View], View]:
    """Declare a stranger's page: the strictest policy, and no log line that tells its hour."""

    def decorate(view: View) -> View:
        @wraps(view)
        def unlogged(request: HttpRequest) -> HttpResponseBase:
            response = view(request)
            # Django logs each answer from 400 on with its moment; this is how it is told not to.
            response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
            return response

        return page(permission, kind=PageKind.REPORTER)(unlogged)

    return decorate


may_report = stranger_page(Permission.INTAKE_REPORT_SEND)


class Closed(DomainError):
    """The desk's key does not fulfil what the hub promises, so no report is taken."""

    status = 409


# The report, for both modes --------------------------------------------------


@may_report
@read_or_send
@sensitive_post_parameters()
@sensitive_variables()
def report(request: HttpRequest) -> HttpResponse:
    """Show the report's page; take it step by step where no scripts run."""
    found = queries.recipients()
    desk, others = found.desk, found.others
    if desk is None:
        ways = queries.ways_to_turn_to()
        return render(request, "intake/closed.html", {"ways": ways, "teams": others})
    if request.method == "POST":
        return _Unscripted(request, desk, others).answer()
    return _form_page(request, desk, None, teams=forms.offered(others), token=tokens.issue())


@may_report
@require_safe
def guidance(request: HttpRequest) -> HttpResponse:
    """Show what to know before writing on a page of its own, to print and to hand on."""
    return render(request, "intake/guidance_page.html")


def _form_page(
    request: HttpRequest,
    desk: Recipient,
    form: forms.ReportForm | None,
    *,
    teams: forms.OfferedTeams,
    token: str,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Show the page with a form as it was typed, or with an empty one."""
    context = {
        "form": form,
        "teams": teams,
        "desk": desk,
        "token": token,
        "salt": deployment_salt().hex(),
        "address": mailbox_address(request),
        **more,
    }
    return render(request, "intake/report.html", context, status=status)


def chosen_recipients(
    desk: Recipient, others: dict[str, Recipient], addressee: str, team: str
) -> list[Recipient]:
    """Return whom the reporter addresses; the first coordinates. Raises DomainError."""
    if addressee == Addressee.DESK:
        return [desk]
    other = others.get(team)
    if other is None:
        raise DomainError(_("This team cannot be addressed now. Choose another, or the desk."))
    return [desk, other] if addressee == Addressee.BOTH else [other]


# Without scripts ---------------------------------------------------------------


class _Unscripted:
    """One posted page: files are sealed first, so that no later error loses them."""

    def __init__(self, request: HttpRequest, desk: Recipient, others: list[Recipient]) -> None:
        self.request, self.desk = request, desk
        self.posted: QueryDict = request.POST
        self.step = self.posted.get("step", "check")
        self.token = self.posted.get("token", "")
        self.others = {str(found.team.id): found for found in others}
        self.form = forms.ReportForm(self.posted, teams=forms.offered(others))
        self.problems: list[str] = []
        self.warnings: dict[str, metadata.Kind] = {}
        self.kept: list[Attachment] = []

    def answer(self) -> HttpResponse:
        """Return the page that follows: the form again, the preview, or the receipt for good."""
        try:
            draft = tokens.read(self.token)
        except tokens.TokenRefused as refusal:
            self.token = tokens.issue()
            self.problems.append(str(refusal.message))
            draft = tokens.read(self.token)
        else:
            dropped = set(self.posted.getlist("drop"))
            read = forms.read_kept(self.posted.getlist("kept"))
            self.kept = [file for file in read if file.sealed_sha256 not in dropped]
        self._take_files(draft)
        valid = self.form.is_valid()
        if not valid or self.problems or self.step == "edit":
            return self._again()
        if self.step == "send":
            return self._send()
        return self._preview()

    def _take_files(self, draft: tokens.Draft) -> None:
        keep_metadata = bool(self.posted.get("keep_metadata"))
        for upload in self.request.FILES.getlist("files"):
            try:
                sealed = seal_within_limit(upload, self.kept, keep_metadata=keep_metadata)
                keeping.keep(form=draft.form, sealed=sealed.sealed)
            except DomainError as refusal:
                self.problems.append(str(refusal.message))
                continue
            self.kept.append(sealed.attachment)
            self.warnings[sealed.attachment.sealed_sha256] = sealed.warning
        self.problems += [too_large(name) for name in skipped(self.request)]

    def _files(self) -> list[dict[str, Any]]:
        return [
            {
                "attachment": file,
                "warning": self.warnings.get(file.sealed_sha256, ""),
            }
            for file in self.kept
        ]

    def _again(self) -> HttpResponse:
        if self.step == "edit" and not self.problems:
            # Coming back to change something is no error.
            self.form = forms.ReportForm(initial=self.posted.dict(), teams=self.form.teams)
        return _form_page(
            self.request,
            self.desk,
            self.form,
            teams=self.form.teams,
            token=self.token,
            status=200 if self.step == "edit" else 422,
            files=self._files(),
            problems=self.problems,
            receipt=self._receipt() if receipts.is_receipt(self._receipt()) else "",
        )

    def _receipt(self) -> str:
        """The receipt of this page, which stays the same when something is changed."""
        return self.posted.get("receipt", "")[: receipts.LONGEST_INPUT]

    def _words(self) -> unscripted.Words:
        return unscripted.Words(
            kind=ReportKind(self.form.cleaned_data["kind"]),
            facts=compose(self.form.sections(forms.FACTS)),
            wishes=compose(self.form.sections(forms.WISHES)),
            files=self.kept,
            routing_line=self.form.routing_line,
        )

    def _recipients(self) -> list[Recipient]:
        answers = self.form.cleaned_data
        return chosen_recipients(
            self.desk, self.others, answers["addressee"], answers.get("team", "")
        )

    def _preview(self, problem: str = "", status: int = 200) -> HttpResponse:
        receipt = self._receipt()
        if self.step == "digits":
            receipt = receipts.new_digits()
        elif not receipts.is_receipt(receipt) or self.step == "words":
            receipt = receipts.new_words()
        words = self._words()
        try:
            recipients = self._recipients()
        except DomainError as refusal:
            self.form.add_error(None, str(refusal.message))
            return self._again()
        context = {
            "form": self.form,
            "token": self.token,
            "words": words,
            "recipients": recipients,
            "files": self._files(),
            "receipt": receipt,
            "groups": receipt.split(),
            "address": mailbox_address(self.request),
            "problem": problem,
        }
        return render(self.request, "intake/preview.html", context, status=status)

    def _send(self) -> HttpResponse:
        receipt = self._receipt()
        last = receipts.normalise(receipt.split()[-1]) if receipt.split() else ""
        if not last or receipts.normalise(self.posted.get("confirm", "")) != last:
            return self._preview(
                _("Type the last group of your receipt, to show that you have kept it."), 422
            )
        try:
            sent = unscripted.send(
                words=self._words(),
                recipients=self._recipients(),
                receipt=receipt,
                token=self.token,
            )
        except tokens.TokenRefused as refusal:
            self.problems.append(str(refusal.message))
            self.token, self.kept = tokens.issue(), []
            return self._again()
        except receiving.TokenSpent as refusal:
            spent, self.token = tokens.read(self.token), tokens.issue()
            digests = [file.sealed_sha256 for file in self.kept]
            keeping.move(form=spent.form, to=tokens.read(self.token).form, digests=digests)
            return self._preview(str(refusal.message), refusal.status)
        except DomainError as refusal:
            return self._preview(str(refusal.message), refusal.status)
        if sent.late is not None:
            return self._arrived_before(sent.report, sent.late, receipt)
        return render(self.request, "intake/sent.html", {"report": sent.report, "receipt": receipt})

    def _arrived_before(self, report: Report, late: unscripted.Late, receipt: str) -> HttpResponse:
        """Say that the first version stands, and offer what was changed since as a message."""
        context = {
            "report": report,
            "receipt": receipt,
            "form": forms.ReplyForm(initial={"text": late.text}),
            "files": late.files,
            "names": list(queries.names_of(Mailbox(report).readers).values()),
        }
        return render(self.request, "intake/arrived.html", context, status=409)


def mailbox_address(request: HttpRequest) -> str:
    """Return where a printed receipt is used."""
    return f"{onion.base_of(request)}{reverse('intake:mailbox')}"


def seal_within_limit(
    upload: UploadedFile, kept: Sequence[Attachment], *, keep_metadata: bool
) -> unscripted.SealedUpload:
    """Seal an uploaded file unless all files together grow too large; raises FileRefused."""
    name = upload.name or ""
    if (upload.size or 0) + sum(file.size for file in kept) > UNSCRIPTED_TOGETHER:
        raise keeping.FileRefused(too_large(name), code="files-too-large")
    return unscripted.seal_upload(name, upload.read(), keep_metadata=keep_metadata)


def too_large(name: str) -> str:
    """Return the words for a file that a page without scripts does not take."""
    return _(
        "%(name)s was not taken: without scripts all files together may have 25 MB. "
        "The other files and all that you typed are kept."
    ) % {"name": name}


# With scripts ------------------------------------------------------------------


def answers_json(view: View) -> View:
    """Turn a refusal into JSON that the script shows; nothing else about an error leaves."""

    @wraps(view)
    def answering(request: HttpRequest) -> HttpResponseBase:
        try:
            return view(request)
        except DomainError as refusal:
            told = {"error": str(refusal.message), "code": refusal.code}
            return JsonResponse(told, status=refusal.status)

    return answering


def _posted_recipients(posted: QueryDict) -> list[Recipient]:
    found = queries.recipients()
    if found.desk is None:
        raise Closed(_("The hub takes no reports just now. Nothing was sent."), code="closed")
    others = {str(one.team.id): one for one in found.others}
    addressee = posted.get("addressee", Addressee.DESK)
    return chosen_recipients(found.desk, others, addressee, posted.get("team", ""))


def sealed_to(found: Recipient) -> dict[str, str]:
    """Return a team with its key, as the browser seals to it."""
    return {
        "team": str(found.team.id),
        "name": str(found.team),
        "fingerprint": found.key.fingerprint,
        "certificate": found.key.certificate,
    }


@may_report
@require_POST
@answers_json
def begin(request: HttpRequest) -> HttpResponseBase:
    """Hand out a token with its ids, and the keys to seal to, just before the browser seals."""
    token = tokens.issue()
    return JsonResponse(
        {
            "token": token,
            "bits": settings.PROOF_OF_WORK_BITS,
            "ids": {name: str(value) for name, value in asdict(tokens.read(token)).items()},
            "recipients": [sealed_to(found) for found in _posted_recipients(request.POST)],
        }
    )


@may_report
@require_POST
@answers_json
def keep_file(request: HttpRequest) -> HttpResponseBase:
    """Keep one sealed file of a report that is about to be sent."""
    token, nonce = request.POST.get("token", ""), request.POST.get("nonce", "")
    draft = tokens.read(token)
    receiving.require_proof(token, nonce)
    kept = keeping.keep(form=draft.form, sealed=posted_file(request))
    return JsonResponse({"sha256": kept.sha256})


def posted_file(request: HttpRequest) -> bytes:
    """Return the one sealed file of a post; raises FileRefused when it was too large to take."""
    upload = request.FILES.get("file")
    if upload is None:
        raise keeping.FileRefused(_("A file may have 25 MB at most."), code="file-too-large")
    return upload.read()


@may_report
@require_POST
@answers_json
def send(request: HttpRequest) -> HttpResponseBase:
    """Take a report that the browser sealed."""
    posted = request.POST
    recipients = _posted_recipients(posted)
    try:
        kind = ReportKind(posted.get("kind", ""))
    except ValueError as error:
        raise DomainError(_("Say whether it is a weakness or an attack.")) from error
    letter = receiving.Letter(
        receipt_id=posted.get("receipt_id", ""),
        kind=kind,
        certificate=posted_bytes(posted, "certificate"),
        locked_secret=posted_bytes(posted, "locked_secret"),
        addressees=[found.team for found in recipients],
        facts=posted_bytes(posted, "facts"),
        wishes=posted_bytes(posted, "wishes"),
        files=posted.getlist("file"),
        routing_line=forms.read_routing_line(posted.get("routing_line", "")[: forms.LINE]),
    )
    sent = receiving.receive(
        letter=letter, token=posted.get("token", ""), nonce=posted.get("nonce", "")
    )
    return JsonResponse({"code_name": sent.case.code_name})


def posted_bytes(posted: QueryDict, name: str) -> bytes:
    """Return a field that travels in base64; raises DomainError when it is damaged."""
    try:
        return base64.b64decode(posted.get(name, "").encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError) as error:
        raise DomainError(_("Something arrived damaged. Nothing was sent.")) from error
