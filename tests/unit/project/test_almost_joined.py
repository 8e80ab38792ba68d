"""Pairs that could become one image if it were known from which folder the back end serves."""

from pathlib import Path

from slimdesk.project.joining import almost_joined, join
from slimdesk.project.model import Component, Fact, Project


def component(name, path, profile, *, port=None, facts=()):
    return Component(name, path, profile, port=port, facts=tuple(facts))


def pairs(*components, joined=()):
    found = almost_joined(Project(Path("/"), components, joined=tuple(joined)))
    return [(front.name, host.name) for front, host in found]


def test_only_the_folder_is_missing():
    web = component("web", "web", "web")
    assert pairs(web, component("api", "api", "node", port=3000)) == [("web", "api")]
    assert pairs(web, component("job", "job", "node")) == []
    assert pairs(web, component("api", "api", "php", port=80)) == []
    assert pairs(web) == []
    assert pairs(component("api", "api", "go", port=80)) == []


def test_what_states_its_folder_or_is_joined_already_lacks_nothing():
    web = component("web", "web", "web")
    api = component("api", "api", "go", port=80, facts=[Fact("static_folder", "public")])
    assert pairs(web, api) == []
    other = component("admin", "admin", "go", port=81)
    assert pairs(web, api, other, joined=[join(web, api)]) == []


def test_of_several_back_ends_the_nearest_are_meant():
    web = component("web", "shop/apps/web", "web")
    near = component("api", "shop/apps/api", "node", port=3000)
    far = component("billing", "billing", "node", port=3000)
    assert pairs(web, near, far) == [("web", "api")]
    assert pairs(web, far, component("mail", "mail", "go", port=25)) == [("web", "billing"), ("web", "mail")]
