module slipway.dev/tools/eget

go 1.26

tool github.com/zyedidia/eget

require (
	github.com/BurntSushi/toml v1.2.1 // indirect
	github.com/gobwas/glob v0.2.3 // indirect
	github.com/jessevdk/go-flags v1.5.0 // indirect
	github.com/klauspost/compress v1.15.15 // indirect
	github.com/mattn/go-runewidth v0.0.13 // indirect
	github.com/mitchellh/colorstring v0.0.0-20190213212951-d06e56a500db // indirect
	github.com/rivo/uniseg v0.2.0 // indirect
	github.com/schollz/progressbar/v3 v3.8.2 // indirect
	github.com/ulikunitz/xz v0.5.10 // indirect
	github.com/zyedidia/eget v1.3.4 // indirect
	golang.org/x/crypto v0.0.0-20220411220226-7b82a4e95df4 // indirect
	golang.org/x/sys v0.0.0-20220520151302-bc2c85ada10a // indirect
	golang.org/x/term v0.0.0-20210927222741-03fcf44c2211 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)
