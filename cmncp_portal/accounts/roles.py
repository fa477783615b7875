"""The groups that carry the roles of the network exist in every database, also in one that was just emptied."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group
from django.db import DEFAULT_DB_ALIAS

from .models import Role


def make_groups(sender: AppConfig, using: str = DEFAULT_DB_ALIAS, **_kwargs: Any) -> None:
    """After the migrations of `sender`: one group for each Role. Waits until the app that keeps groups has its tables."""
    if sender.label == "accounts":
        Group.objects.using(using).bulk_create([Group(name=role.value) for role in Role], ignore_conflicts=True)
