package kinds

import "github.com/evtui/evtui/tui/page"

// Where the figures come from.
const (
	ofCounts = "category.types; where the server has no such counts, the messages that were read"
	ofFields = "the messages of the type that were read"
	asRead   = "the messages read: the line above the list says how many"
)

// Meanings says what the figures mean.
func (p *kinds) Meanings() []page.Meaning {
	if p.open != nil {
		return fieldMeanings()
	}
	const window = "all messages; the line above the list says when only some were counted"
	return []page.Meaning{
		page.Figure("type, category", "what the messages' writer calls this sort of event, and the category of the streams that it is in.").
			From(ofCounts, "words", "all messages", "always known"),
		page.Figure("count|messages, types", "messages of the type in the category; above the list, all messages and types that were counted.").
			From(ofCounts, "messages", window, "≥ while not all messages are counted"),
		page.Figure("share", "the type's part of all messages that were counted here.").
			From(ofCounts, "percent", window, "– without messages"),
		page.Figure("rate|past", "messages of the type that came in a second, over the time that the line above the list says, and between each two looks.").
			From("counts that follow each other", "messages per second", "since the tab was opened, at most the last 60 looks", "– before the second look, while older messages are read, and in the past"),
		page.Figure("drift", "changes in the fields of the type: fields that came or went, values that became another kind. Enter lists them. A time is when the engine told of the last.").
			From("the fields of the type, when they were read here; else engine.events", "changes, or a time", "the messages that were read for the fields; else since the server started", "? until enter was pressed on the type, or the engine told of a change: nobody looked; none where somebody did"),
		page.Figure("last seen, first seen", "when the newest and the oldest message of the type were stored.").
			From(ofCounts, "time", window, "≤ while not all messages are counted: there may be an older one"),
	}
}

func fieldMeanings() []page.Meaning {
	return []page.Meaning{
		page.Figure("path", "a path in the messages' data or metadata. items[] is any element of the array items; * is all that is beyond the bounds, together.").
			From(ofFields, "words", asRead, "always known"),
		page.Figure("kinds", "of which kinds the values are, the most frequent first. Where there are several, each has a row of its own, which says how many of the values it is: enter shows the messages of that kind.").
			From(ofFields, "words; values", asRead, "always known"),
		page.Figure("present", "messages that have the field, of those that were read.").
			From(ofFields, "percent", asRead, "always known"),
		page.Figure("distinct", "different values, as they are spelled: 1.0 is not 1.00. Exact up to 256.").
			From(ofFields, "values", asRead, "≈ beyond 256: an estimate, mostly within 5 %; – for objects and arrays"),
		page.Figure("least, greatest", "of the numbers by their value; of the strings by their bytes, where there are more of those.").
			From(ofFields, "as the values are", asRead, "blank without numbers and strings"),
		page.Figure("example|such as", "a value of the field: the most frequent one where there are eight at most, else one of the first that were read.").
			From(ofFields, "JSON", asRead, "blank for objects and arrays"),
		page.Figure("in|messages", "messages that have the field, of those that were read, and how many of its values are of which kind. An array has many values in one message.").
			From(ofFields, "messages; values", asRead, "always known"),
		page.Figure("seen|of those read", "the oldest and the newest message that have the field, by global position and time.").
			From(ofFields, "position; time", asRead, "older messages may have it too, where not all are read"),
		page.Figure("changes|change", "what is not the same in all messages read: fields since or until a message, values that became another kind or are of another kind now and then. Enter shows the message.").
			From(ofFields, "changes", asRead, "fields that come and go by chance are no change"),
	}
}
