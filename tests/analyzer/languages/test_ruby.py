"""What the analyzer reads from a Ruby service's own files, with nothing else beside them."""

import pytest

from analyzer import SourceTree, analyze
from delightful.recommendation import Recommendation

RACK = {"config.ru": "run App\n"}
RAILS = {
    **RACK,
    "Gemfile": 'source "https://rubygems.org"\ngem "rails", "~> 8.0"\n',
    "config/application.rb": "module Shop\nend\n",
}


def recommended(files: dict[str, str]) -> Recommendation:
    """Analyze a tree of texts."""
    return analyze(SourceTree.of_files(files), None, service="shop", commit="0" * 40)


def value(files: dict[str, str], field: str) -> object:
    """Return one answer."""
    answer = recommended(files).answer(field)
    assert answer is not None
    return answer.value


def with_gems(*lines: str) -> dict[str, str]:
    """Return a Rails service with more gems."""
    return {**RAILS, "Gemfile": RAILS["Gemfile"] + "".join(f"{line}\n" for line in lines)}


@pytest.mark.parametrize(
    ("gems", "framework", "port"),
    [
        ("gem 'rails'\ngem 'grape'\n", "rails", 3000),
        ("gem 'hanami', '~> 2.1'\n", "hanami", 2300),
        ("gem 'grape'\ngem 'rack'\n", "grape", 9292),
        ("gem 'sinatra'\n", "sinatra", 9292),
        ("gem 'roda'\n", "roda", 9292),
        ("gem 'rack'\n", "rack", 9292),
    ],
)
def test_the_framework_on_top_is_told_with_its_port(gems: str, framework: str, port: int) -> None:
    """Of several frameworks the one that brings the others counts, and where it listens."""
    files = {**RACK, "Gemfile": gems}
    assert (value(files, "framework"), value(files, "port")) == (framework, port)
    assert (value(files, "language"), value(files, "kind")) == ("ruby", "web")


@pytest.mark.parametrize(
    ("path", "text", "version"),
    [
        (".ruby-version", "ruby-3.4.2\n", "3.4.2"),
        (".tool-versions", "nodejs 20\nruby 3.3.6\n", "3.3.6"),
        ("Gemfile", 'ruby "3.2.1"\ngem "rack"\n', "3.2.1"),
        ("Gemfile", 'ruby "~> 3.2"\ngem "rack"\n', "3.2"),
        ("Gemfile.lock", "RUBY VERSION\n   ruby 3.4.4p34\n", "3.4.4"),
        ("shop.gemspec", 's.required_ruby_version = ">= 2.7"\n', "2.7"),
    ],
)
def test_the_version_is_read_from_what_pins_it(path: str, text: str, version: str) -> None:
    """Each file that pins Ruby is believed."""
    assert value({**RACK, path: text}, "runtime_version") == version


@pytest.mark.parametrize(
    ("path", "text", "database"),
    [
        (
            "config/database.yml",
            "default: &default\n  adapter: postgresql\ndevelopment:\n  adapter: sqlite3\n"
            "production:\n  <<: *default\n",
            "postgres",
        ),
        (
            "config/database.yml",
            "production:\n  primary:\n    adapter: sqlite3\n    database: a.sqlite3\n",
            "sqlite",
        ),
        (
            "config/database.yml",
            "production:\n  adapter: <%= ENV['ADAPTER'].presence || \"mysql2\" %>\n",
            "mysql",
        ),
        (
            "config/database.yml",
            "test:\n  adapter: postgresql\nproduction:\n  url: <%= ENV['DATABASE_URL'] %>\n",
            "postgres",
        ),
        (
            "config/database.yml",
            "lite: &lite\n  adapter: sqlite3\n<% if ENV['DB'] == 'mysql' %>\n"
            "production:\n  adapter: mysql2\n<% else %>\nproduction:\n  <<: *lite\n<% end %>\n",
            "sqlite",
        ),
        ("config/database.yml.sample", "production:\n  adapter: trilogy\n", "mysql"),
        ("config/database.yml", "production:\n  adapter: mysql2_makara\n", "mysql"),
        ("config/mongoid.yml", "production:\n  clients:\n", "mongodb"),
    ],
)
def test_the_database_is_what_production_is_configured_with(
    path: str, text: str, database: str
) -> None:
    """Adapters of production count, merged or by ERB, before those of development."""
    assert value({**RAILS, path: text}, "database") == database


