package target

import "github.com/spf13/cobra"

// OfFlags returns the target that the flags of a command name, for who has the
// command and not the target that its flags set.
func OfFlags(cmd *cobra.Command) *Target {
	var t Target
	for name, into := range map[string]*string{
		"url": &t.URL, "data": &t.Data, "token": &t.Token, "ns": &t.Namespace, "context": &t.Context, "tls-ca": &t.Trusted,
	} {
		if f := cmd.Flags().Lookup(name); f != nil {
			*into = f.Value.String()
		}
	}
	if f := cmd.Flags().Lookup("db-url"); f != nil {
		if db, ok := f.Value.(*DBURL); ok {
			t.DB = *db
		}
	}
	return &t
}
