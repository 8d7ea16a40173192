module github.com/helloblueai/bleu-os

go 1.24
