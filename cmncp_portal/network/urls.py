from django.urls import path
from django.utils.translation import gettext_lazy as _

from .views import directory, lists, people, programmes

app_name = "network"
urlpatterns = [
    path(_("municipalities/"), directory.directory, name="directory"),
    path(_("municipalities/lists/"), lists.import_list, name="import"),
    path(_("municipalities/lists/<int:pk>/"), lists.import_run, name="import_run"),
    path(_("municipalities/lists/<int:pk>/apply/"), lists.import_apply, name="import_apply"),
    path(_("municipalities/lists/<str:what>.<str:kind>"), lists.export_list, name="export"),
    path(_("municipalities/<slug:slug>/"), directory.municipality, name="municipality"),
    path(_("municipalities/<slug:slug>/edit/"), directory.municipality_edit, name="municipality_edit"),
    path(_("municipalities/<slug:slug>/membership/"), directory.membership, name="membership"),
    path(_("municipalities/<slug:slug>/people/"), people.people, name="people"),
    path(_("municipalities/<slug:slug>/people/add/"), people.person_add, name="person_add"),
    path(_("municipalities/<slug:slug>/people/hand-over/"), people.hand_over, name="hand_over"),
    path(_("municipalities/<slug:slug>/people/<int:pk>/"), people.person_edit, name="person_edit"),
    path(_("municipalities/<slug:slug>/people/<int:pk>/leave/"), people.person_leave, name="person_leave"),
    path(_("municipalities/<slug:slug>/people/<int:pk>/move/"), people.person_move, name="person_move"),
    path(_("municipalities/<slug:slug>/people/<int:pk>/invite/"), people.person_invite, name="person_invite"),
    path(_("municipalities/<slug:slug>/people/<int:pk>/merge/"), people.person_merge, name="person_merge"),
    path(_("municipalities/<slug:slug>/programmes/add/"), programmes.programme_add, name="programme_add"),
    path(_("municipalities/<slug:slug>/programmes/<int:pk>/"), programmes.programme, name="programme"),
    path(_("municipalities/<slug:slug>/programmes/<int:pk>/edit/"), programmes.programme_edit, name="programme_edit"),
]
