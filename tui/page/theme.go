package page

import (
	"image/color"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/evtui/evtui/internal/text"
)

// Theme is the looks of the UI: pens by role, and symbols. It is made once by
// [NewTheme] and passed along, never kept in a global. No meaning hangs on a
// pen alone: each state also has a symbol or a word.
type Theme struct {
	Dark   bool
	Look   Look
	Serial int // differs between themes that look different; never 0

	Text     text.Pen   // plain content
	Muted    text.Pen   // secondary content: times, ids, units
	Faint    text.Pen   // what may be overlooked: rules, placeholders, a greyed screen
	Title    text.Pen   // names of things: breadcrumbs, column heads
	Accent   text.Pen   // what the eye shall find first: the current breadcrumb, live figures
	Border   text.Pen   // boxes and rules
	Focus    text.Pen   // the box or head that has the keys
	Selected text.Pen   // the row under the cursor, where the keys go
	Passive  text.Pen   // the row under the cursor, where they do not
	Marked   text.Pen   // rows that the user marked
	Match    text.Pen   // what a search found
	Good     text.Pen   // up, healthy
	Warn     text.Pen   // look here soon
	Bad      text.Pen   // wrong
	Key      text.Pen   // a key in the footer and the help
	Chip     text.Pen   // a filter or mode that holds
	Tab      text.Pen   // a tab
	TabOn    text.Pen   // the tab that is open
	Badge    text.Pen   // the program's name, read-only
	Name     text.Pen   // JSON: a name
	String   text.Pen   // JSON: a string
	Number   text.Pen   // JSON: a number
	Bool     text.Pen   // JSON: true and false
	Null     text.Pen   // JSON: null
	Punct    text.Pen   // JSON: brackets, commas, fold marks
	Series   []text.Pen // chart lines and bars, apart from each other; at least 6

	// Ground and Ink are the colours that the theme is made for: a terminal
	// with others is given them. A nil Ground is any.
	Ground, Ink color.Color

	Sym Symbols
}

// Look is how many colours there are.
type Look int

// The looks. LookMono has attributes only, for NO_COLOR and dumb terminals.
const (
	LookFull Look = iota
	LookBasic
	LookMono
)

// LookOf tells which look a terminal's colour profile takes.
func LookOf(p colorprofile.Profile) Look {
	switch p {
	case colorprofile.TrueColor, colorprofile.ANSI256:
		return LookFull
	case colorprofile.ANSI:
		return LookBasic
	}
	return LookMono
}

// NewTheme makes the theme for a background, a look, and symbols of ASCII
// alone or not.
func NewTheme(dark bool, look Look, ascii bool) Theme {
	t := Theme{Dark: dark, Look: look, Sym: newSymbols(ascii)}.renumbered()
	switch {
	case look == LookMono:
		t.mono()
	case look == LookBasic:
		t.paint(basicColours(dark))
	case dark:
		t.paint(darkColours())
	default:
		t.paint(lightColours())
	}
	return t
}

// WithBlocks returns the theme with charts of block elements, for fonts without
// braille. Plain symbols stay plain.
func (t Theme) WithBlocks() Theme {
	t.Sym.Blocks = !t.Sym.ASCII
	return t.renumbered()
}

// Escaped returns the theme for a terminal outside UTF-8: all that it shows
// beyond ASCII, whoever it is of, is spelled as JSON escapes it.
func (t Theme) Escaped() Theme {
	t.Sym = newSymbols(true)
	t.Sym.Escapes = true
	return t.renumbered()
}

// renumbered gives the theme the serial of what it is made of.
func (t Theme) renumbered() Theme {
	t.Serial = int(t.Look) << 4
	for bit, on := range []bool{t.Dark, t.Sym.ASCII, t.Sym.Blocks, t.Sym.Escapes} {
		if on {
			t.Serial |= 1 << bit
		}
	}
	t.Serial++
	return t
}

// colours are the few colours that a coloured theme is mixed from.
type colours struct {
	text, muted, faint, border     color.Color
	accent, title, good, warn, bad color.Color
	selected, passive, onSelected  color.Color // backgrounds, and the text on the first; a nil passive: underlined instead
	boldFades                      bool        // bold would make the text brighter, and the background is light
	tabOn, onTab, match            color.Color
	ground, punct                  color.Color    // what all stands on, nil: the terminal's; JSON: brackets
	json                           [5]color.Color // name, string, number, bool, null
	series                         []color.Color
}

