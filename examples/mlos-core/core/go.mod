module github.com/mlOS-foundation/core

go 1.24
