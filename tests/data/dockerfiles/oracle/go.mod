module oracle

go 1.26.3

require github.com/moby/buildkit v0.33.0
