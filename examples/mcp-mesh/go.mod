module github.com/dhyansraj/mcp-mesh

go 1.24
