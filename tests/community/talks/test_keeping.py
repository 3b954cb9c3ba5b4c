"""How long talks are kept: arithmetic, warnings, and that what is deleted is gone for real."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories.sealed import seal_for
from tests.factories.talks import cannot_open, say, side
from tests.factories.talks import talk_between as begun

from tcert.community.talks import keeping
from tcert.community.talks.domain import ending, writing
from tcert.community.talks.models import Place, Talk, keep
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone
from tcert.foundation.openpgp.sealing import seal_with_password
from tcert.foundation.sealed.domain.posting import SealedFile
from tcert.foundation.sealed.inner import Kind
from tcert.foundation.sealed.models import File, Message, Thread

DAYS = st.dates(min_value=date(2026, 1, 1), max_value=date(2100, 1, 1))


@given(last=DAYS, closed=st.none() | DAYS, kept=st.integers(60, 3650))
def test_nothing_goes_before_its_time(last, closed, kept):
    found = keeping.deletes_on(last, closed, timedelta(days=kept))
    assert found >= last + timedelta(days=kept)
    assert closed is None or found >= closed + timedelta(days=kept)
    assert found in {day + timedelta(days=kept) for day in (last, closed) if day}
    assert keeping.is_near(found, found - keeping.WARNED)
    assert not keeping.is_near(found, found - keeping.WARNED - timedelta(days=1))


@pytest.mark.django_db
def test_a_silent_talk_is_told_of_and_then_gone():
    a, b = side(), side()
    talk, other = begun(a, b), begun(a, b)
    cannot_open(b, talk, say(a, talk, b))
    later = clock.now() + keep()
    with clock.frozen(later - timedelta(days=31)):
        assert ending.warn() == 0
    with clock.frozen(later - timedelta(days=29)):
        say(a, other, b)
        writing.posted(message_id=Message.objects.get(thread=other.thread).id)
        assert ending.warn() == 1
        assert ending.warn() == 0
        assert ending.delete_due() == 0
    with clock.frozen(later + timedelta(days=1)):
        assert ending.delete_due() == 1
    assert list(Talk.objects.all()) == [other]
    assert list(Thread.objects.all()) == [other.thread]
    assert not Message.objects.filter(thread=talk.thread_id).exists()
    assert not Place.objects.filter(talk=talk.id).exists()


@pytest.mark.django_db
def test_nothing_is_deleted_that_was_not_told_before():
    a, b = side(), side()
    begun(a, b)
    with clock.frozen(clock.now() + keep() + timedelta(days=90)):
        assert ending.delete_due() == 0
        assert ending.warn() == 1
        assert ending.delete_due() == 0
    with clock.frozen(clock.now() + keep() + timedelta(days=97, hours=1)):
        assert ending.delete_due() == 1


@pytest.mark.django_db
def test_what_was_handed_over_stays_until_that_talk_goes():
    a, b, c = side(), side(), side()
    talk, other = begun(a, b), begun(a, c)
    original = Message.objects.get(pk=say(b, talk, a).message_id)
    with clock.frozen(clock.now() + timedelta(days=100)):
        posted = writing.hand_over(
            principal=a.principal,
            original=original,
            talk=other,
            set_version=other.thread.current_set.version,
            sealed=seal_for(other.thread, a.party, [a.party, c.party], kind=Kind.HANDOVER),
        )
        writing.posted(message_id=posted.message_id)
    for days, left in ((1, 2), (110, 1), (111, 0)):
        with clock.frozen(clock.now() + keep() + timedelta(days=days)):
            ending.warn()
            Talk.objects.update(warned_on=clock.today() - timedelta(days=30))
            ending.delete_due()
            assert Talk.objects.count() == left


@pytest.mark.django_db
def test_files_go_with_their_talk(settings, tmp_path, django_capture_on_commit_callbacks):
    settings.STORAGES = {
        **settings.STORAGES,
        "ciphertext": {
            **settings.STORAGES["ciphertext"],
            "OPTIONS": {"location": tmp_path / "ciphertext"},
        },
    }
    sealed_file = seal_with_password(b"a trace" * 9, "passphrase")
    a, b = side(), side()
    talk = begun(a, b)
    say(a, talk, b, files=[SealedFile(sealed_file)])
    file = File.objects.get()
    assert file.read() == sealed_file
    later = clock.now() + keep() + timedelta(days=1)
    with clock.frozen(later), django_capture_on_commit_callbacks(execute=True):
        Talk.objects.update(warned_on=clock.today() - timedelta(days=30))
        assert ending.delete_due() == 1
    assert not File.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.django_db
def test_a_message_keeps_its_talk_even_if_the_worker_stands():
    """What is written on the last day is not deleted because nobody has followed it yet."""
    a, b = side(), side()
    talk = begun(a, b)
    with clock.frozen(clock.now() + keep() - timedelta(days=20)):
        assert ending.warn() == 1
    with clock.frozen(clock.now() + keep()):
        say(a, talk, b)
        assert ending.delete_due() == 0
    assert Talk.objects.get().warned_on is None


@pytest.mark.django_db
def test_a_talk_that_is_closed_after_the_warning_is_told_of_again():
    """Closing keeps it for longer; its teams are told before the new end as well."""
    a, b = side(), side()
    talk = begun(a, b)
    closing = clock.now() + keep() - timedelta(days=20)
    with clock.frozen(closing):
        assert ending.warn() == 1
        ending.close(principal=a.principal, place=a.place(talk))
    with clock.frozen(closing + keep() - timedelta(days=29)):
        assert ending.warn() == 1
        assert ending.delete_due() == 0
    with clock.frozen(closing + keep() + timedelta(days=1)):
        assert ending.delete_due() == 1


@pytest.mark.django_db
def test_an_act_that_meets_the_deletion_is_refused_in_words():
    a, b = side(), side()
    talk = begun(a, b)
    place = Place.objects.select_related("talk").get(talk=talk, team=a.team)
    Talk.objects.get().delete()
    for act in (ending.leave, ending.close, writing.settle):
        with pytest.raises(AlreadyDone):
            act(principal=a.principal, place=place)
    with pytest.raises(AlreadyDone):
        say(a, talk, b)