func (t *Theme) paint(p colours) {
	fg := func(c color.Color) text.Pen { return text.NewPen(lipgloss.NewStyle().Foreground(c)) }
	bold := func(c color.Color) text.Pen {
		return text.NewPen(lipgloss.NewStyle().Foreground(c).Bold(!p.boldFades))
	}
	on := func(f, b color.Color) lipgloss.Style { return lipgloss.NewStyle().Foreground(f).Background(b) }
	strong := func(f, b color.Color) text.Pen {
		return text.NewPen(on(f, b).Bold(!p.boldFades && f != lipgloss.Black))
	}
	t.Text, t.Muted, t.Faint = fg(p.text), fg(p.muted), fg(p.faint)
	t.Title, t.Accent = bold(p.title), bold(p.accent)
	t.Border, t.Focus = fg(p.border), bold(p.accent)
	t.Selected = strong(p.onSelected, p.selected)
	if t.Passive = text.NewPen(lipgloss.NewStyle().Background(p.passive)); p.passive == nil {
		t.Passive = text.NewPen(lipgloss.NewStyle().Underline(true))
	}
	t.Marked, t.Match = bold(p.warn), text.NewPen(on(p.onTab, p.match))
	t.Good, t.Warn, t.Bad = fg(p.good), fg(p.warn), bold(p.bad)
	t.Key, t.Chip = fg(p.accent), text.NewPen(on(p.onTab, p.warn))
	t.Tab, t.TabOn = fg(p.muted), strong(p.onTab, p.tabOn)
	t.Badge = strong(p.onTab, p.accent)
	t.Name, t.String, t.Number = fg(p.json[0]), fg(p.json[1]), fg(p.json[2])
	t.Bool, t.Null, t.Punct = fg(p.json[3]), fg(p.json[4]), fg(p.punct)
	t.Ground, t.Ink = p.ground, p.text
	for _, c := range p.series {
		t.Series = append(t.Series, fg(c))
	}
}

func (t *Theme) mono() {
	plain := lipgloss.NewStyle()
	faint, bold := text.NewPen(plain.Faint(true)), text.NewPen(plain.Bold(true))
	reverse, under := text.NewPen(plain.Reverse(true)), text.NewPen(plain.Underline(true))
	t.Muted, t.Faint, t.Border, t.Punct, t.Null = faint, faint, faint, faint, faint
	t.Title, t.Accent, t.Focus, t.Key, t.Name, t.Marked = bold, bold, bold, bold, bold, bold
	t.Bad, t.Badge, t.Chip, t.TabOn = text.NewPen(plain.Bold(true).Reverse(true)), reverse, reverse, reverse
	t.Selected, t.Passive, t.Match = reverse, under, under
	t.Warn = bold
	t.Series = []text.Pen{{}, bold, faint, {}, bold, faint}
}

func darkColours() colours {
	c := lipgloss.Color
	return colours{
		text: c("#c8ccd4"), muted: c("#8b93a3"), faint: c("#5c6370"), border: c("#434a57"),
		accent: c("#56d4c4"), title: c("#e6e9ef"), good: c("#7ec97f"), warn: c("#e5b567"), bad: c("#f0717a"),
		selected: c("#2c4a5a"), passive: c("#2a2f3a"), onSelected: c("#ffffff"),
		tabOn: c("#56d4c4"), onTab: c("#10151c"), match: c("#e5b567"), ground: c("#10151c"), punct: c("#5c6370"),
		json:   [5]color.Color{c("#79b8ff"), c("#9ecb8b"), c("#e5b567"), c("#d19aeb"), c("#8b93a3")},
		series: []color.Color{c("#56d4c4"), c("#e5b567"), c("#79b8ff"), c("#d19aeb"), c("#9ecb8b"), c("#f0717a")},
	}
}

func lightColours() colours {
	c := lipgloss.Color
	return colours{
		text: c("#2b303b"), muted: c("#66707f"), faint: c("#9aa2ae"), border: c("#b9c0ca"),
		accent: c("#007a6c"), title: c("#10151c"), good: c("#22762a"), warn: c("#96600a"), bad: c("#c0233a"),
		selected: c("#cde5ee"), passive: c("#e6e9ee"), onSelected: c("#10151c"),
		tabOn: c("#007a6c"), onTab: c("#ffffff"), match: c("#96600a"), ground: c("#ffffff"), punct: c("#9aa2ae"),
		json:   [5]color.Color{c("#0b5cad"), c("#22762a"), c("#96600a"), c("#8a3ab0"), c("#66707f")},
		series: []color.Color{c("#007a6c"), c("#b0700c"), c("#0b5cad"), c("#8a3ab0"), c("#22762a"), c("#c0233a")},
	}
}

