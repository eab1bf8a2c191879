// Package race says whether the race detector is on ([Enabled]): tests then run
// many times slower than usual, and the heavy ones carry a part of their load.
// What the detector is to find does not need the rest.
package race
