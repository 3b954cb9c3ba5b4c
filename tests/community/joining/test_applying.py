"""What an applicant does, and what each act refuses."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories.directory import DeskFactory, TeamFactory
from tests.factories.joining import ApplicationFactory, SponsorshipFactory, submitted, word_for
from tests.principals import principal_of

from tcert.community.directory.enums import OrganisationKind
from tcert.community.directory.models import Organisation
from tcert.community.joining import protocol
from tcert.community.joining.domain import applying
from tcert.community.joining.enums import State, Word
from tcert.community.joining.models import Application
from tcert.community.notices.models import Notice
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import Conflict, DomainError, TooMany
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.kernel.records import AuditRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(applicant):
    return ApplicationFactory(applicant=applicant)


def code_in(mail: Mail) -> str:
    text = bytes(mail.entity or b"").decode()
    return re.search(r"\b\d{8}\b", text)[0]


def asked_for_code(by, application) -> str:
    applying.send_code(principal=by, application=application)
    return code_in(Mail.objects.filter(recipient__isnull=False).get())


def test_a_change_of_address_asks_for_a_new_proof(by, draft):
    changed = applying.change(principal=by, application=draft, mail="soc@other.example")
    assert (changed.mail_domain, changed.mail_proved_at) == ("other.example", None)


def test_whoever_becomes_another_applicant_is_looked_at_again_and_loses_the_words(by, applicant):
    """Else words given for one name would let another onto the list."""
    found = submitted(examined=True, applicant=applicant, state=State.MORE_INFORMATION)
    word = word_for(found)
    applying.change(principal=by, application=found, about="More of what we do.")
    word.refresh_from_db()
    assert word.state == Word.GIVEN
    applying.change(principal=by, application=found, name="Somebody Else")
    word.refresh_from_db()
    found.refresh_from_db()
    assert (word.state, found.examined_at) == (Word.ASKED, None)


def test_what_was_sent_in_is_not_changed(by, applicant):
    found = submitted(applicant=applicant)
    with pytest.raises(Conflict, match="sent in"):
        applying.change(principal=by, application=found, name="Other")


def test_a_provisional_team_keeps_its_names(by, applicant):
    team = TeamFactory(organisation__state="provisional", organisation__name="Tern")
    found = ApplicationFactory(applicant=applicant, team=team, name="Tern")
    applying.change(principal=by, application=found, name="Gull", country="XB")
    found.refresh_from_db()
    assert (found.name, found.country) == ("Tern", "XB")


def test_the_mailed_code_proves_the_address_once(by, applicant):
    found = ApplicationFactory(applicant=applicant, mail_proved_at=None)
    code = asked_for_code(by, found)
    applying.prove_mail(principal=by, application=found, code=f" {code[:4]} {code[4:]} ")
    found.refresh_from_db()
    assert found.mail_proved_at is not None
    assert found.code_digest == ""


def test_a_code_is_not_guessed_and_does_not_outlive_its_time(by, applicant):
    found = ApplicationFactory(applicant=applicant, mail_proved_at=None)
    code = asked_for_code(by, found)
    wrong = str((int(code) + 1) % 10**8).zfill(8)
    for _ in range(applying.MOST_TRIES):
        with pytest.raises(DomainError, match="not the code"):
            applying.prove_mail(principal=by, application=found, code=wrong)
    with pytest.raises(DomainError, match="not the code"):
        applying.prove_mail(principal=by, application=found, code=code)
    Mail.objects.all().delete()
    code = asked_for_code(by, found)
    with (
        clock.frozen(clock.now() + applying.CODE_FOR),
        pytest.raises(DomainError, match="not the code"),
    ):
        applying.prove_mail(principal=by, application=found, code=code)


def test_a_code_of_one_address_proves_no_other(by, applicant):
    found = ApplicationFactory(applicant=applicant, mail_proved_at=None)
    code = asked_for_code(by, found)
    applying.change(principal=by, application=found, mail="soc@other.example")
    with pytest.raises(DomainError):
        applying.prove_mail(principal=by, application=found, code=code)


def test_codes_are_counted_for_the_account(by, applicant):
    found = ApplicationFactory(applicant=applicant, mail_proved_at=None)
    for _ in range(applying.CODES.limit):
        applying.send_code(principal=by, application=found)
    with pytest.raises(TooMany):
        applying.send_code(principal=by, application=found)


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({"name": ""}, "a name"),
        ({"about": ""}, "what the team does"),
        ({"mail_proved_at": None}, "the proof"),
        ({"phone": ""}, "a telephone"),
        ({"team_name": ""}, "the team's name"),
    ],
)
def test_what_is_missing_is_named_before_it_is_sent_in(by, applicant, values, missing):
    found = ApplicationFactory(applicant=applicant, **values)
    with pytest.raises(DomainError, match=missing):
        applying.submit(principal=by, application=found)
    found.refresh_from_db()
    assert found.state == State.DRAFT


def test_a_person_alone_needs_neither_team_nor_telephone(by, applicant):
    found = ApplicationFactory(
        applicant=applicant, kind=OrganisationKind.INDIVIDUAL, team_name="", phone=""
    )
    assert applying.submit(principal=by, application=found).state == State.SUBMITTED


def test_sending_in_tells_the_desk_without_a_name_and_makes_no_organisation(by, draft):
    DeskFactory()
    before = Organisation.objects.count()
    applying.submit(principal=by, application=draft)
    notice = Notice.objects.get()
    assert notice.team.is_desk
    assert draft.name not in notice.subject + notice.text
    assert Organisation.objects.count() == before
    record = AuditRecord.objects.get(act="joining:submit")
    assert record.data == {"was": "draft", "became": "submitted"}


def test_teams_are_asked_only_once_the_desk_has_looked(by, draft):
    applying.name_sponsor(principal=by, application=draft, team=TeamFactory())
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    "values",
    [{"retired_at": clock.now()}, {"is_desk": True}, {"kind": "lawful-interception"}],
)
def test_who_takes_no_part_or_is_not_seen_is_not_asked(by, draft, values):
    with pytest.raises(DomainError, match="cannot vouch"):
        applying.name_sponsor(principal=by, application=draft, team=TeamFactory(**values))


def test_six_are_asked_at_most_and_each_once(by, draft):
    team = TeamFactory()
    applying.name_sponsor(principal=by, application=draft, team=team)
    with pytest.raises(Conflict, match="already"):
        applying.name_sponsor(principal=by, application=draft, team=team)
    for _ in range(protocol.MOST_ASKED - 1):
        SponsorshipFactory(application=draft)
    with pytest.raises(DomainError, match="is the most"):
        applying.name_sponsor(principal=by, application=draft, team=TeamFactory())


def test_an_answer_sends_it_back_to_the_desk(by, applicant):
    found = submitted(applicant=applicant, state=State.MORE_INFORMATION)
    applying.write(principal=by, application=found, text="Our duty officer does.")
    found.refresh_from_db()
    assert found.state == State.SUBMITTED
    assert found.messages.get().text == "Our duty officer does."


def test_nothing_is_written_once_it_is_over(by, applicant):
    found = ApplicationFactory(applicant=applicant, state=State.DECLINED)
    with pytest.raises(DomainError, match="not over"):
        applying.write(principal=by, application=found, text="But!")


def test_withdrawing_asks_for_the_name_and_is_final(by, draft):
    with pytest.raises(DomainError, match="exactly"):
        applying.withdraw(principal=by, application=draft, confirmed_name="x")
    applying.withdraw(principal=by, application=draft, confirmed_name=draft.name)
    with pytest.raises(Conflict):
        applying.withdraw(principal=by, application=draft, confirmed_name=draft.name)
    draft.refresh_from_db()
    assert (draft.state, draft.ended_at is not None) == (State.WITHDRAWN, True)


def test_nobody_acts_on_anothers(leader_of, draft):
    other = leader_of()
    for act in (applying.submit, applying.send_code):
        with pytest.raises(PermissionDenied):
            act(principal=other, application=draft)


def test_whom_a_team_declined_sees_no_difference_to_silence(draft):
    SponsorshipFactory(application=draft, state=Word.DECLINED)
    SponsorshipFactory(application=draft, state=Word.ASKED)
    assert [given for _one, given in applying.asked(draft)] == [False, False]


def test_an_account_without_second_factor_sees_nothing(applicant, draft):
    principal = principal_of(applicant)
    assert Application.objects.of_applicant(principal).get() == draft
    bare = type(principal)(kind=principal.kind, person_id=applicant.id)
    assert not Application.objects.of_applicant(bare).exists()
