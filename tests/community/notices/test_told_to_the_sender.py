"""Who sends to a team reads that it was told nothing, for want of a key, and what to do."""

import pytest
from tests.factories.case_parties import give_key
from tests.factories.cases import CaseFactory, ParticipantFactory
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.principals import sign_in

from tcert.community.directory.enums import ChannelKind, TeamRole
from tcert.community.directory.models import Channel
from tcert.community.notices import queries
from tcert.community.notices.enums import Told
from tcert.response.cases.domain.telling import tell

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("clear", "address", "keyed", "said", "advice"),
    [
        (True, True, True, "Mailed, sealed to the team", ""),
        (True, True, False, "Mailed in neutral words", "ask it to bring a key"),
        (False, True, False, "Nothing was mailed, because the team has no key", "Call it"),
        (True, False, True, "no e-mail address", "ask it for an address"),
    ],
)
def test_the_coordinating_team_reads_how_a_party_was_told(
    client, settings, clear, address, keyed, said, advice
):
    settings.MAIL_CLEAR_TEXT = clear
    team = TeamFactory()
    if address:
        Channel.objects.create(team=team, kind=ChannelKind.EMAIL, value="a@b.example")
    if keyed:
        give_key(team)
    row = ParticipantFactory(case=CaseFactory(), team=team)
    assert queries.last_told(row.case_id, team.id) is None
    tell(row.case_id, team.id, "invitation", "1")
    path = f"/cases/{row.case_id}/participants/{row.id}/"
    sign_in(client, coordinator_of_desk(), coordinator=True)
    page = client.get(path).content.decode()
    assert said in page
    assert advice in page
    assert ("Call it" in page) == bool(advice)
    client.logout()
    sign_in(client, member_of(team, TeamRole.REPRESENTATIVE))
    assert "Last notice" not in client.get(path).content.decode()  # it is the sender's to know


def test_what_would_not_reach_is_said_when_somebody_is_asked():
    assert queries.not_reached(Told.SEALED) == ""
    assert queries.not_reached(Told.NEUTRAL).startswith("Is mailed in neutral words")
    assert "this hub sends no clear text" in queries.not_reached(Told.NO_KEY)
