"""Images of Ruby and PHP: Debian 13's own interpreters (Ruby 3.3, PHP 8.4) at the places where the official images have theirs.

Sources: docker-library/ruby d55e25ae 2026-04-21, docker-library/php 445bf414 2026-07-30. Where they differ: the official
interpreters are compiled into /usr/local, these are links to /usr/bin; PHP extensions come from Debian's packages, not from
a compiler. rubygems.org and Packagist may be out of reach, so Ruby's images carry a small mirror of gems built from
Debian's sources, and bundler is told to take them instead; a PHP project of the tests brings its packages with it.
"""

import tempfile
from pathlib import Path

from engine.standins import client, packages
from engine.standins.builders import PATH, install
from engine.standins.store import Image

RUBY = ("ca-certificates", "ruby", "ruby-bundler")
RUBY_FULL = (*RUBY, "ruby-dev")
GEMS = ("puma", "ruby-nio4r", "ruby-sinatra", "ruby-rack-session")
PHP = (
    "ca-certificates",
    "curl",
    "php8.4-cli",
    "php8.4-curl",
    "php8.4-mbstring",
    "php8.4-xml",
    "php8.4-sqlite3",
)
APACHE = ("apache2", "libapache2-mod-php8.4")
COMPOSER = ("composer", "unzip", "git")

# puma is a gem with C code, built from its source; nio4r becomes a gem for this platform, the rest are plain Ruby.
BUILD_GEMS = f"""
{install("ruby", "ruby-dev", *GEMS)}
COPY puma.tar.gz repack.rb index.rb /
RUN set -eux; mkdir -p /mirror/gems /src; tar --extract --directory /src --strip-components=1 --file /puma.tar.gz; cd /src; \\
  git init -q; git add -A; gem build puma.gemspec > /dev/null; mv puma-*.gem /mirror/gems/; cd /mirror; ruby /repack.rb; ruby /index.rb; ls gems
"""
# Debian's installed gems become .gem files again.
REPACK = """require "rubygems/package"
require "fileutils"
done = []
waiting = %w[nio4r sinatra rack-session]
until waiting.empty?
  name = waiting.shift
  next if done.include?(name)
  done << name
  spec = Gem::Specification.find_by_name(name)
  waiting.concat(spec.runtime_dependencies.map(&:name))
  next if spec.default_gem? || !File.directory?(spec.full_gem_path)
  work = "/tmp/gem-#{name}"
  FileUtils.cp_r(spec.full_gem_path, work)
  unless spec.extensions.empty?
    FileUtils.cp_r("#{spec.extension_dir}/.", "#{work}/lib")
    spec = spec.dup
    spec.extensions = []
    spec.platform = Gem::Platform.local
  end
  Dir.chdir(work) do
    spec.files = Dir["**/*"].select { |file| File.file?(file) }
    spec.executables = []
    FileUtils.mv(Gem::Package.build(spec, true), "/mirror/gems/")
  end
end
"""
# The files of a gem server (guides.rubygems.org, "rubygems.org compatible API": specs.4.8.gz and quick/).
INDEX = """require "rubygems/package"
require "zlib"
require "fileutils"
specs = Dir["gems/*.gem"].map { |file| Gem::Package.new(file).spec }
FileUtils.mkdir_p("quick/Marshal.4.8")
specs.each do |spec|
  File.binwrite("quick/Marshal.4.8/#{spec.full_name}.gemspec.rz", Zlib::Deflate.deflate(Marshal.dump(spec)))
end
rows = specs.map { |spec| [spec.name, spec.version, spec.original_platform.to_s] }
{ "specs" => rows, "latest_specs" => rows, "prerelease_specs" => [] }.each do |name, list|
  Zlib::GzipWriter.open("#{name}.4.8.gz") { |file| file.write(Marshal.dump(list)) }
end
"""
# Debian switches on what it installs, opcache among it: docker-php-ext-enable has nothing to do here.
# What docker-php-ext-install does, with Debian's packages instead of a compiler: pdo_mysql and mysqli are in one of them.
EXT_INSTALL = r"""#!/bin/sh
set -e
apt-get update -qq
for extension in "$@"; do
  case "$extension" in
    -j*) continue ;;
    pdo_mysql|mysqli) package=mysql ;; pdo_pgsql|pgsql) package=pgsql ;; pdo_sqlite) package=sqlite3 ;; opcache) package=opcache ;;
    pcntl|sockets|exif|calendar|ftp|gettext|shmop) package=common ;;
    *) package="$extension" ;;
  esac
  apt-get install -y -qq --no-install-recommends "php8.4-$package" > /dev/null
  folder=/usr/local/lib/php/extensions/no-debug-non-zts-20240924
  mkdir -p "$folder" /usr/local/etc/php/conf.d
  cp "/usr/lib/php/20240924/$extension.so" "$folder/"
  rm -f /etc/php/8.4/*/conf.d/*-"$extension.ini"
  kind=extension; [ "$extension" = opcache ] && kind=zend_extension
  echo "$kind=$folder/$extension.so" > "/usr/local/etc/php/conf.d/docker-php-ext-$extension.ini"
done
rm -rf /var/lib/apt/lists/*
"""
APACHE_FOREGROUND = """#!/bin/sh
set -e
. /etc/apache2/envvars
rm -f "$APACHE_PID_FILE"
exec apache2 -DFOREGROUND "$@"
"""


