# frozen_string_literal: true

require "nio"
require "sinatra/base"

# Answers whether it is well, and with what Ruby.
class App < Sinatra::Base
  set :host_authorization, permitted_hosts: []

  get "/healthz" do
    content_type "text/plain"
    "ok"
  end

  get "/" do
    content_type "text/plain"
    "Hello from Ruby #{RUBY_VERSION} with #{NIO.engine}"
  end
end
