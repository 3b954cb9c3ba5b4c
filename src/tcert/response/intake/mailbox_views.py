"""The mailbox: the receipt rides in the body of each post, or never leaves the browser."""

import base64
from typing import Any
from uuid import UUID

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from tcert.community.talks.reading import Told
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import read_or_send
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.uploads import skipped
from tcert.foundation.openpgp import standing
from tcert.foundation.sealed.models import Recipient
from tcert.foundation.sealed.part import NAME
from tcert.foundation.sealed.recipients import summary
from tcert.response.cases import unopened
from tcert.response.intake import forms, queries, receipts, tokens, unscripted
from tcert.response.intake.domain import keeping, readdressing
from tcert.response.intake.domain import mailbox as boxes
from tcert.response.intake.part import part_of
from tcert.response.intake.queries import Second
from tcert.response.intake.salt import deployment_salt
from tcert.response.intake.views import (
    answers_json,
    posted_bytes,
    posted_file,
    seal_within_limit,
    sealed_to,
    stranger_page,
    too_large,
)

may_open = stranger_page(Permission.INTAKE_MAILBOX_OPEN)
SHOWN = 12
WAITING_SHOWN = 4
LONGEST_NUMBER = 9
CLEARED = '"cache", "cookies", "storage"'


@may_open
@read_or_send
@sensitive_post_parameters()
@sensitive_variables()
def mailbox(request: HttpRequest) -> HttpResponseBase:
    """Ask for the receipt; without scripts, open the mailbox with it and act in it."""
    if request.method != "POST":
        return _entrance(request, forms.ReceiptForm())
    form = forms.ReceiptForm(request.POST)
    if not form.is_valid():
        return _entrance(request, form, status=422)
    receipt = form.cleaned_data["receipt"]
    try:
        desk = unscripted.Desk(receipt)
    except boxes.NoMailbox as refusal:
        form.add_error("receipt", str(refusal.message))
        return _entrance(request, form, status=refusal.status)
    act = {
        "copy": _copy,
        "readdress": _readdress,
        "reply": _reply,
        "file": _download,
        "withdraw": _withdraw,
    }.get(request.POST.get("step", ""), _show)
    return act(request, desk, receipt)


def _entrance(request: HttpRequest, form: forms.ReceiptForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "salt": deployment_salt().hex()}
    return render(request, "intake/mailbox.html", context, status=status)


def _show(request: HttpRequest, desk: unscripted.Desk, receipt: str, **more: Any) -> HttpResponse:
    box = desk.mailbox
    second = queries.second_way(box.case)
    context = {
        "receipt": receipt,
        "box": box,
        "answered": any(message.author != box.holder for message in box.messages()),
        "status": queries.status(box.case),
        "messages_opened": desk.messages(SHOWN),
        "waiting": desk.waiting(WAITING_SHOWN),
        "earlier": max(0, len(box.messages()) - SHOWN),
        "second": second,
        "silent": queries.silence_in_words(second.silence) if second else [],
        "token": tokens.issue(),
        "form": forms.ReplyForm(),
        "names": list(queries.names_of(box.readers).values()),
        **more,
    }
    return render(request, "intake/mailbox_open.html", context, status=more.get("status_code", 200))


def _reply(request: HttpRequest, desk: unscripted.Desk, receipt: str) -> HttpResponse:
    """Seal files and text in memory; an error loses neither."""
    form = forms.ReplyForm(request.POST)
    dropped = set(request.POST.getlist("drop"))
    kept = [
        file
        for file in forms.read_kept(request.POST.getlist("kept"))
        if file.sealed_sha256 not in dropped
    ]
    problems = [too_large(name) for name in skipped(request)]
    for upload in request.FILES.getlist("files"):
        try:
            sealed = seal_within_limit(upload, kept, keep_metadata=False)
            box = desk.mailbox
            keeping.keep(form=box.report.id, sealed=sealed.sealed, own=box.own_share)
        except DomainError as refusal:
            problems.append(str(refusal.message))
        else:
            kept.append(sealed.attachment)
    if form.is_valid() and not problems:
        try:
            stored = desk.reply(text=form.cleaned_data["text"], files=kept, receipt=receipt)
        except boxes.NoMailbox:  # deleted from another window meanwhile
            raise
        except DomainError as refusal:
            problems.append(str(refusal.message))
        else:
            return _show(request, desk, receipt, sent=stored, repeated=not stored)
    return _show(request, desk, receipt, form=form, problems=problems, files=kept, status_code=422)


