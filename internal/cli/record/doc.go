// Package record is evtui's commands around recordings: `evtui record`, the
// recording that the terminal UI starts and stops ([UI]), and the comparison of
// two recordings, which `evtui compare` prints beside that of the engines.
package record
