import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from tests.factories.accounts import PersonFactory
from tests.principals import TOTP_SECRET, give_second_factor

from tcert.foundation.kernel import clock, guarded

pytestmark = pytest.mark.django_db


def test_key_rotation_reaches_second_factors(settings, tmp_path):
    settings.FIELD_KEYS_FILE = tmp_path / "keys"
    guarded.first_start()
    person = PersonFactory()
    give_second_factor(person)
    codes = RecoveryCodes.activate(person).get_unused_codes()

    guarded.rotate()
    assert guarded.close_again() >= 2
    with clock.frozen(clock.now() + guarded.SETTLE):
        guarded.retire_old_keys()

    factors = {row.type: row for row in Authenticator.objects.filter(user=person)}
    secret = factors[Authenticator.Type.TOTP].data["secret"]
    assert guarded.open_text(secret, context="second factor") == TOTP_SECRET
    assert factors[Authenticator.Type.RECOVERY_CODES].wrap().get_unused_codes() == codes
