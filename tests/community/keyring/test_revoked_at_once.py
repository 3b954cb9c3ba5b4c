"""A revocation stops sending at once: what was queued before it is sealed to the key no more."""

from email import message_from_bytes

import pytest
from django.core import mail
from tests.factories.case_parties import give_key
from tests.factories.cases import CaseFactory, ParticipantFactory
from tests.factories.directory import TeamFactory, member_of
from tests.factories.keyring import keyed
from tests.factories.sealed import seal_for
from tests.principals import principal_of

from tcert.community.directory.domain import keys
from tcert.community.directory.enums import ChannelKind, TeamRole
from tcert.community.directory.models import Channel, TeamKey
from tcert.community.notices.domain import digests
from tcert.community.notices.domain.telling import notify_team
from tcert.community.notices.enums import Told
from tcert.foundation.kernel import jobs
from tcert.foundation.openpgp.models import UnsealedMail
from tcert.foundation.sealed import domain as sealed_threads
from tcert.foundation.sealed.refusals import RecipientUnusable
from tcert.response.cases.domain import threads
from tcert.response.cases.domain.telling import tell

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def hub(settings, tmp_path):
    settings.HUB_KEY_FILE = tmp_path / "hub-key"


@pytest.fixture
def team():
    team = TeamFactory(name="Lost CERT")
    Channel.objects.create(team=team, kind=ChannelKind.EMAIL, purpose="main", value="a@b.example")
    keyed(team)
    return team


def revoke(team):
    leader = principal_of(member_of(team, TeamRole.REPRESENTATIVE))
    key = TeamKey.objects.get(team=team, state="active")
    keys.withdraw_key(principal=leader, key=key, confirmed_name=team.name)


def queue_notice(team):
    assert notify_team(team.id, subject="Secret", text="The heron.") is Told.SEALED


def queue_digest(team):
    assert digests.send(team.id, "20261130T07") is Told.SEALED


def queue_invitation(team):
    row = ParticipantFactory(case=CaseFactory(code_name="Blue heron"), team=team)
    tell(row.case_id, team.id, "invitation", "1")


@pytest.mark.parametrize("queue", [queue_notice, queue_digest, queue_invitation])
@pytest.mark.parametrize("clear", [True, False])
def test_what_was_queued_before_is_not_sealed_to_it(settings, team, queue, clear):
    settings.MAIL_CLEAR_TEXT = clear
    queue(team)
    assert UnsealedMail.objects.count() == 1
    revoke(team)
    jobs.run_due()
    assert not UnsealedMail.objects.exists()
    assert len(mail.outbox) == int(clear)
    for one in mail.outbox:
        sent = message_from_bytes(one.message().as_bytes())
        assert sent.get_content_type() == "text/plain"
        text = sent.get_payload(decode=True).decode()
        assert "something for you" in text
        assert "heron" not in text + sent.as_string()
        assert "Secret" not in sent.as_string()


def test_without_a_revocation_it_is_sealed(settings, team):
    """The other way round, so that the test above could fail."""
    settings.MAIL_CLEAR_TEXT = True
    queue_invitation(team)
    jobs.run_due()
    (one,) = mail.outbox
    assert message_from_bytes(one.message().as_bytes()).get_content_type() == (
        "multipart/encrypted"
    )


@pytest.mark.parametrize("worker_has_run", [True, False])
def test_a_message_that_a_browser_sealed_before_is_refused(worker_has_run):
    """The key in the list of readers is an older copy, and shows nothing of the revocation."""
    case = CaseFactory()
    desk = give_key(case.coordinating_team)
    team = TeamFactory(name="Lost CERT")
    held = give_key(team)
    row = ParticipantFactory(case=case, team=team)
    by = principal_of(member_of(team, TeamRole.REPRESENTATIVE))
    link = threads.open_with_desk(principal=by, participant=row)
    version = link.thread.current_set.version
    sealed = seal_for(link.thread, held, [held, desk])
    revoke(team)
    if worker_has_run:
        jobs.run_due()
    with pytest.raises(RecipientUnusable):
        threads.post(principal=by, link=link, set_version=version, sealed=sealed)
    # Somebody confirms to go on without that key; then only the others are sealed to.
    left_out = sealed_threads.leave_out(
        principal=by, thread_id=link.thread_id, set_version=version, fingerprints=[held.fingerprint]
    )
    assert [one.left_out for one in left_out.recipients.order_by("left_out")] == ["", "revoked"]
    assert seal_for(link.thread, desk, [desk])
