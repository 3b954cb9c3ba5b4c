"""What an applicant does: fill in, prove the address, name sponsors, submit, answer, withdraw."""

import secrets
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from tcert.community.directory.domain.organisations import confirm_name
from tcert.community.directory.models import Team
from tcert.community.joining import protocol
from tcert.community.joining.domain.machine import IDENTITY, hold, move, note, settle, tell_desk
from tcert.community.joining.domain.sponsoring import tell_sponsor
from tcert.community.joining.enums import Act, State, Word
from tcert.community.joining.mail_domains import domain_of
from tcert.community.joining.models import Application, ApplicationMessage, Sponsorship
from tcert.community.membership import queries as vouching
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.kernel.mail import queue_mail
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal

CODE_FOR = timedelta(hours=2)
CODE_DIGITS = 8
MOST_TRIES = 5
CODES = Budget("joining:codes", Scope.ACCOUNT, limit=6, per=timedelta(hours=1))
WRITTEN = Budget("joining:written", Scope.ACCOUNT, limit=30, per=timedelta(days=1))
OWN = ("country", "website", "about", "phone", "mail")
NAMES = ("name", "short_name", "kind", "team_name", "team_kind")
"""Fixed for a provisional team: from whom a case is kept follows from names."""


@transaction.atomic
def change(*, principal: Principal, application: Application, **values: Any) -> Application:
    """Change what was entered, in a draft or while the desk waits for more.

    Another mail address is to be proved anew. Where who applies has changed, the desk has its first
    look again, and the teams that had given their word are asked again.

    Raises:
        Conflict: it was sent in meanwhile.

    """
    row = _held(principal, application)
    if row.state not in State.editable():
        raise Conflict(_("It was sent in. The desk lets you change it if it needs more."))
    names = OWN if row.team_id else (*NAMES, *OWN)
    given = {name: values[name] for name in names if name in values}
    changed = {name for name in given if getattr(row, name) != given[name]}
    if "mail" in changed:
        row.mail_proved_at, row.code_until, row.code_digest = None, None, ""
    if changed & IDENTITY:
        row.examined_at, row.desk_word = None, ""
        row.sponsorships.filter(state=Word.GIVEN).update(state=Word.ASKED)
    for name, value in given.items():
        setattr(row, name, value)
    row.mail_domain = domain_of(row.mail)
    row.acted_at = clock.now()
    row.save()
    note(principal, "change", row, fields=sorted(changed))
    return row


def send_code(*, principal: Principal, application: Application) -> None:
    """Mail a code to the address of the application; one that was sent before stops working.

    Raises:
        TooMany: six were asked for within the hour.
        DomainError: there is no address, or it is proved.

    """
    require(principal, Permission.JOINING_APPLY, application)
    CODES.require(application.applicant_id)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    with transaction.atomic():
        row = _held(principal, application)
        if not row.mail or row.mail_proved_at:
            raise DomainError(_("There is no address to prove."))
        row.code_digest, row.code_until = _digest(row, code), clock.now() + CODE_FOR
        row.code_tries, row.acted_at = 0, clock.now()
        row.save(update_fields=["code_digest", "code_until", "code_tries", "acted_at"])
        queue_mail(
            row.mail,
            _("A code"),
            _(
                "Somebody entered this address at the TCERT hub.\n\nThe code is %(code)s\n\n"
                "It holds for two hours. If that was nobody of yours, do nothing, and give the "
                "code to nobody."
            )
            % {"code": code},
        )
        note(principal, "code", row)


def prove_mail(*, principal: Principal, application: Application, code: str) -> None:
    """Take the code that was mailed.

    Raises:
        DomainError: it is another one, too old, or was guessed at too often.

    """
    if not _is_code(principal, application, code):
        raise DomainError(
            _("This is not the code, or its time is over. After five tries ask for another."),
            code="code",
        )


@transaction.atomic
def _is_code(principal: Principal, application: Application, code: str) -> bool:
    """Compare, and count what was wrong: in a transaction that a refusal does not undo."""
    row = _held(principal, application)
    now = clock.now()
    open_ = row.code_until is not None and now < row.code_until and row.code_tries < MOST_TRIES
    typed = "".join(code.split())
    if not open_ or not constant_time_compare(_digest(row, typed), row.code_digest):
        row.code_tries = min(row.code_tries + 1, MOST_TRIES)
        row.save(update_fields=["code_tries"])
        return False
    row.mail_proved_at, row.acted_at = now, now
    row.code_digest, row.code_until = "", None
    row.save(update_fields=["mail_proved_at", "acted_at", "code_digest", "code_until"])
    note(principal, "mail-proved", row)
    return True


