//go:build race

package pebblestore

// raceDetector says that the tests run many times slower than usual: the
// heavy ones then carry a tenth of their load.
const raceDetector = true
