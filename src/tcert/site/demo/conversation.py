"""Say things in the demonstration as a browser would: composed, signed, sealed, then posted."""

from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.openpgp.sealing import seal
from tcert.foundation.sealed import inner
from tcert.foundation.sealed.models import Message, Thread
from tcert.response.cases.domain import threads
from tcert.response.cases.enums import ThreadPurpose
from tcert.response.cases.models import Case, CaseThread
from tcert.site.demo.community import Side


def thread_of(case: Case, side: Side) -> CaseThread:
    """Return the conversation of a party with the desk."""
    return CaseThread.objects.get(
        case=case, participant__team=side.team, purpose=ThreadPurpose.DESK
    )


def reporter_thread(case: Case) -> CaseThread:
    """Return the conversation of the reporter with the desk."""
    return CaseThread.objects.get(case=case, purpose=ThreadPurpose.REPORTER)


def written(
    side: Side,
    thread: Thread,
    tlp: Tlp,
    text: str,
    kind: inner.Kind,
    files: tuple[inner.Attachment, ...] = (),
) -> bytes:
    """Compose a message of a team's first person for a thread, sign it, and seal it to readers."""
    readers = list(thread.current_set.recipients.all())
    last = Message.objects.filter(thread=thread).order_by("position").last()
    own = Message.objects.filter(thread=thread, author_id=side.team.id).count()
    composed = inner.compose(
        inner.Inner(
            subject=thread.subject,
            thread=str(thread.id),
            kind=kind,
            author=side.key.fingerprint,
            counter=own + 1,
            previous=last.body_sha256 if last else None,
            recipients=tuple(reader.fingerprint for reader in readers),
            tlp=tlp,
            files=files,
            person=inner.nameable(side.principal().label),
            body=text,
        )
    )
    return seal(composed.encode(), [r.certificate for r in readers], side.key)


def say(side: Side, link: CaseThread, text: str, kind: inner.Kind = inner.Kind.MESSAGE) -> None:
    """Post a message of a team's first person into a conversation of a case."""
    threads.post(
        principal=side.principal(),
        link=link,
        set_version=link.thread.current_set.version,
        sealed=written(side, link.thread, Tlp(link.case.tlp), text, kind),
        kind=kind,
        team_id=side.team.id,
    )


def entitle(desk: Side, case: Case, title: str) -> None:
    """Give a case its sealed title, for the desk and in each party's conversation."""
    own = threads.open_title(principal=desk.principal(), case=case)
    say(desk, own, title, inner.Kind.TITLE)
    for link in case.threads.filter(purpose=ThreadPurpose.DESK):
        say(desk, link, title, inner.Kind.TITLE)
