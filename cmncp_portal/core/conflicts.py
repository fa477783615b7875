"""Two people saved the same thing: a page with both texts side by side, a choice for each, and nothing lost.

A form that uses `SeenVersion` posts the version that its writer saw, and what each field held then. When somebody saved
first, the view answers with `conflict_page`: HTTP 409, every field that now differs with both texts, and a form that can be
sent again under the new version. What the person never touched is proposed as the other one left it. The view reads what
comes back through `chosen`:

    form = PlanForm(chosen(request.POST) if request.method == "POST" else None, instance=plan)
    if request.method == "POST" and form.is_valid():
        try:
            services.keep_plan(plan, seen=form.cleaned_data.pop("version"), …)
        except Conflict as conflict:
            return conflict_page(request, form, PlanForm(instance=conflict.current), cancel_url=…)
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db import models
from django.forms.boundfield import BoundField
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

CHOICE, THEIRS = "choose-", "theirs-"


class SeenVersion(forms.BaseForm):
    """Mix into a ModelForm of a `Versioned` model (or give `initial["version"]`): `cleaned_data["version"]` is what was seen."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"] = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
        seen = getattr(getattr(self, "instance", None), "version", None) or self.initial.get("version", 1)
        self.initial["version"] = seen
        for name, field in self.fields.items():
            field.show_hidden_initial = name != "version" and not isinstance(field, forms.FileField)


@dataclass(frozen=True)
class Difference:
    """One field in which the two differ. `mine` is a widget that may still be edited, `theirs` plain text."""

    field: BoundField
    theirs: str
    kept_theirs: SafeString
    seen: SafeString
    take_theirs: bool

    @property
    def choice(self) -> str:
        """The name of the pair of buttons that choose between the two."""
        return f"{CHOICE}{self.field.html_name}"


def chosen(data: QueryDict) -> QueryDict:
    """Return what was posted, with the other one's text where the conflict page was told to take it."""
    if not any(key.startswith(CHOICE) for key in data):
        return data
    result = data.copy()
    for key in list(data):
        if key.startswith(CHOICE) and data[key] == "theirs":
            _take(result, key.removeprefix(CHOICE))
    for key in [k for k in result if k.startswith((CHOICE, THEIRS))]:
        del result[key]
    return result


def _take(data: QueryDict, name: str) -> None:
    parts = re.compile(rf"{re.escape(name)}(_\d+)?")
    for key in [k for k in data if parts.fullmatch(k)]:
        del data[key]
    for key in [k for k in data if parts.fullmatch(k.removeprefix(THEIRS)) and k.startswith(THEIRS)]:
        data.setlist(key.removeprefix(THEIRS), data.getlist(key))


def in_words(field: BoundField) -> str:
    """Return the value of an unbound form's field as a person reads it: labels for choices, dates in words."""
    value = field.value()
    choices = getattr(field.field, "choices", None)
    if choices is not None:
        wanted = {str(v) for v in (value if isinstance(value, (list, tuple, set)) else [value])}
        labels = {str(v): str(label) for v, label in _flat(choices)}
        return ", ".join(label for v, label in labels.items() if v in wanted and v)
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if isinstance(value, datetime):
        return date_format(value, "DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, (list, tuple)):
        return ", ".join(str(each) for each in value)
    return "" if value is None else str(value)


def _flat(choices: Any) -> Any:
    for value, label in choices:
        if isinstance(label, (list, tuple)):
            yield from label
        else:
            yield value, label


def _kept(fresh: forms.BaseForm, field: BoundField) -> SafeString:
    widget = field.field.hidden_widget()
    name = f"{THEIRS}{field.html_name}"
    return widget.render(name, fresh[field.name].value(), attrs={"id": f"id_{name}"})


def differences(form: forms.BaseForm, fresh: forms.BaseForm) -> list[Difference]:
    """List the visible fields in which what was typed (`form`, bound) differs from what stands now (`fresh`, unbound)."""
    found = []
    for field in form.visible_fields():
        if isinstance(field.field, forms.FileField):
            continue
        now = fresh.get_initial_for_field(fresh.fields[field.name], field.name)
        if field.field.has_changed(now, field.data):
            unchanged = field.name not in form.changed_data
            seen = fresh[field.name].as_hidden(only_initial=True)
            found.append(Difference(field, in_words(fresh[field.name]), _kept(fresh, field), seen, unchanged))
    return found


def last_saved(thing: models.Model) -> tuple[str, datetime | None]:
    """Return who saved `thing` last and when, from its history; ("", None) when that is not known."""
    history = getattr(thing, "events", None)
    event = history.select_related("pgh_context").order_by("-pgh_id").first() if history is not None else None
    if event is None:
        return "", None
    user_id = (event.pgh_context.metadata if event.pgh_context else {}).get("user")
    person = get_user_model()._default_manager.filter(pk=user_id).first() if user_id else None
    return str(person or ""), event.pgh_created_at


def conflict_page(
    request: HttpRequest, form: forms.BaseForm, fresh: forms.BaseForm, *, cancel_url: str
) -> HttpResponse:
    """Answer 409 with both texts. `form` is what was posted, `fresh` an unbound form of the thing as it stands now.

    `fresh` must use `SeenVersion`: its version is the one under which the answer comes back.
    """
    differing = differences(form, fresh)
    apart = {difference.field.name for difference in differing}
    same = [
        field.as_hidden() + fresh[field.name].as_hidden(only_initial=True)
        for field in form.visible_fields()
        if field.name not in apart and not isinstance(field.field, forms.FileField)
    ]
    hidden = [field.as_hidden() for field in form.hidden_fields() if field.name != "version"]
    files = [field for field in form.visible_fields() if isinstance(field.field, forms.FileField)]
    thing = getattr(fresh, "instance", None)
    who, when = last_saved(thing) if thing is not None and thing.pk else ("", None)
    context = {
        "form": form,
        "thing": thing,
        "version": fresh["version"].as_hidden(),
        "differences": differing,
        "kept": same + hidden,
        "files": files,
        "saved_by": who,
        "saved_at": when,
        "action": request.get_full_path(),
        "cancel_url": cancel_url,
    }
    return render(request, "components/conflict.html", context, status=409)
