"""The paths of this app. Every path has its French in this app's catalogue."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from .views import answering, authoring, codebook, desk, sorting

app_name = "evaluation"
urlpatterns = [
    path(_("surveys/"), answering.mine, name="mine"),
    path(_("surveys/not-me/"), answering.not_me_done, name="not_me_done"),
    path(_("surveys/<str:token>/"), answering.answer, name="answer"),
    path(_("surveys/<str:token>/thanks/"), answering.thanks, name="thanks"),
    path(_("surveys/<str:token>/remark/"), answering.remark, name="remark"),
    path(_("surveys/<str:token>/not-me/"), answering.not_me, name="not_me"),
    path("questionnaires/", authoring.questionnaires, name="questionnaires"),
    path(_("questionnaires/new/"), authoring.questionnaire_add, name="questionnaire_add"),
    path("questionnaires/<int:pk>/", authoring.questionnaire, name="questionnaire"),
    path(_("questionnaires/<int:pk>/preview/"), authoring.preview, name="preview"),
    path(_("questionnaires/<int:pk>/edit/"), authoring.questionnaire_edit, name="questionnaire_edit"),
    path(_("questionnaires/<int:pk>/new-version/"), authoring.begin_version, name="begin_version"),
    path(_("questionnaires/<int:pk>/publish/"), authoring.publish, name="publish"),
    path(_("questionnaires/<int:pk>/questions/new/"), authoring.question_edit, name="question_add"),
    path("questionnaires/<int:pk>/questions/<int:question_pk>/", authoring.question_edit, name="question_edit"),
    path(_("questionnaires/<int:pk>/questions/<int:question_pk>/move/"), authoring.question_move, name="question_move"),
    path(
        _("questionnaires/<int:pk>/questions/<int:question_pk>/remove/"),
        authoring.question_remove,
        name="question_remove",
    ),
    path("evaluations/", desk.desk, name="desk"),
    path(_("evaluations/response-rates/"), codebook.rates, name="rates"),
    path(_("evaluations/not-answered/"), codebook.not_answered, name="not_answered"),
    path(_("evaluations/codebook/"), codebook.codebook, name="codebook"),
    path(_("evaluations/codebook/new/"), codebook.theme_add, name="theme_add"),
    path(_("evaluations/codebook/<int:pk>/"), codebook.theme, name="theme"),
    path(_("evaluations/codebook/<int:pk>/use/"), codebook.theme_use, name="theme_use"),
    path(_("evaluations/coded-answers/"), codebook.coded, name="coded"),
    path(_("evaluations/coded-answers/file/"), codebook.export, name="export"),
    path(_("evaluations/open-answers/"), sorting.to_sort, name="to_sort"),
    path(_("evaluations/open-answers/<int:pk>/"), sorting.sort, name="sort"),
    path(_("evaluations/open-answers/themes/<int:pk>/remove/"), sorting.unsort, name="unsort"),
    path("evaluations/<int:pk>/", desk.occasion, name="occasion"),
    path(_("evaluations/<int:pk>/confidential/"), desk.confidential, name="confidential"),
    path(_("evaluations/<int:pk>/comment/"), desk.comment, name="comment"),
    path(_("evaluations/<int:pk>/follow-up/"), desk.flag, name="flag"),
    path(_("evaluations/<int:pk>/follow-up/<int:follow_up_pk>/"), desk.settle, name="settle"),
    path(_("evaluations/<int:pk>/reviewed/"), desk.reviewed, name="reviewed"),
    path(_("evaluations/<int:pk>/open-answers/"), desk.open_answers, name="open_answers"),
    path(_("evaluations/<int:pk>/open-answers/<int:answer_pk>/"), desk.code, name="code"),
    path(_("evaluations/<int:pk>/themes/<int:coding_pk>/remove/"), desk.uncode, name="uncode"),
]
