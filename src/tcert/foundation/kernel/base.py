"""The base of every model."""

import uuid

from django.db import models


class UuidModel(models.Model):
    """A model with a random key: nothing in the hub is counted by its id (decided.md 1)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True
