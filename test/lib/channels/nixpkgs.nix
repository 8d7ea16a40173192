# What a flake uses of nixpkgs, for an evaluation: a package is what is said of it.
let
  packagesFor = system: rec {
    lib.optionals = condition: list: if condition then list else [ ];
    stdenvNoCC = {
      hostPlatform.isLinux = builtins.match ".*-linux" system != null;
      mkDerivation = package: package;
    };
    stdenv.cc.cc.lib = "libstdc++";
    fetchurl = { url, hash }: { inherit url hash; };
    autoPatchelfHook = "autoPatchelfHook";
    unzip = "unzip";
    zstd = "zstd";
    openssl = "openssl";
  };
in
{
  lib.sourceTypes.binaryNativeCode = "binaryNativeCode";
  legacyPackages = builtins.listToAttrs (
    map (name: { inherit name; value = packagesFor name; }) [
      "aarch64-darwin"
      "aarch64-linux"
      "x86_64-darwin"
      "x86_64-linux"
    ]
  );
}
