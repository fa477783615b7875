from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reporting", "0001_initial")]

    operations = [
        migrations.AddField("calculation", "basis", models.JSONField(blank=True, default=dict)),
    ]
