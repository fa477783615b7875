"""Surveys that were issued before occasions existed get theirs: those of one address and title belong together."""

from django.db import migrations

ACTIVITIES = (("exchange", "exchange"), ("meeting", "meeting"), ("training", "training"), ("mentoring", "mentoring"))


def activity_of(questionnaire: str) -> str:
    return next((activity for start, activity in ACTIVITIES if questionnaire.startswith(start)), "meeting")


def make_occasions(apps, _editor):
    survey_model = apps.get_model("evaluation", "Survey")
    occasion_model = apps.get_model("evaluation", "Occasion")
    found = {}
    for survey in survey_model.objects.filter(occasion=None).select_related("questionnaire").order_by("pk"):
        whole = (survey.path, survey.title_en)
        if whole not in found:
            found[whole] = occasion_model.objects.create(
                activity=activity_of(survey.questionnaire.slug),
                key=f"survey-{survey.pk}",
                title_en=survey.title_en,
                title_fr=survey.title_fr,
                about_en=survey.about_en,
                about_fr=survey.about_fr,
                path=survey.path,
                on=survey.opens_at.date(),
            )
        survey_model.objects.filter(pk=survey.pk).update(occasion=found[whole])


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0002_occasions")]

    operations = [migrations.RunPython(make_occasions, migrations.RunPython.noop)]
