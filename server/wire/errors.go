package wire

import "encoding/json"

// Error codes (protocol section 2, and 9.2 for IDConflict).
const (
	InvalidRequest        = "INVALID_REQUEST"
	MethodNotFound        = "METHOD_NOT_FOUND"
	NotFound              = "NOT_FOUND"
	MethodNotAllowed      = "METHOD_NOT_ALLOWED"
	AuthRequired          = "AUTH_REQUIRED"
	AuthInvalidToken      = "AUTH_INVALID_TOKEN"
	AuthUnauthorized      = "AUTH_UNAUTHORIZED"
	NamespaceNotFound     = "NAMESPACE_NOT_FOUND"
	NamespaceExists       = "NAMESPACE_EXISTS"
	StreamVersionConflict = "STREAM_VERSION_CONFLICT"
	PositionExists        = "POSITION_EXISTS"
	IDConflict            = "ID_CONFLICT"
	BackendError          = "BACKEND_ERROR"
	OriginRefused         = "ORIGIN_NOT_ALLOWED" // a browser's page of another origin
	Unavailable           = "UNAVAILABLE"        // nothing was done: the same call may be made again
	ShuttingDown          = "SHUTTING_DOWN"      // so it may, once the server is back
	OutcomeUnknown        = "OUTCOME_UNKNOWN"    // a write may be stored: sent again with the same ids, it is stored once
	NamespaceDamaged      = "NAMESPACE_DAMAGED"  // until somebody repairs it
	NamespaceReplaced     = "NAMESPACE_REPLACED"
	NamespaceChanged      = "NAMESPACE_CHANGED"
	ReadOnly              = "READ_ONLY"
	CheckpointExists      = "CHECKPOINT_EXISTS"
	ProfileBusy           = "PROFILE_BUSY" // somebody else takes the one profile that the process can take

	// Codes of an import's error line (protocol section 8).
	InvalidJSON   = "INVALID_JSON"
	InvalidRecord = "INVALID_RECORD"
	ImportFailed  = "IMPORT_FAILED"
)

// Error is the body of an error answer: {"error":{…}}.
type Error struct {
	Code    string          `json:"code"`
	Message string          `json:"message"`
	Details json.RawMessage `json:"details,omitempty"`
}