def _digest(application: Application, code: str) -> str:
    held = f"{application.id}:{application.mail.lower()}:{code}"
    return salted_hmac("joining.code", held, algorithm="sha256").hexdigest()


@transaction.atomic
def name_sponsor(*, principal: Principal, application: Application, team: Team) -> Sponsorship:
    """Ask a team to vouch; it is told once the desk has had its first look.

    Raises:
        DomainError: six were asked, or the team takes no part in vouching.
        Conflict: it was asked already, or nobody is asked in this state.

    """
    row = _held(principal, application)
    if row.state not in State.editable() | {State.SUBMITTED}:
        raise Conflict(_("Nobody is asked to vouch at this point."))
    if not Team.objects.visible_to(principal).filter(pk=team.pk).exists():
        raise DomainError(_("This team cannot vouch. Choose another."))
    if not vouching.members().filter(pk=team.pk).exists() or team.id == row.team_id:
        raise DomainError(_("This team cannot vouch. Choose another."))
    if row.sponsorships.count() >= protocol.MOST_ASKED:
        raise DomainError(
            _("You have named %(most)d teams, which is the most. Tell the desk if none answers.")
            % {"most": protocol.MOST_ASKED}
        )
    try:
        with transaction.atomic():
            made = Sponsorship.objects.create(application=row, team=team)
    except IntegrityError as error:
        raise Conflict(_("You have asked this team already.")) from error
    _touch(row)
    note(principal, "ask-sponsor", row, team=str(team.id))
    if row.examined_at:
        tell_sponsor(made)
    return made


@transaction.atomic
def submit(*, principal: Principal, application: Application) -> Application:
    """Send a draft in.

    Raises:
        DomainError: something that the desk needs is missing; the message names it.
        Conflict: it was sent in already.

    """
    row = _held(principal, application)
    if missing := missing_of(row):
        raise DomainError(_("Still missing: %(what)s.") % {"what": ", ".join(missing)})
    now = clock.now()
    move(principal, row, Act.SUBMIT, acted_at=now, submitted_at=now)
    tell_desk(row, "submitted")
    return row


def missing_of(application: Application) -> list[str]:
    """Return what is missing before it can be sent in, in words."""
    wanted = [
        (application.name, _("a name")),
        (application.team_name or application.is_alone, _("the team's name")),
        (application.about, _("what the team does")),
        (application.mail, _("a mail address")),
        (application.mail_proved_at, _("the proof of the mail address")),
        (application.phone or application.is_alone, _("a telephone that is answered at any hour")),
    ]
    return [str(words) for held, words in wanted if not held]


@transaction.atomic
def write(*, principal: Principal, application: Application, text: str) -> ApplicationMessage:
    """Write to the desk; while the desk waits for more, this sends the application back to it.

    Raises:
        DomainError: it is over, or still a draft.
        TooMany: thirty were written today.

    """
    row = _held(principal, application)
    WRITTEN.require(row.applicant_id)
    if row.state in State.final() | {State.DRAFT}:
        raise DomainError(_("The desk reads what you write once it is sent in and not over."))
    made = ApplicationMessage.objects.create(application=row, author=principal.person_id, text=text)
    note(principal, "write", row)
    if row.state == State.MORE_INFORMATION:
        if missing := missing_of(row):
            raise DomainError(_("Still missing: %(what)s.") % {"what": ", ".join(missing)})
        move(principal, row, Act.ANSWER, acted_at=clock.now())
        settle(row)
    else:
        _touch(row)
    tell_desk(row, f"written:{made.id}")
    return made


@transaction.atomic
def withdraw(*, principal: Principal, application: Application, confirmed_name: str) -> None:
    """Take an application back; it is over.

    Raises:
        DomainError: another name was typed.
        Conflict: it was listed or ended meanwhile.

    """
    row = _held(principal, application)
    confirm_name(confirmed_name, str(row))
    move(principal, row, Act.WITHDRAW, acted_at=clock.now())


def _held(principal: Principal, application: Application) -> Application:
    require(principal, Permission.JOINING_APPLY, application)
    return hold(application.id)


def _touch(application: Application) -> None:
    application.acted_at = clock.now()
    application.save(update_fields=["acted_at"])


def asked(application: Application) -> list[tuple[Sponsorship, bool]]:
    """Return the teams that were asked, and whether each stands for the applicant.

    A team that declined looks like one that has not answered: it owes nobody a reason.
    """
    found = application.sponsorships.select_related("team__organisation")
    return [(one, one.state == Word.GIVEN) for one in found]