def test_documents_beside_records_are_a_further_database() -> None:
    """Both have settings for production: records are what a service of Rails begins with."""
    files = {**RAILS, "config/database.yml": "production:\n  adapter: mysql2\n"}
    files["config/mongoid.yml"] = "production:\n  clients:\n"
    assert value(files, "database") == "mysql"


def test_settings_of_databases_are_left_behind_where_rails_has_no_records() -> None:
    """What a new project is given stays where its railtie is commented out."""
    files = {**RAILS, "config/database.yml": "production:\n  adapter: postgresql\n"}
    without = 'require "rails"\n# require "active_record/railtie"\nmodule Shop\nend\n'
    assert value(files, "database") == "postgres"
    assert value({**files, "config/application.rb": without}, "database") == "none"


def test_gems_of_groups_tell_the_database() -> None:
    """A file for development beside a server's gem for production is no database."""
    groups = with_gems(
        "group :development, :test do", '  gem "sqlite3"', "end", "group :production do",
        '  gem "pg"', "end",
    )  # fmt: skip
    assert value(groups, "database") == "postgres"


@pytest.mark.parametrize(
    ("files", "cache"),
    [
        (with_gems("gem 'sidekiq'"), "redis"),
        (with_gems("gem 'govuk_sidekiq'"), "redis"),
        (
            {
                **RAILS,
                "config/environments/production.rb": "config.cache_store = :mem_cache_store\n",
            },
            "memcached",
        ),
        (
            {
                **RAILS,
                "config/environments/production.rb": "# config.cache_store = :mem_cache_store\n",
            },
            "none",
        ),
        ({**RAILS, "config/cable.yml": "production:\n  adapter: redis\n  url: <%= 1 %>\n"}, "none"),
        ({**RAILS, "config/a.rb": "Redis.new(url: ENV['REDIS_URL'])\n"}, "redis"),
    ],
)
def test_the_cache_is_what_the_service_cannot_run_without(
    files: dict[str, str], cache: str
) -> None:
    """Stores and queues on Redis speak for a cache; the cable that Rails generates does not."""
    assert value(files, "cache") == cache


@pytest.mark.parametrize(
    ("files", "worker"),
    [
        (with_gems("gem 'sidekiq'"), True),
        (with_gems("gem 'delayed_job_active_record'"), True),
        (
            {
                **RAILS,
                "config/environments/production.rb": (
                    "config.active_job.queue_adapter = :solid_queue\n"
                ),
            },
            True,
        ),
        (
            {
                **with_gems("gem 'good_job'"),
                "config/environments/production.rb": "config.good_job.execution_mode = :async\n",
            },
            False,
        ),
        (
            {
                **RAILS,
                "config/environments/production.rb": (
                    "config.active_job.queue_adapter = :solid_queue\n"
                ),
                "config/deploy.yml": "env:\n  clear:\n    SOLID_QUEUE_IN_PUMA: true\n",
            },
            False,
        ),
        (RAILS, False),
    ],
)
def test_jobs_that_run_inside_the_web_process_are_no_worker(
    files: dict[str, str], worker: bool
) -> None:
    """A queue is a process of its own unless it is configured to run within Puma."""
    assert value(files, "worker") is worker