def _ruby(base: str, names: tuple[str, ...]) -> str:
    return (
        f"FROM buildpack-deps:trixie AS gems{BUILD_GEMS}"
        f"FROM {base}\n{install(*names)}\n"
        "RUN for name in ruby gem bundle bundler; do ln -s /usr/bin/$name /usr/local/bin/$name; done; mkdir -m 1777 /usr/local/bundle\n"
        "COPY --from=gems /mirror /usr/local/share/gem-mirror\n"
        "ENV LANG=C.UTF-8 GEM_HOME=/usr/local/bundle BUNDLE_SILENCE_ROOT_WARNING=1 BUNDLE_APP_CONFIG=/usr/local/bundle "
        f"PATH=/usr/local/bundle/bin:{PATH}\n"
        "RUN echo '---\\nBUNDLE_MIRROR__HTTPS://RUBYGEMS__ORG/: \"file:///usr/local/share/gem-mirror\"' > /usr/local/bundle/config\n"
        'CMD ["irb"]\n'
    )


def _php(kind: str) -> str:
    apache = kind == "apache"
    text = (
        f"FROM debian:trixie-slim\n{install(*PHP, *(APACHE if apache else ()))}\n"
        "COPY docker-php-ext-install /usr/local/bin/\n"
        "RUN ln -s /usr/bin/php8.4 /usr/local/bin/php; mkdir -p /usr/local/etc/php/conf.d /usr/local/lib/php/extensions; "
        "cp /usr/lib/php/8.4/php.ini-* /usr/local/etc/php/; chmod 755 /usr/local/bin/docker-php-ext-install; ln -s /bin/true /usr/local/bin/docker-php-ext-enable\n"
        "ENV PHP_INI_DIR=/usr/local/etc/php PHP_INI_SCAN_DIR=:/usr/local/etc/php/conf.d\n"
    )
    if not apache:
        return text + 'CMD ["php", "-a"]\n'
    return (
        text
        + "COPY apache2-foreground /usr/local/bin/\nENV APACHE_CONFDIR=/etc/apache2 APACHE_ENVVARS=/etc/apache2/envvars\n"
        + "RUN chmod 755 /usr/local/bin/apache2-foreground; . /etc/apache2/envvars; rm -rf /var/www/html; mkdir -p /var/www/html; "
        + 'chown -R www-data:www-data /var/www/html "$APACHE_RUN_DIR" "$APACHE_LOG_DIR"; chmod 1777 /var/www/html "$APACHE_RUN_DIR" "$APACHE_LOG_DIR" /run/lock; '
        + 'ln -sfT /dev/stderr "$APACHE_LOG_DIR/error.log"; ln -sfT /dev/stdout "$APACHE_LOG_DIR/access.log"\n'
        + 'STOPSIGNAL SIGWINCH\nWORKDIR /var/www/html\nEXPOSE 80\nCMD ["apache2-foreground"]\n'
    )


def _composer() -> str:
    return f'FROM debian:trixie-slim\n{install(*COMPOSER)}\nENTRYPOINT ["composer"]\n'


DOCKERFILES = {
    "ruby:3.3-trixie": _ruby("buildpack-deps:trixie", RUBY_FULL),
    "ruby:3.3-slim-trixie": _ruby("debian:trixie-slim", RUBY),
    "php:8.4-cli-trixie": _php("cli"),
    "php:8.4-apache-trixie": _php("apache"),
    "composer:2": _composer(),
}
PACKAGES = {
    "ruby:3.3-trixie": RUBY_FULL,
    "ruby:3.3-slim-trixie": RUBY,
    "php:8.4-cli-trixie": PHP,
    "php:8.4-apache-trixie": (*PHP, *APACHE),
    "composer:2": COMPOSER,
}
# What each is made on; the gems need a compiler whatever they end up in.
BASES = {
    name: ("debian:trixie-slim", *(("buildpack-deps:trixie",) if name.startswith("ruby") else ()))
    for name in DOCKERFILES
}
FILES = {
    "index.rb": INDEX,
    "repack.rb": REPACK,
    "docker-php-ext-install": EXT_INSTALL,
    "apache2-foreground": APACHE_FOREGROUND,
}


def make(host: str, tag: str) -> list[Image]:
    """Make one of DOCKERFILES."""
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder) / name for name in FILES}
        for name, path in files.items():
            path.write_text(FILES[name])
        if tag.startswith("ruby"):
            files["puma.tar.gz"] = packages.fetch_source("puma")
        client.build(host, DOCKERFILES[tag], tag, files)
    return list(client.save(host, [tag]))
