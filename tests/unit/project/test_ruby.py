"""Ruby projects: what is found, with its place, and what a hostile Gemfile cannot do."""

import pytest

RAILS_LOCK = """GEM
  remote: https://rubygems.org/
  specs:
    nokogiri (1.18.9-x86_64-linux-gnu)
      racc (~> 1.4)
    pg (1.5.9)
    puma (6.6.0)
      nio4r (~> 2.0)
    rails (8.1.0)

PLATFORMS
  x86_64-linux-gnu

DEPENDENCIES
  rails

RUBY VERSION
   ruby 3.4.7p58

BUNDLED WITH
   2.6.9
"""
RAILS = {
    "Gemfile": 'source "https://rubygems.org"\nruby "3.4.7"\ngem "rails", "~> 8.1"\ngem "pg"\ngem "puma", ">= 5"\ngem "propshaft"\ngem "bootsnap", require: false\ngroup :development, :test do\n  gem "debug"\n  gem "mysql2"\nend\n',
    "Gemfile.lock": RAILS_LOCK,
    ".ruby-version": "ruby-3.4.7\n",
    "config.ru": "run Rails.application\n",
    "config/puma.rb": 'threads 3, 3\nport ENV.fetch("PORT", 3000)\n',
    "config/routes.rb": 'Rails.application.routes.draw do\n  get "up" => "rails/health#show"\nend\n',
    "config/credentials.yml.enc": "x",
    "app/assets/a.css": "a",
    "db/schema.rb": "x",
    "lib/tasks.rb": 'puts ENV.fetch("API_URL")\n',
}


def only(project):
    assert [component.profile for component in project.components] == ["ruby"], project
    return project.components[0]


def test_rails(detect_files):
    found = only(detect_files(RAILS))
    assert (found.framework, found.package_manager, found.version, found.port) == (
        "Rails",
        "bundler",
        "3.4.7",
        3000,
    )
    assert found.entrypoint == ("bundle", "exec", "puma")
    assert str(found.fact("port").evidence) == "config/puma.rb:2"
    assert str(found.fact("version_pin").evidence) == ".ruby-version:1"
    assert [str(fact.value) for fact in found.all("native")] == ["pg"]
    assert str(found.fact("native").evidence) == "Gemfile:4"
    assert str(found.fact("glibc_gem").evidence) == "Gemfile.lock:4"
    assert {str(fact.value) for fact in found.all("env_required")} == {"RAILS_MASTER_KEY", "API_URL"}
    assert found.value("health_path") == "/up"
    assert {str(fact.value) for fact in found.all("writes")} == {"tmp", "log", "storage"}
    assert found.problems == ()


@pytest.mark.parametrize(
    ("files", "entrypoint", "port"),
    [
        ({"Gemfile": 'gem "sinatra"\ngem "puma"\n', "config.ru": "run App"}, ("bundle", "exec", "puma", "-b", "tcp://0.0.0.0:9292"), 9292),
        ({"Gemfile": 'gem "roda"\ngem "falcon"\n', "config.ru": "run App"}, ("bundle", "exec", "falcon", "serve", "--bind", "http://0.0.0.0:9292"), 9292),
        ({"Gemfile": 'gem "sinatra"\n', "app.rb": 'require "sinatra"\nset :port, 8000\nget("/") { 1 }\n'}, ("bundle", "exec", "ruby", "app.rb", "-o", "0.0.0.0", "-p", "8000"), 8000),
        ({"Gemfile": 'gem "puma"\n', "config.ru": "run App", "Procfile": "web: bundle exec puma -p $PORT -C config/puma.rb\nworker: bundle exec rake jobs\n"}, ("bundle", "exec", "puma", "-p", "9292", "-C", "config/puma.rb"), 9292),
        ({"Gemfile": 'gem "sidekiq"\n', "lib/a.rb": "1"}, ("bundle", "exec", "sidekiq"), None),
        ({"main.rb": "puts 6 * 7\n"}, ("ruby", "main.rb"), None),
        ({"tool.gemspec": 's.executables = ["tool"]\n', "exe/tool": "#!/usr/bin/env ruby\n", "Gemfile": "gemspec\n", "lib/tool.rb": "1"}, ("bundle", "exec", "ruby", "-Ilib", "exe/tool"), None),
        ({"Gemfile": 'gem "thor"\n', "main.rb": "puts 1\n"}, ("bundle", "exec", "ruby", "main.rb"), None),
    ],
    ids=["sinatra-puma", "falcon", "sinatra-classic", "procfile", "sidekiq", "script", "gem-program", "script-with-gems"],
)  # fmt: skip
def test_what_starts_it(detect_files, files, entrypoint, port):
    found = only(detect_files(files))
    assert found.entrypoint == entrypoint
    assert found.port == port


@pytest.mark.parametrize(
    "files",
    [
        {"Gemfile": 'gem "fastlane"\ngem "cocoapods"\n', "fastlane/Fastfile": "x"},
        {"Gemfile": 'gem "jekyll"\n', "_config.yml": "title: x\n", "_plugins/a.rb": "1"},
        {"shop.gemspec": 's.name = "shop"\n', "lib/shop.rb": "1", "Gemfile": "gemspec\n"},
        {"package.json": '{"main": "i.js"}', "i.js": "1", "deploy.rb": "1"},
    ],
    ids=["fastlane", "jekyll", "library", "beside"],
)
def test_what_is_no_ruby_program(detect_files, files):
    assert "ruby" not in [component.profile for component in detect_files(files).components]


def test_a_lock_from_another_system_is_told(detect_files):
    lock = RAILS_LOCK.replace("x86_64-linux-gnu", "arm64-darwin-24")
    found = only(detect_files({**RAILS, "Gemfile.lock": lock}))
    assert "bundle lock --add-platform" in found.problems[0].message
    assert found.problems[0].evidence.line == 12


def test_a_rack_application_without_a_server_is_told(detect_files):
    found = only(detect_files({"Gemfile": 'gem "rack"\n', "config.ru": "run App"}))
    assert any("puma" in problem.message for problem in found.problems)


def test_path_gems_decide_the_context(detect_files):
    project = detect_files(
        {"apps/web/Gemfile": 'gem "puma"\ngem "core", path: "../../core"\ngem "far", path: "../../../far"\n', "apps/web/config.ru": "run A", "core/lib/core.rb": "1"}
    )  # fmt: skip
    found = only(project)
    assert (found.path, found.context) == ("apps/web", ".")
    assert any("outside of the folder" in problem.message for problem in found.problems)


@pytest.mark.parametrize(
    "text",
    ["gem '" * 50_000, "\x00\x1b[2J gem 'rails'", 'group ":' + "a" * 100_000, "do\n" * 30_000, "end\n" * 30_000, 'gem "x", path: "' + "../" * 5000 + '"', "ruby '" + "9" * 5_000 + "'"],
    ids=["gems", "controls", "group", "do", "end", "dots", "version"],
)  # fmt: skip
def test_hostile_gemfiles_raise_nothing(detect_files, text):
    project = detect_files(
        {
            "Gemfile": text,
            "Gemfile.lock": text,
            ".ruby-version": text,
            "config.ru": text,
            "Procfile": "web: " + text,
            "a.gemspec": text,
        }
    )
    for component in project.components:
        assert all(
            fact.evidence is not None or fact.key in ("framework", "native")
            for fact in component.facts
            if fact.key != "port"
        )