def _readdress(request: HttpRequest, desk: unscripted.Desk, receipt: str) -> HttpResponse:
    """Seal the report anew to another team, in memory; a second press changes nothing."""
    box, token = desk.mailbox, request.POST.get("token", "")
    try:
        if not readdressing.is_done(box, token):
            second, found = readdressing.chosen(box, request.POST.get("team", ""))
            desk.readdress(recipient=found, token=token, with_wishes=second.silence.coordinates)
    except boxes.NoMailbox:
        raise
    except DomainError as refusal:
        problems = [str(refusal.message)]
        return _show(request, desk, receipt, problems=problems, status_code=refusal.status)
    return _show(request, unscripted.Desk(receipt), receipt, readdressed=True)


def _download(request: HttpRequest, desk: unscripted.Desk, receipt: str) -> HttpResponse:
    wanted = forms.read_kept([request.POST.get("attachment", "")])
    try:
        if not wanted:
            raise DomainError(_("This file does not open."))  # noqa: TRY301
        content = desk.read_file(_uuid(request.POST.get("file", "")), wanted[0])
    except DomainError as refusal:
        return _show(request, desk, receipt, problems=[str(refusal.message)], status_code=404)
    response = HttpResponse(content, content_type="application/octet-stream")
    name = unscripted.plain_name(wanted[0].name)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise DomainError(_("This file does not open.")) from error


def _copy(_request: HttpRequest, desk: unscripted.Desk, _receipt: str) -> HttpResponseBase:
    return _archive(desk.mailbox)


def _archive(box: boxes.Mailbox) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{NAME}"'}
    sent = part_of(box).stream()
    return StreamingHttpResponse(sent, content_type="application/zip", headers=headers)


def _withdraw(request: HttpRequest, desk: unscripted.Desk, receipt: str) -> HttpResponse:
    if not _confirmed(request, desk.mailbox):
        return _show(request, desk, receipt, problems=[_not_confirmed()], status_code=422)
    done = boxes.withdraw(mailbox=desk.mailbox)
    return render(request, "intake/withdrawn.html", {"waits": not done})


def _confirmed(request: HttpRequest, box: boxes.Mailbox) -> bool:
    typed = " ".join(request.POST.get("confirm", "")[: receipts.LONGEST_INPUT].split())
    return typed.casefold() == box.case.code_name.casefold()


def _not_confirmed() -> str:
    return _("Type the code name to delete the report. Nothing was deleted.")


# With scripts ------------------------------------------------------------------


def _told_silence(second: Second | None) -> dict[str, Any] | None:
    """Tell who is late, since when, and who may be addressed instead; no keys yet."""
    if second is None:
        return None
    return {
        "words": queries.silence_in_words(second.silence),
        "coordinates": second.silence.coordinates,
        "teams": [
            {"id": str(one.team.id), "name": f"{one.team.organisation} · {one.team}"}
            for one in second.recipients
        ],
    }


def _told_unopened(told: Told | None) -> dict[str, Any] | None:
    return {"names": told.names, "answered": told.answered} if told else None


def _box(request: HttpRequest) -> boxes.Mailbox:
    return boxes.open_mailbox(request.POST.get("receipt_id", ""))


