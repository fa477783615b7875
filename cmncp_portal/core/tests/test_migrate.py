"""The quick way to make the tables of an empty database does the same to it as Django's own way."""

from contextlib import nullcontext
from typing import Any

import pytest
from django.core.management import call_command, load_command_class
from django.db import connection, migrations, models
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from cmncp_portal.core.management.commands import migrate

DJANGOS = migrations.Migration.apply


def key(to: str, **more: Any) -> Any:
    return models.ForeignKey(to, models.CASCADE, **more)


def operations(seen: list[Any]) -> list[list[Any]]:
    """Three migrations, of which the second is not quick, on related models; the code in the first writes into `seen`."""

    def look(apps: Any, schema_editor: Any) -> None:
        town, visit = apps.get_model("sample", "Town"), apps.get_model("sample", "Visit")
        seen.append(sorted(field.name for field in town._meta.get_fields()))
        seen.append(visit._meta.get_field("town").remote_field.model is town)
        seen.append(visit(town=town(name="Here")).town.name)
        seen.append(str(town.objects.filter(visit__note="x", villages__name="y").query).count("JOIN"))

    number = ("id", models.AutoField(primary_key=True))
    return [
        [
            migrations.CreateModel("Town", [number, ("name", models.CharField(max_length=20, unique=True))]),
            migrations.CreateModel("Visit", [number, ("town", key("sample.town")), ("note", models.TextField())]),
            migrations.CreateModel("Village", [number, ("name", models.TextField())]),
            migrations.CreateModel("Hamlet", [], bases=("sample.Village",), options={"proxy": True}),
            migrations.AddField("town", "twin", key("sample.town", null=True)),
            migrations.AddField("village", "town", key("sample.town", related_name="villages")),
            migrations.AddField("town", "near", models.ManyToManyField("sample.village", related_name="+")),
            migrations.AddConstraint("visit", models.UniqueConstraint(fields=["town", "note"], name="one_visit")),
            migrations.AddIndex("visit", models.Index(fields=["note"], name="by_note")),
            migrations.RunPython(look, migrations.RunPython.noop),
        ],
        [
            migrations.AlterField("town", "id", models.BigAutoField(primary_key=True)),
            migrations.AlterField("town", "name", models.CharField(max_length=40, unique=True)),
            migrations.RenameField("visit", "note", "remark"),
            migrations.RenameModel("Village", "Place"),
            migrations.AlterModelTable("visit", "sample_trip"),
        ],
        [
            migrations.AddField("place", "since", models.DateField(null=True)),
            migrations.RemoveConstraint("visit", "one_visit"),
            migrations.RemoveField("town", "twin"),
            migrations.CreateModel("Stay", [number, ("place", key("sample.place")), ("town", key("sample.town"))]),
            migrations.DeleteModel("Visit"),
        ],
    ]


def migration(number: int, part: list[Any]) -> migrations.Migration:
    made = migrations.Migration(f"000{number}", "sample")
    made.operations = part
    return made


def tables_made(seen: list[Any], way: Any) -> list[tuple[Any, ...]]:
    """Apply the operations for good inside the test's transaction; return every statement, and take the tables away."""
    state = ProjectState()
    assert state.apps
    said: list[tuple[Any, ...]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        said.append((sql, str(params)))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note), way:
        for number, part in enumerate(operations(seen)):
            with connection.schema_editor() as editor:
                state = migration(number, part).apply(state, editor)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE sample_stay, sample_town_near, sample_place, sample_town CASCADE")
    return [statement for statement in said if "SAVEPOINT" not in statement[0]]


@pytest.mark.django_db(transaction=True)
def test_both_ways_say_the_same_to_the_database() -> None:
    slow: list[Any] = []
    quick: list[Any] = []
    by_django = tables_made(slow, nullcontext())
    assert tables_made(quick, migrate.changed_models_only()) == by_django
    assert len(by_django) > 20
    assert quick == slow
    assert slow[1:] == [True, "Here", 2]


def test_what_is_quick() -> None:
    assert [migrate.is_quick(migration(1, part)) for part in operations([])] == [True, False, True]
    assert migrate.is_quick(migration(1, [migrations.RunSQL("SELECT 1")]))
    assert not migrate.is_quick(migration(1, [migrations.RunSQL("SELECT 1", state_operations=[operations([])[1][0]])]))


def test_the_changed_model_and_its_heirs_are_made_anew() -> None:
    state = ProjectState()
    for operation in operations([])[0][:6]:
        operation.state_forwards("sample", state)
    assert not state.is_delayed
    assert migrate._changed(state, "sample", "village") == {("sample", "village"), ("sample", "hamlet")}
    assert migrate._changed(state, "sample", "town") == {("sample", "town")}
    assert state.is_delayed


@pytest.mark.parametrize(("is_empty", "is_quick"), [(True, True), (False, False)])
def test_only_an_empty_database_takes_the_quick_way(
    db: None, monkeypatch: pytest.MonkeyPatch, is_empty: bool, is_quick: bool
) -> None:
    ways: list[bool] = []

    def handle(self: Any, *args: Any, **options: Any) -> None:
        ways.append(migrations.Migration.apply is not DJANGOS)

    monkeypatch.setattr("django.core.management.commands.migrate.Command.handle", handle)
    if is_empty:
        monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda self: {})
    call_command("migrate", verbosity=0)
    assert ways == [is_quick]
    assert migrations.Migration.apply is DJANGOS


def test_it_stands_in_for_djangos_command() -> None:
    assert type(load_command_class("cmncp_portal.core", "migrate")) is migrate.Command
