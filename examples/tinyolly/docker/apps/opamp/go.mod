module tinyolly.example/opamp

go 1.24
