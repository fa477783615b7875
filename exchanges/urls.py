"""Addresses of exchanges. References are read aloud; moves are POST."""

from django.urls import path, register_converter
from django.utils.translation import gettext_lazy as _

from .converters import LegConverter, SideConverter
from .views import desk, evaluation, exchange, planning, taking, team, visit

register_converter(LegConverter, "leg")
register_converter(SideConverter, "side")

app_name = "exchanges"
VISIT = "<slug:reference>/<leg:leg>/"

urlpatterns = [
    path("", exchange.exchange_list, name="list"),
    path(_("ask/"), exchange.ask, name="ask"),
    path(_("invitation/"), desk.lost_link, name="lost_link"),
    path(_("invitation/<str:token>/"), desk.desk, name="desk"),
    path(_("invitation/<str:token>/calendar.ics"), desk.desk_calendar, name="desk_calendar"),
    path(_("invitation/<str:token>/document/<int:pk>/"), desk.desk_document, name="desk_document"),
    path(_("invitation/<str:token>/<slug:name>/"), desk.act, name="desk_act"),
    path("<slug:reference>/", exchange.exchange_detail, name="exchange"),
    path(_("<slug:reference>/request/"), exchange.request_edit, name="request"),
    path(_("<slug:reference>/review/"), exchange.review, name="review"),
    path(_("<slug:reference>/hosts/"), exchange.hosts, name="hosts"),
    path(_("<slug:reference>/close/"), exchange.close, name="close"),
    path(_("<slug:reference>/report.pdf"), evaluation.report, name="report"),
    path(VISIT, visit.visit_detail, name="visit"),
    path(VISIT + "calendar.ics", visit.calendar_file, name="calendar"),
    path(_("<slug:reference>/<leg:leg>/answer/"), visit.answer, name="answer"),
    path(_("<slug:reference>/<leg:leg>/confirm/"), visit.confirm, name="confirm"),
    path(_("<slug:reference>/<leg:leg>/dates/"), visit.dates, name="dates"),
    path(_("<slug:reference>/<leg:leg>/day/"), visit.day, name="day"),
    path(_("<slug:reference>/<leg:leg>/record/"), visit.record, name="record"),
    path(_("<slug:reference>/<leg:leg>/print/"), visit.printed, name="print"),
    path(VISIT + "move/<slug:name>/", visit.move, name="move"),
    path(_("<slug:reference>/<leg:leg>/programme/"), planning.programme, name="programme"),
    path(_("<slug:reference>/<leg:leg>/programme/add/"), planning.stop_add, name="stop_add"),
    path(_("<slug:reference>/<leg:leg>/programme/<int:pk>/"), planning.stop_edit, name="stop_edit"),
    path(VISIT + "stop/<int:pk>/<slug:name>/", planning.stop_move, name="stop_move"),
    path(_("<slug:reference>/<leg:leg>/practical/"), planning.practical, name="practical"),
    path(_("<slug:reference>/<leg:leg>/documents/"), planning.documents, name="documents"),
    path(VISIT + "document/<int:pk>/", planning.document, name="document"),
    path(VISIT + "document/<int:pk>/remove/", planning.document_remove, name="document_remove"),
    path(_("<slug:reference>/<leg:leg>/team/"), team.team, name="team"),
    path(_("<slug:reference>/<leg:leg>/team/waive/"), team.waive, name="waive"),
    path(_("<slug:reference>/<leg:leg>/team/add/<side:side>/"), team.member_add, name="member_add"),
    path(_("<slug:reference>/<leg:leg>/team/lead/<side:side>/"), team.lead, name="lead"),
    path(_("<slug:reference>/<leg:leg>/team/<int:pk>/"), team.member_edit, name="member_edit"),
    path(_("<slug:reference>/<leg:leg>/team/<int:pk>/replace/"), team.member_replace, name="member_replace"),
    path(VISIT + "team/<int:pk>/<slug:name>/", team.member_move, name="member_move"),
    path(VISIT + "team/<side:side>/invite/", team.invite_all, name="invite_all"),
    path(_("<slug:reference>/<leg:leg>/evaluations/"), evaluation.evaluations, name="evaluations"),
    path(VISIT + "evaluations/<slug:name>/", evaluation.evaluation_move, name="evaluation_move"),
    path(_("<slug:reference>/<leg:leg>/ideas/"), taking.ideas, name="ideas"),
    path(_("<slug:reference>/<leg:leg>/ideas/<slug:key>/"), taking.commit, name="commit"),
    path(_("<slug:reference>/<leg:leg>/return/"), evaluation.return_visit, name="return"),
]
