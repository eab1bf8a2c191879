// Package wire holds the values of the protocol that the server and its
// clients share: error codes, token form, and the shapes of evtui's additions
// (protocol section 9). It knows neither HTTP nor a store's engine.
package wire
