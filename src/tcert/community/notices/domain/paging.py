"""Pages: made with the notice, sent by the worker through the guarded fetcher, for an hour."""

from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.accounts.tokens import digest, new_token
from tcert.community.notices import pages
from tcert.community.notices.enums import BodyForm, HookKind, HookState, Urgency
from tcert.community.notices.models import Hook, Notice, Page
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.fetcher import Answer, FetchError, Limits, fetcher
from tcert.foundation.kernel.principal import SYSTEM
from tcert.foundation.kernel.records import record

LINK_WORKS_FOR = timedelta(hours=24)
TRIED_FOR = timedelta(hours=1)
ENOUGH_FAILURES = 8
_GONE = 410
_GONE_COUNTS = 4
_LIMITS = Limits(connect=10, read=10, whole=20, compressed=64 * 1024, body=64 * 1024)


class PageFailed(Exception):
    """The other side did not take the page; the queue tries again."""


def page(notice: Notice, *, urgent: bool) -> None:
    """Page a team through each active hook that wants this occasion."""
    hooks = Hook.objects.filter(team=notice.team_id, state=HookState.ACTIVE)
    urgency = Urgency.URGENT if urgent else Urgency.NORMAL
    for hook in hooks:
        if notice.occasion in hook.occasions:
            make(hook=hook, notice=notice, urgency=urgency)


def make(*, hook: Hook, notice: Notice | None, urgency: Urgency, link: str | None = None) -> Page:
    """Write a page with its one-time link, and the job that sends it.

    Without a notice it carries no link, or that of whoever asks for the page.
    """
    from tcert.community.notices.jobs import send_page

    token, now = new_token(), clock.now()
    made = Page.objects.create(
        hook=hook,
        notice=notice,
        urgency=urgency,
        token=token,
        link=link,
        digest=digest(token),
        made_at=now,
        expires_at=now + LINK_WORKS_FOR,
    )
    jobs.enqueue(send_page, page=made.id, priority=jobs.Priority.URGENT)
    return made


def send(page_id: UUID) -> None:
    """Send a page once, unless the team wants quiet: then again when that ends.

    Raises:
        PageFailed: the other side did not take it, and it is worth another attempt.

    """
    from tcert.community.notices.jobs import send_page

    found = (
        Page.objects.select_related("hook__team", "notice")
        .filter(pk=page_id, sent_at=None, token__isnull=False)
        .first()
    )
    if found is None:
        return
    hook, now = found.hook, clock.now()
    quiet = pages.quiet_until(now, hook.team.timezone, hook.quiet_from, hook.quiet_until)
    if quiet is not None and found.urgency != Urgency.TEST:
        with transaction.atomic():
            kept = {"made_at": quiet, "expires_at": quiet + LINK_WORKS_FOR}
            Page.objects.filter(pk=found.pk).update(**kept)
            jobs.enqueue(send_page, page=found.id, run_at=quiet, priority=jobs.Priority.URGENT)
        return
    if not hook.is_active or now > found.made_at + TRIED_FOR:
        _finish(found)
        return
    why = _why_failed(found)
    if not why:
        _fine(found)
    elif _failed(hook, why):
        raise PageFailed


def _why_failed(found: Page) -> str:
    """Send it; return nothing if the other side took it, else why not in a word."""
    try:
        answer = _post(found)
    except FetchError as error:
        return error.code
    return "" if answer.is_fine else f"status-{answer.status}"


def _post(found: Page) -> Answer:
    hook = found.hook
    link = settings.BASE_URL + reverse("notices:seen", args=[found.token])
    link = link if found.notice_id else found.link or ""
    if hook.kind == HookKind.WEBHOOK:
        body = pages.webhook_body(
            hub=hub_name(),
            urgency=Urgency(found.urgency),
            notice=found.notice_id or found.id,
            at=found.made_at,
            acknowledge=link,
        )
        headers = pages.signature_headers(hook.secret, body, clock.now())
        return fetcher().post(
            hook.url, body, content_type="application/json", headers=headers, limits=_LIMITS
        )
    said = drill_text(link) if found.urgency == Urgency.DRILL else sms_text(link)
    fields = {hook.number_field: hook.number, hook.text_field: said}
    body, kind = pages.sms_body(BodyForm(hook.body_form), fields)
    headers = {"Authorization": hook.secret} if hook.secret else {}
    return fetcher().post(hook.url, body, content_type=kind, headers=headers, limits=_LIMITS)


def hub_name() -> str:
    """Return the hub's name as pages say it."""
    return urlsplit(settings.BASE_URL).hostname or ""


def sms_text(link: str) -> str:
    """Return the fixed neutral words of an SMS: the same whatever happened."""
    if not link:
        return _("%(hub)s: this is a test.") % {"hub": hub_name()}
    return _("%(hub)s: there is something for your team. Seen? %(link)s") % {
        "hub": hub_name(),
        "link": link,
    }


def drill_text(link: str) -> str:
    """Return the fixed words of an SMS that belongs to a drill."""
    return _("%(hub)s: EXERCISE, no incident. Reached? %(link)s") % {
        "hub": hub_name(),
        "link": link,
    }


def stop(page_ids: Iterable[UUID]) -> None:
    """Send no more of these pages that have not gone out yet."""
    Page.objects.filter(pk__in=page_ids, sent_at=None).update(token=None, link=None)


def _finish(found: Page) -> None:
    found.token = found.link = None
    found.save(update_fields=["token", "link", "sent_at"])


def _fine(found: Page) -> None:
    now = clock.now()
    with transaction.atomic():
        found.sent_at = now
        _finish(found)
        Hook.objects.filter(pk=found.hook_id).update(failures=0, last_error="", last_fine_at=now)


@transaction.atomic
def _failed(hook: Hook, why: str) -> bool:
    """Count a failure; switch the hook off after too many; return whether to go on trying."""
    from tcert.community.notices.domain.telling import mail_team

    held = Hook.objects.select_for_update().filter(pk=hook.pk).first()
    if held is None or not held.is_active:
        return False
    held.failures += _GONE_COUNTS if why == f"status-{_GONE}" else 1
    held.last_error = why
    if held.failures >= ENOUGH_FAILURES:
        held.state = HookState.DISABLED
        record(SYSTEM, "notices:hook:disable", "team", hook.team_id, hook=str(hook.id), why=why)
        mail_team(
            hook.team_id,
            subject=_("A hook of your team was switched off"),
            text=_(
                "The hook “%(name)s” did not take its pages, so your team is not paged through it "
                "any more. Look at it and switch it on again:\n%(address)s\n"
            )
            % {
                "name": hook.name,
                "address": settings.BASE_URL + reverse("notices:team", args=[hook.team_id]),
            },
        )
    held.save(update_fields=["failures", "last_error", "state"])
    return held.is_active
