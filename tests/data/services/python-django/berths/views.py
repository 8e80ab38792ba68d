from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static


def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def overview(request: HttpRequest) -> HttpResponse:
    # Fails unless the style sheet was collected: its name has a sum of its contents.
    return HttpResponse(f'<link rel="stylesheet" href="{static("berths/style.css")}">Berths')
