module lake

go 1.24
