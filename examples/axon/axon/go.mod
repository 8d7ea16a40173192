module github.com/mlOS-foundation/axon

go 1.24
