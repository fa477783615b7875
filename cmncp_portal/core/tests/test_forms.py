"""What all forms share: the browser's own date and time fields, a limit for long texts, a word for no choice."""

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.utils.translation import override

from cmncp_portal.core.forms import LONGEST_TEXT, DecimalComma, PortalForm, PortalModelForm, ReasonForm
from cmncp_portal.network.models import Region
from cmncp_portal.network.tests.factories import make_region
from exchanges.models import Visit


class Everything(PortalForm):
    day = forms.DateField(widget=forms.DateInput(attrs={"aria-label": "The day"}), required=False)
    clock = forms.TimeField(required=False)
    text = forms.CharField(widget=forms.Textarea, required=False)
    short = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), max_length=50, required=False)
    line = forms.CharField(required=False)
    kept = forms.DateField(widget=forms.HiddenInput, required=False)
    kept_clock = forms.TimeField(widget=forms.HiddenInput, required=False)


class Choosing(PortalForm):
    region = forms.ModelChoiceField(Region.objects.order_by("slug"), required=False)
    needed = forms.ModelChoiceField(Region.objects.order_by("slug"), empty_label=None)
    several = forms.ModelMultipleChoiceField(Region.objects.order_by("slug"), required=False)


class VisitForm(PortalModelForm):
    class Meta:
        model = Visit
        fields = ["starts_on", "lodging", "address"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_dates_and_times_are_the_browsers_own_in_iso(language: str) -> None:
    with override(language):
        form = Everything(initial={"day": date(2027, 1, 9), "clock": time(13, 5)})
        assert str(form["day"]) == '<input type="date" name="day" value="2027-01-09" aria-label="The day" id="id_day">'
        assert str(form["clock"]) == '<input type="time" name="clock" value="13:05" id="id_clock">'


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_the_browser_sends_is_read(language: str) -> None:
    with override(language):
        form = Everything({"day": "2027-01-09", "clock": "13:05"})
        assert form.errors == {}
        assert (form.cleaned_data["day"], form.cleaned_data["clock"]) == (date(2027, 1, 9), time(13, 5))


@pytest.mark.parametrize(("day", "clock"), [("2027-02-30", "25:00"), ("tomorrow", "noon"), ("0000-00-00", "9h")])
def test_a_day_or_an_hour_that_does_not_exist_is_refused_and_kept_on_the_page(day: str, clock: str) -> None:
    form = Everything({"day": day, "clock": clock})
    assert set(form.errors) == {"day", "clock"}
    assert f'value="{day}"' in str(form["day"])
    assert f'value="{clock}"' in str(form["clock"])


def test_a_hidden_field_stays_hidden() -> None:
    form = Everything()
    assert [field.name for field in form.hidden_fields()] == ["kept", "kept_clock"]


def test_a_text_may_have_ten_thousand_characters() -> None:
    assert Everything({"text": "é" * LONGEST_TEXT}).errors == {}
    assert LONGEST_TEXT == 10_000


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Ensure this value has at most 10000 characters (it has 10001)."),
        ("fr", "Assurez-vous que cette valeur comporte au plus 10000 caractères (actuellement 10001)."),
    ],
)
def test_one_character_more_is_too_many(language: str, sentence: str) -> None:
    with override(language):
        errors = [
            message.replace("\u00a0", "").replace("\u202f", "")
            for message in Everything({"text": "é" * 10_001}).errors["text"]
        ]
    assert errors == [sentence]


def test_a_field_with_a_limit_of_its_own_keeps_it() -> None:
    assert Everything({"short": "a" * 51}).errors["short"] == [
        "Ensure this value has at most 50 characters (it has 51)."
    ]
    assert Everything().fields["short"].widget.attrs["rows"] == 2
    assert Everything().fields["text"].widget.attrs["rows"] == 4
    assert Everything({"line": "a" * 20_000}).errors == {}


def test_a_limit_is_set_once_however_many_forms_were_made() -> None:
    forms_made = [Everything() for _turn in range(3)]
    assert [len(form.fields["text"].validators) for form in forms_made] == [2, 2, 2]  # the other one refuses NUL


def test_nul_is_refused() -> None:
    assert Everything({"text": "a\x00b", "line": "\x00"}).errors.keys() == {"text", "line"}


@pytest.mark.parametrize(("language", "words"), [("en", "— choose —"), ("fr", "— choisir —")])
def test_no_choice_has_a_word(db: None, language: str, words: str) -> None:
    region = make_region("prairies")
    with override(language):
        form = Choosing()
        assert list(form.fields["region"].choices) == [("", words), (region.pk, "Prairies")]
        assert list(form.fields["needed"].choices) == [(region.pk, "Prairies")]
        assert list(form.fields["several"].choices) == [(region.pk, "Prairies")]


def test_forms_of_models_have_the_same_look(db: None) -> None:
    form = VisitForm({"starts_on": "2027-01-09", "lodging": "x" * 10_001, "address": "y" * 301})
    assert form.fields["starts_on"].widget.input_type == "date"
    assert form.errors == {
        "lodging": ["Ensure this value has at most 10000 characters (it has 10001)."],
        "address": ["Ensure this value has at most 300 characters (it has 301)."],
    }


@pytest.mark.parametrize(
    ("note", "refused"), [("Snow.", False), ("", True), ("  \n ", True), ("x" * 1000, False), ("x" * 1001, True)]
)
def test_a_reason(note: str, refused: bool) -> None:
    assert bool(ReasonForm({"note": note}).errors) is refused


def test_a_reason_that_may_be_left_out() -> None:
    form = ReasonForm({"note": " "}, required=False)
    assert (form.errors, form.cleaned_data) == ({}, {"note": ""})


@pytest.mark.parametrize(("language", "label"), [("en", "Reason"), ("fr", "Raison")])
def test_a_reason_is_asked_in_the_language_of_the_page(language: str, label: str) -> Any:
    with override(language):
        assert str(ReasonForm()["note"].label) == label


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12,5", "12.5"),
        ("12.5", "12.5"),
        ("12,5 %", "12.5"),
        ("1 234,56 $", "1234.56"),
        ("$1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1,500", "1500"),
        ("7", "7"),
    ],
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_number_is_read_with_a_comma_or_a_point_in_both_languages(language: str, typed: str, number: str) -> None:
    with override(language):
        assert DecimalComma().clean(typed) == Decimal(number)


@pytest.mark.parametrize("typed", ["many", "1,2,3.4.5", "NaN", "Infinity"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(forms.ValidationError, match="Enter a number"):
        DecimalComma().clean(typed)
