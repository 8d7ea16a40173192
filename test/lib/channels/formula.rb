# Loads a formula as Homebrew does, as far as what Slipway writes goes, and says what it declares for a platform; where
# a folder is given, installs what is in it. Homebrew itself runs on no machine that reaches package registries only.
require "fileutils"
require "json"
require "pathname"

file, class_name, system, processor, buildpath, prefix = ARGV
SEEN = { "blocks" => [], "installed" => {} }
PLATFORM = { system: system, processor: processor }
PREFIX = Pathname(prefix || "/nowhere")

# A folder that files are installed into.
class Target
  def initialize(name) = @name = name
  def /(other) = PREFIX + @name + other
  def to_s = (PREFIX + @name).to_s

  def install(source)
    raise "#{source} is not there" unless File.exist?(source)

    FileUtils.mkdir_p(to_s)
    FileUtils.cp_r(source, to_s)
    (SEEN["installed"][@name] ||= []) << File.basename(source)
  end
end

class Formula
  class << self
    %w[desc homepage version url sha256].each { |name| define_method(name) { |value| set(name, value) } }
    def license(value) = set("license", value.to_s)
    def depends_on(name) = (SEEN["dependencies"] ||= []) << name
    def conflicts_with(name, because:) = (SEEN["conflicts"] ||= []) << [name, because]
    def on_macos = PLATFORM[:system] == "macos" && yield
    def on_linux = PLATFORM[:system] == "linux" && yield
    def on_arm = PLATFORM[:processor] == "arm" && yield
    def on_intel = PLATFORM[:processor] == "intel" && yield
    def livecheck = SEEN["blocks"] << "livecheck"
    def service(&block) = (@service = block)
    def test(&block) = (@test = block)
    attr_reader :service_block, :test_block
    def blocks = [@service, @test]

    def set(name, value)
      raise "#{name} is said twice" if SEEN.key?(name)

      SEEN[name] = value
    end
  end

  %w[bin man1 man5 bash_completion zsh_completion fish_completion].each do |name|
    define_method(name) { Target.new(name) }
  end
  def opt_bin = Pathname("/opt/homebrew/opt/it/bin")
  def run(command) = SEEN["service"] = command.map(&:to_s)
  def keep_alive(value) = SEEN["keep_alive"] = value
  def assert_predicate(file, predicate) = (raise "#{file} is not #{predicate}" unless file.public_send(predicate))
  def shell_output(command) = `#{command}`.tap { raise "#{command} fails" unless $?.success? }
  def assert_match(wanted, text) = (raise "#{text.inspect} is without #{wanted.inspect}" unless text.include?(wanted))
end

load file
formula = Object.const_get(class_name)
service, test = formula.blocks
formula.new.instance_eval(&service) if service
SEEN["caveats"] = formula.new.caveats if formula.method_defined?(:caveats, false)
if buildpath
  Dir.chdir(buildpath) { formula.new.install }
  formula.new.instance_eval(&test)
end
puts JSON.generate(SEEN)
