"""Answers to repeat, for a day."""

from django.db import models
from django.utils import timezone


class IdempotentCall(models.Model):
    """One (user, method, path, key): taken before the handler runs, then with its answer."""

    id = models.CharField(max_length=64, primary_key=True)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    location = models.CharField(max_length=200, null=True)
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
