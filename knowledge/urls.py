"""Addresses of knowledge: the library for everyone, steps and requests for members, the desk for those who write."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from .views import asking, desk, files, library, reviewing, rows, taking, texts, using

app_name = "knowledge"

urlpatterns = [
    # The library
    path("", library.library, name="library"),
    path("feed.xml", library.feed, name="feed"),
    path(_("practices/"), library.practices, name="practices"),
    path(_("practices/<slug:slug>/"), library.practice, name="practice"),
    path(_("practices/<slug:slug>/concern/"), asking.practice_concern, name="practice_concern"),
    path(_("briefs/<slug:slug>/"), library.brief, name="brief"),
    path(_("briefs/<slug:slug>/print/"), library.printed, name="print"),
    path(_("briefs/<slug:slug>/file/<str:language>/<str:format>/"), files.download, name="file"),
    path(_("briefs/<slug:slug>/other-format/"), files.other_format, name="other_format"),
    path(_("briefs/<slug:slug>/concern/"), asking.brief_concern, name="brief_concern"),
    path(_("briefs/<slug:slug>/use/"), using.use, name="use"),
    path(_("subscribe/"), asking.subscribe, name="subscribe"),
    path(_("subscription/<str:token>/"), asking.subscription, name="subscription"),
    # Members
    path(_("my-steps/"), using.my_steps, name="my_steps"),
    path(_("my-steps/<int:pk>/commit/"), taking.commit, name="commit"),
    path("my-steps/<int:pk>/<slug:name>/", using.step_mark, name="step_mark"),
    path(_("examples/<int:pk>/"), using.example, name="example"),
    path(_("requests/"), asking.requests, name="requests"),
    path(_("requests/new/"), asking.request_new, name="request_new"),
    path(_("requests/<int:pk>/"), asking.request_detail, name="request"),
    # The desk
    path(_("desk/"), desk.board, name="desk"),
    path(_("desk/new/"), desk.new, name="new"),
    path(_("desk/import/"), texts.word_import, name="word_import"),
    path(_("desk/readers/"), asking.readers, name="readers"),
    path(_("desk/readers/<slug:kind>/<int:pk>/"), asking.reader_answer, name="reader_answer"),
    path(_("desk/practices/new/"), rows.practice_new, name="practice_new"),
    path(_("desk/practices/<slug:slug>/"), rows.practice_edit, name="practice_edit"),
    path(_("desk/practices/<slug:slug>/evidence/add/"), rows.evidence_add, name="evidence_add"),
    path(_("desk/practices/<slug:slug>/evidence/<int:pk>/"), rows.evidence_edit, name="evidence_edit"),
    path(_("desk/briefs/<slug:slug>/"), desk.overview, name="overview"),
    path(_("desk/briefs/<slug:slug>/facts/"), desk.facts, name="facts"),
    path(_("desk/briefs/<slug:slug>/exception/"), desk.exception, name="exception"),
    path("desk/briefs/<slug:slug>/move/<slug:name>/", desk.move, name="move"),
    path(_("desk/briefs/<slug:slug>/numbers/"), rows.numbers, name="numbers"),
    path(_("desk/briefs/<slug:slug>/steps/"), rows.steps, name="steps"),
    path(_("desk/briefs/<slug:slug>/sources/"), rows.sources, name="sources"),
    path(_("desk/briefs/<slug:slug>/examples/"), rows.examples, name="examples"),
    path(_("desk/briefs/<slug:slug>/evidence/"), rows.evidence, name="evidence"),
    path(_("desk/briefs/<slug:slug>/text/<str:language>/"), texts.text, name="text"),
    path(_("desk/briefs/<slug:slug>/text/<str:language>/preview/"), texts.preview, name="preview"),
    path(_("desk/briefs/<slug:slug>/text/<str:language>/ready/"), texts.ready, name="ready"),
    path(_("desk/briefs/<slug:slug>/translation/"), texts.translation, name="translation"),
    path(_("desk/briefs/<slug:slug>/versions/<str:language>/"), texts.versions, name="versions"),
    path(_("desk/briefs/<slug:slug>/reviews/"), reviewing.reviews, name="reviews"),
    path(_("desk/briefs/<slug:slug>/read/<str:language>/"), reviewing.read, name="read"),
    path("desk/briefs/<slug:slug>/comments/<int:pk>/<slug:name>/", reviewing.comment_move, name="comment_move"),
]
