from berths.views import health, overview
from django.urls import path

urlpatterns = [path("", overview), path("healthz", health)]
