"""What reviewers said of a visit moves to the desk that all evaluations share."""

from django.db import migrations


def occasion_of(apps, visit_id):
    evaluation = apps.get_model("exchanges", "VisitEvaluation").objects.filter(visit_id=visit_id)
    found = evaluation.select_related("survey__occasion").order_by("pk").first()
    return found.survey.occasion if found else None


def move_reviews(apps, _editor):
    comments = apps.get_model("evaluation", "Comment").objects
    for review in apps.get_model("exchanges", "Review").objects.order_by("pk"):
        if occasion := occasion_of(apps, review.visit_id):
            comments.create(
                occasion=occasion, text=review.comment, by_id=review.by_id, by_name=review.by_name, at=review.at
            )
    for visit in apps.get_model("exchanges", "Visit").objects.filter(reviewed_at__isnull=False).select_related("reviewed_by"):
        if occasion := occasion_of(apps, visit.pk):
            occasion.reviewed_at, occasion.reviewed_by_id = visit.reviewed_at, visit.reviewed_by_id
            occasion.reviewed_by_name = visit.reviewed_by.name if visit.reviewed_by else "?"
            occasion.save()


class Migration(migrations.Migration):
    dependencies = [("exchanges", "0001_initial"), ("evaluation", "0004_every_survey_has_an_occasion")]

    operations = [migrations.RunPython(move_reviews, migrations.RunPython.noop)]
