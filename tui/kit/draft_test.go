package kit

import "testing"

// TestADraftSentAgainIsTheSameMessage: whoever does not know what became of an append may
// send it again without storing it twice; what was changed since is another message.
func TestADraftSentAgainIsTheSameMessage(t *testing.T) {
	d := Draft{parts: [draftConfirm]string{"account-1", "Deposited", "{}", "", "7"}}
	id := func() string { return d.write().Events[0].ID.String() }
	first := id()
	d.parts[draftVersion] = "" // as an error leaves it
	if again := id(); again != first {
		t.Errorf("sent again as %s, it was %s", again, first)
	}
	d.parts[draftData] = `{"amount":1}`
	if changed := id(); changed == first {
		t.Error("another event has the id of the first")
	}
}
