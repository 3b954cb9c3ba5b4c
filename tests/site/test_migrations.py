"""The migrations say what the models say: a new hub and an upgraded one have the same tables."""

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_no_model_has_changed_without_a_migration():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
