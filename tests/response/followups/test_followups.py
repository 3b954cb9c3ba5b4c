"""An incident made of a notification: filled in, confirmed, tied; nothing sealed goes along.

Protects: who sees the one and not the other from learning of it, and the text from being copied.
"""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests import canary
from tests.factories.case_parties import give_key
from tests.factories.directory import DeskFactory, member_of
from tests.factories.notifications import holder_of, sent_by
from tests.factories.talks import side
from tests.principals import principal_of, sign_in

from tcert.community.directory.enums import TeamRole
from tcert.foundation.kernel.records import AuditRecord
from tcert.response.followups import registrations
from tcert.response.followups.models import Followup
from tcert.response.incidents.models import Incident, Tally
from tcert.response.notifications.enums import Severity
from tcert.response.notifications.models import Notification

pytestmark = pytest.mark.django_db
WORDS = "Canary99ccNotificationText"


@pytest.fixture
def world():
    give_key(DeskFactory())
    sender, beta, gamma = side("Alder CERT"), holder_of("Beta"), holder_of("Gamma", "999-71")
    sent_by(sender, "999-70", "999-71", "999-71", severity=Severity.HIGH, text=WORDS)
    return sender, beta, gamma


def to(one):
    return Notification.objects.get(organisation=one.team.organisation)


def made_by(client, one, **typed):
    """Make an incident as a person does: the form as it comes, the look, the confirmation."""
    address = f"/notifications/{one.id}/incident/"
    page = client.get(address)
    form = page.context["form"]
    data = {name: form[name].value() for name in form.fields}
    data |= {"kind": data["kind"] or "incident-kind:supply-chain", "to_desk": "on", **typed}
    data = {k: v for k, v in data.items() if v not in (None, "", False, [])}
    looked = client.post(address, data)
    assert "This will be reported" in looked.text, looked.context["form"].errors
    return data, client.post(address, {**data, "act": "confirm"})


def test_either_side_makes_one_and_each_sees_the_ways_that_are_its_own(world):
    sender, beta, _gamma = world
    ours, theirs = sign_in(Client(), sender.person), sign_in(Client(), beta.person)
    one = to(beta)
    page = ours.get(f"/notifications/{one.id}/")
    assert "Make an incident of this" in page.text
    data, done = made_by(ours, one)
    assert done.status_code == 302
    incident = Incident.objects.get()
    sending = one.sending
    assert (incident.severity, incident.tlp, incident.reporter) == ("high", "AMBER", sender.team)
    assert incident.kind == "gsma-attack-category:exploit-attack"
    assert incident.began_at == sending.observed_at.replace(second=0, microsecond=0)
    tally = Tally.objects.get()
    assert (tally.events, tally.first_at) == (1, sending.observed_at), "not what others were told"
    ours.post(f"/notifications/{one.id}/incident/", {**data, "act": "confirm"})
    assert (Incident.objects.count(), Followup.objects.count()) == (1, 1)
    assert AuditRecord.objects.filter(act="followups:incident:tie").count() == 1
    assert incident.number in ours.get(f"/notifications/{one.id}/").text
    assert f"/notifications/{one.id}/" in ours.get(f"/incidents/{incident.id}/").text
    # who was told of the notification, and not of the incident, reads nothing of it
    told = theirs.get(f"/notifications/{one.id}/")
    assert incident.number not in told.text
    assert "Make an incident of this" in told.text
    link = Followup.objects.get()
    for principal, sees in ((sender.principal, True), (beta.principal, False)):
        assert link.is_visible_to(principal) is sees
        assert Followup.objects.visible_to(principal).exists() is sees
    made_by(theirs, one)
    second = Incident.objects.get(reporter=beta.team)
    assert Tally.objects.get(incident=second).events == 1, "its own lines"
    assert canary.in_tables(WORDS) == []


def test_who_may_not_know_of_it_makes_none(world):
    _sender, beta, gamma = world
    address = f"/notifications/{to(beta).id}/incident/"
    plain = sign_in(Client(), member_of(beta.team, TeamRole.MEMBER))
    assert "Make an incident of this" not in plain.get(f"/notifications/{to(beta).id}/").text
    for client in (sign_in(Client(), gamma.person), plain):
        assert client.get(address).status_code in {403, 404}
        assert client.post(address, {"act": "confirm"}).status_code in {403, 404}
    officer = principal_of(member_of(beta.team, TeamRole.DUTY_OFFICER))
    assert [one.is_act for one in registrations.of_notification(officer, to(beta).id)] == [True]
    assert not Incident.objects.exists()


def test_what_is_related_is_asked_equally_often_however_much_there_is(world):
    sender, beta, _gamma = world
    client, one = sign_in(Client(), sender.person), to(beta)

    def count():
        client.get(f"/notifications/{one.id}/")
        with CaptureQueriesContext(connection) as told:
            assert client.get(f"/notifications/{one.id}/").status_code == 200
        return len(told)

    made_by(client, one)
    before = count()
    for _n in range(2):
        made_by(client, one)
    assert count() == before
