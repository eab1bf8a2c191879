// Package log is the Log page: what the server and its engine log, with what the
// UI itself said, filtered and searched.
//
// It keeps the newest lines; the server keeps its own.
package log
