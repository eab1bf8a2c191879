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
		{
			Figure: "type, category", Words: "what the messages' writer calls this sort of event, and the category of the streams that it is in.",
			Source: ofCounts, Unit: "words", Window: "all messages", Unknown: "always known",
		},
		{
			Figure: "count|messages, types", Words: "messages of the type in the category; above the list, all messages and types that were counted.",
			Source: ofCounts, Unit: "messages", Window: window, Unknown: "≥ while not all messages are counted",
		},
		{
			Figure: "share", Words: "the type's part of all messages that were counted here.",
			Source: ofCounts, Unit: "percent", Window: window, Unknown: "– without messages",
		},
		{
			Figure: "rate|past", Words: "messages of the type that came in a second, over the time that the line above the list says, and between each two looks.",
			Source: "counts that follow each other", Unit: "messages per second", Window: "since the tab was opened, at most the last 60 looks", Unknown: "– before the second look, while older messages are read, and in the past",
		},
		{
			Figure: "drift", Words: "changes in the fields of the type: fields that came or went, values that became another kind. Enter lists them. A time is when the engine told of the last.",
			Source: "the fields of the type, when they were read here; else engine.events", Unit: "changes, or a time", Window: "the messages that were read for the fields; else since the server started", Unknown: "? until enter was pressed on the type, or the engine told of a change: nobody looked; none where somebody did",
		},
		{
			Figure: "last seen, first seen", Words: "when the newest and the oldest message of the type were stored.",
			Source: ofCounts, Unit: "time", Window: window, Unknown: "≤ while not all messages are counted: there may be an older one",
		},
	}
}

func fieldMeanings() []page.Meaning {
	return []page.Meaning{
		{
			Figure: "path", Words: "a path in the messages' data or metadata. items[] is any element of the array items; * is all that is beyond the bounds, together.",
			Source: ofFields, Unit: "words", Window: asRead, Unknown: "always known",
		},
		{
			Figure: "kinds", Words: "of which kinds the values are, the most frequent first. Where there are several, each has a row of its own, which says how many of the values it is: enter shows the messages of that kind.",
			Source: ofFields, Unit: "words; values", Window: asRead, Unknown: "always known",
		},
		{
			Figure: "present", Words: "messages that have the field, of those that were read.",
			Source: ofFields, Unit: "percent", Window: asRead, Unknown: "always known",
		},
		{
			Figure: "distinct", Words: "different values, as they are spelled: 1.0 is not 1.00. Exact up to 256.",
			Source: ofFields, Unit: "values", Window: asRead, Unknown: "≈ beyond 256: an estimate, mostly within 5 %; – for objects and arrays",
		},
		{
			Figure: "least, greatest", Words: "of the numbers by their value; of the strings by their bytes, where there are more of those.",
			Source: ofFields, Unit: "as the values are", Window: asRead, Unknown: "blank without numbers and strings",
		},
		{
			Figure: "example|such as", Words: "a value of the field: the most frequent one where there are eight at most, else one of the first that were read.",
			Source: ofFields, Unit: "JSON", Window: asRead, Unknown: "blank for objects and arrays",
		},
		{
			Figure: "in|messages", Words: "messages that have the field, of those that were read, and how many of its values are of which kind. An array has many values in one message.",
			Source: ofFields, Unit: "messages; values", Window: asRead, Unknown: "always known",
		},
		{
			Figure: "seen|of those read", Words: "the oldest and the newest message that have the field, by global position and time.",
			Source: ofFields, Unit: "position; time", Window: asRead, Unknown: "older messages may have it too, where not all are read",
		},
		{
			Figure: "changes|change", Words: "what is not the same in all messages read: fields since or until a message, values that became another kind or are of another kind now and then. Enter shows the message.",
			Source: ofFields, Unit: "changes", Window: asRead, Unknown: "fields that come and go by chance are no change",
		},
	}
}
