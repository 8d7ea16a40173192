# Loads a cask as Homebrew does, as far as what Slipway writes goes, and says what it declares for a processor of macOS.
# Homebrew itself runs on no machine that reaches package registries only.
require "json"

file, processor = ARGV
SEEN = { "linked" => [] }
PROCESSOR = processor

# What may be said in a cask: anything else, such as a hook, is an error.
class Cask
  %w[version sha256 url name desc homepage].each do |stanza|
    define_method(stanza) do |value|
      raise "#{stanza} is said twice" if SEEN.key?(stanza)

      SEEN[stanza] = value
    end
  end
  %w[binary manpage bash_completion zsh_completion fish_completion].each do |stanza|
    define_method(stanza) { |path| SEEN["linked"] << [stanza, path] }
  end
  def on_arm = PROCESSOR == "arm" && yield
  def on_intel = PROCESSOR == "intel" && yield
  def depends_on(what) = (SEEN["depends_on"] ||= []) << what
  def caveats = SEEN["caveats"] = yield
  def livecheck(&block) = Livecheck.new.instance_eval(&block)

  # What is said of a newer version.
  class Livecheck
    def url(value) = SEEN["livecheck"] = [value]
    def strategy(value) = SEEN["livecheck"] << value
  end
end

def cask(token, &block)
  SEEN["token"] = token
  Cask.new.instance_eval(&block)
end

load file
puts JSON.generate(SEEN)