@pytest.mark.parametrize(
    ("routes", "path"),
    [
        ('  get "up" => "rails/health#show", as: :rails_health_check\n', "/up"),
        ('  # get "up" => "rails/health#show"\n', None),
        ("  get 'healthz', to: 'health#show'\n", "/healthz"),
        ("  get '/check', to: 'healthcheck#show'\n", "/check"),
        ("  get '/check', to: 'prices#show'\n", None),
        ("  get '/check', to: proc { [200, {}, ['OK']] }\n", "/check"),
        ("  get '/check', to: proc { |_env| [200, {}, %w[OK]] }\n", "/check"),
        ("  get '/robots', to: proc { [200, {}, ['Disallow: /']] }\n", None),
        ("  namespace :internal do\n    get 'ping' => 'ping#index'\n  end\n", "/internal/ping"),
        (
            "  namespace :api do\n    get :users\n  end\n  get '/health', to: 'a#b'\n",
            "/health",
        ),
        ("  resources :health, only: %i[index]\n", "/health"),
        ("  get 'up', to: 'a#b'\n", "/up"),
        (
            "  get '/health/ping', to: 'health#ping'\n"
            "  namespace :manage do\n    get 'orders/live', to: 'orders#live'\n  end\n",
            "/health/ping",
        ),
        ("  get 'ping', to: 'ping#a'\n  get 'healthcheck', to: 'healthcheck#a'\n", "/healthcheck"),
        ("  get :status, to: 'orders#status'\n", None),
        ("  mount OkComputer::Engine, at: '/okay'\n", "/okay"),
        ("  mount Easymon::Engine, at: '/checks'\n", "/checks"),
        ("  mount Sidekiq::Web => '/checks'\n", None),
    ],
)
def test_the_health_path_is_whole(routes: str, path: str | None) -> None:
    """Routes are told with the namespaces in which they stand; comments are none."""
    text = f"Rails.application.routes.draw do\n{routes}end\n"
    assert value({**RAILS, "config/routes.rb": text}, "health_path") == path


def test_sinatras_route_is_a_health_path() -> None:
    """A block that answers under a telling path is the health check of a small service."""
    files = {
        **RACK,
        "Gemfile": "gem 'sinatra'\n",
        "app.rb": "require 'sinatra'\nget '/health' do\n  'ok'\nend\n",
    }
    assert value(files, "health_path") == "/health"
    slash = {"app.rb": "require 'sinatra'\nget '/healthcheck/?' do\n  'ok'\nend\n"}
    assert value(files | slash, "health_path") == "/healthcheck"


def test_okcomputer_may_be_mounted_by_its_initializer() -> None:
    """Without one it has a path of its own."""
    files = {**RAILS, "Gemfile": "gem 'rails'\ngem 'okcomputer'\n"}
    assert value(files, "health_path") == "/okcomputer"
    mounts = {"config/initializers/okcomputer.rb": "OkComputer.mount_at = 'status'\n"}
    assert value(files | mounts, "health_path") == "/status"


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ('port ENV.fetch("PORT") { 3001 }\n', 3001),
        ("port ENV.fetch('PORT', 3002)\n", 3002),
        ('port(ENV.fetch("PORT") { 3003 }, host)\n', 3003),
        ('bind "tcp://0.0.0.0:3004"\n', 3004),
        ("# port 3005\n", 3000),
    ],
)
def test_puma_tells_the_port(text: str, port: int) -> None:
    """The port that Puma is configured with counts before the framework's."""
    assert value({**RAILS, "config/puma.rb": text}, "port") == port