@may_open
@require_POST
@answers_json
def open_sealed(request: HttpRequest) -> HttpResponseBase:
    """Serve the mailbox as it is stored: sealed."""
    box = _box(request)
    now = clock.now()
    messages = box.messages()
    authors: dict[str, Recipient] = {}
    for message in messages:
        for one in message.recipient_set.recipients.all():
            authors.setdefault(one.fingerprint, one)
    names = queries.names_of([*box.readers, *authors.values()])
    ended = standing.ended([one.fingerprint for one in box.readers])
    told = unopened.told_to_reporter([m.id for m in messages if m.author == box.holder])
    return JsonResponse(
        {
            "code_name": box.case.code_name,
            "status": queries.status(box.case),
            "received_on": box.report.received_on.isoformat(),
            "locked_secret": base64.b64encode(bytes(box.report.locked_secret)).decode(),
            "subject": box.thread.subject,
            "thread": str(box.thread.id),
            "version": box.thread.current_set.version,
            "counter": box.next_counter,
            "waiting": [
                {
                    "on": one.created_on.isoformat(),
                    "sealed": base64.b64encode(box.sealed_waiting(one)).decode(),
                }
                for one in box.not_delivered()
            ],
            "silence": _told_silence(queries.second_way(box.case)),
            "readers": [
                {**summary(one, now, ended), "name": names[one.fingerprint]} for one in box.readers
            ],
            "authors": [
                {
                    "fingerprint": one.fingerprint,
                    "certificate": one.certificate,
                    "name": names[one.fingerprint],
                }
                for one in authors.values()
            ],
            "messages": [
                {
                    "author": message.author_fingerprint,
                    "thread": str(message.thread_id),
                    "own": message.author == box.holder,
                    "kind": message.kind,
                    "unopened": _told_unopened(told.get(message.id)),
                    "on": message.created_on.isoformat(),
                    "sha256": message.body_sha256,
                    "sealed": base64.b64encode(box.sealed(message)).decode(),
                    "files": {file.sha256: str(file.id) for file in box.files(message)},
                }
                for message in messages
            ],
        }
    )


@may_open
@require_POST
@answers_json
def fetch(request: HttpRequest) -> HttpResponseBase:
    """Serve a sealed attachment."""
    box = _box(request)
    sealed = box.file(_uuid(request.POST.get("file", ""))).read()
    response = HttpResponse(sealed, content_type="application/octet-stream")
    response["Content-Disposition"] = 'attachment; filename="sealed.pgp"'
    return response


@may_open
@require_POST
@answers_json
def part(request: HttpRequest) -> HttpResponseBase:
    """Serve all of it as one archive, sealed as it is stored."""
    return _archive(_box(request))


@may_open
@require_POST
@answers_json
def keep_file(request: HttpRequest) -> HttpResponseBase:
    """Keep one sealed file for the reporter's next message."""
    box = _box(request)
    kept = keeping.keep(form=box.report.id, sealed=posted_file(request), own=box.own_share)
    return JsonResponse({"sha256": kept.sha256})


@may_open
@require_POST
@answers_json
def post_sealed(request: HttpRequest) -> HttpResponseBase:
    """Take a message that the browser sealed."""
    posted = boxes.post(
        mailbox=_box(request),
        set_version=_number(request.POST.get("version", "")),
        counter=_number(request.POST.get("counter", "")),
        sealed_bytes=posted_bytes(request.POST, "sealed"),
        files=request.POST.getlist("file"),
    )
    return JsonResponse({"sha256": posted.body_sha256})


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < LONGEST_NUMBER else 0


@may_open
@require_POST
@answers_json
def begin_anew(request: HttpRequest) -> HttpResponseBase:
    """Hand out a token with its ids, and the key of the team that the report is sealed to anew."""
    box, token = _box(request), tokens.issue()
    second, found = readdressing.chosen(box, request.POST.get("team", ""))
    draft = tokens.read(token)
    return JsonResponse(
        {
            "token": token,
            "facts": str(draft.facts),
            "talk": str(draft.talk),
            "coordinates": second.silence.coordinates,
            "recipient": sealed_to(found),
        }
    )


@may_open
@require_POST
@answers_json
def send_anew(request: HttpRequest) -> HttpResponseBase:
    """Take the report that the browser sealed to another team; the same again changes nothing."""
    box, token = _box(request), request.POST.get("token", "")
    if not readdressing.is_done(box, token):
        second, found = readdressing.chosen(box, request.POST.get("team", ""))
        readdressing.readdress(
            mailbox=box,
            token=token,
            team=found.team,
            facts=posted_bytes(request.POST, "facts"),
            wishes=posted_bytes(request.POST, "wishes") if second.silence.coordinates else None,
        )
    return JsonResponse({})


@may_open
@require_POST
@answers_json
def withdraw(request: HttpRequest) -> HttpResponseBase:
    """Delete the report, as far as it was not handed over."""
    box = _box(request)
    if not _confirmed(request, box):
        raise DomainError(_not_confirmed())
    done = boxes.withdraw(mailbox=box)
    return JsonResponse({"waits": not done})


@may_open
@require_POST
def leave(_request: HttpRequest) -> HttpResponse:
    """Lead away, and have the browser forget what it kept of the hub."""
    response = HttpResponseRedirect("/")
    response["Clear-Site-Data"] = CLEARED
    return response
