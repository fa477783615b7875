"""Addresses of meetings. Personal pages come first: their address is the key."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from .views import (
    after,
    agenda,
    announcing,
    desk,
    finding,
    general,
    invited,
    moving,
    planning,
    polling,
    registering,
    taking,
)

app_name = "meetings"

urlpatterns = [
    path("", finding.meeting_list, name="list"),
    path("calendar.ics", finding.network_calendar, name="network_calendar"),
    path(_("hosts/"), finding.hosts, name="hosts"),
    path(_("new/"), planning.new, name="new"),
    path(_("past/"), planning.past, name="past"),
    # Personal pages, without an account
    path(_("lost-link/"), desk.lost_link, name="lost_link"),
    path(_("invitation/<str:token>/"), invited.invitation, name="invitation"),
    path(_("invitation/<str:token>/<slug:name>/"), invited.invitation_act, name="invitation_act"),
    path(_("place/<str:token>/"), desk.place, name="place"),
    path(_("place/<str:token>/calendar.ics"), desk.place_calendar, name="place_calendar"),
    path(_("place/<str:token>/certificate.pdf"), desk.certificate, name="certificate"),
    path(_("place/<str:token>/programme.pdf"), desk.place_programme, name="place_programme"),
    path(_("place/<str:token>/material/<int:pk>/"), desk.place_material, name="place_material"),
    path(_("place/<str:token>/<slug:name>/"), desk.place_act, name="place_act"),
    path(_("action/<str:token>/"), after.action, name="action"),
    # One meeting, for those who may see it
    path("<slug:slug>/", finding.meeting_detail, name="meeting"),
    path("<slug:slug>/calendar.ics", finding.calendar_file, name="calendar"),
    path(_("<slug:slug>/programme/"), finding.programme, name="programme"),
    path(_("<slug:slug>/programme.pdf"), agenda.programme_pdf, name="programme_pdf"),
    path(_("<slug:slug>/register/"), registering.register, name="register"),
    path(_("<slug:slug>/commit/<int:pk>/"), taking.commit, name="commit"),
    path("<slug:slug>/material/<int:pk>/", after.material, name="material"),
    path(_("<slug:slug>/general-meeting/"), general.general_meeting, name="general_meeting"),
    path(_("<slug:slug>/general-meeting/delegate/<int:pk>/"), general.delegate, name="delegate"),
    # Preparing it
    path(_("<slug:slug>/prepare/"), planning.prepare, name="prepare"),
    path(_("<slug:slug>/edit/"), planning.edit, name="edit"),
    path(_("<slug:slug>/local/"), planning.local, name="local"),
    path(_("<slug:slug>/dates/"), polling.poll, name="poll"),
    path(_("<slug:slug>/dates/slots/"), polling.slots, name="slots"),
    path(_("<slug:slug>/dates/people/"), polling.people, name="poll_people"),
    path(_("<slug:slug>/dates/fix/"), polling.fix, name="fix_date"),
    path(_("<slug:slug>/agenda/"), agenda.agenda, name="agenda"),
    path(_("<slug:slug>/agenda/add/"), agenda.item_add, name="item_add"),
    path(_("<slug:slug>/agenda/order/"), agenda.reorder, name="reorder"),
    path(_("<slug:slug>/agenda/<int:pk>/"), agenda.item_edit, name="item_edit"),
    path("<slug:slug>/agenda/<int:pk>/<slug:name>/", agenda.item_move, name="item_move"),
    path(_("<slug:slug>/announce/"), announcing.announce, name="announce"),
    path(_("<slug:slug>/letters/"), announcing.letters, name="letters"),
    path(_("<slug:slug>/registrations/"), registering.registrations, name="registrations"),
    path(_("<slug:slug>/registrations/export/"), registering.export, name="export"),
    path("<slug:slug>/registrations/<int:pk>/<slug:name>/", registering.registration_move, name="registration_move"),
    path(_("<slug:slug>/badges.pdf"), agenda.badges_pdf, name="badges"),
    path(_("<slug:slug>/change/"), moving.change, name="change"),
    path("<slug:slug>/move/<slug:name>/", moving.move, name="move"),
    # During and after
    path(_("<slug:slug>/attendance/"), after.attendance, name="attendance"),
    path(_("<slug:slug>/counts/"), after.counts, name="counts"),
    path(_("<slug:slug>/materials/"), after.materials, name="materials"),
    path("<slug:slug>/materials/<int:pk>/remove/", after.material_remove, name="material_remove"),
    path(_("<slug:slug>/notes/"), after.notes, name="notes"),
    path(_("<slug:slug>/notes/publish/"), after.publish, name="publish_notes"),
    path("<slug:slug>/actions/<int:pk>/<slug:name>/", after.action_move, name="action_move"),
    path(_("<slug:slug>/results/"), after.results, name="results"),
    path(_("<slug:slug>/general-meeting/roll/"), general.roll, name="roll"),
    path(_("<slug:slug>/general-meeting/motion/"), general.motion, name="motion"),
]
