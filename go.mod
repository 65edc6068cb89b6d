module github.com/rca-engine/rca

go 1.26.8