def test_thruster_listens_where_the_image_starts_it() -> None:
    """Before Puma's port comes Thruster's where the Dockerfile exposes that, and only there."""
    files = {**with_gems("gem 'thruster'"), "bin/thrust": "#!/usr/bin/env ruby\n"}
    files |= {"config/puma.rb": "port ENV.fetch('PORT', 3000)\n"}
    assert value(files, "port") == 3000
    image = 'FROM ruby:3.4\nEXPOSE 80\nCMD ["./bin/thrust", "./bin/rails", "server"]\n'
    assert value({**files, "Dockerfile": image}, "port") == 80


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (
            {**with_gems("gem 'puma'"), "config/puma.rb": "workers 2\n"},
            ["bundle", "exec", "puma", "-C", "config/puma.rb"],
        ),
        (RAILS, ["bundle", "exec", "rails", "server", "-b", "0.0.0.0"]),  # noqa: S104
        (
            {**RACK, "Gemfile": "gem 'hanami'\n"},
            ["bundle", "exec", "hanami", "server", "--host", "0.0.0.0"],  # noqa: S104
        ),
        (
            {**RACK, "Gemfile": "gem 'roda'\ngem 'puma'\n"},
            ["bundle", "exec", "puma"],
        ),
        (
            {**RACK, "Gemfile": "gem 'roda'\ngem 'puma'\n", "puma_config.rb": "workers 2\n"},
            ["bundle", "exec", "puma", "-C", "puma_config.rb"],
        ),
        (
            {**RACK, "Gemfile": "gem 'roda'\n"},
            ["bundle", "exec", "rackup", "--host", "0.0.0.0"],  # noqa: S104
        ),
        (
            {"Gemfile": "gem 'sinatra'\n", "app.rb": "require 'sinatra'\n"},
            ["bundle", "exec", "ruby", "app.rb"],
        ),
    ],
)
def test_the_server_is_started_as_its_framework_wants(
    files: dict[str, str], words: list[str]
) -> None:
    """The installed server, else the framework's own, else the script."""
    assert value(files, "start_command") == words


def test_variables_of_code_and_configuration_are_read() -> None:
    """What code and ERB read are variables, as is what Rails reads by itself."""
    files = {
        **with_gems("gem 'pg'"),
        "config/database.yml": "production:\n  password: <%= ENV['SHOP_PASSWORD'] %>\n",
        "app/a.rb": "ENV.fetch('SHOP_TOKEN', nil) if ENV.key?('SHOP_ON')\n",
        "spec/a_spec.rb": "ENV['ONLY_IN_TESTS']\n",
    }
    names = value(files, "environment_variables")
    assert names == [
        "DATABASE_URL",
        "RAILS_MAX_THREADS",
        "SECRET_KEY_BASE",
        "SHOP_ON",
        "SHOP_PASSWORD",
        "SHOP_TOKEN",
    ]


def test_rails_migrates_before_traffic() -> None:
    """Rails' migrations are run as a task of their own."""
    assert value(RAILS, "migration_tool") == "rails"
    assert value(RAILS, "migration_command") == ["bundle", "exec", "rails", "db:migrate"]


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"shop.gemspec": "Gem::Specification.new\n", "lib/a.rb": "x = 1\n"}, "library"),
        (
            {
                "shop.gemspec": "Gem::Specification.new\ns.executables = ['shop']\n",
                "lib/a.rb": "x = 1\n",
            },
            "cli",
        ),
        (
            {
                "shop.gemspec": (
                    "Gem::Specification.new\ns.executables = ['shop']\n"
                    "s.summary = 'Background jobs for Ruby'\n"
                ),
                "lib/a.rb": "x = 1\n",
            },
            "library",
        ),
        (RAILS, "web"),
    ],
)
def test_gems_are_nothing_to_deploy(files: dict[str, str], kind: str) -> None:
    """A gem is a library, one with executables a tool, an application a service."""
    assert value(files, "kind") == kind


def test_a_gemfile_for_tools_alone_is_no_ruby_service() -> None:
    """A Gemfile for Fastlane beside sources of another language decides nothing."""
    files = {f"src/{number}.go": "package main\n" for number in range(30)}
    files |= {"Gemfile": "gem 'fastlane'\n", "fastlane/a.rb": "x = 1\n", "go.mod": "module a\n"}
    assert value(files, "language") == "go"


def test_a_front_end_beside_the_service_is_not_its_language() -> None:
    """An application in the root outweighs a package of another language in a folder below."""
    package = '{"scripts": {"start": "x"}, "dependencies": {"nuxt": "3"}}\n'
    assert value({**RAILS, "frontend/package.json": package}, "language") == "ruby"


