module example.com/harbour/api

go 1.26

require example.com/harbour/shared v0.0.0
