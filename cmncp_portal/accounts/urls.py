from django.urls import path
from django.utils.translation import gettext_lazy as _

from . import views

app_name = "accounts"
urlpatterns = [
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path(_("invitation/<str:token>/new/"), views.new_invitation, name="new_invitation"),
    path(_("profile/"), views.profile, name="profile"),
    path(_("people/"), views.people, name="people"),
    path(_("people/invite/"), views.invite_person, name="invite"),
    path(_("people/<int:pk>/"), views.person, name="person"),
    path(_("people/<int:pk>/close/"), views.person_deactivate, name="person_deactivate"),
    path(_("people/<int:pk>/open/"), views.person_reactivate, name="person_reactivate"),
    path(_("people/<int:pk>/invite/"), views.person_invite_again, name="person_invite_again"),
    path("demo/", views.demo_sign_in, name="demo_sign_in"),
]
