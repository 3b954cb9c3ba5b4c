"""Two at once: what is withdrawn is not accepted, nothing is handed over or sent twice."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models.signals import pre_save
from tests.factories.requests import accepted, acknowledged, police, sent
from tests.factories.talks import say, side
from tests.meeting import Moment, meet

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.openpgp.sealing import seal_with_password
from tcert.foundation.sealed.domain.posting import SealedFile
from tcert.response.requests import queries
from tcert.response.requests.domain import answering, handing
from tcert.response.requests.enums import State
from tcert.response.requests.models import Exhibit, Request

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def record_of(act):
    return Moment(pre_save, AuditRecord, lambda written: written.act == f"requests:{act}")


def test_a_request_is_accepted_or_withdrawn_and_never_both():
    """Whoever accepts what was just withdrawn would hand out data that nobody asks for."""
    a, b = police(), side()
    for first in (State.ACCEPTED, State.WITHDRAWN):
        found = acknowledged(a, b)
        acts = {
            State.ACCEPTED: lambda found=found: answering.accept(
                principal=b.principal, found=found, revision=found.revision
            ),
            State.WITHDRAWN: lambda found=found: answering.withdraw(
                principal=a.principal, found=found, revision=found.revision
            ),
        }
        second = ({State.ACCEPTED, State.WITHDRAWN} - {first}).pop()
        _done, refused = meet(acts[first], acts[second], at=record_of(f"information:{first}"))
        assert isinstance(refused, Conflict)
        assert Request.objects.get(pk=found.pk).state == first


def test_a_request_that_is_sent_twice_at_once_is_one():
    a, b, key = police(), side(), uuid4()
    until = clock.now() + timedelta(days=5)
    one, other = meet(
        lambda: sent(a, b, key=key, deadline=until),
        lambda: sent(a, b, key=key, deadline=until),
        at=record_of("information:sent"),
    )
    assert one == other
    assert Request.objects.count() == 1


def test_a_message_is_handed_over_once():
    a, b = police(), side()
    found = accepted(a, b)
    file = SealedFile(seal_with_password(b"a trace", "passphrase"))
    posted = say(b, queries.talk_of(found), a, files=[file])

    def give():
        return handing.hand_over(
            principal=b.principal,
            found=found,
            revision=found.revision,
            message_id=posted.message_id,
        )

    _done, refused = meet(give, give, at=record_of("information:handed-over"))
    assert isinstance(refused, Conflict)
    assert Exhibit.objects.count() == 1
