package measure

import (
	"fmt"
	"io"
	"strings"
)

// Table is rows of cells, the first of which are heads. A head that ends with a
// tab is of numbers, which stand to the right.
type Table [][]string

// WriteMarkdown writes the table as Markdown.
func (t Table) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	for i, row := range t {
		for _, cell := range row {
			b.WriteString("| " + strings.TrimSuffix(cell, "\t") + " ")
		}
		b.WriteString("|\n")
		if i > 0 {
			continue
		}
		for _, head := range row {
			rule := "|---"
			if strings.HasSuffix(head, "\t") {
				rule = "|--:"
			}
			b.WriteString(rule)
		}
		b.WriteString("|\n")
	}
	_, err := fmt.Fprint(w, b.String())
	return err
}
