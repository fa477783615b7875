"""Addresses of strategies."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from .views import strategies

app_name = "progress"

urlpatterns = [
    path("", strategies.ladder, name="ladder"),
    path(_("export/"), strategies.export, name="export"),
    path("<slug:slug>/", strategies.strategy, name="strategy"),
    path(_("<slug:slug>/edit/"), strategies.edit, name="edit"),
    path(_("<slug:slug>/checks/<int:stage>/"), strategies.checks, name="checks"),
    path(_("<slug:slug>/stage/"), strategies.declare, name="declare"),
    path(_("<slug:slug>/budget/"), strategies.budget, name="budget"),
    path(_("<slug:slug>/public/"), strategies.public, name="public"),
    path(_("<slug:slug>/confirm/"), strategies.confirm, name="confirm"),
    path(_("<slug:slug>/history/"), strategies.history, name="history"),
]
