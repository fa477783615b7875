"""Django's migrate; on an empty database it takes a fraction of the time and makes the same tables.

After each operation Django makes the classes anew of all models that are related to the changed one by any path. Here that is
nearly all of them, hundreds of times, and takes nineteen twentieths of the time. An operation that adds or takes away looks
at its own model and at the tables and columns that this one points at, which any older class says as well. So after those
only the changed model and those that inherit from it are made anew, and the state is marked as delayed: that is Django's own
word for "incomplete", at which it makes all classes anew before code of a migration (RunPython) or a signal sees them.

A migration with any other operation, such as one that alters a field, looks at what points at the model too, and goes
Django's way; so does a database that has tables already.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands import migrate
from django.db import connections, migrations
from django.db.migrations import Migration
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger, RemoveTrigger

OPERATIONS = (
    migrations.CreateModel,
    migrations.DeleteModel,
    migrations.AddField,
    migrations.RemoveField,
    migrations.AddConstraint,
    migrations.RemoveConstraint,
    migrations.AddIndex,
    migrations.RemoveIndex,
    migrations.RunPython,
    AddTrigger,
    RemoveTrigger,
)


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        if MigrationRecorder(connections[options["database"]]).applied_migrations():
            super().handle(*args, **options)
            return
        with changed_models_only():
            super().handle(*args, **options)


@contextmanager
def changed_models_only() -> Iterator[None]:
    """Meanwhile a migration that allows it makes only those classes anew that an operation has changed."""
    with _put(Migration, "apply", _applied(Migration.apply)):
        yield


def is_quick(migration: Migration) -> bool:
    """Tell whether all that `migration` does looks at the changed model and at what it points at only."""
    return all(
        type(operation) in OPERATIONS or (isinstance(operation, migrations.RunSQL) and not operation.state_operations)
        for operation in migration.operations
    )


def _applied(djangos: Callable[..., ProjectState]) -> Callable[..., ProjectState]:
    def apply(migration: Migration, state: ProjectState, *args: Any, **options: Any) -> ProjectState:
        if is_quick(migration):
            with _put(ProjectState, "_find_reload_model", _changed):
                return djangos(migration, state, *args, **options)
        state.clear_delayed_apps_cache()
        assert state.apps  # all of them, made here
        return djangos(migration, state, *args, **options)

    return apply


@contextmanager
def _put(owner: type, name: str, function: Any) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, function)
    try:
        yield
    finally:
        setattr(owner, name, before)


def _changed(state: ProjectState, app_label: str, model_name: str, delay: bool = False) -> set[tuple[str, str]]:
    """Return the keys of the model and of all that inherit from it. Replaces ProjectState._find_reload_model."""
    state.is_delayed = True
    found, waiting = set(), {(app_label, model_name)}
    while waiting:
        found |= waiting
        names = {".".join(key) for key in waiting}
        waiting = {
            key
            for key, model in state.models.items()
            if key not in found and any(isinstance(base, str) and base.lower() in names for base in model.bases)
        }
    return found
