import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('jobs', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('address', models.CharField(max_length=500)),
                ('minutes', models.IntegerField(default=0)),
                ('made_at', models.DateTimeField(auto_now_add=True)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Query',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rows_are', models.CharField(blank=True, max_length=40)),
                ('sql', models.TextField(max_length=10000)),
                ('watermark', models.CharField(blank=True, max_length=120)),
                ('good_rows', models.BooleanField(default=False)),
                ('receipts', models.JSONField(default=list)),
                ('read_at', models.DateTimeField(null=True)),
                ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='jobs.job')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='queries', to='sources.source')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
    ]
