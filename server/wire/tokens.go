package wire

import "time"

// Tokens answers ns.token.
type Tokens struct {
	Namespace string     `json:"namespace"`
	Token     string     `json:"token,omitempty"` // the new one, shown only here
	Tokens    []TokenRow `json:"tokens"`          // those that are valid, the current one first
}

// TokenRow describes a token without telling it.
type TokenRow struct {
	ID         string     `json:"id"` // the first 12 hexadecimal digits of its SHA-256
	ReadOnly   bool       `json:"readOnly"`
	CreatedAt  time.Time  `json:"createdAt"`
	ValidUntil *time.Time `json:"validUntil"` // null: until it is replaced or revoked
}
