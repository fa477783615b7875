"""The contracts that a linter of imports does not see: keys written as text, templates, what a view may say."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models

BASE_DIR: Path = settings.BASE_DIR
TEMPLATES = BASE_DIR / "templates"

FLOORS = {
    "core": 0,
    "notifications": 1,
    "accounts": 2,
    "network": 3,
    "evaluation": 4,
    "progress": 4,
    "joining": 4,
    "exchanges": 5,
    "meetings": 5,
    "knowledge": 5,
    "training": 5,
    "mentoring": 5,
    "reporting": 6,
    "privacy": 7,
    "home": 8,
}
FOREIGN = {
    "auth",
    "pghistory",
}  # packages that our models may point at: groups and permissions, the context of a version
SIGN_IN = {
    "account",
    "accounts",
    "allauth",
    "mfa",
    "socialaccount",
    "usersessions",
}  # one package's pages and ours around them


def our_apps() -> list[str]:
    return [
        config.label
        for config in apps.get_app_configs()
        if config.path.startswith(str(BASE_DIR)) and ".venv" not in config.path
    ]


def our_models() -> Iterator[type[models.Model]]:
    for label in our_apps():
        yield from apps.get_app_config(label).get_models(include_auto_created=True)


def test_every_app_stands_on_a_floor() -> None:
    assert sorted(set(our_apps()) - FLOORS.keys()) == []


def test_keys_point_down_or_stay_in_the_house() -> None:
    wrong = []
    for model in our_models():
        source = model._meta.app_label
        for field in model._meta.get_fields():
            if not field.is_relation or field.auto_created or not field.related_model:
                continue
            target = field.related_model._meta.app_label
            down = target in FLOORS and FLOORS[target] < FLOORS[source]
            if not (target == source or down or target in FOREIGN):
                wrong.append(f"{model._meta.label}.{field.name} -> {target}")
    assert wrong == []


def test_no_key_may_point_at_just_anything() -> None:
    generic = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in (*model._meta.private_fields, *model._meta.concrete_fields)
        if isinstance(field, GenericForeignKey) or field.related_model is ContentType
    ]
    assert generic == []


@pytest.mark.slow
def test_imports_keep_to_the_floors_and_the_layers() -> None:
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=BASE_DIR, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# ---- views --------------------------------------------------------------------------------------


def view_files() -> list[Path]:
    packages = [Path(apps.get_app_config(label).path) for label in our_apps()]
    return sorted(file for package in packages for file in (*package.glob("views.py"), *package.glob("views/**/*.py")))


def reaches_past_the_guard(tree: ast.AST) -> Iterator[int]:
    """Lines that fetch one record without asking who is looking: Visit.objects.get(…), get_object_or_404(Visit, …)."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr in ("get", "first", "latest", "in_bulk"):
            manager = called.value
            if isinstance(manager, ast.Attribute) and manager.attr in ("objects", "_default_manager"):
                yield node.lineno
        name = getattr(called, "id", getattr(called, "attr", ""))
        if (
            name in ("get_object_or_404", "get_list_or_404")
            and isinstance(node.args[0], ast.Name)
            and node.args[0].id[0].isupper()
        ):
            yield node.lineno


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("Visit.objects.get(pk=1)", [1]),
        ("x = 1\nmodels.Visit.objects.first()", [2]),
        ("get_object_or_404(Visit, pk=1)", [1]),
        ("get_object_or_404(Visit.objects.visible_to(user), pk=1)", []),
        ("request.GET.get('q')", []),
        ("Visit.objects.visible_to(user).get(pk=1)", []),
    ],
)
def test_the_rule_for_views_itself(code: str, lines: list[int]) -> None:
    assert list(reaches_past_the_guard(ast.parse(code))) == lines


def test_views_begin_with_what_the_person_may_see() -> None:
    assert view_files(), "there are views to look at"
    found = [
        f"{file.relative_to(BASE_DIR)}:{line}"
        for file in view_files()
        for line in reaches_past_the_guard(ast.parse(file.read_text(encoding="utf-8")))
    ]
    assert found == []


# ---- templates ----------------------------------------------------------------------------------

BY_NAME = {
    "400.html",
    "403.html",
    "403_csrf.html",
    "404.html",
    "429.html",
    "500.html",
}  # Django and allauth ask for these
REFERENCE = re.compile(r"{%-?\s*(include|extends)\s+(\"[^\"]+\"|'[^']+')")


def pages() -> list[Path]:
    return sorted(path for path in TEMPLATES.rglob("*.html") if path.relative_to(TEMPLATES).parts[0] != "letters")


def home_of(name: str) -> str:
    first = name.split("/")[0] if "/" in name else ""
    return "sign-in" if first in SIGN_IN or name == "429.html" else first  # 429: too many attempts to sign in


def references(path: Path) -> list[str]:
    """The templates a template names; not those that the app's own code chooses, as for the kinds of question."""
    return [match[1].strip("\"'") for match in REFERENCE.findall(path.read_text(encoding="utf-8"))]


def test_templates_stay_at_home() -> None:
    """A page uses the layouts, the components and its own folder, nothing of its neighbours."""
    wrong = []
    for path in pages():
        name = str(path.relative_to(TEMPLATES))
        for target in references(path):
            if home_of(target) not in {"layouts", "components", home_of(name)}:
                wrong.append(f"{name} uses {target}")
    assert wrong == []


def test_what_a_template_uses_exists() -> None:
    missing = [
        f"{path.relative_to(TEMPLATES)} uses {target}"
        for path in pages()
        for target in references(path)
        if not (TEMPLATES / target).exists() and home_of(target) in {"layouts", "components", *FLOORS}
    ]
    assert missing == []


def test_every_template_is_used() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for package in (BASE_DIR / "cmncp_portal", *(Path(apps.get_app_config(label).path) for label in our_apps()))
        for path in package.rglob("*.py")
        if "tests" not in path.parts
    )
    used = {target for path in pages() for target in references(path)} | BY_NAME
    unused = [
        name
        for name in (str(path.relative_to(TEMPLATES)) for path in pages())
        if name not in used and name not in code and not overrides_a_package(name)
    ]
    assert unused == []


def overrides_a_package(name: str) -> bool:
    """Whether an installed package asks for a template of this name, by having one itself."""
    places = [Path(config.path) / "templates" for config in apps.get_app_configs()]
    django = Path(models.__file__).parent.parent.parent / "forms" / "templates"
    return any((place / name).exists() for place in (*places, django) if not str(place).startswith(str(TEMPLATES)))
