"""Addresses of reports. The shared page comes first: its address is the key."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from .views import figures, reports, snapshots, texts

app_name = "reporting"

urlpatterns = [
    path("", reports.report_list, name="list"),
    path(_("shared/<str:token>/"), snapshots.shared, name="shared"),
    path(_("figures/"), figures.definitions, name="definitions"),
    path(_("begin/"), reports.new, name="new"),
    path("<int:pk>/", reports.report, name="report"),
    path(_("<int:pk>/edit/"), reports.edit, name="edit"),
    path(_("<int:pk>/calculate/"), reports.calculate, name="calculate"),
    path(_("<int:pk>/due-date/"), reports.due_date, name="due_date"),
    path(_("<int:pk>/handed-in/"), reports.handed_in, name="handed_in"),
    path(_("<int:pk>/narratives/<slug:section>/"), texts.narrative, name="narrative"),
    path(_("<int:pk>/narratives/<slug:section>/cases/"), texts.case_add, name="case_add"),
    path(_("<int:pk>/narratives/<slug:section>/cases/<int:case>/remove/"), texts.case_remove, name="case_remove"),
    path(_("<int:pk>/figures/<slug:code>/"), figures.figure, name="figure"),
    path(_("<int:pk>/freeze/"), snapshots.freeze, name="freeze"),
    path(_("<int:pk>/snapshots/<int:number>/"), snapshots.snapshot, name="snapshot"),
    path(_("<int:pk>/snapshots/<int:number>/figures/<slug:code>/"), figures.frozen_figure, name="frozen_figure"),
    path(_("<int:pk>/snapshots/<int:number>/files/again/"), snapshots.again, name="again"),
    path(_("<int:pk>/snapshots/<int:number>/files/<slug:language>/<slug:format>/"), snapshots.file, name="file"),
    path(_("<int:pk>/snapshots/<int:number>/share/"), snapshots.share, name="share"),
    path(_("<int:pk>/snapshots/<int:number>/unshare/"), snapshots.unshare, name="unshare"),
]
