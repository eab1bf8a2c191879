//go:build !race

package pebblestore

const raceDetector = false
