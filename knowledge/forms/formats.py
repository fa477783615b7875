"""What somebody types who needs a brief in a format that is not offered."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .asking import NotForMachines


class FormatForm(NotForMachines):
    wanted = forms.CharField(
        label=_("What you need"),
        help_text=_("For example braille, audio, sign language, simple words, or a copy on paper."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    name = forms.CharField(label=_("Your name"), max_length=200, required=False)
    email = forms.EmailField(label=_("Your email address"), help_text=_("Our answer goes here."))
