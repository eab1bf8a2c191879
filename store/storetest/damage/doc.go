// Package damage is a suite for engines that keep data directories on a disk: it
// damages them, and looks for what was lost without a word.
//
// [Run] fills a store, stops it cleanly or drops it as a kill would, damages a
// copy of its directory in one of many ways (a flipped bit, a file that is gone,
// an older directory put back), and opens it: to look, and to go on. What was
// acknowledged must be there, or the store must say what is wrong. Nothing may be
// deleted, made again or hang.
package damage