@pytest.mark.parametrize(
    ("path", "text", "port"),
    [
        ("config.ru", "#\\ -s puma -p 8101\nrun App\n", 8101),
        ("config.ru", "# rackup -p 8101\nrun App\n", 9292),
        ("server.rb", "Rack::Handler::WEBrick.run(App, Port: 8101)\n", 8101),
        ("server.rb", "WEBrick::HTTPServer.new(:Port => ENV['PORT'] || 8101)\n", 8101),
        ("server.rb", "App.run!(host: '0.0.0.0', port: 8101)\n", 8101),
        ("bin/start", "exec bundle exec puma -p 8101 config.ru\n", 8101),
        ("entrypoint.sh", "bundle exec puma -b tcp://0.0.0.0:8101\n", 8101),
        ("Makefile", "run:\n\tbundle exec rackup --port 8101 | tee log\n", 8101),
        ("Makefile", "run:\n\tbundle exec rackup | nc -p 8101\n", 9292),
    ],
)
def test_what_starts_the_server_tells_the_port(path: str, text: str, port: int) -> None:
    """Options in code, in Rack's own file and in the scripts that start a server are the port."""
    files = {"config.ru": "run App\n", "Gemfile": "gem 'rack'\n", path: text}
    assert value(files, "port") == port


@pytest.mark.parametrize(
    ("gem", "path"),
    [
        ("okcomputer", "/okcomputer"),
        ("health_check", "/health_check"),
        ("server_health_check-rack", "/health"),
    ],
)
def test_a_gem_answers_at_a_path_of_its_own(gem: str, path: str) -> None:
    """Some gems mount themselves: the path is theirs where the routes name none."""
    assert value(with_gems(f"gem '{gem}'"), "health_path") == path


SERVED = {
    "shop.gemspec": (
        "Gem::Specification.new\ns.executables = s.files.grep(/exe/)\n"
        "s.add_dependency 'sinatra'\ns.add_dependency 'puma'\ns.add_dependency 'sqlite3'\n"
    ),
    "Gemfile": "gemspec\ngem 'pg'\ngem 'sqlite3'\n",
    "exe/shop": "#!/usr/bin/env ruby\n",
    "bin/setup": "#!/bin/sh\n",
    "lib/a.rb": "x = 1\n",
    "README.md": "# Shop\n\n    $ gem install shop\n    $ shop start\n",
}


def test_a_gem_that_brings_its_server_is_run() -> None:
    """It is started by its command, and what its Gemfile adds is for its authors."""
    assert value(SERVED, "kind") == "web"
    assert value(SERVED, "start_command") == ["shop", "start"]
    assert value(SERVED, "database") == "sqlite"
    alone = {**SERVED, "shop.gemspec": SERVED["shop.gemspec"].replace("puma", "rack")}
    assert value(alone, "kind") == "cli"


def test_one_of_several_caches_is_none_that_is_needed() -> None:
    """What opens either in one place leaves the choice to its settings."""
    memcached, redis = "a = Dalli::Client.new\n", "b = Redis.new\n"
    gems = with_gems("gem 'dalli'", "gem 'redis'")
    assert value({**gems, "lib/cache.rb": memcached + redis}, "cache") == "none"
    assert value({**gems, "lib/cache.rb": memcached, "lib/jobs.rb": redis}, "cache") != "none"


def test_an_engine_of_rails_is_mounted_whatever_command_makes_an_application() -> None:
    """The command writes the application that it is mounted in."""
    files = {
        "shop.gemspec": "Gem::Specification.new\ns.executables << 'shop'\n",
        "lib/shop/engine.rb": "module Shop\n  class Engine < ::Rails::Engine\n  end\nend\n",
    }
    assert value(files, "kind") == "library"
    assert value({**files, "lib/shop/engine.rb": "module Shop\nend\n"}, "kind") == "cli"
