"""Addresses of mentoring. Personal pages come first: their address is the key."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from .views import agreements, answering, finding, guests, matching, taking, wanting, working

app_name = "mentoring"

urlpatterns = [
    path("", finding.overview, name="overview"),
    # Personal pages, without an account
    path(_("lost-link/"), guests.lost_link, name="lost_link"),
    path(_("mine/<str:token>/"), guests.page, name="guest"),
    path(_("mine/<str:token>/document/<int:pk>/"), guests.document, name="guest_document"),
    path(_("mine/<str:token>/<slug:name>/"), guests.act, name="guest_act"),
    # What a municipality looks for or gives
    path(_("need/<slug:slug>/"), wanting.need, name="need"),
    path(_("offer/<slug:slug>/"), wanting.offer, name="offer"),
    path("need/<slug:slug>/<slug:name>/", wanting.need_act, name="need_act"),
    path("offer/<slug:slug>/<slug:name>/", wanting.offer_act, name="offer_act"),
    # Bringing together
    path(_("matching/"), matching.desk, name="desk"),
    path(_("matching/set/"), matching.best_set, name="best_set"),
    path(_("matching/<int:pk>/"), matching.candidates, name="candidates"),
    path(_("matching/<int:pk>/propose/"), matching.propose, name="propose"),
    # Agreements
    path(_("agreements/"), finding.agreement_list, name="agreements"),
    path(_("agreements/export/"), finding.export, name="export"),
    path(_("agreements/<str:reference>/"), agreements.agreement, name="agreement"),
    path(_("agreements/<str:reference>/ask/"), agreements.ask, name="ask"),
    path(_("agreements/<str:reference>/answer/"), answering.answer, name="answer"),
    path("agreements/<str:reference>/move/<slug:name>/", agreements.move, name="move"),
    path(_("agreements/<str:reference>/people/"), agreements.people, name="people"),
    path("agreements/<str:reference>/people/<int:pk>/<slug:name>/", agreements.person_act, name="person_act"),
    path(_("agreements/<str:reference>/goals/"), working.goals, name="goals"),
    path(_("agreements/<str:reference>/goals/<int:pk>/commit/"), taking.commit, name="commit"),
    path("agreements/<str:reference>/goals/<int:pk>/<slug:name>/", working.goal_act, name="goal_act"),
    path(_("agreements/<str:reference>/sessions/add/"), working.session_add, name="session_add"),
    path(_("agreements/<str:reference>/sessions/<int:pk>/"), working.session_edit, name="session_edit"),
    path(_("agreements/<str:reference>/next/"), working.next_session, name="next_session"),
    path("agreements/<str:reference>/calendar.ics", working.calendar_file, name="calendar"),
    path(_("agreements/<str:reference>/documents/"), working.documents, name="documents"),
    path("agreements/<str:reference>/documents/<int:pk>/", working.document, name="document"),
    path("agreements/<str:reference>/documents/<int:pk>/remove/", working.document_remove, name="document_remove"),
    path(_("agreements/<str:reference>/conclude/"), working.conclude, name="conclude"),
    path(_("agreements/<str:reference>/hand-over/"), agreements.hand_over, name="hand_over"),
    path(_("agreements/<str:reference>/check-ins/"), agreements.check_ins, name="check_ins"),
]