// basicColours keeps to the 16 colours that the user's terminal defines. Many
// make bold text bright instead, or as well, so that black becomes grey: bold
// goes with bright colours on dark only, and nothing relies on it. Some have no
// bright backgrounds, and no colour is legible on grey: the passive row is
// underlined.
func basicColours(dark bool) colours {
	if !dark {
		return basicLight()
	}
	return colours{
		text: lipgloss.NoColor{}, muted: lipgloss.White, faint: lipgloss.BrightBlack, border: lipgloss.BrightBlack,
		accent: lipgloss.BrightCyan, title: lipgloss.BrightWhite, good: lipgloss.BrightGreen,
		warn: lipgloss.BrightYellow, bad: lipgloss.BrightRed,
		selected: lipgloss.Blue, onSelected: lipgloss.BrightWhite,
		tabOn: lipgloss.Cyan, onTab: lipgloss.Black, match: lipgloss.Yellow, punct: lipgloss.White,
		// No blue: on black most terminals' is too dark to read.
		json: [5]color.Color{lipgloss.BrightCyan, lipgloss.BrightGreen, lipgloss.BrightYellow, lipgloss.BrightMagenta, lipgloss.White},
		series: []color.Color{lipgloss.BrightCyan, lipgloss.BrightYellow, lipgloss.White,
			lipgloss.BrightMagenta, lipgloss.BrightGreen, lipgloss.BrightRed},
	}
}

// basicLight has no green, cyan or yellow as text: on white most terminals' are
// too light to read.
func basicLight() colours {
	return colours{
		text: lipgloss.NoColor{}, muted: lipgloss.BrightBlack, faint: lipgloss.BrightBlack, border: lipgloss.BrightBlack,
		accent: lipgloss.Blue, title: lipgloss.Black, good: lipgloss.Blue, warn: lipgloss.Magenta, bad: lipgloss.Red,
		selected: lipgloss.BrightCyan, onSelected: lipgloss.Black, boldFades: true,
		tabOn: lipgloss.Blue, onTab: lipgloss.BrightWhite, match: lipgloss.Magenta, punct: lipgloss.BrightBlack,
		json:   [5]color.Color{lipgloss.Blue, lipgloss.Magenta, lipgloss.Red, lipgloss.BrightBlue, lipgloss.BrightBlack},
		series: []color.Color{lipgloss.Blue, lipgloss.Magenta, lipgloss.Red, lipgloss.BrightBlack, lipgloss.Black, lipgloss.BrightBlue},
	}
}

// Symbols are the signs that carry meaning beside the colours.
type Symbols struct {
	ASCII                                bool
	Blocks                               bool   // charts are of block elements, since the font has no braille
	Escapes                              bool   // names and payloads are spelled in ASCII, too; implies ASCII
	Up, Down                             string // the server is there, or gone
	Sep                                  string // between breadcrumbs
	Dots                                 string // "⋯", a fold in the tail
	Ellipsis, Dot, Dash                  string
	Check, Cross, Pointer                string
	Arrow, Rise, Fall                    string // from one to another; more, and less
	AtLeast, AtMost                      string // before a bound
	TopLeft, TopRight, BotLeft, BotRight string
	Horizontal, Vertical, TeeDown, TeeUp string
	TeeRight, TeeLeft                    string
}

func newSymbols(ascii bool) Symbols {
	if ascii {
		return Symbols{
			ASCII: true, Up: "*", Down: "!", Sep: ">", Dots: "...", Ellipsis: "~", Dot: "|", Dash: "-",
			Check: "+", Cross: "x", Pointer: ">", Arrow: "->", Rise: "^", Fall: "v", AtLeast: ">=", AtMost: "<=",
			TopLeft: "+", TopRight: "+", BotLeft: "+", BotRight: "+",
			Horizontal: "-", Vertical: "|", TeeDown: "+", TeeUp: "+", TeeRight: "+", TeeLeft: "+",
		}
	}
	return Symbols{
		Up: "●", Down: "○", Sep: "›", Dots: "⋯", Ellipsis: "…", Dot: "·", Dash: "–",
		Check: "✓", Cross: "✗", Pointer: "▸", Arrow: "→", Rise: "▲", Fall: "▼", AtLeast: "≥", AtMost: "≤",
		TopLeft: "╭", TopRight: "╮", BotLeft: "╰", BotRight: "╯",
		Horizontal: "─", Vertical: "│", TeeDown: "┬", TeeUp: "┴", TeeRight: "├", TeeLeft: "┤",
	}
}
