//go:build race

package storetest

// raceDetector says that the test binary runs many times slower than usual:
// the heavy cases then carry a tenth of their load.
const raceDetector = true
