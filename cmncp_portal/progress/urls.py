"""Addresses of strategies, commitments and figures."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from .views import commitments, readings, strategies

app_name = "progress"

urlpatterns = [
    path("", strategies.ladder, name="ladder"),
    path(_("export/"), strategies.export, name="export"),
    path(_("commitments/"), commitments.network, name="all_commitments"),
    path(_("commitments/export/"), commitments.commitments_export, name="commitments_export"),
    path(_("commitments/answer/<str:token>/"), commitments.answer, name="answer"),
    path(_("figures/"), readings.network, name="network_figures"),
    path(_("figures/export/"), readings.export, name="figures_export"),
    path("<slug:slug>/", strategies.strategy, name="strategy"),
    path(_("<slug:slug>/edit/"), strategies.edit, name="edit"),
    path(_("<slug:slug>/checks/<int:stage>/"), strategies.checks, name="checks"),
    path(_("<slug:slug>/stage/"), strategies.declare, name="declare"),
    path(_("<slug:slug>/budget/"), strategies.budget, name="budget"),
    path(_("<slug:slug>/public/"), strategies.public, name="public"),
    path(_("<slug:slug>/confirm/"), strategies.confirm, name="confirm"),
    path(_("<slug:slug>/history/"), strategies.history, name="history"),
    path(_("<slug:slug>/commitments/"), commitments.commitments, name="commitments"),
    path(_("<slug:slug>/commitments/new/"), commitments.commitment_add, name="commitment_add"),
    path(_("<slug:slug>/commitments/<int:pk>/"), commitments.commitment, name="commitment"),
    path(_("<slug:slug>/commitments/<int:pk>/edit/"), commitments.commitment_edit, name="commitment_edit"),
    path(_("<slug:slug>/figures/"), readings.figures, name="figures"),
    path(_("<slug:slug>/figures/<int:pk>/"), readings.edit, name="figure"),
    path(_("<slug:slug>/figures/<int:pk>/delete/"), readings.delete, name="figure_delete"),
    path(_("<slug:slug>/figures/<slug:indicator>/new/"), readings.add, name="figure_add"),
]
