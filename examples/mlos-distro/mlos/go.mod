module github.com/mlOS-foundation/mlos-distro

go 1.24
