from typing import ClassVar

from django.db import migrations, models

KEY = models.BigAutoField(auto_created=True, primary_key=True, serialize=False)
FIELDS = [("id", KEY), ("name", models.CharField(max_length=40))]


class Migration(migrations.Migration):
    initial = True
    operations: ClassVar = [migrations.CreateModel("Berth", FIELDS)]
