from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="session",
            name="transport",
            field=models.CharField(default="cookie", max_length=10),
        ),
    ]
