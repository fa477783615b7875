"""Addresses. The personal link comes last: its token would take any word."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from .views import asking, register

app_name = "privacy"

urlpatterns = [
    path("", asking.mine, name="mine"),
    path(_("sent/"), asking.sent, name="sent"),
    path(_("register/"), register.requests, name="register"),
    path(_("register/write-down/"), register.write_down, name="write_down"),
    path(_("register/requests/<int:pk>/"), register.decide, name="decide"),
    path(_("register/requests/<int:pk>/refuse/"), register.refuse, name="refuse"),
    path(_("register/incidents/"), register.incidents, name="incidents"),
    path(_("register/incidents/new/"), register.incident_new, name="incident_new"),
    path(_("register/incidents/<int:pk>/"), register.incident, name="incident"),
    path(_("register/runs/"), register.runs, name="runs"),
    path("<str:token>/", asking.request_page, name="request"),
]
