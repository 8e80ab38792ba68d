module example.com/harbour/shared

go 1.26
